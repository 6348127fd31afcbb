"""Teaching: good photos that a run takes for defective are added to its memory bank, as a new run."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from patchcore_core.evaluation.metrics import image_auroc
from patchcore_core.evaluation.thresholds.decision import outcomes
from patchcore_core.fitting.fit import Fitted, fit_run
from patchcore_core.fitting.taught import stored_scores, taught_dataset
from patchcore_core.progress import Progress
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore


@dataclass(frozen=True)
class Change:
    """A photo before and after: its image score, and its outcome (TP, FN, FP, TN, "?") at each run's threshold."""

    path: str
    score_before: float
    score: float
    outcome_before: str
    outcome: str


@dataclass(frozen=True)
class Changes:
    """What teaching changes: the image thresholds (NaN: none), the `rows` of the memory bank, the photos that
    were `taught`, with their outcome as good ones, and the test photos whose outcome `flips`, of all `others` that both
    runs have scored; and Image AUROC of these others (NaN: undefined)."""

    threshold_before: float
    threshold: float
    rows_before: int
    rows: int
    taught: tuple[Change, ...]
    flips: tuple[Change, ...]
    others: int
    image_auroc_before: float = math.nan
    image_auroc: float = math.nan


def teach(
    run: Run, photos: Iterable[Path | str], store: RunStore, progress: Progress | None = None,
    within: Sequence[Path | str] | None = None,
) -> Fitted:
    """A finished run in `store` whose memory bank goes on from that of the finished `run` with these good photos.

    It is computed here unless it exists; the run itself stays as it is. Photos are absolute paths, or relative to the
    dataset; those of the test set leave it. The coreset is not selected again. Training and test photos are embedded
    again, for the held-out scores and the figures, from the feature cache where it has them. DataError if the run's
    training photos have changed, or for a photo that is one of them. `within` as in load_dataset.
    """
    return fit_run(taught_dataset(run, photos, within), run.config, store, progress, parent=run)


def changes(before: Run, after: Run, store: RunStore, limits: tuple[float, float]) -> Changes:
    """What differs between a run and one that was taught from it, by the image thresholds `limits` of both."""
    was, now = (store.images(run).set_index("path") for run in (before, after))
    common = [path for path in was.index if path in now.index]
    scores = [table.loc[common, "image_score"].to_numpy() for table in (was, now)]
    labels = now.loc[common, "label"].to_numpy()
    others = _changes(common, labels, scores[0], scores[1], limits)
    return Changes(
        limits[0], limits[1], before.bank["rows"], after.bank["rows"], _of_taught(before, after, limits),
        tuple(one for one in others if one.outcome != one.outcome_before), len(others),
        *(_image_auroc(labels, values) for values in scores),
    )  # fmt: skip


def _image_auroc(labels: NDArray, scores: NDArray) -> float:
    known = labels >= 0
    return image_auroc(labels[known], scores[known]) if len({*labels[known].tolist()}) == 2 else math.nan


def _of_taught(before: Run, after: Run, limits: tuple[float, float]) -> tuple[Change, ...]:
    """The photos that were taught last, under both runs."""
    known = stored_scores(before, after)
    scores = np.array([*known.values()]).reshape(-1, 2)
    paths = [str(Path(after.dataset, name)) for name in known]
    return _changes(paths, np.zeros(len(known), np.int64), scores[:, 0], scores[:, 1], limits)


def _changes(
    paths: Sequence[str], labels: NDArray, before: NDArray, after: NDArray, limits: tuple[float, float]
) -> tuple[Change, ...]:
    called = [outcomes(labels, scores, limit) for scores, limit in zip((before, after), limits, strict=True)]
    return tuple(Change(path, float(was), float(now), str(said), str(says)) for path, was, now, said, says
                 in zip(paths, before, after, *called, strict=True))  # fmt: skip
