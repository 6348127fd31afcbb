"""The tables of a few runs side by side, to take away: numbers as numbers, None or NaN where there is none.

runs: what each is called, `A · 10 %`; ids: of the same runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from patchcore_core.evaluation.statistics.compare import Comparison, Figure
from patchcore_core.evaluation.statistics.differences import Ranking, Spread
from patchcore_core.evaluation.statistics.many.means import Limits
from patchcore_core.evaluation.thresholds.decision import outcomes
from patchcore_core.views.ranking import OUTCOMES

RUN = "run"  # the row of the ids
LETTERS = "ABCDEF"  # of the runs
Rows = list[dict[str, Any]]


def figure_rows(figures: Iterable[tuple[str, Figure, Sequence[Limits]]], runs: Sequence[str], ids: Sequence[str]
                ) -> Rows:  # fmt: skip
    """A row for each figure, by its name, with the ends of its interval and what the others differ by from the first
    run; without intervals `limits` is ()."""
    rows: Rows = []
    for title, figure, limits in figures:
        line: dict[str, Any] = {"figure": title}
        for place, name in enumerate(runs):
            line[name] = figure.values[place]
            low, high = limits[place] if limits else (None, None)
            line |= {f"{name}, low": low, f"{name}, high": high}
            if place:
                line[f"{name}, difference"] = figure.differences[place]
        rows.append(line)
    return [*rows, {"figure": RUN, **dict(zip(runs, ids, strict=True))}]


def setting_rows(settings: Mapping[str, Sequence[str]], runs: Sequence[str], ids: Sequence[str]) -> Rows:
    """A row for each setting, its words for each run."""
    every = {**settings, RUN: ids}
    return [{"setting": name, **dict(zip(runs, values, strict=True))} for name, values in every.items()]


def tested_rows(comparisons: Iterable[Comparison], figure: str, images: int, ids: Sequence[str]) -> Rows:
    """A row for each run that was tested against the first one, on so many images."""
    return [{"figure": figure, "images": images, "first": ids[one.first], "second": ids[one.second],
             "of the first": one.test.first, "of the second": one.test.second, "difference": one.test.difference,
             "low": one.test.low, "high": one.test.high, "p": one.test.p_value, "p (Holm)": one.corrected,
             "not tested, since": one.test.reason or ""} for one in comparisons]  # fmt: skip


def seed_rows(groups: Mapping[str, Mapping[str, Spread]], ids: Sequence[str]) -> Rows:
    """A row for each configuration that was fitted with several seeds, by the letters of its runs: of each figure mean,
    standard deviation and number of fits."""
    return [{"runs": letters, "ids": ", ".join(ids[LETTERS.index(letter)] for letter in letters.split(", "))}
            | {f"{title}, {part}": value for title, spread in of.items() for part, value in
               (("mean", spread.mean), ("sd", spread.sd), ("seeds", spread.n))}
            for letters, of in groups.items()]  # fmt: skip


def rank_rows(values: np.ndarray, categories: Sequence[str], configurations: Sequence[str], ranking: Ranking) -> Rows:
    """A row for each configuration: the figure in each category, values (C, K), and the average rank (NaN without a
    ranking)."""
    ranks = ranking.ranks if ranking.reason is None else [float("nan")] * len(configurations)
    return [{"configuration": name, **{f"category {category}": float(values[row, place])
                                       for row, category in enumerate(categories)}, "average rank": ranks[place]}
            for place, name in enumerate(configurations)]  # fmt: skip


def image_rows(
    names: Sequence[str], types: Sequence[str], labels: np.ndarray, scores: np.ndarray, thresholds: Sequence[float],
    distance: np.ndarray, ids: Sequence[str], wanted: Iterable[int],
) -> Rows:
    """A row for each of the `wanted` of N images: what each run predicts at its threshold.

    labels (N,) 0 good, 1 defective, -1 unknown; scores (R, N), thresholds and ids (R,); distance (N,): how strongly
    the runs disagree, 0 to 2.
    """
    chosen = list(wanted)
    said = [prediction_words(labels[chosen], scores[run, chosen] >= limit) for run, limit in enumerate(thresholds)]
    rows: Rows = []
    for place, row in enumerate(chosen):
        line: dict[str, Any] = {"image": names[row], "type": types[row],
                                "label": {0: "good", 1: "defective"}.get(int(labels[row]), "unknown"),
                                "disagreement": float(distance[row])}  # fmt: skip
        for run, (letter, limit) in enumerate(zip(LETTERS, thresholds, strict=False)):
            line |= {f"{letter}": said[run][place], f"{letter}, score": float(scores[run, row]),
                     f"{letter}, threshold": limit, f"{letter}, run": ids[run]}  # fmt: skip
        rows.append(line)
    return rows


def prediction_words(labels: np.ndarray, defective: np.ndarray) -> list[str]:
    """Each prediction (N,) as its outcome; where the label is unknown, the prediction itself."""
    known = outcomes(labels, defective.astype(float), 0.5)
    return [OUTCOMES[outcome] if outcome != "?" else ("defective" if prediction else "good")
            for outcome, prediction in zip(known, defective, strict=True)]
