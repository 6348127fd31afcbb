"""Recognising nearly the same photo: saved again, made smaller or brighter, or the next frame of a video.

Patch features are the wrong measure for it: they see the sharpness that saving as JPEG changes. A small grey picture
does not, so a copy of a photo lies much nearer to it than any other photo of the same kind.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

SIDE = 32  # pixels of the small picture


def small_picture(rgb: np.ndarray) -> np.ndarray:
    """A photo (H, W, 3) uint8 as (1024,) float32: its mean grey in 32 x 32 fields, with mean 0 and length 1.

    A photo of one colour gives zeros.
    """
    grey = Image.fromarray(rgb).convert("L").resize((SIDE, SIDE), Image.Resampling.BOX)
    values = np.asarray(grey, dtype=np.float32).ravel()
    values = values - values.mean()
    length = np.linalg.norm(values)
    return values / length if length > 0 else values


def distance_to_nearest(pictures: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Euclidean distance of each small picture (n, 1024) to the nearest other one (m, 1024): (n,), NaN for m = 0."""
    if not len(others):
        return np.full(len(pictures), np.nan)
    return _apart(pictures, others).min(axis=1)


def distance_among(pictures: np.ndarray) -> np.ndarray:
    """Distance of each small picture (n, 1024) to the nearest of the rest: (n,), NaN for one alone."""
    if len(pictures) < 2:
        return np.full(len(pictures), np.nan)
    apart = _apart(pictures, pictures)
    np.fill_diagonal(apart, np.inf)
    return apart.min(axis=1)


def _apart(pictures: np.ndarray, others: np.ndarray) -> np.ndarray:
    """All distances (n, m), exactly 0 between equal pictures."""
    one, other = pictures.astype(np.float64), others.astype(np.float64)
    squares = (one**2).sum(axis=1)[:, None] + (other**2).sum(axis=1) - 2 * one @ other.T
    return np.sqrt(np.where(squares < 1e-12, 0.0, squares))
