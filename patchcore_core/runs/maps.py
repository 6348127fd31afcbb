"""The anomaly maps of a run: written block by block into one .npy file, memory-mapped for reading."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from patchcore_core.runs.files import writing

FLOAT16_RANGE = (1e-2, 65504.0)  # range of the largest score in which float16 has enough resolution
BLOCK_PIXELS = 2**22  # rendered at a time


def write_maps(
    path: Path, patch_scores: np.ndarray, render: Callable[[np.ndarray], np.ndarray], shape: tuple[int, int]
) -> np.ndarray:
    """Write the maps (N, H, W) of patch scores (N, h, w), by `render` (n, h, w) -> (n, H, W); return the mapping.
    shape: H, W.

    float16, or float32 if the scores are outside its range. StoreError if the disk is full.
    """
    dtype = stored_type(patch_scores)
    header = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False,
              "shape": (len(patch_scores), *shape)}  # fmt: skip
    step = max(1, BLOCK_PIXELS // math.prod(shape))
    with writing(path), path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
        for first in range(0, len(patch_scores), step):
            file.write(_rounded(render(patch_scores[first : first + step]), dtype).data)
    return np.load(path, mmap_mode="r", allow_pickle=False) if len(patch_scores) else np.empty((0, *shape), dtype)


def _rounded(maps: np.ndarray, stored: np.dtype) -> np.ndarray:
    """Maps (n, H, W) float32 in the type `stored`."""
    if stored == np.float32:
        return maps
    torch = sys.modules.get("torch")  # rounds in a tenth of numpy's time, but takes two seconds to load
    return maps.astype(stored) if torch is None else torch.from_numpy(maps).half().numpy()


def stored_type(patch_scores: np.ndarray) -> np.dtype:
    """The type for maps of these patch scores; a map is an average of them, so it does not exceed the largest."""
    largest = float(np.abs(patch_scores).max(initial=0))
    return np.dtype(np.float16 if largest == 0 or FLOAT16_RANGE[0] <= largest <= FLOAT16_RANGE[1] else np.float32)


def as_stored(anomaly_map: np.ndarray, stored: np.dtype) -> np.ndarray:
    """A map (H, W) float32 rounded to the type `stored`, so that a photo's segmentation equals the one of its run;
    scores beyond its range are unchanged."""
    with np.errstate(over="ignore"):
        rounded = anomaly_map.astype(stored).astype(np.float32)
    return np.where(np.isfinite(rounded), rounded, anomaly_map)
