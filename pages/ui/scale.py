"""The colour scale of anomaly maps, and maps resized to their photo."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pages.ui.components.legend import ColourBar, Entry, legend
from patchcore_core.data.transforms import transform_of
from patchcore_core.evaluation.thresholds.decision import predicted
from patchcore_core.evaluation.trim import Trim, kept_on_photo
from patchcore_core.runs.store import Run
from patchcore_core.views.colours import INFERNO

STEPS = [f"rgb({red} {green} {blue})" for red, green, blue in INFERNO[::15].tolist()]


def scale_bar(low: float, high: float, *, key: str, tick: float | None = None, entries: Sequence[Entry] = ()) -> None:
    """The inferno scale with the scores at its ends, a tick at one score, and named colours beside it."""
    place = None if tick is None else min(max((tick - low) / (high - low), 0.0), 1.0)
    legend(entries, ColourBar("Anomaly score", score_text(low), score_text(high), STEPS, place), key=key)


def score_text(score: float) -> str:
    """A score with about four digits and no exponent: `0.1234`, `12.34`, `1068`."""
    return f"{score:.0f}" if abs(score) >= 1000 else f"{score:.4g}"


def map_on_photo(run: Run, anomaly_map: np.ndarray, height: int, width: int) -> np.ndarray:
    """(H, W) -> (height, width) float32 at the photo's size, NaN outside the crop."""
    return transform_of(run.config, run.input_shape).to_photo(anomaly_map, height, width)


def segmented(run: Run, anomaly_map: np.ndarray, height: int, width: int, threshold: float) -> np.ndarray:
    """(height, width) bool: the predicted segmentation of the photo, trimmed if the run uses region trim."""
    transform = transform_of(run.config, run.input_shape)
    return predicted(kept_on_photo(transform, anomaly_map, height, width, Trim.read(run.trim)), threshold)
