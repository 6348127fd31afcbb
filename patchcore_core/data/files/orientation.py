"""The EXIF orientation of photos and masks.

A photo is rotated upright by its EXIF orientation. A mask with an orientation is rotated by its own. A mask without
one, for a rotated photo, was drawn either on the pixels as stored (as numpy, OpenCV's unchanged mode and many labelling
tools see them) and is rotated like its photo, or on the upright photo. Its size decides if the rotation is by 90
degrees and the photo is not square; otherwise the majority of the dataset's masks, or "as stored" if no size decides.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from PIL import Image

from patchcore_core.data.values import Drawn

TAG = 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """`height` and `width` of the upright image, pixels; `orientation`: its EXIF orientation, None without one."""

    height: int
    width: int
    orientation: int | None = None

    @property
    def turn(self) -> int:
        """The EXIF orientation to apply to the stored pixels: 1 = none."""
        return self.orientation or 1

    @property
    def size(self) -> tuple[int, int]:
        """(height, width), upright."""
        return self.height, self.width

    @property
    def stored(self) -> tuple[int, int]:
        """(height, width) of the stored pixels."""
        return _turned(self.size, self.turn)


def orientation_of(image: Image.Image) -> int | None:
    """The EXIF orientation (1 to 8) of an image that is not loaded yet; None without a valid one."""
    try:
        value = image.getexif().get(TAG)
    except Exception:  # a broken EXIF block does not affect the pixels
        return None
    return value if isinstance(value, int) and (value in TURNS or value == 1) else None


def shape_of(image: Image.Image) -> Shape:
    """The shape of an image that is not loaded yet."""
    found = orientation_of(image)
    size = (image.height, image.width)
    if image.format != "TIFF":  # of which Pillow already reports the upright size
        size = _turned(size, found or 1)
    return Shape(*size, found)


def turn_of_mask(photo: Shape, mask: Shape, drawn: Drawn = "stored") -> int | None:
    """The EXIF orientation to apply to a mask's stored pixels so that it fits the upright photo; None if none fits.

    `drawn`: what a mask without an orientation was drawn on, if its size does not decide.
    """
    ways = [photo.turn, 1] if drawn == "stored" else [1, photo.turn]
    if mask.orientation is not None:
        ways = [mask.turn, *ways]
    return next((way for way in ways if _turned(mask.stored, way) == photo.size), None)


def is_assumed(photo: Shape, mask: Shape) -> bool:
    """Whether neither file decides the orientation of the mask."""
    return (photo.turn != 1 and mask.orientation is None and mask.stored == photo.size
            and _turned(mask.stored, photo.turn) == photo.size)  # fmt: skip


def drawn_on(pairs: Iterable[tuple[Shape, Shape]]) -> tuple[Drawn, int]:
    """What the masks of rotated photos were drawn on, by those (photo, mask) pairs whose size decides, and their
    number.

    As stored if there are none, or in a tie.
    """
    told = [_turned(mask.stored, photo.turn) == photo.size for photo, mask in pairs
            if photo.turn >= 5 and mask.orientation is None and photo.height != photo.width]  # fmt: skip
    return ("upright" if 2 * sum(told) < len(told) else "stored"), len(told)


def _turned(size: tuple[int, int], turn: int) -> tuple[int, int]:
    return size[::-1] if turn >= 5 else size
