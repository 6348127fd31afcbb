"""Curves over thresholds (ROC, precision-recall, per-region overlap), each with a ring at its operating point.

Choosing a point by click or keys sets the operating point of its level. The rings follow the handles of an operating
point while they move, without a rerun.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import streamlit as st

from pages.ui.components.mount import component
from patchcore_core.views.colours import COLOURS, RUN_COLOURS
from patchcore_core.views.curve import Curve
from patchcore_core.views.web.packed import packed

Kind = Literal["roc", "precision_recall", "pro"]
_mount = component("curves")
AUPRO_LIMIT = 0.3  # limit of the false positive rate for AUPRO
SHOWN_COLOURS = {"curve": RUN_COLOURS[0], "mark": COLOURS["defective"]}
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


def curves(
    panels: Sequence[Panel], *, key: str, label: str, thresholds: Mapping[str, float], follows: Mapping[str, str],
    on_choose: Callable[[str, float], None],
) -> None:  # fmt: skip
    """Draw the panels side by side, each with a ring at the point of its level's threshold (`Curve.at`).

    `thresholds` by level, NaN for none; `follows`: by level, the key of the operating point whose upper handle the
    rings follow. `on_choose(level, threshold)` is called with the threshold of a chosen point; the caller stores it and
    passes it on the next run. The point at infinity cannot be chosen.
    """
    data = {
        "panels": [panel.data() for panel in panels], "label": label, "colours": SHOWN_COLOURS, "limit": AUPRO_LIMIT,
        "levels": list(thresholds), "thresholds": packed(list(thresholds.values())),
        "follows": {source: level for level, source in follows.items()},
    }  # fmt: skip
    _mount(key=key, data=data, on_chosen_change=lambda: _choose(key, panels, on_choose))


def undefined(reason: str) -> str:
    """The sentence instead of a curve."""
    return f"Not defined for this run: {reason or 'there is nothing to draw'}."


def chosen(value: object, panels: Sequence[Panel]) -> tuple[str, float] | None:
    """The browser's choice as (level, threshold), None unless it is a point of one of these panels."""
    name, threshold = value if isinstance(value, list) and len(value) == 2 else (None, None)
    if isinstance(threshold, bool) or not isinstance(threshold, int | float) or not math.isfinite(threshold):
        return None
    levels = [one.level for one in panels if one.name == name and np.any(one.curve.thresholds == threshold)]
    return (levels[0], float(threshold)) if levels else None


def _choose(key: str, panels: Sequence[Panel], on_choose: Callable[[str, float], None]) -> None:
    choice = chosen(st.session_state[key].chosen, panels)
    if choice:
        on_choose(*choice)
