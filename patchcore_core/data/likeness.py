"""Thumbnails of photos for detecting near-duplicates (near_copies.py).

Patch features do not serve for it: they respond to the sharpness that JPEG compression changes. A small grey picture
does not, so a copy is much nearer to its photo than any other photo of the same kind.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

SIDE = 64  # side of the thumbnail, pixels
REDUCED = 8  # a large photo is first reduced to this many pixels per cell


def small_picture(rgb: np.ndarray) -> np.ndarray:
    """A photo (H, W, 3) uint8 as (4096,) float16: its mean grey levels, 0 to 255, in 64 x 64 cells."""
    grey = Image.fromarray(rgb).convert("L")
    if (factor := min(grey.size) // (REDUCED * SIDE)) > 1:  # avoids a float per pixel of a large photo
        grey = grey.reduce(factor)
    return np.asarray(grey.convert("F").resize((SIDE, SIDE), Image.Resampling.BOX), dtype=np.float16).ravel()


def no_pictures() -> np.ndarray:
    """The empty array of thumbnails, (0, 4096)."""
    return np.empty((0, SIDE**2), np.float16)
