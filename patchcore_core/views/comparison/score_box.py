"""Boxes over the scores of two runs: as text in an address, and which images lie in them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

MOST = 20  # boxes of one address


@dataclass(frozen=True)
class Box:
    """Scores of one run from `left` to `right`, of the other one from `bottom` to `top`, ends included."""

    left: float
    right: float
    bottom: float
    top: float

    @property
    def text(self) -> str:
        """`left,right,bottom,top` with as many digits as a score (float32) has."""
        return ",".join(f"{value:.7g}" for value in (self.left, self.right, self.bottom, self.top))


def between(x: Sequence[float], y: Sequence[float]) -> Box:
    """The box of two opposite corners, in any order."""
    return Box(min(x), max(x), min(y), max(y))


def read_boxes(texts: Iterable[str]) -> list[Box]:
    """The boxes of `Box.text`, without what is no box."""
    found = []
    for text in texts:
        try:
            left, right, bottom, top = map(float, text.split(","))
        except ValueError:
            continue
        if all(map(math.isfinite, (left, right, bottom, top))):
            found.append(between((left, right), (bottom, top)))
    return found[:MOST]


def inside(boxes: Iterable[Box], scores: np.ndarray) -> np.ndarray:
    """(N,) bool: which of the scores (2, N) lie in one of the boxes."""
    x, y = scores
    found = np.zeros(len(x), bool)
    for box in boxes:
        found |= (box.left <= x) & (x <= box.right) & (box.bottom <= y) & (y <= box.top)
    return found
