"""From an opened file to plain pixels: the common part of reading photos and masks.

Every failure is a DataError "<path>: <cause>".
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageFile

from patchcore_core.data.files.content import Remembered
from patchcore_core.data.files.depth import deep_values
from patchcore_core.data.files.image_files import cause_of, open_file, open_image, shown
from patchcore_core.data.files.orientation import TURNS, Shape, orientation_of, shape_of
from patchcore_core.errors import DataError

_SHAPES: Remembered[Shape] = Remembered()


def image_shape(path: Path | str) -> Shape:
    """Size and orientation of an image, read from the header (of a PNG, whose EXIF may follow the pixels, from all of
    it) unless this process has read it before."""
    with open_file(path) as file:
        return _SHAPES.of(file, str(path), lambda: shape_of(open_image(file, shown(path))))


def upright(image: Image.Image, name: str) -> Image.Image:
    """The image, not loaded yet, rotated upright by its EXIF orientation; DataError if broken."""
    return loaded(image, orientation_of(image) or 1 if image.format != "TIFF" else 1, name)


def loaded(image: Image.Image, turn: int, name: str) -> Image.Image:
    """The image with its pixels read and rotated by an EXIF orientation; DataError if broken."""
    try:
        image.load()
        return image if turn == 1 else image.transpose(TURNS[turn])
    except Exception as error:  # a decoder given a broken file may raise anything
        raise DataError(f"{name}: broken or truncated image ({cause_of(error)})") from error


def loaded_deep(image: ImageFile.ImageFile, file: BinaryIO, turn: int, name: str) -> np.ndarray:
    """As `depth.deep_values`, rotated by an EXIF orientation; DataError if broken."""
    try:
        return turned(deep_values(image, file, name), turn)
    except DataError:
        raise
    except Exception as error:  # a decoder given a broken file may raise anything
        raise DataError(f"{name}: broken or truncated image ({cause_of(error)})") from error


def turned(pixels: np.ndarray, turn: int) -> np.ndarray:
    """Pixels (H, W, ...) rotated by an EXIF orientation."""
    if turn >= 5:
        pixels = pixels.swapaxes(0, 1)
    rows, columns = turn in (3, 4, 7, 8), turn in (2, 3, 6, 7)
    return pixels[:: -1 if rows else 1, :: -1 if columns else 1]


def as_rgb(image: Image.Image, background: tuple[int, int, int], name: str) -> np.ndarray:
    """(H, W, 3) uint8, transparent pixels composited over the background."""
    if image.mode == "F":
        raise DataError(f"{name}: float pixels have no defined white level; save the image with 8 or 16 bits")
    try:
        return over(image.convert("RGBA"), background) if image.has_transparency_data else np.array(
            image.convert("RGB"))  # fmt: skip
    except ValueError as error:
        raise DataError(f"{name}: the colour mode {image.mode} cannot be shown as RGB") from error


def over(layer: Image.Image, background: tuple[int, int, int]) -> np.ndarray:
    """(H, W, 3) uint8: RGBA pixels composited over the background."""
    return np.array(Image.alpha_composite(Image.new("RGBA", layer.size, (*background, 255)), layer).convert("RGB"))
