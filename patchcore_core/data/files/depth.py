"""Photos of more than 8 bits: their values, and the bit depth of the camera.

A camera with 10, 12 or 14 bits writes 16-bit files whose brightest pixel is 1023, 4095 or 16383, not 65535. The depth
is determined over all training photos and stored with the model, so that equal brightness gives equal grey levels in
every photo.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from PIL import Image, ImageFile

from patchcore_core.config import DEPTHS
from patchcore_core.data.files.image_files import open_file, open_image, shown
from patchcore_core.errors import DataError

FULL = DEPTHS[-1]
READERS = 2
_ENDS = {";16B": ";16L", ";16L": ";16B", ";16N": ";16B" if np.little_endian else ";16L"}


def depth_of(highest: int) -> int:
    """The smallest of 8, 10, 12, 14 and 16 bits that holds a value."""
    return next((bits for bits in DEPTHS if highest < 1 << bits), FULL)


def is_deep(image: Image.Image) -> bool:
    """Whether an image, not loaded yet, has more than 8 bits per value."""
    return image.mode.startswith("I") or _is_deep_colour(image)


def deep_values(image: ImageFile.ImageFile, file: BinaryIO, name: str) -> np.ndarray:
    """(H, W) or (H, W, C) uint16 as stored, of a deep image that is not loaded yet; C is 3, or 4 with alpha.

    Pillow keeps only one byte per value of a colour image, so it is read twice, once per byte.
    """
    if image.mode.startswith("I"):
        return wide_values(image, name)
    upper = np.array(image).astype(np.uint16)
    with suppress(KeyError, ValueError, OSError):
        again = open_image(file, name)
        again.tile = [_other_byte(tile) for tile in again.tile]
        return (upper << 8) | np.array(again)
    return upper << 8  # a format without access to the lower byte


def wide_values(image: Image.Image, name: str) -> np.ndarray:
    """(H, W) uint16 of a grey image with more than 8 bits."""
    values = np.array(image)
    if values.min() < 0 or values.max() > 65535:
        raise DataError(f"{name}: grey values from {values.min()} to {values.max()}, expected at most 16 bits")
    return values.astype(np.uint16)


def to_eight_bits(values: np.ndarray, bits: int) -> np.ndarray:
    """Values on a scale of this many bits as uint8; values beyond the scale become 255.

    Grey (H, W) is rounded to 255 steps; colour (H, W, C) keeps its upper 8 bits, as Pillow does.
    """
    if values.ndim == 3:
        return np.minimum(values >> (bits - 8), 255).astype(np.uint8)
    steps = np.round(np.arange(1 << FULL) / (((1 << bits) - 1) / 255))
    return np.minimum(steps, 255).astype(np.uint8)[values]


def depth_note(bits: int | None) -> str:
    """A sentence on the bit depth of a run's photos; "" for 8 and 16 bits."""
    if bits is None or bits == FULL:
        return ""
    return (f"the training photos hold at most {bits} bits in files of 16: all photos of the run are read on this "
            f"scale, {(1 << bits) - 1} is white")  # fmt: skip


def photo_note(bits: int | None, deep: bool, clipped: bool) -> str:
    """A sentence on a photo that does not fit the scale of the training photos (None: 8 bits), else ""."""
    if clipped and bits is not None:
        return f"in places brighter than the training photos' {bits} bits ({(1 << bits) - 1} is white), clipped"
    return "16 bits, the training photos have 8: read with 65535 as white" if deep and bits is None else ""


def scale_notes(bits: int | None, clipped: Sequence[str], unscaled: Sequence[str], total: int) -> list[str]:
    """Sentences on the photos, of `total`, that do not fit the scale of the training photos: `clipped` have values
    beyond it; the scale of `unscaled` is unknown, as the training photos have 8 bits."""
    found = []
    if clipped and bits is not None:
        found.append(f"{len(clipped)} of {total} photos are brighter in places than the training photos' {bits} bits "
                     f"({(1 << bits) - 1} is white) and clipped (first: {clipped[0]})")
    if unscaled:
        found.append(f"{len(unscaled)} of {total} photos have 16 bits while the training photos have 8: read with "
                     f"65535 as white (first: {unscaled[0]})")
    return found


def training_depth(paths: Iterable[Path | str]) -> int | None:
    """The common bit depth of these photos: the smallest that holds their highest value; None if all have 8 bits.

    Of 8-bit photos only headers are read. Unreadable photos are skipped.
    """
    deep = [path for path in paths if _deep_file(path)]
    most: int | None = None
    with _readers() as pool:
        for highest in pool.map(_highest, deep):
            most = highest if most is None else most if highest is None else max(most, highest)
            if most is not None and depth_of(most) == FULL:
                break
    return None if most is None else depth_of(most)


@contextmanager
def _readers() -> Iterator[ThreadPoolExecutor]:
    pool = ThreadPoolExecutor(READERS)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _deep_file(path: Path | str) -> bool:
    try:
        with open_file(path) as file:
            return is_deep(open_image(file, shown(path)))
    except (DataError, OSError):
        return False


def _highest(path: Path | str) -> int | None:
    """The highest value of a deep photo without alpha; None if it cannot be read."""
    try:
        with open_file(path) as file:
            values = deep_values(open_image(file, shown(path)), file, shown(path))
            return int(values[..., :3].max() if values.ndim == 3 else values.max())
    except Exception:  # a decoder may raise anything on a broken file; reported where the photo is needed
        return None


def _is_deep_colour(image: Image.Image) -> bool:
    return image.mode in ("RGB", "RGBA", "LA") and any(_raw_mode(tile)[-4:-1] == ";16" for tile in _tiles(image))


def _tiles(image: Image.Image) -> list[Any]:
    return getattr(image, "tile", [])


def _raw_mode(tile: Any) -> str:
    arguments = tile[3]
    first = arguments[0] if isinstance(arguments, tuple) and arguments else arguments
    return first if isinstance(first, str) else ""


def _other_byte(tile: Any) -> Any:
    """The tile that decodes the lower byte of each value, not the upper; KeyError for unknown formats."""
    codec, extents, offset, arguments = tile
    raw = _raw_mode(tile)
    other = raw[:-4] + _ENDS[raw[-4:]]
    new = other if isinstance(arguments, str) else (other, *arguments[1:])
    return type(tile)(codec, extents, offset, new) if hasattr(tile, "_fields") else (codec, extents, offset, new)
