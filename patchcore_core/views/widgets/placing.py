"""Where an anomaly map lies on its photo."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from patchcore_core.data.transforms import Transform


@dataclass(frozen=True)
class Placing:
    """Where an (H, W) map lies on the photo.

    `rows` and `columns`: of the photo when resized; `top` and `left`: of the map within it; `seen`: (top, left,
    bottom, right) of the photo pixels whose centre the network saw, bottom and right exclusive.
    """

    rows: int
    columns: int
    top: int
    left: int
    seen: tuple[int, int, int, int]

    @classmethod
    def of(cls, transform: Transform, height: int, width: int) -> Placing:
        """That of this transform on a (height, width) photo; DataError where the photo is too narrow for it."""
        top, left, bottom, right = transform.box(height, width)
        rows, columns = _within(top, bottom, height), _within(left, right, width)
        return cls(*transform.grid(height, width), (rows[0], columns[0], rows[1], columns[1]))

    def peak(self, values: np.ndarray, height: int, width: int) -> tuple[float, float]:
        """Row and column on the (height, width) photo of the highest score of an (H, W) map."""
        return self.on_photo(highest(values), height, width)

    def on_photo(self, cell: tuple[int, int], height: int, width: int) -> tuple[float, float]:
        """Row and column on the (height, width) photo of the middle of a map's cell (row, column)."""
        down, across = self.top + cell[0] + 0.5, self.left + cell[1] + 0.5
        return down * height / self.rows - 0.5, across * width / self.columns - 0.5


def highest(values: np.ndarray) -> tuple[int, int]:
    """Row and column of the highest value of (H, W)."""
    row, column = np.unravel_index(int(values.argmax()), values.shape)
    return int(row), int(column)


def _within(start: float, end: float, length: int) -> tuple[int, int]:
    """First and one past the last pixel whose centre lies between start and end."""
    centres = np.arange(length) + 0.5
    inside = np.flatnonzero((centres >= start) & (centres <= end))
    return int(inside[0]), int(inside[-1]) + 1
