"""Photos that are taught to runs on trial, and the way to where they are kept or discarded."""

from __future__ import annotations

from contextlib import suppress

from pages.ui import cache
from pages.ui.format import run_label
from pages.ui.frame import link_to
from pages.ui.markdown import plain
from patchcore_core.errors import StoreError
from patchcore_core.jobs import trials
from patchcore_core.runs.store import Run

MOST = 3  # runs that are named


def draw() -> None:
    """A line for each run with such trials; nothing where there are none."""
    for run, count in _waiting()[:MOST]:
        link_to("review", f"{'A trial' if count == 1 else f'{count} trials'} of taught photos: "
                f"{plain(run_label(run))}", icon=":material/school:", run=run.id)


def _waiting() -> list[tuple[Run, int]]:
    """Runs with the number of their trials."""
    with suppress(StoreError):
        parents = [trial.parent for trial in trials.waiting(cache.store())]
        return [(cache.load_run(parent), parents.count(parent)) for parent in dict.fromkeys(parents)]
    return []
