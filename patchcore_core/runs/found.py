"""Figures that older runs did not record, computed from their stored scores."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from patchcore_core.errors import PatchCoreError
from patchcore_core.evaluation.values import NO_WIDTH
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore

if TYPE_CHECKING:
    from numpy.typing import NDArray


AUROC_INTERVAL = "image_auroc/interval"


def lacks_found(run: Run) -> bool:
    """Whether `with_found` has something to count."""
    return run.status == "finished" and (run.found is None or run.reasons.get(AUROC_INTERVAL) == NO_WIDTH)


def with_found(store: RunStore, run: Run) -> Run:
    """A finished run with `found` and its figures, and with an interval of image AUROC where the recorded one had no
    width, from its stored scores; a run that has both, and one whose scores cannot be read, as it is."""
    if not lacks_found(run):
        return run
    from patchcore_core.evaluation.figures import IMAGE_FIGURES  # brings numpy, as does the next
    from patchcore_core.evaluation.thresholds.found import found_at_default

    try:
        images = store.images(run)
    except PatchCoreError:
        return run
    if run.reasons.get(AUROC_INTERVAL) == NO_WIDTH:
        run = _with_auroc_interval(run, images["label"].to_numpy(), images["image_score"].to_numpy())
    if run.found:
        return run
    found = found_at_default(images["label"], images["image_score"], run.thresholds)
    images_first = {name: value for name, value in run.metrics.items() if name in IMAGE_FIGURES}  # as in new runs
    return dataclasses.replace(
        run, found=found, metrics={**images_first, **found.figures(), **run.metrics},
        intervals={**run.intervals, **found.intervals()}, reasons={**run.reasons, **found.reasons()},
    )  # fmt: skip


def _with_auroc_interval(run: Run, label: NDArray, score: NDArray) -> Run:
    from patchcore_core.evaluation.statistics.auroc_interval import auroc_interval  # brings numpy

    limits = auroc_interval(label[label >= 0], score[label >= 0])
    reasons = {name: why for name, why in run.reasons.items() if name != AUROC_INTERVAL}
    return dataclasses.replace(run, intervals={**run.intervals, "image_auroc": limits}, reasons=reasons)
