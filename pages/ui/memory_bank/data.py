"""What the Memory bank page reads of a run, cached: the rows of its banks, their use, and where they lie on photos."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from pages.ui import cache
from pages.ui.changed import photo_state
from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.transforms import transform_of
from patchcore_core.model.bank_rows import BankRows, StoredBanks, read_banks
from patchcore_core.model.detector import TrainingSet
from patchcore_core.model.evidence.bank_map import Plane, principal_plane
from patchcore_core.model.network.probe import probe
from patchcore_core.runs.bank.row_use import RowUse, read_row_use
from patchcore_core.runs.contents import CHANGED, PERHAPS
from patchcore_core.runs.store import Run
from patchcore_core.views.patches import Box, close_up, patch_box

CHANGES = {
    CHANGED: "The file has changed since the run: the row is of the earlier photo.",
    PERHAPS: "The file is newer than the run: the row may be of an earlier photo.",
}
CELLS = 3  # side of the outlined square in patches: the neighbourhood that a patch sees


@dataclass(frozen=True)
class Scale:
    """The bank of one scale, the `number` of it, on whose grid (rows, columns) the patches of a photo lie."""

    run: Run
    number: int
    rows: BankRows
    training: TrainingSet
    grid: tuple[int, int]

    @property
    def paths(self) -> tuple[str, ...]:
        """The training photos."""
        return self.training.paths

    @property
    def patches(self) -> int:
        """Patches of all training photos."""
        return len(self.paths) * self.grid[0] * self.grid[1]

    def name(self, path: str) -> str:
        """A path relative to the data set."""
        root = self.run.dataset.rstrip("/") + "/"
        return path.removeprefix(root)

    def picture(self, row: int, side: int) -> np.ndarray:
        """The patch of a row on its training photo, (side, side, 3) uint8; DataError if the photo is not there."""
        assert self.rows.origin is not None
        image, *place = self.rows.origin[row].tolist()
        photo = cache.photo(self.training.paths[image], self.run.bits)
        return close_up(photo, self._box(photo, place[0], place[1]), size=side)

    def changed(self, row: int) -> str:
        """What is to be said if the training photo of a row has changed since the run, else ""."""
        assert self.rows.origin is not None
        return change_of(self.run, self.training, int(self.rows.origin[row, 0]))

    def _box(self, photo: np.ndarray, row: int, column: int) -> Box:
        seen = transform_of(self.run.config, self.run.input_shape).box(photo.shape[0], photo.shape[1])
        return patch_box(seen, self.grid, row, column, CELLS)


def change_of(run: Run, training: TrainingSet, image: int) -> str:
    """What is to be said if a training photo has changed since the run, else ""."""
    return CHANGES.get(photo_state(run, training.paths[image], training.contents[image]), "")


@cache.of_run(max_entries=4, spinner="Reading the memory bank …")
def banks(run: Run) -> StoredBanks:
    """The rows of the run's memory banks."""
    return read_banks(cache.store().bank_folder(run))


def scale_of(run: Run, number: int) -> Scale:
    """The bank of the scale of this number."""
    known = banks(run)
    return Scale(run, number, known.scales[number], known.training, grids(known.config, run.input_shape)[number])


@st.cache_data(max_entries=64, show_spinner=False)
def grids(config: PatchCoreConfig, shape: tuple[int, int]) -> tuple[tuple[int, int], ...]:
    """Rows and columns of patches at each scale."""
    found = probe(config, shape)
    return (*found.coarser, found.grid)


@cache.of_run(max_entries=8)
def kept_use(run: Run) -> RowUse | None:
    """The use of the rows as the run recorded it, None if it did not."""
    return read_row_use(run.folder, [len(rows) for rows in banks(run).scales])


@cache.of_run(max_entries=8)
def plane(run: Run, number: int) -> Plane:
    """The first two principal components of the bank of a scale."""
    return principal_plane(banks(run).scales[number].patches)
