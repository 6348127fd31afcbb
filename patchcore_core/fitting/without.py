"""The figures of a run as if some of its images had not been in the test set: those whose label is wrong, say.

Nothing is scored again: stored scores, stored maps and the masks as they are now are evaluated as a fit does it.
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
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore

FIELDS = ("metrics", "reasons", "per_defect", "intervals", "per_defect_intervals", "region_recall",
          "per_defect_region_recall", "found")  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Without:
    """`run` is the run with other figures, those in `FIELDS`; its thresholds, badges and all else stay as they were.

    left_out: images that do not count. unread: masks that could not be read, whose images the pixel figures lack.
    """

    run: Run
    left_out: int
    unread: int


def figures_without(
    store: RunStore, run: Run, left_out: NDArray[np.bool_], read: ReadTruth = read_truth,
    progress: Progress | None = None, replicates: int = REPLICATES,
) -> Without:
    """Evaluate a finished run without the images `left_out` (N,), in the order of `RunStore.images`.

    Maps are read and masks are kept in parts, so any number of images takes little memory. `progress` is told of the
    stages evaluate (the masks) and metrics. ValueError where `left_out` has another length; StoreError where maps
    cannot be read, or the run's folder (that for temporary files, where it is read-only) has no room for the masks.
    """
    images, maps = store.images(run), store.anomaly_maps(run)
    if left_out.shape != (len(images),):
        raise ValueError(f"left_out must be one truth value for each of {len(images)} images, got {left_out.shape}")
    label = np.where(left_out, UNKNOWN, images["label"].to_numpy())  # evaluated as an image of which nothing is known
    held_out = read_held_out(store.curves(run), near_copies_left_out(run.heldout))
    masks = Masks(run, images, read)
    with Scratch(run.folder if os.access(run.folder, os.W_OK) else None) as scratch:
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
            ignored=stored.ignored, trim=Trim.read(run.trim),
        )  # fmt: skip
    figures: dict[str, Any] = {name: getattr(found, name) for name in FIELDS}
    return Without(dataclasses.replace(run, **figures), int(left_out.sum()), masks.unread)


def _write_masks(
    stored: TruthStore, masks: Masks, images: NDArray[np.integer], progress: Progress | None
) -> NDArray[np.bool_]:
    """Put the masks of these images (n,) into their rows; whether each image's mask is known, (N,)."""
    known = np.zeros(len(stored.masks), dtype=bool)
    for done, image in enumerate(images.tolist(), start=1):
        truth = masks(image)
        if truth is not None:
            stored.write(image, truth)
            known[image] = True
        if progress is not None:
            progress("evaluate", done, len(images))
    return known
