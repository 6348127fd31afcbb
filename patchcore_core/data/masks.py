"""Ground truth: which pixels of a photo are defect."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from patchcore_core.data.depth import wide_values
from patchcore_core.data.image_files import open_file, open_image, shown
from patchcore_core.data.images import as_rgb, upright
from patchcore_core.errors import DataError


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
        raise DataError(f"{name}: the mask is {image.width} x {image.height} pixels, "
                        f"its image {size[1]} x {size[0]}")
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
