"""Following jobs on a terminal until they have ended."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping

from patchcore_core.cli.output import whole_bar
from patchcore_core.errors import StoreError
from patchcore_core.jobs import queue
from patchcore_core.jobs.how_far import HowFar, how_far
from patchcore_core.jobs.job import ENDED_BADLY, OPEN, PAUSED, RUNNING
from patchcore_core.jobs.jobs import start_workers
from patchcore_core.runs.store import RunStore
from patchcore_core.runs.time_left import rough

POLL = 0.3  # seconds between two looks
AGAIN = 3.0  # seconds between two looks whether a worker has to be started


def follow(store: RunStore, titles: Mapping[str, str]) -> None:
    """Return once these runs, by their ids, have ended, or are paused since the disk is full; workers are started for
    as long as this waits."""
    looked = time.monotonic()
    with whole_bar("sweep", len(titles)) as show:
        while True:
            jobs = queue.jobs_named(store, [*titles])
            known = {job.run for job in jobs}
            others = sum(store.get(run_id).alive for run_id in titles if run_id not in known)
            far = how_far(store, jobs)
            left = sum(job.state in OPEN for job in jobs) + others
            show(len(titles) - left, _words(store, far, titles))
            if not left or (not far.open and not others and all(job.error for job in far.of(PAUSED))):
                return
            if time.monotonic() - looked > AGAIN:
                start_workers(store)
                looked = time.monotonic()
            time.sleep(POLL)


def _words(store: RunStore, far: HowFar, titles: Mapping[str, str]) -> str:
    """Time left, what is computed now and how far it is, and how many did not work."""
    said = [] if math.isnan(far.seconds_left) or not far.open else [f"about {rough(far.seconds_left)} left"]
    said += [f"{titles[job.run]}: {_stage(store, job.run)}".rstrip(": ") for job in far.of(RUNNING)]
    said += [f"{count} {state}" for state in (PAUSED, *ENDED_BADLY) if (count := far.counts[state])]
    return ", ".join(said)


def _stage(store: RunStore, run_id: str) -> str:
    try:
        progress = store.progress(run_id)
    except StoreError:  # it has just been put in its place
        return ""
    if progress is None:
        return ""
    share = f" {progress.done / progress.total:.0%}" if progress.total > 1 else ""
    return f"{progress.stage}{share}"
