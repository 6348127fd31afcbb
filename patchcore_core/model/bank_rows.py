"""The rows of stored memory banks without a network and without what a search needs: they are read in no time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from patchcore_core.config import PatchCoreConfig
from patchcore_core.errors import StoreError
from patchcore_core.model.about import BANK_FILE, bank_files, check_origin, read_about
from patchcore_core.model.detector import TrainingSet


@dataclass(frozen=True)
class BankRows:
    """The rows of one memory bank in the order in which they were chosen: `patches` (M, D) float16 or float32, and
    `origin` (M, 3) int32, the training image, row and column of each; None in banks that do not record it."""

    patches: np.ndarray
    origin: np.ndarray | None

    def __len__(self) -> int:
        return len(self.patches)

    def per_image(self, images: int) -> np.ndarray:
        """The number of rows (images,) from each training image; StoreError if the origin is unknown."""
        if self.origin is None:
            raise StoreError("this memory bank does not record which training photos its rows come from")
        return np.bincount(self.origin[:, 0], minlength=images)


@dataclass(frozen=True)
class StoredBanks:
    """What the folder of a model holds: its configuration, training set, and the memory bank of each scale."""

    config: PatchCoreConfig
    training: TrainingSet
    scales: tuple[BankRows, ...]


def read_banks(folder: Path) -> StoredBanks:
    """Read the folder that `PatchCore.save` wrote; StoreError where something is missing, damaged or contradictory."""
    about = read_about(folder / BANK_FILE)
    scales = tuple(read_rows(folder / name) for name in bank_files(about.config.scales))
    for rows in scales:
        check_origin(folder, rows.origin, len(about.training.paths))
    return StoredBanks(about.config, about.training, scales)


def read_rows(path: Path) -> BankRows:
    """Read the file of one memory bank; StoreError that names it where it is missing or broken."""
    try:
        arrays = load_file(path)
        rows = BankRows(arrays["patches"], arrays.get("origin"))
    except FileNotFoundError:
        raise StoreError(f"{path}: the memory bank's file is missing") from None
    except (OSError, SafetensorError, KeyError) as error:
        raise StoreError(f"{path}: the memory bank cannot be read ({error})") from error
    if rows.patches.ndim != 2 or not rows.patches.size or not np.isfinite(rows.patches).all():
        raise StoreError(f"{path}: the memory bank cannot be read (it holds no rows of finite numbers)")
    if rows.origin is not None and rows.origin.shape != (len(rows), 3):
        raise StoreError(f"{path}: the memory bank cannot be read (the origin of its rows has another length)")
    return rows
