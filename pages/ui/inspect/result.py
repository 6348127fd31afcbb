"""Inspect: one scored upload with its prediction, maps, segmentation and files to take away."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import streamlit as st

from pages.ui.components.legend import Entry
from pages.ui.format import number
from pages.ui.inspect.scores import Item, photo_of, prediction_of, screen_photo, sentence, whole_percent
from pages.ui.markdown import plain
from pages.ui.review.data import colour_limits
from pages.ui.scale import map_on_photo, scale_bar, segmented
from pages.ui.strips import columns_for, width_of
from patchcore_core.evaluation.explain import TRIMMED
from patchcore_core.runs.store import Run
from patchcore_core.views import overlay
from patchcore_core.views.colours import COLOURS

SEGMENTATION = "Predicted segmentation"
PREDICTION = Entry("predicted defect", COLOURS["prediction"])


@dataclass(frozen=True)
class File:
    """One file to take away: what its button says, its name, how its bytes are made, and what it holds."""

    label: str
    name: str
    make: Callable[[], bytes]
    about: str


def prediction(run: Run, item: Item, threshold: float | None) -> None:
    """The prediction in one sentence, and its figures."""
    found = prediction_of(run, item, threshold)
    colour = {True: "orange", False: "blue", None: "gray"}[found.defective]
    word = {True: "Defective", False: "OK", None: "No threshold"}[found.defective]
    icon = {True: "error", False: "check_circle", None: "help"}[found.defective]
    st.markdown(f"### :{colour}-badge[:material/{icon}: {word}] {plain(item.upload.name)}")
    st.markdown(sentence(found))
    with st.container(horizontal=True, gap="large"):
        st.metric("Score", number(found.score), width="content", help="Higher is more anomalous.")
        st.metric("Threshold", number(found.threshold), width="content")
        st.metric("Margin", whole_percent(found.margin, sign="+"), width="content",
                  help="Score above (+) or below (−) the threshold, relative to the threshold.")
        st.metric("Above good test images", whole_percent(found.above_good), width="content",
                  help="Percentage of the run's good test images with a lower score.")
        st.metric("Size", f"{item.result.width} x {item.result.height}", width="content")


def pictures(run: Run, item: Item, pixel_threshold: float) -> None:
    """Photo | anomaly map | map over the photo | predicted segmentation, on the run's colour scale."""
    photo = screen_photo(item.upload.key, item.upload, run.bits)
    values = map_on_photo(run, item.result.anomaly_map, *photo.shape[:2])
    limits = _limits(run, item)
    found = segmented(run, item.result.anomaly_map, values.shape[0], values.shape[1], pixel_threshold)
    dimmed = overlay.cut_away(values, photo)
    size = photo.shape[0], photo.shape[1]
    columns, narrowest = columns_for(size, 4, 260)
    with st.grid(columns, min_column_width=narrowest, gap="small") as grid:
        for title, picture in (
            ("Photo", photo),
            ("Anomaly map", overlay.blend(np.zeros_like(photo), values, *limits, 1.0)),
            ("Map over the photo", overlay.blend(dimmed, values, *limits)),
            (SEGMENTATION, overlay.paste(overlay.grey(dimmed), overlay.segmentation(None, found), 0.85)),
        ):
            with grid.cell():
                st.markdown(f"**{title}**", help=TRIMMED if run.trim and title == SEGMENTATION else None)
                st.image(overlay.screen_bytes(picture), width=width_of(size, narrowest),
                         alt=f"{title} of {item.upload.name}")
    scale_bar(*limits, key="inspect_scale", tick=pixel_threshold, entries=[PREDICTION])
    st.caption(_said(found, values))


def downloads(run: Run, item: Item, pixel_threshold: float) -> None:
    """The files to take away, each made on the click."""
    with st.container(horizontal=True):
        for file in files(run, item, pixel_threshold):
            st.download_button(file.label, file.make, file.name, on_click="ignore", help=file.about,
                               key=f"inspect_{file.label}", icon=":material/download:")


def files(run: Run, item: Item, pixel_threshold: float) -> list[File]:
    """The map as numbers and as a picture, the overlay and the mask, all at the photo's own size."""
    limits = _limits(run, item)

    def values() -> np.ndarray:
        return map_on_photo(run, item.result.anomaly_map, item.result.height, item.result.width)

    def found() -> np.ndarray:
        return segmented(run, item.result.anomaly_map, item.result.height, item.result.width, pixel_threshold)

    def photo() -> np.ndarray:
        return photo_of(item.upload.key, item.upload, run.bits)

    stem = item.upload.stem
    return [
        File("Map (NPY)", f"{stem}_anomaly_map.npy", lambda: _npy(values()),
             "Scores as 32-bit floats at the size of the photo, NaN outside the crop."),
        File("Map (PNG)", f"{stem}_anomaly_map.png",
             lambda: overlay.png_bytes(overlay.blend(np.zeros_like(photo()), values(), *limits, 1.0)),
             "The anomaly map in the colours shown above."),
        File("Overlay (PNG)", f"{stem}_overlay.png",
             lambda: overlay.png_bytes(overlay.blend(overlay.cut_away(values(), photo()), values(), *limits)),
             "The anomaly map over the photo."),
        File("Mask (PNG)", f"{stem}_mask.png", lambda: overlay.png_bytes(found()),
             f"255 at or above the pixel threshold{', trimmed to the peaks' if run.trim else ''}, else 0."),
    ]


def _npy(values: np.ndarray) -> bytes:
    out = io.BytesIO()
    np.save(out, values, allow_pickle=False)
    return out.getvalue()


def _limits(run: Run, item: Item) -> tuple[float, float]:
    """The run's colour limits; for a run without test images, those of the upload's map."""
    if run.counts.get("test_good", 0) + run.counts.get("test_defective", 0) + run.counts.get("test_unknown", 0):
        return colour_limits(run)
    return overlay.score_limits(item.result.anomaly_map[None], np.zeros(1, dtype=bool))


def _said(found: np.ndarray, values: np.ndarray) -> str:
    scored = np.isfinite(values)
    share = found.sum() / max(int(scored.sum()), 1)
    text = f"Area above threshold: {share * 100:.3g} %." if found.any() else "No pixel above the pixel threshold."
    return text if scored.all() else text + " The dimmed part is outside the centre crop, so it was not scored."
