"""Ground truth: which pixels of a photo are defect."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from patchcore_core.data.depth import wide_values
from patchcore_core.data.image_files import open_file, open_image, shown
from patchcore_core.data.images import as_rgb, image_shape, upright
from patchcore_core.data.orientation import turn_of_mask
from patchcore_core.errors import DataError


def mask_trouble(photo: Path | str, mask: Path | str) -> str | None:
    """Why this file cannot be a mask of this photo, from the two headers; None where it can.

    A photo whose header cannot be read has no trouble with its mask: whoever reads it says what is wrong.
    """
    try:
        expected = image_shape(photo)
    except DataError:
        return None
    try:
        found = image_shape(mask)
    except DataError as error:
        return str(error)
    return None if turn_of_mask(expected, found) else _other_size(mask, found.size, expected.size)


def _other_size(mask: Path | str, found: tuple[int, int], expected: tuple[int, int]) -> str:
    return f"{shown(mask)}: the mask is {found[1]} x {found[0]} pixels, its image {expected[1]} x {expected[0]}"


def read_mask(paths: Sequence[Path | str], size: tuple[int, int]) -> np.ndarray:
    """The union of one or more mask files as (H, W) bool, True on the defect; `size` is the (height, width) of each."""
    return np.logical_or.reduce([_read(path, size) for path in paths])


def _read(path: Path | str, size: tuple[int, int]) -> np.ndarray:
    """One file as (H, W) bool.

    A pixel counts as defect above half of the format's range (127 of 255). A mask that has no such pixel
    holds labels (0/1, or class numbers), and there every non-zero pixel counts. Colours count by their
    brightest channel, transparent pixels as background.
    """
    with open_file(path) as file:
        name = shown(path)
        image = upright(open_image(file, name), name)
    if (image.height, image.width) != tuple(size):
        raise DataError(_other_size(path, (image.height, image.width), size))
    values = _mask_values(image, name)
    half = 32767 if values.dtype == np.uint16 else 127
    strong = values > half
    return strong if strong.any() else values > 0


def _mask_values(image: Image.Image, name: str) -> np.ndarray:
    if image.mode.startswith("I"):
        return wide_values(image, name)
    if image.mode == "L" and not image.has_transparency_data:
        return np.array(image)
    return as_rgb(image, (0, 0, 0), name).max(axis=2)
