"""Figures of resampled images for runs that were made before runs kept them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from patchcore_core.data.masks import read_truth
from patchcore_core.errors import DataError, StoreError
from patchcore_core.evaluation.statistics.replicates import Replicates
from patchcore_core.fitting.without import figures_without
from patchcore_core.progress import Progress
from patchcore_core.runs.compared.replicates import keep_replicates, key_of
from patchcore_core.runs.map_summaries import ReadTruth
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore

CHECKED, CLOSE = ("image_auroc", "pixel_auroc", "aupro"), 1e-6  # they follow from the same scores, maps and masks


def make_replicates(
    store: RunStore, runs: Sequence[Run], read: ReadTruth = read_truth, progress: Progress | None = None
) -> dict[str, str]:
    """Keep them with each of these finished runs, from its scores, maps and masks; why not, by id, of those for which
    that is not possible. `progress` reports the stage runs."""
    failed = {}
    for done, run in enumerate(runs):
        if progress is not None:
            progress("runs", done, len(runs))
        try:
            _make(store, run, read)
        except (DataError, StoreError) as error:
            failed[run.id] = str(error)
    return failed


def _make(store: RunStore, run: Run, read: ReadTruth) -> None:
    images = store.images(run)
    found = figures_without(store, run, np.zeros(len(images), bool), read)
    if found.unread:
        raise DataError(f"run {run.id}: {found.unread} masks cannot be read or have changed since")
    for name in CHECKED:
        value, recorded = found.run.metrics[name], run.metrics.get(name, math.nan)
        if math.isfinite(recorded) and abs(value - recorded) > CLOSE:
            raise DataError(f"run {run.id}: {name} is now {value:.6f}, where the run recorded {recorded:.6f}; files of "
                            "its test images have changed")  # fmt: skip
    keep_replicates(run.folder, Replicates(key_of(images), found.resampled))
