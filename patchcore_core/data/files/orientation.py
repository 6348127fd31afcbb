"""Which way up: the EXIF orientation of photos and masks, by one rule for both.

A photo is turned upright by its EXIF orientation. A mask that carries an orientation is turned by its own. One that
carries none while its photo is turned was drawn either on the pixels as they are stored, as numpy, OpenCV's unchanged
mode and many labelling tools see them, and has to be turned as its photo is, or on the upright photo. Its size tells
which where the photo is turned by a quarter and is not square; otherwise what most sizes in the data set tell, and
where none tells, as stored is assumed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from PIL import Image

Drawn = Literal["stored", "upright"]
TAG = 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """`height` and `width` of the upright image, pixels; `orientation` is that of its EXIF, None where it has none."""

    height: int
    width: int
    orientation: int | None = None

    @property
    def turn(self) -> int:
        """How its stored pixels are turned, an EXIF orientation: 1 = not at all."""
        return self.orientation or 1

    @property
    def size(self) -> tuple[int, int]:
        """(height, width), upright."""
        return self.height, self.width

    @property
    def stored(self) -> tuple[int, int]:
        """(height, width) of the pixels as they lie in the file."""
        return _turned(self.size, self.turn)


def orientation_of(image: Image.Image) -> int | None:
    """The EXIF orientation (1 to 8) of an image whose pixels are not loaded yet; None where it has none that is one."""
    try:
        value = image.getexif().get(TAG)
    except Exception:  # a broken EXIF block does not spoil the pixels
        return None
    return value if isinstance(value, int) and (value in TURNS or value == 1) else None


def shape_of(image: Image.Image) -> Shape:
    """The shape of an image whose pixels are not loaded yet."""
    found = orientation_of(image)
    size = (image.height, image.width)
    if image.format != "TIFF":  # of which Pillow already reports the upright size
        size = _turned(size, found or 1)
    return Shape(*size, found)


def turn_of_mask(photo: Shape, mask: Shape, drawn: Drawn = "stored") -> int | None:
    """How a mask's stored pixels are turned to lie on the upright photo, an EXIF orientation; None where none fits.

    `drawn`: on what a mask without an orientation was drawn where its size does not tell.
    """
    ways = [photo.turn, 1] if drawn == "stored" else [1, photo.turn]
    if mask.orientation is not None:
        ways = [mask.turn, *ways]
    return next((way for way in ways if _turned(mask.stored, way) == photo.size), None)


def is_assumed(photo: Shape, mask: Shape) -> bool:
    """Whether the mask may lie on the photo in two ways, and nothing in the two files tells which."""
    return (photo.turn != 1 and mask.orientation is None and mask.stored == photo.size
            and _turned(mask.stored, photo.turn) == photo.size)  # fmt: skip


def drawn_on(pairs: Iterable[tuple[Shape, Shape]]) -> tuple[Drawn, int]:
    """On what the masks of turned photos were drawn by those (photo, mask) whose size tells, and how many these are.

    As stored where none tells, or as many tell one as the other.
    """
    told = [_turned(mask.stored, photo.turn) == photo.size for photo, mask in pairs
            if photo.turn >= 5 and mask.orientation is None and photo.height != photo.width]  # fmt: skip
    return ("upright" if 2 * sum(told) < len(told) else "stored"), len(told)


def _turned(size: tuple[int, int], turn: int) -> tuple[int, int]:
    return size[::-1] if turn >= 5 else size
