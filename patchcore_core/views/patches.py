"""The position of a patch on a photo, and its close-up."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from patchcore_core.views.colours import COLOURS

Box = tuple[float, float, float, float]  # top, left, bottom, right in pixels of the photo
RGB = NDArray[np.uint8]


def hottest_patches(patch_scores: NDArray[np.float32], count: int = 1, apart: int = 3) -> list[tuple[int, int]]:
    """Rows and columns of the highest (h, w) patch scores, in descending order, each at least `apart` cells (in rows or
    columns) from the previous ones; fewer than `count` if the grid has no room."""
    left = np.array(patch_scores, dtype=np.float64)
    found: list[tuple[int, int]] = []
    while len(found) < count and np.isfinite(left).any():
        row, column = (int(place) for place in np.unravel_index(int(np.nanargmax(left)), left.shape))
        found.append((row, column))
        left[max(row - apart + 1, 0):row + apart, max(column - apart + 1, 0):column + apart] = np.nan
    return found


def patch_box(seen: Box, grid: tuple[int, int], row: int, column: int, cells: int = 1) -> Box:
    """The square of `cells` x `cells` grid cells around a patch, in pixels of the photo.

    `seen`: the part of the photo inside the network input (`Transform.box`); `grid`: the (h, w) of the patches. The box
    may extend beyond `seen` at its edges, as the patch's neighbourhood does.
    """
    top, left, bottom, right = seen
    high, wide = (bottom - top) / grid[0], (right - left) / grid[1]
    reach = cells / 2
    middle = top + (row + 0.5) * high, left + (column + 0.5) * wide
    return middle[0] - reach * high, middle[1] - reach * wide, middle[0] + reach * high, middle[1] + reach * wide


def close_up(photo: RGB, box: Box, context: float = 3.0, size: int = 192, colour: str = COLOURS["truth"]) -> RGB:
    """A (size, size, 3) cut-out of the photo around the box, which is outlined in it.

    The cut-out is a square `context` times the box's longer side, moved inside the photo where it would reach
    over its edge and shrunk to the photo's shorter side where it is larger.
    """
    height, width = photo.shape[:2]
    top, left, bottom, right = box
    side = min(max(bottom - top, right - left) * context, height, width)
    y = _inside((top + bottom) / 2 - side / 2, height - side)
    x = _inside((left + right) / 2 - side / 2, width - side)
    view = Image.fromarray(photo).resize((size, size), Image.Resampling.BICUBIC, box=(x, y, x + side, y + side))
    scale = size / side
    corners = [_inside((value - origin) * scale, size - 1.0)
               for value, origin in ((left, x), (top, y), (right, x), (bottom, y))]
    ImageDraw.Draw(view).rectangle(corners, outline=colour, width=max(2, size // 96))
    return np.asarray(view)


def _inside(value: float, largest: float) -> float:
    return min(max(value, 0.0), largest)
