"""The photos that runs share, with what each run predicts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from pages.ui.compare.runs import Shared
from pages.ui.compare.take_away import take_away
from patchcore_core.evaluation.statistics.compare import RunPredictions, run_predictions
from patchcore_core.runs.store import Run
from patchcore_core.views.comparison.side_tables import image_rows


@dataclass(frozen=True)
class PredictedPhotos:
    """The shared photos with the predictions of all runs."""

    names: tuple[str, ...]  # (N,)
    labels: np.ndarray  # (N,)
    types: np.ndarray  # (N,)
    scores: np.ndarray  # (R, N)
    predictions: RunPredictions


def take_photos(photos: PredictedPhotos, runs: Sequence[Run], thresholds: Sequence[float], rows: Iterable[int],
                key: str) -> None:  # fmt: skip
    """These of the photos as files, with what the runs predict."""
    take_away(lambda: image_rows(photos.names, photos.types.tolist(), photos.labels, photos.scores, thresholds,
                                 photos.predictions.distance, [run.id for run in runs], rows), "images", key)


def predict_photos(runs: Sequence[Run], shared: Shared, thresholds: Sequence[float]) -> PredictedPhotos:
    """Predictions of all runs for the shared photos, each at its own threshold."""
    scores = shared.column(runs, "image_score")
    return PredictedPhotos(shared.names, shared.column(runs, "label")[0], shared.column(runs, "defect_type")[0],
                           scores, run_predictions(scores, thresholds))
