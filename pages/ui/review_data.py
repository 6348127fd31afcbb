"""What Review reads from a run, cached: its table of images, the colour limits, thumbnails and pictures.

Everything of a run is keyed by (store, run id, updated_at), thumbnails by path and file time.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st

from pages.ui import cache
from pages.ui.access import allowed
from patchcore_core.data.images import read_image, shown
from patchcore_core.data.transforms import Transform
from patchcore_core.errors import DataError
from patchcore_core.evaluation.thresholds import predicted, segmentation
from patchcore_core.runs.store import Run, RunStore
from patchcore_core.views import overlay
from patchcore_core.views.plots import Curve, run_curves

PANES = ("photo", "truth", "map", "prediction")


@dataclass(frozen=True)
class Pictures:
    """The four panes of one image as encoded bytes, and what could not be shown.

    `pictures` has the keys of `PANES`; `truth` is missing where the ground truth is unknown. `iou` is that of the
    predicted with the true segmentation, NaN without a defect. `notes` are sentences for the person at the screen.
    """

    pictures: dict[str, bytes]
    width: int
    iou: float
    notes: tuple[str, ...]


def test_images(run: Run) -> pd.DataFrame:
    """`RunStore.images` with `name`, the path inside the dataset as it can be shown and put into an address."""
    return _test_images(str(cache.store().root), run.id, run.updated_at)


def colour_limits(run: Run) -> tuple[float, float]:
    """Low and high end of the colour scale, common to all images of the run."""
    return _colour_limits(str(cache.store().root), run.id, run.updated_at)


def place_on_scale(run: Run, score: float) -> float:
    """Where a score lies between the ends of the colour scale, in [0, 1]."""
    low, high = colour_limits(run)
    return min(max((score - low) / (high - low), 0.0), 1.0)


def curves(run: Run) -> dict[str, Curve]:
    """The run's curves by name; undefined ones have no points."""
    return run_curves(cache.load_curves(run))


def thumbnail_uri(path: str) -> str:
    """The photo's thumbnail as a data URI, "" where it cannot be read or is outside the allowed folders."""
    try:
        place = allowed(path)
        return _thumbnail_uri(str(place), place.stat().st_mtime_ns)
    except (DataError, OSError):
        return ""


def pictures(run: Run, index: int, pixel_threshold: float, opacity: float, outlines: bool) -> Pictures:
    """The panes of one image at the photo's own size."""
    return _pictures(str(cache.store().root), run.id, run.updated_at, index, pixel_threshold, opacity, outlines)


@st.cache_data(max_entries=16, show_spinner=False)
def _test_images(root: str, run_id: str, updated_at: str) -> pd.DataFrame:  # noqa: ARG001  (part of the key)
    reader = RunStore(root)
    run = reader.get(run_id)
    images = reader.images(run)
    inside = len(run.dataset.rstrip("/")) + 1
    names = [shown(path[inside:] if path.startswith(run.dataset) else path) for path in images["path"]]
    return images.assign(name=names)


@st.cache_data(max_entries=64, show_spinner=False)
def _colour_limits(root: str, run_id: str, updated_at: str) -> tuple[float, float]:
    images = _test_images(root, run_id, updated_at)
    reader = RunStore(root)
    return overlay.score_limits(reader.anomaly_maps(reader.get(run_id)), images["label"].to_numpy() == 0)


@st.cache_data(max_entries=6000, show_spinner="Making thumbnails …")
def _thumbnail_uri(path: str, stamp: int) -> str:  # noqa: ARG001
    small = overlay.jpeg_bytes(overlay.thumbnail(read_image(Path(path)), 128))
    return "data:image/jpeg;base64," + base64.b64encode(small).decode("ascii")


@st.cache_data(max_entries=48, show_spinner=False)
def _pictures(root: str, run_id: str, updated_at: str, index: int, pixel_threshold: float, opacity: float,
              outlines: bool) -> Pictures:
    reader = RunStore(root)
    run, row = reader.get(run_id), _test_images(root, run_id, updated_at).iloc[index]
    height, width = int(row["height"]), int(row["width"])
    geometry = Transform(run.config.image_size, run.config.center_crop, mean=(0, 0, 0), std=(1, 1, 1))
    anomaly_map = geometry.to_photo(reader.anomaly_maps(run)[row["map_index"]], height, width)  # (H, W), NaN unseen
    photo, photo_note = _photo(str(row["path"]), height, width)
    truth, truth_note = _truth(row, height, width)
    found = predicted(anomaly_map, pixel_threshold)
    low, high = _colour_limits(root, run_id, updated_at)
    drawn = overlay.draw_outlines(photo, truth, found) if outlines else photo
    seen = overlay.cut_away(anomaly_map, photo)
    panes = {
        "photo": drawn,
        "map": overlay.blend(seen, anomaly_map, low, high, opacity),
        "prediction": overlay.paste(overlay.grey(seen), overlay.segmentation(truth, found), 0.85),
    }
    if truth is not None:
        panes["truth"] = overlay.paste(overlay.grey(photo), overlay.truth_layer(truth), 0.85)
    crop = "The dimmed part lies outside the centre crop: the network never saw it." if seen is not photo else ""
    return Pictures(
        {name: overlay.screen_bytes(picture) for name, picture in panes.items()},
        width=width,
        iou=segmentation(truth, anomaly_map, pixel_threshold).iou if truth is not None else float("nan"),
        notes=tuple(note for note in (photo_note, truth_note, crop) if note),
    )


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
        return cache.truth_mask(str(row["mask_path"]), height, width), ""
    except DataError as error:
        return None, f"The ground truth cannot be shown: {error}"
