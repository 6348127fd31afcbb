"""The four panes of Review's viewer, as encoded pictures at the photo's own size.

Each pane is cached by what decides it, so that moving the pixel threshold remakes only the two that show it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
import streamlit as st

from pages.ui import cache
from pages.ui.review_data import colour_limits, test_images
from patchcore_core.data.images import shown
from patchcore_core.data.transforms import Transform
from patchcore_core.errors import DataError
from patchcore_core.evaluation.thresholds import predicted, segmentation
from patchcore_core.runs.store import Run
from patchcore_core.views import overlay

PANES = ("photo", "truth", "map", "prediction")


class Key(NamedTuple):
    """One image of one run as it stands: what its pictures are cached by."""

    root: str
    run_id: str
    updated_at: str
    row: int


@dataclass(frozen=True)
class Pictures:
    """The panes of one image as encoded bytes, and what could not be shown.

    `panes` has the keys of `PANES`; `truth` is missing where the ground truth is unknown. `iou` is that of the
    predicted with the true segmentation, NaN without either. `notes` are sentences for the person at the screen.
    """

    panes: dict[str, bytes]
    size: tuple[int, int]  # height, width
    iou: float
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Scene:
    """What is known of one image, all (H, W): photo, map with NaN where the crop cut, truth or None; and sentences."""

    photo: np.ndarray
    anomaly_map: np.ndarray
    truth: np.ndarray | None
    notes: tuple[str, ...]


def pictures(run: Run, index: int, pixel_threshold: float, opacity: float, outlines: bool) -> Pictures:
    """The panes of the image in this row."""
    key = Key(str(cache.store().root), run.id, run.updated_at, index)
    truth, size, notes = _truth_pane(key)
    panes, iou = _threshold_panes(key, pixel_threshold, outlines)
    known = {"truth": truth} if truth else {}
    return Pictures({**panes, **known, "map": _map_pane(key, opacity)}, size, iou, notes)


@st.cache_data(max_entries=32, show_spinner=False)
def _truth_pane(key: Key) -> tuple[bytes, tuple[int, int], tuple[str, ...]]:
    """The ground truth (empty where unknown), and what else does not depend on any setting: size and notes."""
    scene = _scene(key)
    size = scene.anomaly_map.shape[0], scene.anomaly_map.shape[1]
    if scene.truth is None:
        return b"", size, scene.notes
    drawn = overlay.paste(overlay.grey(scene.photo), overlay.truth_layer(scene.truth), 0.85)
    return overlay.screen_bytes(drawn), size, scene.notes


@st.cache_data(max_entries=32, show_spinner=False)
def _map_pane(key: Key, opacity: float) -> bytes:
    scene, limits = _scene(key), colour_limits(cache.load_run(key.run_id))
    seen = overlay.cut_away(scene.anomaly_map, scene.photo)
    return overlay.screen_bytes(overlay.blend(seen, scene.anomaly_map, *limits, opacity))


@st.cache_data(max_entries=32, show_spinner=False)
def _threshold_panes(key: Key, pixel_threshold: float, outlines: bool) -> tuple[dict[str, bytes], float]:
    scene = _scene(key)
    found = predicted(scene.anomaly_map, pixel_threshold)
    photo = overlay.draw_outlines(scene.photo, scene.truth, found) if outlines else scene.photo
    backdrop = overlay.grey(overlay.cut_away(scene.anomaly_map, scene.photo))
    judged = overlay.paste(backdrop, overlay.segmentation(scene.truth, found), 0.85)
    iou = float("nan")
    if scene.truth is not None:
        iou = segmentation(scene.truth, scene.anomaly_map, pixel_threshold).iou
    return {"photo": overlay.screen_bytes(photo), "prediction": overlay.screen_bytes(judged)}, iou


def _scene(key: Key) -> Scene:
    run = cache.load_run(key.run_id)
    row = test_images(run).iloc[key.row]
    height, width = int(row["height"]), int(row["width"])
    geometry = Transform(run.config.image_size, run.config.center_crop, mean=(0, 0, 0), std=(1, 1, 1))
    anomaly_map = geometry.to_photo(cache.anomaly_map(run, int(row["map_index"])), height, width)
    photo, photo_note = _photo(row["path"], height, width)
    truth, truth_note = _truth(row, height, width)
    crop = "The dimmed part lies outside the centre crop: the network never saw it."
    notes = (photo_note, truth_note, crop if np.isnan(anomaly_map).any() else "")
    return Scene(photo, anomaly_map, truth, tuple(note for note in notes if note))


def _photo(path: str, height: int, width: int) -> tuple[np.ndarray, str]:
    """The photo, or a grey field of its size and the reason."""
    try:
        photo = cache.photo(path)
        if photo.shape[:2] != (height, width):
            raise DataError(f"{shown(path)}: has changed its size since the run was made")
    except DataError as error:
        return np.full((height, width, 3), 128, np.uint8), f"The photo cannot be shown: {error}"
    return photo, ""


def _truth(row: pd.Series, height: int, width: int) -> tuple[np.ndarray | None, str]:
    """The mask, an empty one for a good image, or None and the reason."""
    if row["label"] == 0:
        return np.zeros((height, width), bool), ""
    if not row["mask_path"]:
        what = "defective, but it has no mask" if row["label"] == 1 else "of unknown label"
        return None, f"This image is {what}, so hits and false alarms of its pixels cannot be told apart."
    try:
        return cache.truth_mask(row["mask_path"], height, width), ""
    except DataError as error:
        return None, f"The ground truth cannot be shown: {error}"
