"""Pictures that are far wider than high, or far higher than wide: how many stand in a row, and how wide each is."""

from __future__ import annotations

from typing import Literal

WIDE = 4.0  # times as wide as high, from which pictures stand below one another
HIGHEST = 700  # pixels of the screen


def columns_for(size: tuple[int, int], columns: int, narrowest: int) -> tuple[int, int]:
    """Columns and their least width for pictures of (height, width), where others have `columns` and `narrowest`."""
    return (1, narrowest) if size[1] >= WIDE * size[0] else (columns, narrowest)


def width_of(size: tuple[int, int], narrowest: int) -> int | Literal["stretch"]:
    """The width of such a picture in pixels of the screen: all there is, unless it then were too high to be seen
    whole."""
    height, width = size
    return "stretch" if height * narrowest <= HIGHEST * width else max(1, HIGHEST * width // height)
