"""Arrays from a run's files, headers first: a small file may claim, or unpack to, more than fits into memory."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from patchcore_core.evaluation.curve_points import Curves

KINDS = "biuf"  # of numbers
MOST_ARRAYS = 1000
HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
TOGETHER = (  # arrays of one length
    ("image_thresholds", "image_tp", "image_fp"), ("pixel_thresholds", "pixel_tp", "pixel_fp"),
    ("pro_fpr", "pro_overlap", "pro_thresholds"), ("heldout_pixel_scores", "heldout_pixel_numbers"),
    ("heldout_patch_scores", "heldout_patch_ranks"),
    ("regions_image", "regions_area", "regions_size_class", "regions_peak", "regions_overlap", "regions_scores_at"),
)  # fmt: skip
CURVES_BYTES = 2**26  # of counts by threshold, of which there are some 100 000; what regions take comes to it


def read_arrays(path: Path, most: int) -> dict[str, NDArray]:
    """The arrays of an .npz file by name; ValueError before reading if they would take more than `most` bytes.

    ValueError also if a header contradicts the archive. Other errors are those of zipfile and numpy.
    """
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        total = sum(member.file_size for member in members)
        if total > most or len(members) > MOST_ARRAYS:
            raise ValueError(f"its {len(members)} arrays would unpack to {total} bytes, where at most {most} are "
                             "plausible")  # fmt: skip
        for member in members:
            if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise ValueError(f"{member.filename} is packed in a way that this program does not write")
            with archive.open(member) as file:
                _check_header(file, member.file_size, member.filename)
    with np.load(path, allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


def read_curves(path: Path, map_bytes: int) -> Curves:
    """The curves of a run whose maps take this many bytes, read-only; ValueError also if arrays do not match each
    other or some are missing."""
    arrays = read_arrays(path, CURVES_BYTES + map_bytes)
    for names in TOGETHER:
        found = {name: arrays[name].shape[:1] for name in names if name in arrays}
        if len(set(found.values())) > 1:
            raise ValueError(f"the arrays {', '.join(found)} are not of one length")
    for values in arrays.values():
        values.setflags(write=False)
    return Curves.of(arrays)


def map_maps(path: Path, shape: tuple[int, int] | None = None) -> NDArray[np.floating]:
    """Maps (N, H, W) float16 or float32 in a .npy file of exactly their size, memory-mapped read-only; else ValueError.

    shape: expected (height, width).
    """
    with path.open("rb") as file:
        found, dtype = _check_header(file, path.stat().st_size, path.name)
    if len(found) != 3 or dtype not in (np.float16, np.float32):
        raise ValueError(f"expected maps of float16 or float32, got shape {found} of {dtype}")
    if shape is not None and found[1] * shape[1] != found[2] * shape[0]:
        raise ValueError(f"expected maps in the proportions of {shape[0]} x {shape[1]} pixels, got shape {found}")
    return np.load(path, mmap_mode="r", allow_pickle=False)


def refuse_shapes(arrays: Mapping[str, NDArray], expected: Mapping[str, tuple[int, ...]]) -> None:
    """ValueError unless these arrays have these shapes."""
    if set(arrays) != set(expected):
        raise ValueError(f"expected the arrays {', '.join(expected)}, got {', '.join(arrays)[:200]}")
    for name, shape in expected.items():
        if arrays[name].shape != shape:
            raise ValueError(f"{name} must have shape {shape}, got {arrays[name].shape}")


def _check_header(file: IO[bytes], size: int, name: str) -> tuple[tuple[int, ...], np.dtype]:
    """Shape and type of the numeric array whose .npy form of `size` bytes begins here; ValueError if it is
    inconsistent."""
    version = np.lib.format.read_magic(file)
    if version not in HEADERS:
        raise ValueError(f"{name} is of a version that this program does not write")
    shape, by_columns, dtype = HEADERS[version](file)
    if dtype.kind not in KINDS or (by_columns and len(shape) > 1) or min(shape, default=0) < 0:
        raise ValueError(f"{name} holds no array of numbers, row by row, but shape {shape} of {dtype}")
    if file.tell() + math.prod(shape) * dtype.itemsize != size:
        raise ValueError(f"{name} has {size} bytes, which shape {shape} of {dtype} does not take")
    return shape, dtype
