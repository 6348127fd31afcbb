"""Photos, maps and predicted segmentations of a run's test images, small enough for a screen or a file.

Every picture is drawn anew, so no file carries what stands in the header of a photo: places, cameras, names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from patchcore_core.data.files.orientation import Shape
from patchcore_core.data.images import read_photo_bytes, shown
from patchcore_core.data.mask_set import as_rule
from patchcore_core.data.masks import Truth, read_truth
from patchcore_core.errors import DataError, MapsDroppedError
from patchcore_core.exports.pictures import Pictures
from patchcore_core.exports.present.presented import Presented
from patchcore_core.runs.contents import CHANGED, state_of
from patchcore_core.runs.files import cause
from patchcore_core.runs.map_summaries import ReadTruth
from patchcore_core.views.overlay import draw_outlines

RGB = NDArray[np.uint8]
GONE = "The photo is gone or has changed since the run."
NO_MAP = "The anomaly maps of this run were removed to save disk."


def read_file(path: Path) -> bytes:
    """The bytes of a file; DataError, with the path, where it cannot be read."""
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise DataError(f"{shown(path)}: cannot be read: {cause(error)}") from error


@dataclass(frozen=True)
class Reads:
    """How files are read: `file` gives the bytes of a photo, `truth` reads masks; DataError where they may not."""

    file: Callable[[Path], bytes] = read_file
    truth: ReadTruth = read_truth


@dataclass(frozen=True, eq=False)
class Photo:
    """One test image at a size for screens: photo (H, W, 3), its scores (H, W), what is predicted and what is true
    (H, W) bool or None where it is unknown."""

    pixels: RGB
    pictures: Pictures
    truth: NDArray[np.bool_] | None

    @property
    def overlay(self) -> RGB:
        """The anomaly map on the photo."""
        return self.pictures.drawn("overlay")

    @property
    def marks(self) -> bool:
        """Whether any pixel is predicted defective."""
        return bool(self.pictures.mask is not None and self.pictures.mask.any())

    @property
    def outlined(self) -> RGB:
        """The photo with the outlines of the predicted segmentation and of the ground truth."""
        return draw_outlines(self.pixels, self.truth, self.pictures.mask)


def photo_as_scored(one: Presented, row: int, reads: Reads) -> RGB:
    """The photo (H, W, 3) uint8 at its own size; DataError, without a path, if it is not the one that was scored."""
    record = one.images.iloc[row]
    try:
        content = reads.file(Path(record["path"]))
        pixels = read_photo_bytes(content, record["path"], one.run.bits).pixels
    except DataError as error:
        raise DataError(GONE) from error
    same = hashlib.sha256(content).hexdigest() == record["sha256"] if record["sha256"] else \
        pixels.shape[:2] == (record["height"], record["width"])
    if not same:
        raise DataError(GONE)
    return pixels


def photo_of(one: Presented, row: int, side: int, reads: Reads) -> Photo:
    """The test image in this row, its longer side at most `side` pixels; DataError as `photo_as_scored`."""
    record, large = one.images.iloc[row], photo_as_scored(one, row, reads)
    pixels = shrunk(large, side)
    try:
        scores = np.asarray(one.store.anomaly_maps(one.run)[record["map_index"]], np.float32)
    except MapsDroppedError as error:
        raise DataError(NO_MAP) from error
    pictures = Pictures.of(one.run, pixels, scores, one.pixel_threshold, one.colours)
    truth = _truth(one, record, reads)
    return Photo(pixels, pictures, None if truth is None else _at_size(truth, pixels.shape[:2]))


def shrunk(photo: RGB, side: int) -> RGB:
    """The photo with its longer side at most `side` pixels."""
    height, width = photo.shape[:2]
    if max(height, width) <= side:
        return photo
    scale = side / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(Image.fromarray(photo).resize(size, Image.Resampling.LANCZOS))


def _truth(one: Presented, record: Mapping[Any, Any], reads: Reads) -> Truth | None:
    shape = Shape(int(record["height"]), int(record["width"]), int(record["orientation"]))
    if record["label"] == 0:
        return Truth(np.zeros((shape.height, shape.width), bool))
    if not record["mask_paths"] or state_of(record["mask_paths"], record["masks_sha256"], one.run) == CHANGED:
        return None
    try:
        return reads.truth(record["mask_paths"], shape, as_rule(one.run.pixels, one.run.config.ignore_value))
    except DataError:
        return None


def _at_size(truth: Truth, size: tuple[int, int]) -> NDArray[np.bool_]:
    """Defect pixels at a smaller size; a pixel is defect where any part of it is, so that none vanishes."""
    if truth.defect.shape == size:
        return truth.defect
    values = Image.fromarray(truth.defect.astype(np.float32)).resize(size[::-1], Image.Resampling.BOX)
    return np.asarray(values) > 0
