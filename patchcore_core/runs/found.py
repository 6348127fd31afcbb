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
    from patchcore_core.evaluation.thresholds.found import found_at_default  # brings numpy

    try:
        images = store.images(run)
    except PatchCoreError:
        return run
    found = found_at_default(images["label"], images["image_score"], run.thresholds)
    return dataclasses.replace(
        run, found=found, metrics=_after_auroc(run.metrics, found.figures()),
        intervals={**run.intervals, **found.intervals()}, reasons={**run.reasons, **found.reasons()},
    )  # fmt: skip


def _after_auroc(metrics: dict[str, float], more: dict[str, float]) -> dict[str, float]:
    """All of them, `more` after the last figure of images, where those of new runs stand."""
    images = {name: value for name, value in metrics.items() if name.startswith("image_")}
    return {**images, **more, **metrics}
