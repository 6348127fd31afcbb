"""How far jobs are that were asked for together, and how long they still take."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from patchcore_core.errors import StoreError
from patchcore_core.jobs.job import ENDED_BADLY, FINISHED, PAUSED, RUNNING, WAITING, Job
from patchcore_core.runs.store import RunStore
from patchcore_core.runs.time_left import left_of_several, rough


@dataclass(frozen=True)
class HowFar:
    """How many `jobs` are in each state, and the seconds left (NaN: unknown) until all that wait or run are done."""

    jobs: tuple[Job, ...]
    seconds_left: float

    @property
    def counts(self) -> Counter[str]:
        """The number of jobs in each state."""
        return Counter(job.state for job in self.jobs)

    @property
    def open(self) -> bool:
        """Whether some wait for their turn or are computed."""
        return any(job.state in (WAITING, RUNNING) for job in self.jobs)

    def of(self, *states: str) -> tuple[Job, ...]:
        """The jobs in these states."""
        return tuple(job for job in self.jobs if job.state in states)

    def words(self) -> str:
        """`3 of 12 finished, 1 running, 8 waiting, about 5 min left`."""
        counts = self.counts
        said = [f"{counts[FINISHED]} of {len(self.jobs)} finished"]
        said += [f"{counts[state]} {state}" for state in (RUNNING, WAITING, PAUSED, *ENDED_BADLY) if counts[state]]
        if self.open and not math.isnan(self.seconds_left):
            said.append(f"about {rough(self.seconds_left)} left")
        return ", ".join(said)


def how_far(store: RunStore, jobs: Sequence[Job]) -> HowFar:
    """How far these jobs are."""
    done = [(job.seconds, job.took) for job in jobs if job.state == FINISHED and not math.isnan(job.took)]
    running = [job for job in jobs if job.state == RUNNING]
    left = [_left(store, job) for job in running]
    known = [seconds for seconds in left if not math.isnan(seconds)]
    unknown = [job.seconds for job, seconds in zip(running, left, strict=True) if math.isnan(seconds)]
    waiting = [job.seconds for job in jobs if job.state == WAITING]
    return HowFar(tuple(jobs), left_of_several(done, [*waiting, *unknown], known, len(running)))


def _left(store: RunStore, job: Job) -> float:
    """Seconds left of a job that is computed, NaN while unknown."""
    try:
        progress = store.progress(job.run)
    except StoreError:
        return math.nan
    if progress is None or progress.run_seconds_left is None:
        return math.nan
    age = datetime.now(UTC) - datetime.fromisoformat(progress.updated_at)
    return max(0.0, progress.run_seconds_left - age.total_seconds())
