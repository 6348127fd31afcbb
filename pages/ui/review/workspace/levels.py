"""The workspace's thresholds: `Level` of images and of pixels, starts of the review zone (views/web/workspace/data.js).

What a reviewer chose for the run (`used`) is in use in place of the default, which is always the run's own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from pages.ui import cache
from pages.ui.review import data, training
from pages.ui.threshold_names import label_of
from patchcore_core.evaluation.explain import explain_threshold
from patchcore_core.evaluation.thresholds.decision import default_rule
from patchcore_core.evaluation.thresholds.of_run import (
    ThresholdParameters,
    image_points,
    named_points,
    review_starts,
    stored_points,
)
from patchcore_core.evaluation.thresholds.operating_point import OperatingPoint, manual
from patchcore_core.evaluation.values import Level
from patchcore_core.reviews.chosen_thresholds import ChosenThresholds
from patchcore_core.runs.store import Run
from patchcore_core.views.ranking import threshold_scale

NOT_CHOSEN = ChosenThresholds()
USUAL = ThresholdParameters()
NONE_KNOWN = "This run has no good test images to set a threshold on: it starts at the middle of the scores."


@dataclass(frozen=True)
class Points:
    """The named thresholds of one level, which of them is the default (a name, or a number as text), the span within
    which thresholds are set, and the threshold that a reviewer chose, None where nobody did."""

    points: Mapping[str, OperatingPoint]
    default: str
    span: tuple[float, float]
    chosen: float | None = None

    @property
    def value(self) -> float:
        """The threshold in use."""
        point = self.points.get(self.default)
        return self.chosen if self.chosen is not None else float(self.default) if point is None else point.value

    def at(self, threshold: float, name: str = "") -> OperatingPoint:
        """The point of this name if it has this value, else the threshold as set by hand."""
        point = self.points.get(name)
        return point if point is not None and point.value == threshold else manual(threshold)

    def sent(self) -> dict[str, Any]:
        """`Level` of data.js."""
        return {"points": sent(self.points), "default": self.default, "span": list(self.span),
                "unset": "" if self.default in self.points else NONE_KNOWN}


def of_images(
    run: Run, images: pd.DataFrame, parameters: ThresholdParameters = USUAL, used: ChosenThresholds = NOT_CHOSEN
) -> Points:
    """The image thresholds by the methods with these parameters."""
    scores = images["image_score"].to_numpy()
    good = scores[images["label"].to_numpy() == 0]
    points = image_points(run.thresholds, run.operating_points, cache.load_curves(run), run.heldout, good,
                          parameters)
    trained = None if len(scores) else training.known(run)
    spread = scores if trained is None else trained["image_score"].to_numpy()
    return _level(points, spread, "image", used.image)


def of_pixels(run: Run, used: ChosenThresholds = NOT_CHOSEN) -> Points:
    """The pixel thresholds."""
    points = named_points(run.thresholds, "pixel") | stored_points(run.operating_points, "pixel")
    spread = np.append(cache.load_curves(run).pixel.thresholds, data.colour_limits(run))
    return _level(points, spread, "pixel", used.pixel)


def starts(
    run: Run, images: pd.DataFrame, parameters: ThresholdParameters = USUAL, high: float = math.inf
) -> dict[str, OperatingPoint]:
    """Where a review zone below the image threshold `high` may start."""
    good = images["image_score"].to_numpy()[images["label"].to_numpy() == 0]
    return review_starts(high, cache.load_curves(run), run.heldout, good, (parameters).costs)


def judging(points: Points, used: ChosenThresholds = NOT_CHOSEN) -> OperatingPoint:
    """The image threshold in use; NaN where neither a method nor a person has set one."""
    if used.image is not None:
        return replace(manual(used.image), sentence=f"{used.by[:1].upper()}{used.by[1:]}.")
    return points.points.get(points.default, manual(math.nan))


def sent(points: Mapping[str, OperatingPoint]) -> list[dict[str, Any]]:
    """`Point` of data.js for each."""
    return [_point(name, point) for name, point in points.items()]


def _level(points: Mapping[str, OperatingPoint], scores: np.ndarray, level: Level, chosen: float | None) -> Points:
    named = {name: point.value for name, point in points.items() if point.reason is None}
    scale = threshold_scale(np.append(scores, [*named.values(), *([] if chosen is None else [chosen])]))
    usual = default_rule(named, level) or next(iter(named), None) or repr((scale.low + scale.high) / 2)
    return Points(points, usual, (scale.low, scale.high), chosen)


def _point(name: str, point: OperatingPoint) -> dict[str, Any]:
    return {"name": name, "value": point.value if math.isfinite(point.value) else None,
            "label": label_of(name, point.rule), "source": point.source, "reason": point.reason or "",
            "help": point.sentence or explain_threshold(name, point.rule)}
