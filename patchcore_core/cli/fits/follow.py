"""Following jobs on a terminal until they have ended."""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress

from patchcore_core.cli.output import finished_words, say, say_ended, whole_bar
from patchcore_core.errors import StoreError, UnknownRunError
from patchcore_core.jobs import queue
from patchcore_core.jobs.how_far import HowFar, how_far
from patchcore_core.jobs.job import CANCELLED, ENDED_BADLY, FINISHED, OPEN, PAUSED, RUNNING, WITH_SWEEP, Job
from patchcore_core.jobs.jobs import retry, start_workers
from patchcore_core.runs.store import RunStore
from patchcore_core.runs.time_left import rough

POLL = 0.3  # seconds between two looks
AGAIN = 3.0  # seconds between two looks whether a worker has to be started


def follow(store: RunStore, titles: Mapping[str, str], there: Collection[str] = (), sweep: str = "") -> None:
    """Return once these runs, by their ids, have ended, or are paused since the disk is full; workers are started for
    as long as this waits. Without a terminal each is said as it ends.

    Some were asked for before, by somebody else (`there`): those that have ended are not said, and those that are
    cancelled with the sweep they belong to are asked for again, for this `sweep`.
    """
    looked, held, again = time.monotonic(), False, _Again(store, there, sweep)
    endings = _Endings(store, titles, [run for run in there if not _is_open(store, run, queue.job(store, run))])
    with whole_bar("sweep", len(titles)) as show:
        while True:
            known = {job.run: job for job in queue.jobs_named(store, [*titles])}
            far, asked = how_far(store, [*known.values()]), again.ask([*known.values()])
            left = [run for run in titles if run in asked or _is_open(store, run, known.get(run))]
            endings.say(left, known, far)
            show(len(titles) - len(left), _words(store, far, titles))
            if all(run in known and known[run].state == PAUSED and known[run].error for run in left):
                return
            paused = sum(not job.error for job in far.of(PAUSED))
            if paused and not held:
                say(f"paused: {paused} of {len(titles)} fits; `queue resume --all` has them computed")
            held = paused > 0
            if time.monotonic() - looked > AGAIN:
                start_workers(store)
                looked = time.monotonic()
            time.sleep(POLL)


def _is_open(store: RunStore, run_id: str, job: Job | None) -> bool:
    return job.state in OPEN if job else _is_alive(store, run_id)


def _is_alive(store: RunStore, run_id: str) -> bool:
    try:
        return store.get(run_id).alive
    except UnknownRunError:  # somebody has removed it
        return False


class _Again:
    """Asks once more for fits that are waited for, when the sweep is cancelled that they belong to."""

    def __init__(self, store: RunStore, there: Collection[str], sweep: str) -> None:
        self._store, self._there, self._sweep = store, {*there}, sweep
        self._lost: set[str] = set()

    def ask(self, jobs: Sequence[Job]) -> set[str]:
        """The cancelled ones of these jobs that are asked for again now, or soon: not while somebody is ending them."""
        lost = {job.run for job in jobs if job.run in self._there and (job.state, job.error) == (CANCELLED, WITH_SWEEP)}
        due = sorted(run_id for run_id in lost & self._lost if not self._computes(run_id))
        self._lost = lost
        self._there -= {*due}
        if due:
            with suppress(StoreError):  # somebody else does, or it is gone: it has been cancelled, then
                retry(self._store, due, self._sweep)
                say(f"asked for again, since another sweep was cancelled: {len(due)} fits")
        return lost

    def _computes(self, run_id: str) -> bool:
        return _is_alive(self._store, run_id) and not self._store.get(run_id).waits


class _Endings:
    """Which of the runs have been said to have ended."""

    def __init__(self, store: RunStore, titles: Mapping[str, str], there: Collection[str]) -> None:
        self._store, self._titles, self._left = store, titles, dict.fromkeys(run for run in titles if run not in there)

    def say(self, left: Collection[str], jobs: Mapping[str, Job], far: HowFar) -> None:
        """A line for each that has ended since: that is not `left`."""
        more = "" if math.isnan(far.seconds_left) or not far.open else f"; about {rough(far.seconds_left)} left"
        for run_id in [run_id for run_id in self._left if run_id not in left]:
            del self._left[run_id]
            place = len(self._titles) - len(self._left)
            say_ended(place, len(self._titles), self._titles[run_id], self._how(run_id, jobs.get(run_id)) + more)

    def _how(self, run_id: str, job: Job | None) -> str:
        try:
            run = self._store.get(run_id)
        except UnknownRunError as error:
            return f"failed: {error}"
        if run.status == FINISHED:
            return finished_words(run)
        if CANCELLED in (run.status, job and job.state):  # its run follows its job
            return CANCELLED
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
