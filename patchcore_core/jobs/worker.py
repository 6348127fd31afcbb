"""A worker: a process that computes what waits in the queue of a store.

It computes one job, or the jobs of one sweep, which share what they have in common, and then starts another process for
the rest: so no job bears the memory of others, and one that dies takes no other with it.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from patchcore_core.errors import DiskFullError, PatchCoreError, StoreError, UnknownRunError
from patchcore_core.fitting.sweep.together import Together
from patchcore_core.jobs import claims, queue
from patchcore_core.jobs.job import CANCELLED, FAILED, FINISHED, OPEN, RUNNING, Job, Wanted
from patchcore_core.jobs.queue_file import DISK_FULL, is_full
from patchcore_core.progress import Progress
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore
from patchcore_core.runs.writer import RunWriter

POLL = 0.5  # seconds between two looks whether a job's turn has come
_LOG = logging.getLogger(__name__)


def work(store: RunStore, progress: Progress | None = None, into_logs: bool = False) -> None:
    """Compute the next job and those of its sweep; wait for the turn of the first one, and return where none waits.

    What is printed goes `into_logs` of the runs. A process that is asked to end leaves its job to the next one.
    """
    claims.begin_work(store)
    try:
        job = _first(store)
        together = None if job is None else _together(store, job)
        while job is not None and together is not None:
            with _log(store, job.run, into_logs):
                _compute(store, job, progress, together)
            job = claims.claim(store, job.sweep) if job.sweep else None
    finally:
        claims.leave(store, always=True)


def fit_queued(
    run_id: str, store: RunStore, progress: Progress | None = None, within: Sequence[Path | str] | None = None
) -> Run:
    """Compute one queued run in this process, once earlier ones that compute have ended; `within` as in load_dataset.

    What goes wrong is raised, too.
    """
    bounds = None if within is None else tuple(map(str, within))
    if queue.job(store, run_id) is None:
        queue.add(store, [Wanted(run_id, bounds)])
    while (job := claims.claim(store, run_id=run_id)) is None:
        if (known := queue.job(store, run_id)) is None or known.state not in OPEN:
            raise StoreError(f"run {run_id} is not in the queue any more")
        time.sleep(POLL)
    return _taken_up(store, job, progress, Together(store, list, bounds))


def _together(store: RunStore, job: Job) -> Together:
    """What computes a job, and those of its sweep after it."""

    def open_runs() -> list[Run]:
        names = {each.run for each in queue.jobs_of(store, job.sweep) if each.state in OPEN}
        return [run for run in store.unfinished() if run.id in names and not run.broken]

    return Together(store, open_runs if job.sweep else list, job.within)


def _first(store: RunStore) -> Job | None:
    while (job := claims.claim(store)) is None:
        if claims.leave(store):
            return None
        time.sleep(POLL)
    return job


def _compute(store: RunStore, job: Job, progress: Progress | None, together: Together) -> None:
    """Compute a job; its errors are in its run and in the queue, a full disk holds up the whole queue, or ends this
    process where not even that can be written."""
    try:
        _taken_up(store, job, progress, together)
    except KeyboardInterrupt:
        known = queue.job(store, job.run)
        if known is not None and known.state == CANCELLED:
            return
        queue.give_back(store, job.run)
        raise
    except DiskFullError:
        if (known := queue.job(store, job.run)) is not None and known.state == RUNNING:
            raise
    except PatchCoreError as error:
        _LOG.info("%s: %s", job.run, error)
    except Exception:
        _LOG.exception("unforeseen")


def _taken_up(store: RunStore, job: Job, progress: Progress | None, together: Together) -> Run:
    full = list[bool]()  # asked once, since somebody may make room at any moment

    def is_held(error: Exception) -> bool:
        full.append(is_full(store.root, error))
        return full[-1]

    try:
        writer = store.writer(job.run)
    except StoreError as error:
        if is_held(error):
            raise _held(store, job) from error
        return _not_ours(store, job, error)
    began = time.monotonic()
    try:
        with writer.recording_the_end(spared=is_held):
            writer.update(status="running")
            run = together.compute(writer, progress)
    except Exception as error:
        if any(full):
            raise _held(store, job, writer) from error
        queue.end(store, job.run, FAILED, store.get(job.run).error or str(error))
        raise
    queue.end(store, job.run, FINISHED, took=time.monotonic() - began)
    return run


def _not_ours(store: RunStore, job: Job, error: StoreError) -> Run:
    """The run of a job that somebody else computes or has computed; any other is closed."""
    if isinstance(error, UnknownRunError):
        queue.end(store, job.run, FAILED, str(error))
        raise error
    run = store.get(job.run)
    if run.status == "finished":
        queue.end(store, job.run, FINISHED)
    elif run.alive and run.process is not None and run.process.computes:
        claims.lend(store, job.run, run.process)
    else:
        store.close(job.run, "failed", str(error))
        queue.end(store, job.run, FAILED, str(error))
        raise error
    return run


def _held(store: RunStore, job: Job, writer: RunWriter | None = None) -> DiskFullError:
    """The error of a full disk, when the job waits again and all that wait are paused. Where that cannot be written it
    is lost, and waits again as soon as somebody can write that."""
    with suppress(StoreError):
        if writer is not None:
            writer.start_over()  # which makes room
        queue.hold(store, job.run, DISK_FULL)
    return DiskFullError(f"{store.root}: {DISK_FULL}")


@contextmanager
def _log(store: RunStore, run_id: str, wanted: bool) -> Iterator[None]:
    """Have what this process and its libraries print in the log of a run."""
    if not wanted:
        yield
        return
    own = [(stream, os.dup(stream)) for stream in (1, 2)]
    with store.log_path(run_id).open("ab") as log:
        for stream, _ in own:
            os.dup2(log.fileno(), stream)
    try:
        yield
    finally:
        for stream, kept in own:
            os.dup2(kept, stream)
            os.close(kept)
