"""Inspect: one scored upload with its prediction, maps, segmentation and files to take away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st

from pages.ui import cache
from pages.ui.format import number
from pages.ui.inspect.scores import (
    NG,
    NONE,
    OK,
    UNLIKE,
    ZONE,
    Item,
    Thresholds,
    good_scores,
    photo_of,
    prediction_of,
    sentence,
    whole_percent,
)
from pages.ui.markdown import plain
from pages.ui.scale import segmented
from patchcore_core.data.transforms import transform_of
from patchcore_core.exports.pictures import ENDINGS, Pictures, colour_limits
from patchcore_core.runs.store import Run
from patchcore_core.views import overlay
from patchcore_core.views.widgets.placing import Placing

LOOKS = {  # state -> colour, icon, word
    NG: ("orange", "error", "NG"),
    UNLIKE: ("yellow", "warning", "Unlike the training photos"),
    ZONE: ("violet", "visibility", "Review zone"),
    OK: ("blue", "check_circle", "OK"),
    NONE: ("gray", "help", "No threshold"),
}


@dataclass(frozen=True)
class File:
    """One file to take away: what its button says, its name, how its bytes are made, and what it holds."""

    label: str
    name: str
    make: Callable[[], bytes]
    about: str


def prediction(run: Run, item: Item, thresholds: Thresholds) -> None:
    """The prediction in one sentence, or why there is none, and its figures."""
    found, called = prediction_of(run, item, thresholds.image), item.state(thresholds)
    colour, icon, word = LOOKS[called]
    st.markdown(f"### :{colour}-badge[:material/{icon}: {word}] {plain(item.upload.title)}")
    if called == UNLIKE:
        st.markdown(f"No verdict: {plain(item.brief.note)}.")
    else:
        st.markdown(sentence(found, called))
    with st.container(horizontal=True, gap="large"):
        st.metric("Score", number(found.score), width="content", help="Higher is more anomalous.")
        st.metric("Threshold", number(found.threshold), width="content")
        st.metric("Margin", whole_percent(found.margin, sign="+"), width="content",
                  help="Score above (+) or below (−) the threshold, relative to the threshold.")
        good, _ = good_scores(run)
        st.metric(f"Above {good}", whole_percent(found.above_good), width="content",
                  help=f"Percentage of the run's {good} with a lower score.")
        st.metric("Size", f"{item.brief.width} x {item.brief.height}", width="content")


def downloads(run: Run, item: Item, pixel_threshold: float) -> None:
    """The files to take away, each made on the click."""
    with st.container(horizontal=True):
        for file in files(run, item, pixel_threshold):
            st.download_button(file.label, file.make, file.name, on_click="ignore", help=file.about,
                               key=f"inspect_{file.label}", icon=":material/download:")


def files(run: Run, item: Item, pixel_threshold: float) -> list[File]:
    """The map as numbers and as a picture, the overlay and the mask, all at the photo's own size."""
    def make(kind: str) -> bytes:
        return pictures_of(run, item, pixel_threshold).file(kind)

    return [File(label, item.upload.stem + ENDINGS[kind], partial(make, kind), about) for kind, label, about in (
        ("map_values", "Map (NPY)", "Scores as 32-bit floats at the size of the photo, NaN outside the crop."),
        ("anomaly_map", "Map (PNG)", "The anomaly map in the colours shown above."),
        ("overlay", "Overlay (PNG)", "The anomaly map over the photo."),
        ("mask", "Mask (PNG)",
         f"255 at or above the pixel threshold{', trimmed to the peaks' if run.trim else ''}, else 0."),
    )]  # fmt: skip


def pictures_of(run: Run, item: Item, pixel_threshold: float) -> Pictures:
    """What the files of a scored image are made of; DataError if it can no longer be read."""
    photo = photo_of(item.upload.key, item.upload, run.bits)
    return Pictures.of(run, photo, item.result.anomaly_map, pixel_threshold, limits_of(run, item))


def regions_of(run: Run, item: Item, pixel_threshold: float) -> Pictures:
    """The same without the photo, for its scores and mask alone: it is black."""
    black = np.broadcast_to(np.uint8(0), (item.brief.height, item.brief.width, 3))
    return Pictures.of(run, black, item.result.anomaly_map, pixel_threshold, limits_of(run, item))


def limits_of(run: Run, item: Item) -> tuple[float, float]:
    """The run's colour limits; where it has none, those of the upload's map."""
    return _limits(run) or overlay.score_limits(item.result.anomaly_map[None], np.zeros(1, dtype=bool))


@cache.of_run(max_entries=64)
def _limits(run: Run) -> tuple[float, float] | None:
    return colour_limits(cache.store(), run)


def area(run: Run, item: Item, pixel_threshold: float) -> str:
    """The area of the predicted segmentation in words, and what was not scored."""
    size = item.result.height, item.result.width
    found = segmented(run, item.result.anomaly_map, *size, pixel_threshold)
    top, left, bottom, right = Placing.of(transform_of(run.config, run.input_shape), *size).seen
    scored = (bottom - top) * (right - left)
    text = f"Area above threshold: {found.sum() / scored * 100:.3g} %." if found.any() else \
        "No pixel above the pixel threshold."
    cropped = scored < size[0] * size[1]
    return text + (" The dimmed part is outside the centre crop, so it was not scored." if cropped else "")
