"""replicates.npz: the figures of a run for each resample of its test images. Runs made before it existed have none."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import TYPE_CHECKING

import numpy as np

from patchcore_core.evaluation.statistics.replicates import Replicates, images_key
from patchcore_core.lasting import replaced
from patchcore_core.runs.arrays import read_arrays
from patchcore_core.runs.files import reading, writing
from patchcore_core.runs.folder import REPLICATES
from patchcore_core.runs.presence import refuse_changes

if TYPE_CHECKING:
    import pandas as pd

KEY = "images"  # name of the array with the key of the test images, 32 bytes
MOST_BYTES = 2**24


def key_of(images: pd.DataFrame) -> str:
    """`images_key` of the table of a run's test images."""
    names = [PurePath(path).name for path in images["path"]]
    return images_key(images["label"], names, images["sha256"].tolist(), images["masks_sha256"].tolist())


def keep_replicates(folder: Path, replicates: Replicates) -> None:
    """Store them in a run's folder; StoreError if that fails."""
    refuse_changes(f"{folder}: nothing is kept there")
    write_replicates(folder, replicates)


def write_replicates(folder: Path, replicates: Replicates) -> None:
    """The same in a folder that is no run of a store, or of one that is being made."""
    figures = {name: np.asarray(values, np.float32) for name, values in replicates.figures.items()}
    key = np.frombuffer(bytes.fromhex(replicates.images), np.uint8)
    with writing(folder / REPLICATES), replaced(folder / REPLICATES) as beside:
        np.savez_compressed(beside, allow_pickle=False, **{KEY: key}, **figures)


def read_replicates(folder: Path) -> Replicates | None:
    """Those of the run in this folder; None if it keeps none. StoreError if they cannot be read."""
    path = folder / REPLICATES
    if not path.exists():
        return None
    with reading(path):
        arrays = read_arrays(path, MOST_BYTES)
        key = arrays.pop(KEY, np.zeros(0, np.uint8))
        if key.shape != (32,) or key.dtype != np.uint8:
            raise ValueError("it does not say of which images")
        if len({values.shape for values in arrays.values()}) > 1 or any(
            values.ndim != 1 or values.dtype.kind != "f" for values in arrays.values()
        ):
            raise ValueError("its figures are not of the same resamples")
        return Replicates(key.tobytes().hex(), arrays)
