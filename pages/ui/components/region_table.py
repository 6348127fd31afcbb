"""The regions of one image as a table; a row can be chosen."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import streamlit as st

from pages.ui.components.mount import component
from patchcore_core.evaluation.image_regions import Region
from patchcore_core.views.text import score_text

_mount = component("region_table")
HEADS = (  # column names with help
    ("region", "True (mask) or predicted region. Click to zoom to it."),
    ("outcome", "A true region is found if one of its pixels is predicted; a predicted one is a false alarm if none "
                "of its pixels is a defect."),
    ("area", "Pixels of the anomaly map, and their percentage."),
    ("peak score", "Maximum score in the region."),
    ("overlap", "Percentage of the region covered by the other kind: recall of a true region, precision of a "
                "predicted one."),
)  # fmt: skip


def region_table(regions: Sequence[Region], *, key: str, label: str, on_choose: Callable[[int], None]) -> None:
    """Draw the regions; `on_choose(index)` is called for the one that was clicked."""
    data = {"label": label, "heads": HEADS, "rows": [row_of(region) for region in regions]}
    _mount(key=key, data=data, on_chosen_change=lambda: _choose(key, len(regions), on_choose))


def row_of(region: Region) -> list[str]:
    """A region as the texts of its row."""
    kind = "true defect" if region.kind == "true" else "prediction"
    overlap = "—" if math.isnan(region.overlap) else f"{region.overlap:.1%}"
    return [kind, outcome(region), f"{region.area:,} px ({region.share:.2%})", score_text(region.peak), overlap]


def outcome(region: Region) -> str:
    """Found or missed, on a defect or a false alarm."""
    if region.found is None:
        return "not known"
    if region.kind == "true":
        return "found" if region.found else "missed"
    return "on a defect" if region.found else "false alarm"


def _choose(key: str, count: int, on_choose: Callable[[int], None]) -> None:
    place = st.session_state[key].chosen
    if isinstance(place, int) and not isinstance(place, bool) and 0 <= place < count:
        on_choose(place)
