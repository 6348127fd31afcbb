"""The run's curves over thresholds as the data of views/web/curves: ROC, precision-recall, per-region overlap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from patchcore_core.views.colours import COLOURS, RUN_COLOURS
from patchcore_core.views.curve import Curve
from patchcore_core.views.web.packed import packed

Kind = Literal["roc", "precision_recall", "pro"]
AUPRO_LIMIT = 0.3  # limit of the false positive rate for AUPRO
RATES = ("false positive rate", "true positive rate")
RUN_CURVES: tuple[tuple[str, str, str, Kind, tuple[str, str], str], ...] = (
    # name, title, level, kind, titles of the axes, metric whose reason says why there is none
    ("image_roc", "ROC of images", "image", "roc", RATES, "image_auroc"),
    ("image_precision_recall", "Precision and recall of images", "image", "precision_recall", ("recall", "precision"),
     "image_average_precision"),
    ("pixel_roc", "ROC of pixels", "pixel", "roc", RATES, "pixel_auroc"),
    ("pro", "Per-region overlap", "pixel", "pro", ("false positive rate (pixels)", "mean per-region overlap"), "aupro"),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Panel:
    """One curve and its axes; a curve without points is undefined, and `reason` says why.

    `name` is unique among the panels; `level` is "image" or "pixel"; texts are plain text. The last point of a curve of
    kind "precision_recall" must predict everything defective: its precision is the defect rate. Pixel curves over the
    false positive rate can be limited to `AUPRO_LIMIT` and drawn on a logarithmic axis.
    """

    name: str
    title: str
    level: str
    curve: Curve
    x_title: str
    y_title: str
    kind: Kind
    reason: str = ""

    def data(self) -> dict[str, Any]:
        """For the browser: exact thresholds, rates as float32."""
        curve = self.curve
        return {
            "name": self.name, "title": self.title, "level": self.level, "kind": self.kind,
            "x_title": self.x_title, "y_title": self.y_title, "x": packed(np.asarray(curve.x, dtype=np.float32)),
            "y": packed(np.asarray(curve.y, dtype=np.float32)), "thresholds": packed(curve.thresholds),
            "undefined": "" if len(curve.x) else undefined(self.reason),
        }  # fmt: skip


def run_panels(curves: Mapping[str, Curve], reasons: Mapping[str, str]) -> tuple[Panel, ...]:
    """The four panels of Review, from a run's curves by name and the reasons of its undefined metrics."""
    return tuple(
        Panel(name, title, level, curves[name], *titles, kind, reasons.get(metric, ""))
        for name, title, level, kind, titles, metric in RUN_CURVES
    )


def curves_data(
    panels: Sequence[Panel], thresholds: Mapping[str, float], follows: Mapping[str, str], label: str = "Curves"
) -> dict[str, Any]:
    """The panels with a ring each at the threshold of their level, NaN for none; `follows`: level -> the channel of the
    operating point that moves it."""
    return {
        "panels": [panel.data() for panel in panels], "label": label, "limit": AUPRO_LIMIT,
        "colours": {"curve": RUN_COLOURS[0], "mark": COLOURS["defective"]},
        "levels": list(thresholds), "thresholds": packed(list(thresholds.values())),
        "follows": {channel: level for level, channel in follows.items()},
    }  # fmt: skip


def undefined(reason: str) -> str:
    """The sentence instead of a curve."""
    return f"Not defined for this run: {reason or 'there is nothing to draw'}."
