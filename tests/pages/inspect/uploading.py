"""Uploads of Inspect, and one that is scored."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
from PIL import Image

from pages.ui.inspect import input as inspect_input
from pages.ui.inspect.scores import Item, Scored
from patchcore_core.runs.store import Run

SIDE, GRID = 32, 8
MakeRun = Callable[..., Run]
Upload = tuple[str, bytes, str]


def photo(grey: int, size: tuple[int, int] = (40, 24), mode: str = "RGB", name: str = "part.png") -> Upload:
    """An upload of one grey; the pretended bank scores it by how far the grey is from black."""
    out = io.BytesIO()
    Image.new("L", size, grey).convert(mode).save(out, "JPEG" if mode == "CMYK" else "PNG")
    return name, out.getvalue(), "image/png"


def hotter_further_down() -> Item:
    name, data, _ = photo(200, size=(70, 50), name="my part.png")
    upload = inspect_input.upload(name, data)
    anomaly_map = np.add.outer(np.arange(SIDE), np.zeros(SIDE)).astype(np.float32)
    return Item(upload, Scored("", 50, 70, 9.0, anomaly_map, anomaly_map, anomaly_map, anomaly_map))
