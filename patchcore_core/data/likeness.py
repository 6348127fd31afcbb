"""Small grey pictures of photos, by which nearly the same photo is recognised (near_copies.py).

Patch features are the wrong measure for it: they see the sharpness that saving as JPEG changes. A small grey picture
does not, so a copy of a photo lies much nearer to it than any other photo of the same kind.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

SIDE = 64  # pixels of the small picture
REDUCED = 8  # times so many pixels are left of a large photo before its fields are averaged


def small_picture(rgb: np.ndarray) -> np.ndarray:
    """A photo (H, W, 3) uint8 as (4096,) float16: its mean grey levels, 0 to 255, in 64 x 64 fields."""
    grey = Image.fromarray(rgb).convert("L")
    if (factor := min(grey.size) // (REDUCED * SIDE)) > 1:  # a large photo needs no float for each of its pixels
        grey = grey.reduce(factor)
    return np.asarray(grey.convert("F").resize((SIDE, SIDE), Image.Resampling.BOX), dtype=np.float16).ravel()


def no_pictures() -> np.ndarray:
    """None yet, (0, 4096)."""
    return np.empty((0, SIDE**2), np.float16)
