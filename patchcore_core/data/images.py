"""Reading pixels: whatever kind of file a camera or a colleague sends becomes the same plain array.

Every failure is a DataError "<path>: <cause>".
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageFile, Jpeg2KImagePlugin, JpegImagePlugin

from patchcore_core.data.files.decoding import as_rgb, image_shape, loaded_deep, over, upright
from patchcore_core.data.files.depth import depth_of, is_deep, to_eight_bits
from patchcore_core.data.files.image_files import (
    EXTENSIONS,
    FORMATS,
    image_kind,
    open_file,
    open_image,
    refuse_if_too_large,
    shown,
)
from patchcore_core.data.files.orientation import orientation_of
from patchcore_core.data.masks import read_mask
from patchcore_core.errors import DataError

__all__ = ["EXTENSIONS", "FORMATS", "Photo", "image_kind", "image_shape", "image_size", "plain_file", "read_image",
           "read_image_bytes", "read_mask", "read_photo", "read_photo_bytes", "shown"]  # fmt: skip
MOST_REDUCED = 8  # times that a decoder may make a photo smaller


@dataclass(frozen=True)
class Photo:
    """`pixels` (H, W, 3) uint8 RGB, upright. `deep`: the file has more than 8 bits for each value; `clipped`: some
    values were beyond the scale that they were read on."""

    pixels: np.ndarray
    deep: bool = False
    clipped: bool = False


def read_image(path: Path | str, bits: int | None = None) -> np.ndarray:
    """The photo as (H, W, 3) uint8 RGB, upright (EXIF rotation applied).

    A photo of more than 8 bits for each value is read on a scale of so many `bits` (8, 10, 12, 14 or 16), whose highest
    value becomes 255, never stretched to its own range, so that the same brightness stays the same grey in every photo;
    brighter pixels become 255. `TrainingSet.bits` and `Run.bits` say on which scale a model was fitted, which every
    photo for it must be read on. None: the fewest bits that hold the photo's own highest value. Photos of 8 bits are
    always as they are.

    Transparent pixels are laid over white. Of an animation or a file of several pages the first is read. Float pixels
    are refused: they have no known white. So is a photo of more than 80 million pixels for which there is no memory.
    """
    return read_photo(path, bits).pixels


def read_photo(path: Path | str, bits: int | None = None, least: int | None = None) -> Photo:
    """The same, with what is known of it.

    least: where there is no memory for the whole photo, a JPEG or JPEG 2000 may come 2, 4 or 8 times smaller, but with
    no side below this.
    """
    with open_file(path) as file:
        return _decode(file, shown(path), bits, least)


def read_image_bytes(data: bytes, name: str, bits: int | None = None) -> np.ndarray:
    """As `read_image`, of a file held in memory, such as an upload; `name` only appears in errors."""
    return read_photo_bytes(data, name, bits).pixels


def read_photo_bytes(data: bytes, name: str, bits: int | None = None) -> Photo:
    """The same, with what is known of it."""
    return _decode(io.BytesIO(data), shown(name), bits, None)


def plain_file(path: Path | str) -> bytes | None:
    """The file itself, where any browser shows the very pixels that `read_image` gives; None where it may not.

    These are JPEG, PNG and WebP of 8-bit grey or RGB without transparency, rotation or colour profile.
    """
    with open_file(path) as file:
        image = open_image(file, shown(path))
        plain = (image.format in ("JPEG", "PNG", "WEBP") and image.mode in ("L", "RGB") and not is_deep(image)
                 and orientation_of(image) in (None, 1)
                 and not {"icc_profile", "transparency", "gamma"} & set(image.info))
        if not plain or getattr(image, "is_animated", False):
            return None
        file.seek(0)
        return file.read()


def image_size(path: Path | str) -> tuple[int, int]:
    """(height, width) of the upright photo, read from the header without decoding any pixel."""
    return image_shape(path).size


def _decode(file: BinaryIO, name: str, bits: int | None, least: int | None) -> Photo:
    image = open_image(file, name)
    try:
        refuse_if_too_large(image.width, image.height, name)
    except DataError:
        if least is None or not _reduce(image, least, name):
            raise
    if is_deep(image):
        return _deep(image, file, name, bits)
    return Photo(as_rgb(upright(image, name), (255, 255, 255), name))


def _deep(image: ImageFile.ImageFile, file: BinaryIO, name: str, bits: int | None) -> Photo:
    """A photo of more than 8 bits on the scale of so many bits."""
    turn = 1 if image.format == "TIFF" else orientation_of(image) or 1
    values = loaded_deep(image, file, turn, name)
    light = values[..., : 3 if values.shape[-1] > 2 else 1] if values.ndim == 3 else values
    highest = int(light.max())
    bits = bits or depth_of(highest)
    pixels = to_eight_bits(light, bits)
    if pixels.ndim == 2 or pixels.shape[2] == 1:
        pixels = np.repeat(pixels.reshape(*pixels.shape[:2], 1), 3, axis=2)
    if values.ndim == 3 and values.shape[2] in (2, 4):
        opacity = to_eight_bits(values[..., -1:], depth_of(int(values[..., -1].max())))
        pixels = over(Image.fromarray(np.concatenate([pixels, opacity], axis=2)), (255, 255, 255))
    return Photo(pixels, True, highest >= 1 << bits)


def _reduce(image: ImageFile.ImageFile, least: int, name: str) -> bool:
    """Have the decoder make the image 2, 4 or 8 times smaller, so that it fits into memory; whether it can."""
    kinds = (JpegImagePlugin.JpegImageFile, Jpeg2KImagePlugin.Jpeg2KImageFile)
    times, (width, height) = 2, image.size
    while isinstance(image, kinds) and times <= MOST_REDUCED and min(width, height) // times >= least:
        try:
            refuse_if_too_large(width // times, height // times, name)
        except DataError:
            times *= 2
            continue
        if isinstance(image, Jpeg2KImagePlugin.Jpeg2KImageFile):
            image.reduce = times.bit_length() - 1
        else:
            image.draft(None, (width // times, height // times))
        return True
    return False
