"""How the parts of a picture are written for the viewer, which reads them in views/web/viewer/content.js; those of a
report in views/web/report/unpack.js."""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

BYTES = "application/octet-stream"
FAST, TIGHT = 1, 6  # levels of zlib: for a server, and for a file


def media_type(photo: bytes) -> str:
    """The media type of an encoded photo: nothing that a browser would run."""
    if photo.startswith(b"\x89PNG"):
        return "image/png"
    return "image/webp" if photo[8:12] == b"WEBP" else "image/jpeg"


def packed_mask(mask: np.ndarray, level: int = FAST) -> bytes:
    """A mask (H, W) bool as a bit a pixel, row by row, compressed by zlib."""
    return zlib.compress(np.packbits(mask).tobytes(), level)


def packed_least(least: np.ndarray, level: int = FAST) -> bytes:
    """The least scores with which pixels are kept (H, W), as little-endian float32, compressed by zlib."""
    return zlib.compress(least.astype("<f4").tobytes(), level)


def packed_map(values: np.ndarray) -> tuple[bytes, bool]:
    """A map (H, W) as little-endian bytes, and whether they are float16: that where it loses nothing, else float32."""
    half = _as_half(values)
    return (values.astype("<f4") if half is None else half).tobytes(), half is not None


def small_map(values: np.ndarray) -> tuple[bytes, bool]:
    """A map (H, W), and whether as float16, where that loses nothing: the second differences of its bits along rows and
    columns, their signs folded, low bytes before high ones, deflated; an eighth of the map's size. Other maps as
    float32, deflated alone."""
    half = _as_half(values)
    if half is None:
        return zlib.compress(values.astype("<f4").tobytes(), TIGHT), False
    bits = np.ascontiguousarray(half).view(np.uint16)
    across = np.diff(bits, axis=1, prepend=np.uint16(0))  # differences wrap around, and so do their sums
    both = np.diff(across, axis=0, prepend=np.uint16(0)).astype(np.int16)
    folded = ((both.astype(np.int32) << 1) ^ (both.astype(np.int32) >> 15)).astype(np.uint16)
    planes = (folded & 255).astype(np.uint8).tobytes() + (folded >> 8).astype(np.uint8).tobytes()
    return zlib.compress(planes, TIGHT), True


def _as_half(values: np.ndarray) -> NDArray[np.float16] | None:
    """As little-endian float16; None where that loses something."""
    with np.errstate(over="ignore"):
        half = values.astype("<f2")
    return half if np.array_equal(half.astype(np.float32), values.astype(np.float32)) else None
