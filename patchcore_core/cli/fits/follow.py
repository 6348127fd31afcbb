"""Following jobs on a terminal until they have ended."""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Mapping, Sequence

from patchcore_core.cli.output import finished_words, say_ended, whole_bar
from patchcore_core.errors import StoreError
from patchcore_core.jobs import queue
from patchcore_core.jobs.how_far import HowFar, how_far
from patchcore_core.jobs.job import ENDED_BADLY, FINISHED, OPEN, PAUSED, RUNNING, Job
from patchcore_core.jobs.jobs import start_workers
from patchcore_core.runs.store import RunStore
from patchcore_core.runs.time_left import rough

POLL = 0.3  # seconds between two looks
AGAIN = 3.0  # seconds between two looks whether a worker has to be started


def follow(store: RunStore, titles: Mapping[str, str], there: Collection[str] = ()) -> None:
    """Return once these runs, by their ids, have ended, or are paused since the disk is full; workers are started for
    as long as this waits. Some were `there` before. Without a terminal each other one is said as it ends."""
    looked, endings = time.monotonic(), _Endings(store, titles, there)
    with whole_bar("sweep", len(titles)) as show:
        while True:
            jobs = queue.jobs_named(store, [*titles])
            known = {job.run for job in jobs}
            others = sum(store.get(run_id).alive for run_id in titles if run_id not in known)
            far = how_far(store, jobs)
            left = sum(job.state in OPEN for job in jobs) + others
            endings.say(jobs, far)
            show(len(titles) - left, _words(store, far, titles))
            if not left or (not far.open and not others and all(job.error for job in far.of(PAUSED))):
                return
            if time.monotonic() - looked > AGAIN:
                start_workers(store)
                looked = time.monotonic()
            time.sleep(POLL)


class _Endings:
    """Which of the runs have been said to have ended."""

    def __init__(self, store: RunStore, titles: Mapping[str, str], there: Collection[str]) -> None:
        self._store, self._titles, self._left = store, titles, dict.fromkeys(run for run in titles if run not in there)

    def say(self, jobs: Sequence[Job], far: HowFar) -> None:
        """A line for each that has ended since."""
        states = {job.run: job for job in jobs}
        left = "" if math.isnan(far.seconds_left) or not far.open else f"; about {rough(far.seconds_left)} left"
        for run_id in [*self._left]:
            job = states.get(run_id)
            if job.state in OPEN if job else self._store.get(run_id).alive:
                continue
            del self._left[run_id]
            place = len(self._titles) - len(self._left)
            say_ended(place, len(self._titles), self._titles[run_id], self._how(run_id, job) + left)

    def _how(self, run_id: str, job: Job | None) -> str:
        run = self._store.get(run_id)
        if run.status == FINISHED:
            return finished_words(run)
        reason = (job.error if job else "") or run.error
        return f"{run.status}: {reason}" if reason else run.status


def _words(store: RunStore, far: HowFar, titles: Mapping[str, str]) -> str:
    """How many did not work, how far those are that are computed, the time left, and what they are called: a narrow
    terminal cuts off the end."""
    running = far.of(RUNNING)
    said = [f"{count} {state}" for state in (PAUSED, *ENDED_BADLY) if (count := far.counts[state])]
    said += [_stage(store, job.run) for job in running]
    said += [] if math.isnan(far.seconds_left) or not far.open else [f"about {rough(far.seconds_left)} left"]
    return ", ".join(filter(None, [*said, *(titles[job.run] for job in running)]))


def _stage(store: RunStore, run_id: str) -> str:
    try:
        progress = store.progress(run_id)
    except StoreError:  # it has just been put in its place
        return ""
    if progress is None:
        return ""
    share = f" {progress.done / progress.total:.0%}" if progress.total > 1 else ""
    return f"{progress.stage}{share}"
