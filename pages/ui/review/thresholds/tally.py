"""Review: what the operating points find and miss; a cell or a bar filters the images."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from pages.ui.components.tally import Chosen, Range, tally
from pages.ui.review import data
from pages.ui.review import filters as review_filters
from pages.ui.review.thresholds.operating import IMAGES, PIXELS, Decision
from patchcore_core.runs.store import Run

TOGGLES: dict[str, Callable[..., None]] = {
    "outcome": review_filters.toggle_outcome, "defect": review_filters.toggle_defect,
}  # fmt: skip


def found_and_missed(run: Run, images: pd.DataFrame, decision: Decision) -> None:
    """Outcomes, recall per defect type and per region size, of all images; drawn after the filters that it shows."""
    tally(
        images["image_score"].to_numpy(), images["label"].to_numpy(), images["defect_type"].tolist(),
        key="review_tally", label="What is found and missed", follows=IMAGES, follows_pixels=PIXELS,
        thresholds=(decision.review_from, decision.point.value), pixel_threshold=decision.pixel.value,
        regions=data.regions(run), chosen=Chosen(*review_filters.narrowed()),
        on_choose=_choose,
    )  # fmt: skip


def _choose(what: str, which: str | Range) -> None:
    if what == "size":
        review_filters.toggle_sizes(*which)
    else:
        TOGGLES[what](which)
