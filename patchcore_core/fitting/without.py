"""A run's figures without some of its images, such as those with wrong labels.

Nothing is scored again: stored scores, stored maps and the current masks are evaluated as in a fit.
"""

from __future__ import annotations

import dataclasses
import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from patchcore_core.data.ground_truth import TruthStore
from patchcore_core.data.masks import read_truth
from patchcore_core.data.scratch import Scratch, release
from patchcore_core.evaluation.evaluate import REPLICATES, evaluate
from patchcore_core.evaluation.groups import DEFECTIVE, UNKNOWN
from patchcore_core.evaluation.trim import Trim
from patchcore_core.fitting.good_scores import near_copies_left_out, read_held_out
from patchcore_core.progress import Progress
from patchcore_core.runs.map_summaries import Masks, ReadTruth
from patchcore_core.runs.presence import read_only
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore

FIELDS = ("metrics", "reasons", "per_defect", "intervals", "per_defect_intervals", "region_recall",
          "per_defect_region_recall", "found")  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Without:
    """`run` with recomputed figures, those in `FIELDS`; thresholds, badges and the rest are unchanged.

    left_out: number of excluded images. unread: masks that could not be read, whose images are not in the pixel
    figures. resampled: figure -> (replicates,) of each resample of the images.
    """

    run: Run
    left_out: int
    unread: int
    resampled: dict[str, NDArray] = dataclasses.field(default_factory=dict)


def figures_without(
    store: RunStore, run: Run, left_out: NDArray[np.bool_], read: ReadTruth = read_truth,
    progress: Progress | None = None, replicates: int = REPLICATES,
) -> Without:
    """Evaluate a finished run without the images `left_out` (N,), in the order of `RunStore.images`.

    Maps and masks are processed in parts, so memory does not grow with the number of images. `progress` reports the
    stages evaluate (the masks) and metrics. ValueError if `left_out` has another length; StoreError if maps cannot be
    read, or if there is no space for the masks in the run's folder (in the temporary folder if that is read-only).
    """
    images, maps = store.images(run), store.anomaly_maps(run)
    if left_out.shape != (len(images),):
        raise ValueError(f"left_out must be one truth value for each of {len(images)} images, got {left_out.shape}")
    label = np.where(left_out, UNKNOWN, images["label"].to_numpy())  # evaluated as an unlabelled image
    held_out = read_held_out(store.curves(run).heldout, near_copies_left_out(run.heldout))
    masks = Masks(run, images, read)
    with Scratch(run.folder if os.access(run.folder, os.W_OK) and not read_only() else None) as scratch:
        stored = TruthStore(scratch, len(maps), (maps.shape[1], maps.shape[2]))
        known = _write_masks(stored, masks, np.flatnonzero(label == DEFECTIVE), progress)

        def after_block(done: int, total: int) -> None:
            scratch.release()
            release(maps)
            if progress is not None:
                progress("metrics", done, total)

        found = evaluate(
            label, images["defect_type"].tolist(), images["image_score"].to_numpy(np.float32), stored.masks, maps,
            known, after_block, replicates=replicates, held_out=() if held_out is None else held_out.good(),
            ignored=stored.ignored, trim=Trim.read(run.trim), outlines=stored.outlines,
        )  # fmt: skip
    figures: dict[str, Any] = {name: getattr(found, name) for name in FIELDS}
    return Without(dataclasses.replace(run, **figures), int(left_out.sum()), masks.unread, found.resampled)


def _write_masks(
    stored: TruthStore, masks: Masks, images: NDArray[np.integer], progress: Progress | None
) -> NDArray[np.bool_]:
    """Write the masks of these images (n,) into their rows; return which are known, (N,)."""
    known = np.zeros(len(stored.masks), dtype=bool)
    for done, image in enumerate(images.tolist(), start=1):
        truth = masks(image)
        if truth is not None:
            stored.write(image, truth)
            known[image] = True
        if progress is not None:
            progress("evaluate", done, len(images))
    return known
