"""One height and width for all photos of a run, near the proportions that most of its training photos have."""

from __future__ import annotations

import math
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from patchcore_core.config import MAX_SIDE
from patchcore_core.data.files.decoding import image_shape
from patchcore_core.errors import DataError

READERS = 4
LESS = 0.25  # share by which a shape in common must lessen the stretching of the training photos
FAR = 1.15  # times that two proportions differ from which on a photo is called far from a run's shape

Size = tuple[int, int]  # (height, width), pixels


def pixels_of(size: Size) -> str:
    """`320 pixels` for a square, else `512 x 208 pixels`: height, then width."""
    height, width = size
    return f"{height} pixels" if height == width else f"{height} x {width} pixels"


def aspects_of(paths: Iterable[Path | str]) -> np.ndarray:
    """Width by height of each upright photo, (N,) float64, from the headers alone; NaN where one cannot be read."""
    with ThreadPoolExecutor(READERS) as readers:
        return np.array(list(readers.map(_aspect, paths)), dtype=np.float64)


def median_aspect(aspects: np.ndarray) -> float | None:
    """The median of proportions (N,), of two in the middle the geometric mean; None where none is known."""
    known = aspects[np.isfinite(aspects)]
    return float(np.exp(np.median(np.log(known)))) if len(known) else None


def common_aspect(aspects: np.ndarray) -> float | None:
    """The proportions to keep for photos of these (N,): their median; None where they have none in common.

    That is where the median would lessen their stretching, the mean of |log(width by height)|, by less than a quarter
    against a square, as with photos that are tall and wide alike: a square then treats both the same.
    """
    median = median_aspect(aspects)
    if median is None:
        return None
    stretched = np.log(aspects[np.isfinite(aspects)])
    left = np.abs(stretched - math.log(median)).mean()
    return median if left <= (1 - LESS) * np.abs(stretched).mean() else None


def in_proportion(side: int, aspect: float, step: int, least: int) -> Size:
    """(height, width) of about `side`^2 pixels whose width is `aspect` times the height, both multiples of `step`.

    Each is rounded by itself, which makes the error of proportions and of pixels together smallest. Where both are
    within a step of `side`, the answer is the square itself. No side is above MAX_SIDE or below `least` (a multiple of
    `step`): a strip too long for that is as long as fits, one too thin is made thicker and shorter.
    """
    height, width = side / math.sqrt(aspect), side * math.sqrt(aspect)
    if abs(height - side) < step and abs(width - side) < step:
        return side, side
    ratio = max(aspect, 1 / aspect)
    longer = min(max(height, width), MAX_SIDE // step * step)
    shorter = max(least, _nearest(longer / ratio, step))
    if longer / ratio < least:
        longer = min(longer, side * side / least)
    longer = max(shorter, _nearest(longer, step))
    return (longer, shorter) if height > width else (shorter, longer)


def are_far(aspects: np.ndarray, from_aspect: float) -> np.ndarray:
    """Which proportions (N,) differ from this one by more than 15 %; none of those that are not known."""
    with np.errstate(invalid="ignore"):
        return np.abs(np.log(aspects / from_aspect)) > math.log(FAR)


def _aspect(path: Path | str) -> float:
    try:
        height, width = image_shape(path).size
    except (DataError, OSError):
        return math.nan
    return width / height if height and width else math.nan


def _nearest(length: float, step: int) -> int:
    return round(length / step) * step
