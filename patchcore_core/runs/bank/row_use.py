"""How often each row of a run's memory bank was among the nearest of a test patch: counted while a fit scores its test
images, and stored in the run's folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from patchcore_core.lasting import replaced
from patchcore_core.runs.arrays import read_arrays
from patchcore_core.runs.files import reading, writing
from patchcore_core.runs.folder import ROW_USE
from patchcore_core.runs.presence import refuse_changes

MOST_BYTES = 2**30  # of 8 bytes a row
IMAGES, SCALE = "images", "scale_{}"  # names of the arrays


@dataclass(frozen=True)
class RowUse:
    """`scales`: of the memory bank of each scale, how often each row (M_s,) int64 was among the k nearest of a patch of
    the `images` test images."""

    scales: tuple[np.ndarray, ...]
    images: int


def read_row_use(folder: Path, rows: Sequence[int]) -> RowUse | None:
    """The counts that a run keeps in its folder, of memory banks with so many rows; None if it keeps none, as older
    runs. StoreError if they cannot be read or belong to other banks."""
    path = folder / ROW_USE
    if not path.exists():
        return None
    with reading(path):
        arrays = read_arrays(path, MOST_BYTES)
        images = arrays.pop(IMAGES, np.zeros(()))
        names = [SCALE.format(place) for place in range(len(rows))]
        if {name: values.shape for name, values in arrays.items()} != {
            name: (count,) for name, count in zip(names, rows, strict=True)
        }:
            raise ValueError(f"it counts other rows than the {', '.join(map(str, rows))} of the memory bank")
        if images.shape != () or any(arrays[name].dtype.kind not in "iu" or arrays[name].min() < 0 for name in names):
            raise ValueError("it holds no counts")
        return RowUse(tuple(arrays[name].astype(np.int64) for name in names), int(images))


def keep_row_use(folder: Path, use: RowUse) -> None:
    """Store the counts in a run's folder; StoreError if that fails."""
    refuse_changes(f"{folder}: nothing is kept there")
    write_row_use(folder, use)


def write_row_use(folder: Path, use: RowUse) -> None:
    """The same in a folder that is no run of a store, or of one that is being made."""
    arrays = {SCALE.format(place): counts for place, counts in enumerate(use.scales)}
    with writing(folder / ROW_USE), replaced(folder / ROW_USE) as beside:
        np.savez_compressed(beside, allow_pickle=False, images=np.array(use.images), **arrays)


def unused(counts: np.ndarray) -> int:
    """Number of rows that no test patch uses."""
    return int(np.count_nonzero(counts == 0))

