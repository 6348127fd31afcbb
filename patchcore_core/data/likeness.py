"""Recognising nearly the same photo: saved again, made smaller or brighter, or the next frame of a video.

Patch features are the wrong measure for it: they see the sharpness that saving as JPEG changes. A small grey picture
does not, so a copy of a photo lies much nearer to it than any other photo of the same kind.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

SIDE = 32  # pixels of the small picture
ROWS = 256  # pictures whose distances are in memory at a time


def small_picture(rgb: np.ndarray) -> np.ndarray:
    """A photo (H, W, 3) uint8 as (1024,) float32: its mean grey in 32 x 32 fields, with mean 0 and length 1.

    A photo of one colour gives zeros.
    """
    grey = Image.fromarray(rgb).convert("L").resize((SIDE, SIDE), Image.Resampling.BOX)
    values = np.asarray(grey, dtype=np.float32).ravel()
    values = values - values.mean()
    length = np.linalg.norm(values)
    return values / length if length > 0 else values


def no_pictures() -> np.ndarray:
    """None yet, (0, 1024)."""
    return np.empty((0, SIDE**2), np.float32)


def nearest(pictures: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each small picture (n, 1024) the Euclidean distance (n,) to the nearest of m other ones (m, 1024), and which
    that is (n,); NaN and -1 for m = 0."""
    if not len(others):
        return np.full(len(pictures), np.nan), np.full(len(pictures), -1)
    distances, places = np.empty(len(pictures)), np.empty(len(pictures), np.int64)
    for rows in _blocks(len(pictures)):
        apart = _apart(pictures[rows], others)
        distances[rows], places[rows] = apart.min(axis=1), apart.argmin(axis=1)
    return distances, places


def distance_among(pictures: np.ndarray) -> np.ndarray:
    """Distance of each small picture (n, 1024) to the nearest of the rest: (n,), NaN for one alone."""
    if len(pictures) < 2:
        return np.full(len(pictures), np.nan)
    nearest = np.empty(len(pictures))
    for rows in _blocks(len(pictures)):
        apart = _apart(pictures[rows], pictures)
        apart[np.arange(len(apart)), np.arange(rows.start, rows.start + len(apart))] = np.inf  # itself
        nearest[rows] = apart.min(axis=1)
    return nearest


def _blocks(count: int) -> list[slice]:
    """At least one, so that there is a block of none for no pictures."""
    return [slice(first, first + ROWS) for first in range(0, max(count, 1), ROWS)]


def _apart(pictures: np.ndarray, others: np.ndarray) -> np.ndarray:
    """All distances (n, m), exactly 0 between equal pictures."""
    one, other = pictures.astype(np.float64), others.astype(np.float64)
    squares = (one**2).sum(axis=1)[:, None] + (other**2).sum(axis=1) - 2 * one @ other.T
    return np.sqrt(np.where(squares < 1e-12, 0.0, squares))
