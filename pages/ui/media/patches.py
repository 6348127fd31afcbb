"""Patches of photos with their surroundings, and the training photos that a memory bank's rows come from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pages.ui import cache
from pages.ui.access import allowed
from pages.ui.changed import photo_state
from pages.ui.media import address
from pages.ui.media.pictures import Served
from pages.ui.memory_bank.data import grids
from pages.ui.review import data
from patchcore_core.data.transforms import transform_of
from patchcore_core.errors import DataError
from patchcore_core.model.about import BANK_FILE, read_about
from patchcore_core.model.detector import TrainingSet
from patchcore_core.runs.contents import CHANGED
from patchcore_core.runs.store import Run
from patchcore_core.views.overlay import jpeg_bytes
from patchcore_core.views.patches import close_up, patch_box

SIDE, CELLS = 192, 3  # pixels of a picture; side of the outlined square in patches: the neighbourhood that a patch sees


@dataclass(frozen=True)
class Original:
    """A photo of a run: its path, the SHA-256 that was recorded ("" if none was), and the KEY of its address."""

    path: str
    recorded: str
    key: str

    @classmethod
    def tested(cls, run: Run, number: int) -> Original:
        """The image in this row of the run's table."""
        images = data.test_images(run)
        return cls(images.at[number, "path"], images.at[number, "sha256"], address.key(run, images, number))

    @classmethod
    def trained(cls, run: Run, number: int) -> Original:
        """The photo of the memory bank with this number; DataError for a number that it does not have."""
        paths, contents = training(run).paths, training(run).contents
        if number >= len(paths):
            raise DataError(f"There is no training photo {number}; the memory bank has {len(paths)}.")
        recorded = contents[number] if number < len(contents) else ""
        return cls(paths[number], recorded, address.bank_key(run, paths[number], recorded))

    def lasts(self, run: Run) -> bool:
        """Whether the file is the one that was scored."""
        return photo_state(run, self.path, self.recorded) != CHANGED


def patch(run: Run, of: Original, scale: int, row: int, column: int) -> Served:
    """The patch at this place of a scale's grid, as a JPEG; DataError for a place that the run does not have."""
    known = grids(run.config, run.input_shape)
    if scale >= len(known) or row >= known[scale][0] or column >= known[scale][1]:
        raise DataError(f"The run has no patch {scale}/{row}/{column}.")
    made = patch_bytes(run, cache.photo(of.path, run.bits), known[scale], row, column)
    return Served(made, "image/jpeg", of.lasts(run))


def patch_bytes(run: Run, photo: np.ndarray, grid: tuple[int, int], row: int, column: int) -> bytes:
    """The same of a photo (H, W, 3) with this grid of patches."""
    seen = transform_of(run.config, run.input_shape).box(photo.shape[0], photo.shape[1])
    return jpeg_bytes(close_up(photo, patch_box(seen, grid, row, column, CELLS), size=SIDE))


def thumbnail(run: Run, of: Original) -> Served:
    """A photo as a JPEG of at most 128 x 128 pixels."""
    return Served(data.thumbnail(allowed(of.path), run.bits), "image/jpeg", of.lasts(run))


@cache.of_run(max_entries=16)
def training(run: Run) -> TrainingSet:
    """The photos that the run's memory bank was made of; StoreError where that cannot be read."""
    return read_about(cache.store().bank_folder(run) / BANK_FILE).training
