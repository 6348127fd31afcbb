"""One to four synchronised panes of one photo: itself, ground truth, anomaly map, predicted segmentation.

Threshold, opacity, colour limits, zoom and panes act in the browser at once and are reported when they come to rest.
The photo, the maps (float16) and the mask (compressed bits) lie with Streamlit's media files under the hash of their
content, so a rerun sends a few kilobytes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import streamlit as st
from streamlit import runtime

from pages.ui.components.mount import component
from patchcore_core.views.widgets.packing import BYTES, media_type, packed_least, packed_mask
from patchcore_core.views.widgets.picture import Layer, Picture
from patchcore_core.views.widgets.view import View, viewer_data

_mount = component("viewer", states=("view",))


def viewer(picture: Picture, view: View, *, key: str, label: str, on_view: Callable[[], None],
           on_pixel: Callable[[], None], follows: str = "") -> None:
    """Draw the picture as `view` says; `label` names the whole for screen readers.

    The page owns the view: it keeps it, in its session or its address, and may change it. When choices come to rest
    in the browser `on_view` runs, and takes over `reported(key, view)`. A field that differs from the last time, such
    as a box to zoom to, is followed by the browser; what does not differ leaves a choice in motion alone. When a
    pixel is clicked `on_pixel` runs, and `pixel(key)` gives it. `follows`: the key of the operating point of pixels,
    whose handle moves the first map's threshold while it moves.
    """
    data = viewer_data(view.fitting(picture), picture.panes(), label=label, channel=key, follows=follows,
                       serial=_serial(_raw(key, "view")))
    _mount(key=key, data={**data, "picture": _picture(picture, key)}, on_view_change=on_view, on_pixel_change=on_pixel)


def reported(key: str, view: View) -> View:
    """`view` with what was last chosen in the browser in place of it; the same where nothing was."""
    return view.reported(_raw(key, "view"))


def pixel(key: str) -> tuple[int, int] | None:
    """Row and column of the pixel that was just clicked, in photo pixels; None in any other rerun."""
    match _raw(key, "pixel"):
        case {"row": int(row), "column": int(column)} if row >= 0 and column >= 0:
            return row, column
    return None


def _raw(key: str, name: str) -> Any:
    state = st.session_state.get(key)
    return state.get(name) if state else None


def _serial(raw: object) -> int:
    serial = raw.get("serial") if isinstance(raw, dict) else None
    return serial if isinstance(serial, int) else 0


def _picture(picture: Picture, key: str) -> dict[str, Any]:
    mask = None if picture.truth is None else packed_mask(picture.truth)
    return {
        "id": picture.id,
        "name": picture.name,
        "height": picture.size[0],
        "width": picture.size[1],
        "photo": _served(picture.photo, media_type(picture.photo), f"{key}.photo"),
        "truth": mask and _served(mask, BYTES, f"{key}.truth"),
        "layers": [_layer(layer, f"{key}.map{number}") for number, layer in enumerate(picture.layers)],
    }


def _layer(layer: Layer, place: str) -> dict[str, Any]:
    values, half = layer.packed()
    least = None if layer.least is None else packed_least(layer.least)
    return {
        "name": layer.name,
        "values": _served(values, BYTES, place),
        "half": half,
        "shape": layer.values.shape,
        "placing": asdict(layer.placing),
        "limits": layer.limits,
        "span": layer.span,
        "good": layer.good and _served(layer.good.packed(), BYTES, f"{place}.good"),
        "peak": layer.peak,
        "least": least and _served(least, BYTES, f"{place}.least"),
    }


def _served(content: bytes, kind: str, place: str) -> str:
    """The address of this content on the server; what stood in the same `place` of this visitor's page is forgotten."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    address = runtime.get_instance().media_file_mgr.add(content, kind, place)
    return f"/{base}{address}" if base else address
