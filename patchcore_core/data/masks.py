"""Ground truth: which pixels of a photo are defect, and which are ignored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageFile
from scipy import ndimage

from patchcore_core.data.files.decoding import as_rgb, image_shape, loaded, loaded_deep
from patchcore_core.data.files.depth import is_deep
from patchcore_core.data.files.image_files import open_file, open_image, shown
from patchcore_core.data.files.orientation import Shape, shape_of, turn_of_mask
from patchcore_core.data.mask_values import Meaning, Values, interpret, values_of
from patchcore_core.data.values import Drawn
from patchcore_core.errors import DataError

Paths = Path | str | Sequence[Path | str]
MOST_LOOKED = 2000  # masks of photos labelled good
EIGHT_CONNECTED = np.ones((3, 3), bool)


@dataclass(frozen=True)
class MaskRule:
    """How the masks of a dataset are read, where a file alone does not tell.

    `reserved`: the values that mean "ignored", such as "255"; None: decided per file. `drawn`: what masks without an
    orientation were drawn on (data.files.orientation). `named`: a value that the user wants ignored.
    """

    reserved: frozenset[str] | None = None
    drawn: Drawn = "stored"
    named: int | None = None


@dataclass(frozen=True)
class Outline:
    """The 8-connected regions of a mask (H, W), which is not empty: `areas` (R,) in pixels, and `places` (P,) of the
    pixels in the flattened mask, region after region."""

    areas: np.ndarray
    places: np.ndarray

    @classmethod
    def of(cls, mask: np.ndarray) -> Outline:
        """Of a mask (H, W) bool."""
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        box = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
        numbered, count = ndimage.label(mask[box], structure=EIGHT_CONNECTED)
        owner, places = numbered[mask[box]], np.flatnonzero(mask).astype(np.int32)
        areas = np.bincount(owner, minlength=count + 1)[1:]
        return cls(areas, places if count == 1 else places[np.argsort(owner, kind="stable")])


@dataclass(frozen=True)
class Truth:
    """`defect` (H, W) bool; `ignored` (H, W) bool, pixels without ground truth, None if there are none.

    No pixel is both. `meanings`: the interpretation of each file. `outline` of the defect, where it is known.
    """

    defect: np.ndarray
    ignored: np.ndarray | None = None
    meanings: tuple[Meaning, ...] = ()
    outline: Outline | None = None


def read_truth(paths: Paths, photo: Shape, rule: MaskRule | None = None) -> Truth:
    """The ground truth of a photo from one or more mask files.

    A pixel is defect if one file says so, else ignored if one says so. DataError for a file that cannot be read or does
    not fit the photo.
    """
    files = [paths] if isinstance(paths, str | Path) else paths
    found = [_read(path, photo, rule or MaskRule()) for path in files]
    defect = np.logical_or.reduce([each.defect for each in found])
    unknown = [each.ignored for each in found if each.ignored is not None]
    ignored = np.logical_or.reduce(unknown) & ~defect if unknown else None
    return Truth(defect, ignored if ignored is not None and ignored.any() else None,
                 tuple(meaning for each in found for meaning in each.meanings))  # fmt: skip


def read_mask(paths: Paths, size: tuple[int, int]) -> np.ndarray:
    """The defect in one or more mask files as (H, W) bool; `size`: (height, width) of a photo that is stored upright.
    `read_truth` also gives ignored pixels, and handles rotated photos."""
    return read_truth(paths, Shape(*size)).defect


def marking(masks: Sequence[Path]) -> list[Path]:
    """Among the first mask files, those with more than one value, unlike an empty mask."""
    return [path for path in masks[:MOST_LOOKED] if _is_uneven(path)]


def mask_trouble(photo: Path | str, mask: Path | str) -> str | None:
    """Why this file cannot be a mask of this photo, from the two headers; None if it can.

    None for a photo with an unreadable header: reported where the photo is read.
    """
    try:
        expected = image_shape(photo)
    except DataError:
        return None
    try:
        found = image_shape(mask)
    except DataError as error:
        return str(error)
    return None if turn_of_mask(expected, found) else _other_size(mask, found, expected)


def _other_size(mask: Path | str, found: Shape, expected: Shape) -> str:
    return (f"{shown(mask)}: the mask is {found.width} x {found.height} pixels, its image {expected.width} x "
            f"{expected.height}")  # fmt: skip


def _read(path: Path | str, photo: Shape, rule: MaskRule) -> Truth:
    with open_file(path) as file:
        name = shown(path)
        image = open_image(file, name)
        deep, found = is_deep(image), shape_of(image)  # in this order: reading the orientation may load the image
        turn = turn_of_mask(photo, found, rule.drawn)
        if turn is None:
            raise DataError(_other_size(path, found, photo))
        turn = turn if image.format != "TIFF" else _left_to_turn(found, turn)
        grey = _deep_grey(image, file, turn, name) if deep and image.mode == "RGB" else None
        values = _plain_values(loaded(image, turn, name), name) if grey is None else Values(grey, grey)
    defect, ignored, meaning = interpret(values, rule.reserved, rule.named)
    return Truth(defect, ignored, (meaning,))


def _plain_values(image: Image.Image, name: str) -> Values:
    return values_of(image, _colours(image, name))


def _deep_grey(image: ImageFile.ImageFile, file: BinaryIO, turn: int, name: str) -> np.ndarray | None:
    """(H, W) uint16 of 16-bit colours that are grey, or of numbers below 256, of which Pillow would keep only the upper
    byte; None for other colours."""
    values = loaded_deep(image, file, turn, name)
    brightest = values.max(axis=2)
    return brightest if brightest.max() < 256 or (values.min(axis=2) == brightest).all() else None


def _left_to_turn(found: Shape, turn: int) -> int:
    """The rotation left for a TIFF, which Pillow has rotated by its own orientation."""
    return 1 if found.turn == turn else turn if found.turn == 1 else 1


def _colours(image: Image.Image, name: str) -> np.ndarray | None:
    """(H, W, 3) uint8 over black; None for plain grey."""
    if image.mode == "1" or image.mode.startswith("I") or (image.mode == "L" and not image.has_transparency_data):
        return None
    return as_rgb(image, (0, 0, 0), name)


def _is_uneven(path: Path) -> bool:
    try:
        with open_file(path) as file:
            found = np.array(open_image(file, shown(path)).getextrema())  # (2,) or (bands, 2)
        return bool((found[..., 0] != found[..., 1]).any())
    except Exception:  # a decoder may raise anything on a broken file; it marks nothing
        return False
