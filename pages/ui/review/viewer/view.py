"""What is chosen in Review's viewer, in the address: panes, zoom, opacity, colour limits and marks.

Only what differs from the default stands there. `pixel_threshold` belongs to the whole page (review/address.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from pages.ui.components.viewer_data import Box, View
from pages.ui.review import address

FLAGS = ("truth_outline", "prediction_outline", "judged", "peak")
DEFAULT = View(())


def in_address(thresholds: tuple[float, ...]) -> View:
    """The view of the address with these pixel thresholds; what is not of the right kind there is passed over."""
    found = {name: read(st.query_params[name]) for name, (read, _) in _FORMS.items() if name in st.query_params}
    raw = {field: value for fields in found.values() for field, value in fields.items()}
    return View(thresholds).reported(raw)


def keep(view: View) -> None:
    """Put this view into the address."""
    for name, (_, written) in _FORMS.items():
        text = written(view)
        if text == written(DEFAULT):
            address.forget(name)
        else:
            address.set_parameter(name, text)


def zoom_to(box: Box) -> None:
    """Show this part of the photo, (top, left, bottom, right) in its pixels."""
    address.set_parameter("zoom", ",".join(f"{value:.6g}" for value in box))


def _numbers(text: str) -> list[float] | None:
    try:
        return [float(part) for part in text.split(",")] if text else None
    except ValueError:
        return None


def _fields(name: str, value: Any) -> dict[str, Any]:
    return {} if value is None else {name: value}


def _opacity(text: str) -> dict[str, Any]:
    numbers = _numbers(text)
    return _fields("opacity", numbers and numbers[0] / 100)


def _limits(text: str) -> dict[str, Any]:
    pairs = [_numbers(part) for part in text.split(";")]
    return {"limits": [pair if pair and len(pair) == 2 else None for pair in pairs]}


def _written_limits(view: View) -> str:
    pairs = ["" if pair is None else f"{pair[0]:g},{pair[1]:g}" for pair in view.limits or ()]
    return ";".join(pairs).rstrip(";")


def _flags(text: str) -> dict[str, Any]:
    hidden = text.split(",")
    return {name: name not in hidden for name in FLAGS}


_FORMS: dict[str, tuple[Callable[[str], dict[str, Any]], Callable[[View], str]]] = {
    "panes": (lambda text: _fields("panes", text.split(",")), lambda view: ",".join(view.panes)),
    "zoom": (lambda text: _fields("box", _numbers(text)),
             lambda view: ",".join(f"{value:g}" for value in view.box or ())),
    "opacity": (_opacity, lambda view: f"{view.opacity * 100:.0f}"),
    "limits": (_limits, _written_limits),
    "hidden": (_flags, lambda view: ",".join(name for name in FLAGS if not getattr(view, name))),
}
