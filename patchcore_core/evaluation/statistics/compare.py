"""Comparing several runs: settings that differ, best figures, images on which they disagree.

Scores of different runs have different scales, so images are compared by prediction (score >= the run's own threshold)
and by rank, never by subtracting scores of two runs. Figures are compared by paired tests on common images.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from patchcore_core.evaluation.statistics.differences import PairedTest, delong_test, holm

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
LEVEL = 0.05  # of the corrected p value below which two runs differ


@dataclass(frozen=True)
class Figure:
    """One figure of R runs; each tuple has one entry per run, in the order of the runs."""

    name: str
    values: tuple[float, ...]  # NaN if a run has none
    differences: tuple[float, ...]  # value minus the first run's; NaN where either is undefined
    best: tuple[bool, ...]  # all runs with the best value; all False if the values are equal or only one


@dataclass(frozen=True)
class RunPredictions:
    """What R runs predict for the same N images, each at its own threshold."""

    defective: BoolArray  # (R, N) score >= threshold
    standing: FloatArray  # (R, N) signed rank distance from the threshold, see `standing`
    disagree: BoolArray  # (N,) the predictions are not all the same
    distance: FloatArray  # (N,) largest minus smallest standing, in [0, 2]


@dataclass(frozen=True)
class Agreement:
    """Correct predictions of R runs on the images with a label."""

    all_right: int
    all_wrong: int
    only_right: tuple[int, ...]  # per run: images that it alone predicts correctly
    known: int


@dataclass(frozen=True)
class Comparison:
    """A paired test of two of the runs, by index; `corrected`: its p value after Holm, NaN without one."""

    first: int
    second: int
    test: PairedTest
    corrected: float

    @property
    def significant(self) -> bool:
        """Whether the difference is significant at 5 %; False without a p value."""
        return self.corrected < LEVEL


def config_differences(configs: Sequence[Mapping[str, object]]) -> dict[str, tuple[object, ...]]:
    """The fields whose values differ between the configs, in order of first appearance.

    A missing field counts as None.
    """
    names = dict.fromkeys(name for config in configs for name in config)
    values = {name: tuple(config.get(name) for config in configs) for name in names}
    return {name: row for name, row in values.items() if any(value != row[0] for value in row)}


def compare_figure(name: str, values: Sequence[float], higher_is_better: bool = True) -> Figure:
    """One figure of several runs with its differences to the first run, and the best marked."""
    row = np.asarray(values, dtype=np.float64)
    defined = row[~np.isnan(row)]
    best = np.zeros(len(row), dtype=bool)
    if defined.size > 1 and defined.min() < defined.max():
        best = row == (defined.max() if higher_is_better else defined.min())
    return Figure(name, tuple(row.tolist()), tuple((row - row[0]).tolist()), tuple(best.tolist()))


def common_images(keys: Sequence[Sequence[str]]) -> IntArray:
    """The index of each image that all runs share, per run: (R, N), in the order of the first run.

    Images are the same if their keys are (relative path, or content); an empty key matches nothing.
    """
    places = [{key: place for place, key in enumerate(names)} for names in keys]
    shared = [key for key in places[0] if key and all(key in place for place in places[1:])]
    return np.array([[place[key] for key in shared] for place in places], dtype=np.int64).reshape(len(keys), -1)


def standing(scores: FloatArray, threshold: float) -> FloatArray:
    """The signed rank distance of each score from the threshold, as a fraction of the images: (N,) in [-1, 1].

    +m: defective, and a fraction m of the images (itself included) scores from the threshold up to this score; -m:
    good, and a fraction m scores from this score up to below the threshold. Only the order of scores and threshold
    matters, so runs with different score scales can be compared.
    """
    if np.isnan(threshold):
        raise ValueError("the threshold must be a number, got NaN")
    ordered = np.sort(scores)
    cut = np.searchsorted(ordered, threshold, side="left")  # number of scores below the threshold
    above = np.searchsorted(ordered, scores, side="right") - cut
    below = cut - np.searchsorted(ordered, scores, side="left")
    return np.where(scores >= threshold, above, -below) / max(len(scores), 1)


def run_predictions(scores: FloatArray, thresholds: Sequence[float]) -> RunPredictions:
    """Predictions of R runs for the same N images: scores (R, N), one threshold per run."""
    if len(scores) != len(thresholds):
        raise ValueError(f"expected one threshold per run, got {len(scores)} runs and {len(thresholds)} thresholds")
    defective = scores >= np.asarray(thresholds, dtype=np.float64)[:, None]  # (R, N)
    ranks = np.stack([standing(row, limit) for row, limit in zip(scores, thresholds, strict=True)])  # (R, N)
    votes = defective.sum(axis=0)
    return RunPredictions(defective, ranks, (votes > 0) & (votes < len(scores)), ranks.max(axis=0) - ranks.min(axis=0))


def agreement(labels: IntArray, defective: BoolArray) -> Agreement:
    """Count correct predictions: labels (N,) with 0 good, 1 defective, -1 unknown (left out); defective (R, N)."""
    known = labels >= 0
    right = defective[:, known] == (labels[known] == 1)  # (R, K)
    votes = right.sum(axis=0)
    runs = len(right)
    only_right = (right & (votes == 1)).sum(axis=1)
    return Agreement(int((votes == runs).sum()), int((votes == 0).sum()), tuple(only_right.tolist()), int(known.sum()))


def right_and_wrong(labels: IntArray, defective: BoolArray) -> dict[str, BoolArray]:
    """Which of N images only the first or the second of two runs predicts rightly, or both, or neither: (N,) each.

    labels (N,) 0 good, 1 defective, -1 unknown, in none of them; defective (2, N).
    """
    known = labels >= 0
    first, second = defective == (labels == 1)
    return {"only_first": known & first & ~second, "only_second": known & ~first & second,
            "both_wrong": known & ~first & ~second, "both_right": known & first & second}


def common_limits(limits: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """One pair of display limits that covers every run's; runs without finite limits are left out, (0, 1) if none."""
    pairs = np.asarray([pair for pair in limits if np.isfinite(pair).all()], dtype=np.float64).reshape(-1, 2)
    if not len(pairs):
        return 0.0, 1.0
    return float(pairs[:, 0].min()), float(pairs[:, 1].max())


def compare_auroc(labels: ArrayLike, scores: ArrayLike) -> tuple[Comparison, ...]:
    """DeLong's test of the image AUROC of each run against the first, corrected for their number (Holm).

    labels (N,) 0 good, 1 defective, -1 unknown (left out); scores (R, N), each of the R runs' own.
    """
    label, score = np.asarray(labels), np.asarray(scores)
    if score.shape[1:] != label.shape:
        raise ValueError(f"expected labels (N,) and scores (runs, N), got {label.shape} and {score.shape}")
    known = label != -1
    tests = [delong_test(label[known], score[0][known], other[known]) for other in score[1:]]
    corrected = holm([test.p_value for test in tests])
    return tuple(Comparison(0, place, test, float(value))
                 for place, (test, value) in enumerate(zip(tests, corrected, strict=True), start=1))
