"""How the parts of a picture are written for the viewer, which reads them in views/web/viewer/content.js."""

from __future__ import annotations

import zlib

import numpy as np

BYTES = "application/octet-stream"


def media_type(photo: bytes) -> str:
    """The media type of an encoded photo: nothing that a browser would run."""
    if photo.startswith(b"\x89PNG"):
        return "image/png"
    return "image/webp" if photo[8:12] == b"WEBP" else "image/jpeg"


def packed_mask(mask: np.ndarray) -> bytes:
    """A mask (H, W) bool as a bit a pixel, row by row, compressed by zlib."""
    return zlib.compress(np.packbits(mask).tobytes(), level=1)


def packed_least(least: np.ndarray) -> bytes:
    """The least scores with which pixels are kept (H, W), as little-endian float32, compressed by zlib."""
    return zlib.compress(least.astype("<f4").tobytes(), level=1)


def packed_map(values: np.ndarray) -> tuple[bytes, bool]:
    """A map (H, W) as little-endian bytes, and whether they are float16: that where it loses nothing, else float32."""
    with np.errstate(over="ignore"):
        half = values.astype("<f2")
    exact = bool(np.array_equal(half.astype(np.float32), values.astype(np.float32)))
    return (half if exact else values.astype("<f4")).tobytes(), exact
