"""Arrays for the browser: exact, compact, and with NaN, which JSON lacks."""

from __future__ import annotations

import base64

import numpy as np
from numpy.typing import ArrayLike


def packed(values: ArrayLike) -> dict[str, str]:
    """Numbers (N,) as {"type": "f4" | "f8", "base64"}: little-endian floats, 4 bytes each where that loses nothing."""
    exact = np.asarray(values, dtype=np.float64).ravel()
    with np.errstate(over="ignore"):
        short = exact.astype(np.float32)
    lossless = np.array_equal(short.astype(np.float64), exact, equal_nan=True)
    kind, numbers = ("f4", short.astype("<f4")) if lossless else ("f8", exact.astype("<f8"))
    return {"type": kind, "base64": base64.b64encode(numbers.tobytes()).decode("ascii")}


def unpacked(data: dict[str, str]) -> np.ndarray:
    """The inverse of `packed`: float64 (N,)."""
    return np.frombuffer(base64.b64decode(data["base64"]), dtype=f"<{data['type']}").astype(np.float64)
