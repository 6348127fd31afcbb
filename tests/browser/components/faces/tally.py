"""The widget `tally` mounted alone in Streamlit, for tests; in the product it is a part of the workspace."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import streamlit as st
from numpy.typing import ArrayLike

from pages.ui.components.mount import component
from patchcore_core.evaluation.thresholds.decision import OUTCOMES
from patchcore_core.views.widgets.tally import Regions, at_thresholds
from patchcore_core.views.widgets.tally import tally as tally_data

Range = tuple[float, float]  # of region areas in pixels, both ends included
Choice = tuple[str, str | Range]
_mount = component("tally")


@dataclass(frozen=True)
class Chosen:
    """The current selection: outcomes ("TP", "FN", "FP", "TN"), defect types, ranges of region area as in the bars."""

    outcomes: Collection[str] = ()
    defects: Collection[str] = ()
    sizes: Collection[Range] = ()


def tally(
    scores: ArrayLike, labels: ArrayLike, kinds: Sequence[str], *, key: str, label: str,
    thresholds: tuple[float, float], follows: str, regions: Regions | str, pixel_threshold: float, follows_pixels: str,
    chosen: Chosen, on_choose: Callable[[str, str | Range], None],
) -> None:  # fmt: skip
    """Draw outcomes and recalls of images: scores (N,), labels (N,) 1 defective, 0 good, -1 unknown, defect types (N,).

    `thresholds` are (low, high) as in `operating_point`, whose key is `follows`; `pixel_threshold` and `follows_pixels`
    are the same for the regions; `regions` is a sentence if there are none. `on_choose` is called with ("outcome",
    "FN"), ("defect", "scratch") or ("size", (low, high)), also for the current selection. Texts are plain text.
    """
    images = tally_data(scores, labels, kinds, thresholds[1], regions, pixel_threshold)
    sized = images["sizes"]
    ranges = [] if isinstance(sized, str) else [(row["range"][0], row["range"][1]) for row in sized]
    taken = {"outcome": list(chosen.outcomes), "defect": list(chosen.defects),
             "size": [list(one) for one in chosen.sizes]}  # fmt: skip
    data = at_thresholds(images, *thresholds, follows, pixel_threshold, follows_pixels, taken)
    names = {kind["name"] for kind in images["kinds"]}
    _mount(key=key, data={**data, "label": label}, on_chosen_change=lambda: _choose(key, names, ranges, on_choose))


def choice(value: object, defects: Collection[str], sizes: Collection[Range]) -> Choice | None:
    """The browser's choice as (what, which), None unless there is such a cell or bar."""
    match value:
        case ["outcome", str(name)] if name in OUTCOMES:
            return "outcome", name
        case ["defect", str(name)] if name in defects:
            return "defect", name
        case ["size", [int() | float() as low, int() | float() as high]] if (low, high) in sizes:
            return "size", (float(low), float(high))
    return None


def _choose(key: str, defects: Collection[str], sizes: Collection[Range], on_choose: Callable[..., None]) -> None:
    found = choice(st.session_state[key].chosen, defects, sizes)
    if found:
        on_choose(*found)
