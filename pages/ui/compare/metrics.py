"""The figure that an answer of Compare is about."""

from __future__ import annotations

import math
from collections.abc import Sequence

from pages.ui.compare.address import one_of
from pages.ui.format import METRIC_NAMES
from patchcore_core.evaluation.explain import explain_figure
from patchcore_core.runs.store import Run

USUAL = "image_auroc"


def choose_metric(runs: Sequence[Run]) -> str | None:
    """One of the figures that some of the runs have; None where they have none."""
    known = {name: title for name, title in METRIC_NAMES.items()
             if any(math.isfinite(run.metrics.get(name, math.nan)) for run in runs)}
    if not known:
        return None
    explained = "\n\n".join(f"{title}: {explain_figure(name)}" for name, title in known.items())
    return one_of("Figure", "figure", known, USUAL, help=explained)
