"""Layout of very wide or very high pictures: how many in a row, and how wide."""

from __future__ import annotations

from typing import Literal

WIDE = 4.0  # aspect ratio from which pictures are stacked
HIGHEST = 700  # pixels of the screen


def columns_for(size: tuple[int, int], columns: int, narrowest: int) -> tuple[int, int]:
    """Number of columns and their least width for pictures of (height, width); the arguments unless they are wide."""
    return (1, narrowest) if size[1] >= WIDE * size[0] else (columns, narrowest)


def width_of(size: tuple[int, int], narrowest: int) -> int | Literal["stretch"]:
    """The width of a picture on the screen: "stretch", or fewer pixels if it would be higher than `HIGHEST`."""
    height, width = size
    return "stretch" if height * narrowest <= HIGHEST * width else max(1, HIGHEST * width // height)
