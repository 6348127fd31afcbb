"""A page with nothing but the viewer, for the tests in a real browser: `?case=` names the picture.

Below the viewer stands what Python heard from it, as JSON.
"""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image

from pages.ui.components.viewer import pixel, reported, viewer
from patchcore_core.data.transforms import Transform
from patchcore_core.evaluation.trim import Trim
from patchcore_core.views.widgets.picture import Layer, Picture, Standing
from patchcore_core.views.widgets.placing import Placing
from patchcore_core.views.widgets.view import View

HOSTILE = "<img src=x onerror=document.body.dataset.harmed=1> \u05d0\u202egnp.exe " + "u\u0301\u0302" * 90
SIZES = {"small": (120, 160), "shrunk": (90, 70), "cropped": (90, 150), "two": (120, 160), "unknown": (120, 160),
         "large": (3000, 4000), "tall": (220, 90), "wide": (70, 190), "strip": (24, 192), "trimmed": (120, 160),
         "trimmed strip": (24, 192), "trimmed large": (3000, 4000)}
SHAPES = {"small": (32, 32), "shrunk": (96, 96), "cropped": (32, 32), "two": (32, 32), "unknown": (32, 32),
          "large": (448, 448), "tall": (64, 32), "wide": (24, 48), "strip": (16, 112),  # of the maps
          "trimmed": (32, 32), "trimmed strip": (16, 112), "trimmed large": (448, 448)}
TRIMS = {"trimmed": Trim.of(10.0, 4), "trimmed strip": Trim.of(10.0, 2), "trimmed large": Trim.of(10.0, 16)}


def transform(case: str) -> Transform:
    """How the network saw the picture of this case."""
    shape, crop = SHAPES[case], case == "cropped"
    return Transform(40 if crop else shape[0], shape[0] if crop else None, (0, 0, 0), (1, 1, 1), shape)


def scores(case: str, seed: int = 0) -> np.ndarray:
    """(h, w) float16, smooth noise about 10 with a hot spot of about 30."""
    shape = SHAPES[case]
    rows, columns = np.mgrid[: shape[0], : shape[1]] / np.reshape(shape, (2, 1, 1))
    noise = np.random.default_rng(seed).normal(10, 0.6, shape)
    spot = 20 * np.exp(-((rows - 0.4) ** 2 + (columns - 0.6) ** 2) / 0.01)
    return (noise + spot).astype(np.float16)


def truth(case: str) -> np.ndarray | None:
    """(H, W) bool: a disc near the hot spot and a line one pixel wide."""
    height, width = SIZES[case]
    rows, columns = np.mgrid[:height, :width]
    disc = ((rows / height - 0.42) ** 2 + (columns / width - 0.63) ** 2) < 0.006
    return None if case == "unknown" else disc | ((rows == height // 5) & (columns < width // 3))


def photo(case: str) -> np.ndarray:
    """(H, W, 3) uint8: its red and green tell the place."""
    height, width = SIZES[case]
    rows, columns = np.mgrid[:height, :width]
    red, green = 255 * rows // height, 255 * columns // width
    grain = np.random.default_rng(3).integers(90, 160, (height, width))
    return np.stack([red, green, grain], axis=-1).astype(np.uint8)


def picture(case: str) -> Picture:
    """Everything of this case, as the page gets it."""
    out = io.BytesIO()
    Image.fromarray(photo(case)).save(out, format="JPEG" if case.endswith("large") else "PNG")
    placing = Placing.of(transform(case), *SIZES[case])
    names = ("first", HOSTILE) if case == "two" else ("first",)
    good = Standing(tuple(np.linspace(8, 12, 41)), tuple(np.linspace(0, 1, 41)))
    layers = tuple(Layer(name, scores(case, seed), placing, (9.0, 30.0), (8.0, 32.0), good, _peak(case), _least(case))
                   for seed, name in enumerate(names))
    return Picture(case, HOSTILE, out.getvalue(), SIZES[case], truth(case), layers)


def _least(case: str) -> np.ndarray | None:
    trim = TRIMS.get(case)
    return None if trim is None else trim.least(scores(case))


def _peak(case: str) -> tuple[float, float]:
    height, width = SIZES[case]
    return Placing.of(transform(case), height, width).peak(scores(case), height, width)


@st.cache_data
def _picture(case: str) -> Picture:
    return picture(case)


def _chosen() -> None:
    st.session_state["view"] = reported("viewer", st.session_state["view"])


def _clicked() -> None:
    st.session_state["clicked"] = pixel("viewer")


def _change(**fields: Any) -> None:
    st.session_state["view"] = replace(st.session_state["view"], **fields)


def _next() -> None:
    st.session_state["case"] = "cropped"
    _change(box=None)


def _page() -> None:
    query, state = st.query_params, st.session_state
    shown = _picture(state.get("case", query.get("case", "small")))
    panes = tuple(query.get("panes", "photo,truth,map,prediction").split(","))
    threshold = float(query.get("threshold", 16))
    state.setdefault("view", View((threshold, threshold)[: len(shown.layers)], panes))
    state["runs"] = state.get("runs", 0) + 1
    st.button("Zoom to the spot", on_click=_change, kwargs={"box": (30.0, 80.0, 60.0, 120.0)})
    st.button("Threshold 20", on_click=_change, kwargs={"thresholds": (20.0,)})
    st.button("Another picture", on_click=_next)
    st.button("Nothing new")
    viewer(shown, state["view"], key="viewer", label="Viewer under test", on_view=_chosen, on_pixel=_clicked)
    heard = {"view": state["view"].sent(), "pixel": state.get("clicked"), "runs": state["runs"]}
    st.code(json.dumps(heard), language="json")


if __name__ == "__main__":
    st.set_page_config(layout="wide")
    _page()
