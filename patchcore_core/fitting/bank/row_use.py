"""The use of the bank's rows, of a run that did not count it while it was fitted."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np

from patchcore_core.data.samples import Sample
from patchcore_core.errors import DataError, StoreError
from patchcore_core.model.detector import Detector
from patchcore_core.progress import Progress
from patchcore_core.runs.bank.row_use import RowUse, keep_row_use
from patchcore_core.runs.contents import CHANGED, state_of
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore


def count_row_use(
    store: RunStore, run: Run, model: Detector, progress: Progress | None = None, place: Callable[[str], Path] = Path
) -> RowUse:
    """Score the run's test images again and count; photos that are gone or have changed since are left out, and those
    for which `place` (the file of a path) raises DataError, as they may not be read.

    The counts are kept with the run where all its images were counted and the store can be written. DataError if no
    photo is left.
    """
    images = store.images(run)
    samples = []
    for row in images.itertuples(index=False):
        with suppress(DataError):
            path = place(row.path)
            if state_of([path], row.sha256, run) != CHANGED:
                samples.append(Sample(path, row.split, row.label, row.defect_type))
    scores = model.score(samples, progress)
    if not scores.samples:
        raise DataError("none of the run's test photos is there and unchanged, so the use of rows cannot be counted")
    if not scores.row_use:
        raise StoreError(f"{run.folder}: its method keeps no rows of training photos")
    use = RowUse(tuple(np.asarray(counts) for counts in scores.row_use), len(scores.samples))
    if use.images == len(images):
        with suppress(StoreError):  # a read-only store
            keep_row_use(run.folder, use)
    return use
