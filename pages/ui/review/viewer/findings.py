"""Review: likely causes of the chosen image's error, and the table of its regions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import streamlit as st

from pages.ui import cache
from pages.ui.changed import files_of, states
from pages.ui.components.region_table import region_table
from pages.ui.markdown import plain
from patchcore_core.data.files.content import stamp_of
from patchcore_core.data.masks import Truth
from patchcore_core.data.transforms import transform_of
from patchcore_core.errors import DataError
from patchcore_core.evaluation.causes.causes import CAUSES, Causes
from patchcore_core.evaluation.explain import explain_cause
from patchcore_core.evaluation.image_regions import Region, regions_of_image
from patchcore_core.evaluation.trim import Trim
from patchcore_core.runs.contents import CHANGED
from patchcore_core.runs.store import Run

WRONG = {"FN": "missed defect", "FP": "false alarm"}
MOST = 200  # regions in the table: a low threshold leaves thousands of specks
REGIONS = "review_regions"
NO_REGIONS = "No region above the pixel threshold"


def why(causes: Causes, index: int) -> None:
    """The likely causes of the error on the image in this row; draws nothing for a correct prediction without any."""
    outcome, sentences = str(causes.outcome[index]), causes.sentences(index)
    if not sentences and outcome not in WRONG:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        for key, sentence in sentences.items():
            st.badge(CAUSES[key], icon=":material/help:", color="orange", help=plain(sentence))
        if not sentences:
            st.badge(f"{WRONG[outcome]} without a known cause", icon=":material/help:", color="gray",
                     help="None of the causes that this run can compute applies.")
        with st.popover("All causes", icon=":material/info:", type="tertiary"):
            _all_causes(causes)
    for sentence in sentences.values():
        st.caption(plain(sentence))


def regions(run: Run, images: pd.DataFrame, index: int, pixel_threshold: float,
            on_choose: Callable[[tuple[float, float, float, float]], None]) -> None:
    """The table of predicted and true regions of the image in this row.

    Choosing one calls `on_choose` with its surroundings on the photo: top, left, bottom, right in pixels.
    """
    row = images.iloc[index]
    found, total = _found(run, index, pixel_threshold, _stamps(row["mask_paths"]))
    if not found:
        st.caption(f"{NO_REGIONS}{'; the mask is empty' if row['label'] == 0 else ''}.")
        return
    region_table(found, key=REGIONS, label="Regions of the image",
                 on_choose=lambda place: on_choose(_part(run, row, found[place])))
    if total > len(found):
        st.caption(f"The first {len(found)} of {total:,} regions.")


def _part(run: Run, row: pd.Series, region: Region) -> tuple[float, float, float, float]:
    height, width = int(row["height"]), int(row["width"])
    transform = transform_of(run.config, run.input_shape)
    box = region.box.on_photo(transform, height, width).with_surroundings(height, width)
    return box.top, box.left, box.bottom, box.right


def _all_causes(causes: Causes) -> None:
    """Every cause in a sentence, with the number of images, or why this run cannot tell."""
    counts = causes.counts()
    for key, words in CAUSES.items():
        state = f"not available for this run: {plain(causes.not_computed[key])}" if key in causes.not_computed else (
            f"{counts[key]} image{'' if counts[key] == 1 else 's'}")
        st.markdown(f"**{words}** · :gray[{state}]  \n{plain(explain_cause(key))}")
    st.caption("Causes are hints from the anomaly maps and masks, not proofs; an image may have several.")


@cache.of_run(max_entries=128)
def _found(
    run: Run, index: int, threshold: float, stamps: tuple[int, ...]  # noqa: ARG001  (the key)
) -> tuple[tuple[Region, ...], int]:
    """The first regions of one image and their number; predicted ones alone where the mask is unknown."""
    row = cache.load_images(run).iloc[index]
    known = _truth(run, row)
    mask, ignored = (None, None) if known is None else (known.defect, known.ignored)
    found = regions_of_image(cache.anomaly_map(run, int(row["map_index"])), mask, threshold, ignored,
                             Trim.read(run.trim))
    return found[:MOST], len(found)


def _stamps(mask_paths: Sequence[str]) -> tuple[int, ...]:
    """A number per mask that changes with the file, 0 for one that cannot be read."""
    return tuple(stamp_of(path) for path in mask_paths)


def _truth(run: Run, row: pd.Series) -> Truth | None:
    """At the size of the map, (H, W)."""
    transform = transform_of(run.config, run.input_shape)
    if row["label"] == 0:
        return Truth(np.zeros(transform.shape, bool))
    if not row["mask_paths"]:
        return None
    try:
        if states(run, files_of(row)).masks == CHANGED:
            return None
        truth = cache.truth(run, row)
    except DataError:
        return None
    return transform.truth(truth) if truth.defect.any() else None
