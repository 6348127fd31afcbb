"""Uploads of Inspect, and one that is scored."""

from __future__ import annotations

import io
import struct
import zlib
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


def header_of_png(width: int, height: int) -> bytes:
    """A PNG that says it has so many pixels, and holds next to none."""
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = (b"IHDR", head), (b"IDAT", zlib.compress(b"")), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(kind, data) for kind, data in parts)


def hotter_further_down() -> Item:
    name, data, _ = photo(200, size=(70, 50), name="my part.png")
    upload = inspect_input.upload(name, data)
    anomaly_map = np.add.outer(np.arange(SIDE), np.zeros(SIDE)).astype(np.float32)
    return Item.of(upload, Scored("", 50, 70, 9.0, anomaly_map, anomaly_map, None))
