"""Inspect: the chosen image in the viewer that Review has too."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import streamlit as st

from pages.ui import cache
from pages.ui.components.viewer import reported, viewer
from pages.ui.format import run_label
from pages.ui.inspect import address
from pages.ui.inspect.result import limits_of
from pages.ui.inspect.scores import Item, photo_of
from pages.ui.inspect.upload import Upload
from pages.ui.review.data import standing
from patchcore_core.data.transforms import transform_of
from patchcore_core.evaluation.thresholds.rules import of_level
from patchcore_core.evaluation.trim import Trim
from patchcore_core.runs.store import Run
from patchcore_core.views import overlay
from patchcore_core.views.ranking import threshold_scale
from patchcore_core.views.widgets.picture import Layer, Picture
from patchcore_core.views.widgets.placing import Placing
from patchcore_core.views.widgets.view import View

KEY = "inspect_viewer"
_VIEW = "inspect_view"  # in the session: the id of the picture that was seen, and how
PANES = ("photo", "map", "prediction")


def draw(run: Run, item: Item, pixel_threshold: float) -> None:
    """Photo, anomaly map and predicted segmentation; the threshold chosen in it goes into the address."""
    shown = picture(run, item)
    before, view = st.session_state.get(_VIEW, ("", View((math.nan,), PANES)))
    view = replace(view, thresholds=(pixel_threshold,), box=view.box if before == shown.id else None)
    viewer(shown, view, key=KEY, label="Viewer", on_view=lambda: _viewed(run, shown.id, view), on_pixel=lambda: None)


def picture(run: Run, item: Item) -> Picture:
    """The scored image as the viewer takes it; its ground truth is not known."""
    result, transform = item.result, transform_of(run.config, run.input_shape)
    size, trim = (result.height, result.width), Trim.read(run.trim)
    placing, limits = Placing.of(transform, *size), limits_of(run, item)
    scale = threshold_scale(np.append(cache.load_curves(run).pixel.thresholds, limits))
    layer = Layer(run_label(run), result.anomaly_map, placing, limits, (scale.low, scale.high), standing(run),
                  placing.peak(result.anomaly_map, *size), None if trim is None else trim.least(result.anomaly_map))
    return Picture(f"{run.id} {item.upload.key}", item.upload.title, _encoded(item.upload.key, item.upload, run.bits),
                   size, None, (layer,))


@st.cache_data(max_entries=8, show_spinner=False)
def _encoded(key: str, _upload: Upload, bits: int) -> bytes:
    return overlay.screen_bytes(photo_of(key, _upload, bits))


def _viewed(run: Run, shown: str, view: View) -> None:
    """Keep what was chosen in the viewer."""
    new = reported(KEY, view)
    st.session_state[_VIEW] = shown, new
    if new.thresholds != view.thresholds and math.isfinite(new.thresholds[0]):
        address.set_threshold("pixel_threshold", of_level(run.thresholds, "pixel"), new.thresholds[0])
