"""What the default threshold of a stored run finds."""

from __future__ import annotations

import dataclasses

from patchcore_core.errors import PatchCoreError
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore


def with_found(store: RunStore, run: Run) -> Run:
    """A finished run with `found` and its figures, counted from its stored scores where it was made before they were
    recorded; any other run, and one whose scores cannot be read, as it is."""
    if run.found or run.status != "finished":
        return run
    from patchcore_core.evaluation.figures import IMAGE_FIGURES  # brings numpy, as does the next
    from patchcore_core.evaluation.thresholds.found import found_at_default

    try:
        images = store.images(run)
    except PatchCoreError:
        return run
    found = found_at_default(images["label"], images["image_score"], run.thresholds)
    images_first = {name: value for name, value in run.metrics.items() if name in IMAGE_FIGURES}  # as in new runs
    return dataclasses.replace(
        run, found=found, metrics={**images_first, **found.figures(), **run.metrics},
        intervals={**run.intervals, **found.intervals()}, reasons={**run.reasons, **found.reasons()},
    )  # fmt: skip
