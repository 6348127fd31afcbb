"""Queued jobs: waiting is cheap, and computing modules are loaded when a job's turn has come."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from patchcore_core.progress import Progress
from patchcore_core.runs.folder import read_run
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore
from patchcore_core.runs.writer import RunWriter

POLL = 0.5  # polling interval in seconds per run ahead
LONGEST_POLL = 10.0  # seconds


def fit_queued(
    run_id: str, store: RunStore, progress: Progress | None = None, within: Sequence[Path | str] | None = None
) -> Run:
    """Compute a queued run in this process once all earlier runs of the store have ended.

    `within` as in load_dataset.
    """
    writer = store.writer(run_id)
    with writer.recording_the_end():
        _wait_for_turn(writer, store)
        writer.update(status="running")
        from patchcore_core.fitting.fit import compute_queued  # loads numpy, pandas and the rest

        return compute_queued(writer, progress, within)


def _wait_for_turn(writer: RunWriter, store: RunStore) -> None:
    """Return when all earlier runs have ended, so that fits do not compete for memory and cores.

    Polls less often the further back in the queue: fifty waiting jobs read fewer than a hundred small files per second
    together.
    """
    ahead = store.ahead_of(writer.run)
    while ahead:
        writer.progress("waiting", 0, len(ahead))
        time.sleep(min(POLL * len(ahead), LONGEST_POLL))
        ahead = tuple(run for one in ahead if (run := read_run(one.folder)) is not None and run.alive)
