"""Photos of a finished run embedded again, as far as they are still those of the run."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

import numpy as np

from patchcore_core.data.images import read_image
from patchcore_core.errors import DataError
from patchcore_core.model.detector import Detector
from patchcore_core.runs.contents import CHANGED, state_of
from patchcore_core.runs.record import Run

if TYPE_CHECKING:
    from patchcore_core.model.evidence.explained import Explained
    from patchcore_core.model.memory_bank import MemoryBank

Read = Callable[[str, int], np.ndarray]  # path and scale of bits to (H, W, 3) uint8; DataError otherwise


class Explains(Detector, Protocol):
    """A detector that keeps patches of training photos."""

    @property
    def banks(self) -> tuple[MemoryBank, ...]:
        """The memory bank of each scale."""

    def explain(self, rgb: np.ndarray) -> Explained:
        """One photo (H, W, 3) uint8, to ask why it scores what it does."""


class Photos:
    """Photos of a run for its model; those that cannot be read or have changed since are in `missing`: (path, cause).

    `read` raises DataError for a photo that must not or cannot be read.
    """

    def __init__(self, model: Explains, run: Run, read: Read = read_image) -> None:
        self.model, self.run, self.missing = model, run, list[tuple[str, str]]()
        self._read = read

    def explained(self, path: str, recorded: str) -> Explained | None:
        """The photo's patches; None if it is `missing`. recorded: the SHA-256 of its file at the time, "" if unknown.
        """
        try:
            photo = self._read(path, self.run.bits)  # first: it may not be allowed to look at the file at all
            if state_of([path], recorded, self.run) == CHANGED:
                raise DataError("the file has changed since the run")
            return self.model.explain(photo)
        except DataError as error:
            self.missing.append((path, str(error)))
            return None

    def of_training(self, image: int) -> Explained | None:
        """The training photo of this number in `TrainingSet.paths`."""
        training = self.model.training
        contents = training.contents[image] if image < len(training.contents) else ""
        return self.explained(training.paths[image], contents)


def spread(count: int, most: int) -> list[int]:
    """At most `most` of `count` numbers, evenly spaced."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(int)).tolist() if count else []
