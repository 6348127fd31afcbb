"""Review: the four curves, each with a ring at its operating point; a click on one sets that."""

from __future__ import annotations

from pages.ui.components.curves import curves
from pages.ui.review import address, data
from pages.ui.review.thresholds.operating import IMAGES, PIXELS, Decision
from pages.ui.review.workspace.curves import run_panels
from patchcore_core.runs.store import Run


def all_curves(run: Run, decision: Decision) -> None:
    """ROC and precision-recall of images, ROC of pixels, per-region overlap."""
    curves(
        run_panels(data.curves(run), run.reasons), key="review_curves", label="Curves",
        thresholds={"image": decision.point.value, "pixel": decision.pixel.value},
        follows={"image": IMAGES, "pixel": PIXELS},
        on_choose=lambda level, threshold: _choose(decision, level, threshold),
    )  # fmt: skip


def _choose(decision: Decision, level: str, threshold: float) -> None:
    if level == "image":
        address.set_threshold("threshold", decision.named, threshold)
    else:
        address.set_threshold("pixel_threshold", decision.pixel_named, threshold)
