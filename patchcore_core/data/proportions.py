"""One input size for all photos of a run, near the aspect ratio of most training photos."""

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
LESS = 0.25  # least reduction of the stretching for a common shape
FAR = 1.15  # ratio of aspect ratios from which a photo is far from a run's shape

Size = tuple[int, int]  # (height, width), pixels


def pixels_of(size: Size) -> str:
    """`320 pixels` for a square, else `512 x 208 pixels`: height x width."""
    height, width = size
    return f"{height} pixels" if height == width else f"{height} x {width} pixels"


def aspects_of(paths: Iterable[Path | str]) -> np.ndarray:
    """Width / height of each upright photo, (N,) float64, from the headers; NaN if unreadable."""
    with ThreadPoolExecutor(READERS) as readers:
        return np.array(list(readers.map(_aspect, paths)), dtype=np.float64)


def median_aspect(aspects: np.ndarray) -> float | None:
    """The median of aspect ratios (N,), geometric mean of the two in the middle; None if none is known."""
    known = aspects[np.isfinite(aspects)]
    return float(np.exp(np.median(np.log(known)))) if len(known) else None


def common_aspect(aspects: np.ndarray) -> float | None:
    """The aspect ratio to keep for photos with these (N,): their median; None if they have none in common.

    None if the median reduces their stretching, the mean of |log(width / height)|, by less than a quarter compared with
    a square, as for a mix of tall and wide photos: a square then treats both alike.
    """
    median = median_aspect(aspects)
    if median is None:
        return None
    stretched = np.log(aspects[np.isfinite(aspects)])
    left = np.abs(stretched - math.log(median)).mean()
    return median if left <= (1 - LESS) * np.abs(stretched).mean() else None


def in_proportion(side: int, aspect: float, step: int, least: int) -> Size:
    """(height, width) with about `side`^2 pixels and width = `aspect` * height, both multiples of `step`.

    Each is rounded separately, which minimises the error of aspect ratio and size. If both are within a step of `side`,
    the result is the square itself. No side exceeds MAX_SIDE or is below `least` (a multiple of `step`): a strip that
    is too long is shortened, one that is too thin is made thicker and shorter.
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
    """Which aspect ratios (N,) differ from this one by more than 15 %; False for unknown ones."""
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
