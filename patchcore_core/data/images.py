"""Reading photos: any supported file becomes a plain RGB array.

Every failure is a DataError "<path>: <cause>".
"""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageFile, Jpeg2KImagePlugin, JpegImagePlugin

from patchcore_core.data.files.decoding import as_rgb, image_shape, loaded_deep, over, upright
from patchcore_core.data.files.depth import depth_of, is_deep, to_eight_bits
from patchcore_core.data.files.image_files import (
    EXTENSIONS,
    FORMATS,
    cause_of,
    open_file,
    open_image,
    refuse_if_too_large,
    shown,
)
from patchcore_core.data.files.orientation import orientation_of
from patchcore_core.data.masks import read_mask
from patchcore_core.errors import DataError

__all__ = ["EXTENSIONS", "FORMATS", "Header", "Photo", "header_of", "image_shape", "image_size", "plain_file",
           "read_image", "read_mask", "read_photo", "read_photo_bytes", "shown"]  # fmt: skip
MOST_REDUCED = 8  # reduction factors of the decoders


@dataclass(frozen=True)
class Photo:
    """`pixels` (H, W, 3) uint8 RGB, upright. `deep`: the file has more than 8 bits per value; `clipped`: some values
    were beyond the scale; `reduced`: it was read smaller, since memory was too small for all of it."""

    pixels: np.ndarray
    deep: bool = False
    clipped: bool = False
    reduced: bool = False


@dataclass(frozen=True)
class Header:
    """Width and height of a file as stored, and whether it holds `several` images, of which the first is read: an
    animation or a file of several pages, not the preview that cameras add."""

    width: int
    height: int
    several: bool


def read_image(path: Path | str, bits: int | None = None) -> np.ndarray:
    """The photo as (H, W, 3) uint8 RGB, upright (EXIF orientation applied).

    A photo of more than 8 bits per value is read on a scale of `bits` (8, 10, 12, 14 or 16) whose highest value becomes
    255; it is never stretched to its own range, so equal brightness gives equal grey levels in every photo; brighter
    pixels become 255. `TrainingSet.bits` and `Run.bits` give the scale of a model, on which all its photos must be
    read. None: the smallest depth that holds the photo's highest value. 8-bit photos are unchanged.

    Transparent pixels are composited over white. Of animations and multi-page files the first image is read. Float
    pixels are refused, since their white level is unknown; so are photos of more than 80 million pixels without enough
    memory.
    """
    return read_photo(path, bits).pixels


def read_photo(path: Path | str, bits: int | None = None, least: int | None = None) -> Photo:
    """As `read_image`, with depth information.

    least: without memory for the whole photo, a JPEG or JPEG 2000 may be read 2, 4 or 8 times smaller, with no side
    below this.
    """
    with open_file(path) as file:
        return _decode(file, shown(path), bits, least)


def read_photo_bytes(data: bytes, name: str, bits: int | None = None) -> Photo:
    """As `read_photo`, for a file in memory."""
    return _decode(io.BytesIO(data), shown(name), bits, None)


def header_of(data: bytes, name: str) -> Header:
    """What the header of a file in memory says, without decoding it; DataError where it is no image."""
    image = open_image(io.BytesIO(data), shown(name))
    try:
        several = image.format != "MPO" and bool(getattr(image, "is_animated", False))
    except Exception as error:  # a decoder given a broken file may raise anything
        raise DataError(f"{shown(name)}: broken image file ({cause_of(error)})") from error
    return Header(image.width, image.height, several)


def plain_file(path: Path | str) -> bytes | None:
    """The file itself, if any browser shows exactly the pixels of `read_image`; else None.

    That is JPEG, PNG and WebP with 8-bit grey or RGB, without transparency, rotation or colour profile.
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
    """(height, width) of the upright photo, from the header."""
    return image_shape(path).size


def _decode(file: BinaryIO, name: str, bits: int | None, least: int | None) -> Photo:
    image, reduced = open_image(file, name), False
    try:
        refuse_if_too_large(image.width, image.height, name)
    except DataError:
        reduced = least is not None and _reduce(image, least, name)
        if not reduced:
            raise
    if is_deep(image):
        return replace(_deep(image, file, name, bits), reduced=reduced)
    return Photo(as_rgb(upright(image, name), (255, 255, 255), name), reduced=reduced)


def _deep(image: ImageFile.ImageFile, file: BinaryIO, name: str, bits: int | None) -> Photo:
    """A photo of more than 8 bits, on a scale of this many bits."""
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
    """Make the decoder shrink the image 2, 4 or 8 times so that it fits into memory; return whether it can."""
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
