"""Who computes what: a worker claims a job by a lease, which is valid only while its process exists.

The lease of a process that is gone is taken back, and the job waits again, behind those that were begun less often. One
whose process has died MOST_ATTEMPTS times has failed: it may need more memory than there is.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from itertools import takewhile
from pathlib import Path

import psutil

from patchcore_core.data.memory import free_memory
from patchcore_core.errors import DiskFullError, StoreError
from patchcore_core.jobs.job import (
    CANCELLED,
    CANCELLED_EARLY,
    ENDED_BADLY,
    FAILED,
    FINISHED,
    OPEN,
    RUNNING,
    WAITING,
    Job,
    job_of,
    process_of,
)
from patchcore_core.jobs.queue import NOBODY, ORDER, set_rows
from patchcore_core.jobs.queue_file import DISK_FULL, adopt, change, is_full, read
from patchcore_core.runs.folder import JOBS, PROGRESS, RECORD, now
from patchcore_core.runs.listing import clear_attempts, tidy
from patchcore_core.runs.process import ProcessRecord, find_process, is_running, process_record
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore

MOST_ATTEMPTS = 8
WORKERS = "PATCHCORE_WORKERS"  # the variable: how many fits of a store may be computed at a time, at most
CORES_EACH = 4  # without it; a fit uses several cores by itself
SHARE = 0.8  # of the memory that several fits at a time may take
GPUS = Path("/proc/driver/nvidia/gpus")
WAIT = "SELECT * FROM jobs WHERE state = 'waiting'"
KILLED = ("its process ended {} times without a word: it was killed, or needs more memory than there is; the log shows "
          "its last lines")


def most_workers() -> int:
    """How many fits of a store may be computed at a time: by $PATCHCORE_WORKERS, else by the number of cores, and one
    where there is a GPU, whose memory is not known before it is used."""
    asked = os.environ.get(WORKERS, "").strip()
    if asked:
        if not asked.isdecimal() or int(asked) < 1:
            raise StoreError(f"{WORKERS} must be a whole number of at least 1, got {asked!r}")
        return int(asked)
    return 1 if GPUS.is_dir() else max(1, (os.cpu_count() or 1) // CORES_EACH)


def claim(store: RunStore, sweep: str | None = None, run_id: str | None = None) -> Job | None:
    """The job whose turn it is, from now on this process's; None while there is no room for it, or if it is not of this
    `sweep`. With a `run_id` this job, whose turn ever it is."""

    def take(connection: sqlite3.Connection) -> Job | None:
        others = _recover(connection, store)
        where, values = ("AND run = ?", (run_id,)) if run_id else ("", ())
        rows = connection.execute(f"{WAIT} {where} {ORDER}", values)
        job = _next(connection, [*map(job_of, rows)])
        if job is None or (sweep is not None and job.sweep != sweep):
            return None
        running = [*map(job_of, connection.execute("SELECT * FROM jobs WHERE state = 'running'"))]
        outside = sum(run.alive and not run.waits and run.created_at < job.added_at for run in others)
        if not _has_room(job, running, outside):
            return None
        _lease(connection, job.run, process_record())
        me = process_record()
        connection.execute("UPDATE workers SET works_on = ? WHERE pid = ? AND host = ?", (_work(job), me.pid, me.host))
        connection.execute("UPDATE jobs SET attempts = attempts + 1 WHERE run = ?", (job.run,))
        return job_of(connection.execute("SELECT * FROM jobs WHERE run = ?", (job.run,)).fetchone())

    return change(store.root, take)


def _next(connection: sqlite3.Connection, waiting: Sequence[Job]) -> Job | None:
    """The job whose turn it is for this process, of those that wait in their order. Fits whose coresets differ in size
    only are one worker's: another one would compute for itself what they share. Of the sweep whose turn it is this
    worker takes what shares most with its last job, then what shares least with those of others."""
    others = {(row["pid"], row["host"]): row["works_on"] for row in connection.execute("SELECT * FROM workers")
              if find_process(process_of(row)) is not None}  # fmt: skip
    mine = others.pop((os.getpid(), process_record().host), "")
    free = [job for job in waiting if not job.alike or _work(job) not in others.values()]
    turn = [job for job in free if (job.sweep, job.priority, job.attempts) == (
        free[0].sweep, free[0].priority, free[0].attempts)]  # fmt: skip
    if not turn or not turn[0].sweep:
        return next(iter(turn), None)
    return min(turn, key=lambda job: (
        -_in_common(_work(job), mine), max((_in_common(_work(job), work) for work in others.values()), default=0)))


def _work(job: Job) -> str:
    return f"{job.sweep}/{job.alike}" if job.alike else ""


def _in_common(one: str, other: str) -> int:
    """How many steps two paths begin with alike."""
    return len([*takewhile(lambda pair: pair[0] == pair[1], zip(one.split("/"), other.split("/"), strict=False))])


def lend(store: RunStore, run_id: str, process: ProcessRecord) -> None:
    """Note that another process computes a job that this one had claimed."""
    change(store.root, lambda connection: _lease(connection, run_id, process))


def recover(store: RunStore) -> None:
    """Bring the queue in line with the processes and runs that are there, and remove what killed ones have left."""
    change(store.root, lambda connection: _recover(connection, store))
    tidy(store.root)


def vacant(connection: sqlite3.Connection) -> int:
    """How many workers could be started: as many as there is work for, without those that are there. What fits share is
    one worker's, and one that is at work takes nothing else before that has ended."""
    rows, leases = _workers(connection), connection.execute("SELECT * FROM jobs WHERE state = 'running'")
    workers, at_work = ({(row["pid"], row["host"]) for row in some} for some in (rows, leases))
    waiting = {_work(job) or job.run for job in map(job_of, connection.execute(WAIT))}
    waiting -= {row["works_on"] for row in rows}
    return max(0, min(len(waiting) + len(workers & at_work), most_workers()) - len(workers))


def enlist(connection: sqlite3.Connection, process: ProcessRecord) -> None:
    """Note a process as a worker."""
    connection.execute("INSERT OR REPLACE INTO workers (pid, started, host, birth) VALUES (?, ?, ?, ?)",
                       (process.pid, process.started, process.host, process.birth))  # fmt: skip


def begin_work(store: RunStore) -> None:
    """Note this process as a worker."""
    change(store.root, lambda connection: enlist(connection, process_record()))


def leave(store: RunStore, always: bool = False) -> bool:
    """End being a worker; not, unless `always`, while a job waits: whether it has ended."""

    def strike(connection: sqlite3.Connection) -> bool:
        if not always and connection.execute("SELECT 1 FROM jobs WHERE state = 'waiting'").fetchone():
            return False
        me = process_record()
        connection.execute("DELETE FROM workers WHERE pid = ? AND host = ?", (me.pid, me.host))
        return True

    return change(store.root, strike)


def idle(store: RunStore) -> bool:
    """Whether nothing waits or runs; cheap enough to be asked every second."""
    query = "SELECT 1 FROM jobs WHERE state IN ('waiting', 'running') LIMIT 1"
    return read(store.root, lambda connection: connection.execute(query).fetchone() is None, True)


def _workers(connection: sqlite3.Connection) -> list[sqlite3.Row]:
    """The rows of the workers of this computer that exist; others are struck off."""
    there = []
    for row in connection.execute("SELECT * FROM workers").fetchall():
        record = process_of(row)
        if find_process(record) is not None:
            there.append(row)
        elif record.host == process_record().host:
            connection.execute("DELETE FROM workers WHERE pid = ? AND host = ?", (record.pid, record.host))
    return there


def _lease(connection: sqlite3.Connection, run_id: str, process: ProcessRecord) -> None:
    holder = {"pid": process.pid, "started": process.started, "host": process.host, "birth": process.birth}
    set_rows(connection, [run_id], [WAITING, RUNNING], state=RUNNING, error="", **holder)


def _has_room(job: Job, running: Sequence[Job], outside: int) -> bool:
    """Whether a job may be begun beside these, and so many fits that are not in the queue."""
    beside = len(running) + outside
    if beside == 0:
        return True
    if beside >= most_workers() or outside or not all(one.memory for one in (job, *running)):
        return False
    needed = sum(one.memory for one in (job, *running))
    return needed <= SHARE * total_memory() and job.memory <= free_memory()


def total_memory() -> int:
    """Memory of the machine, bytes."""
    return int(psutil.virtual_memory().total)


def _recover(connection: sqlite3.Connection, store: RunStore) -> tuple[Run, ...]:
    """Bring the queue in line with what is there; the unfinished runs that are not in it."""
    for job in [*map(job_of, connection.execute("SELECT * FROM jobs"))]:
        finished = (store.root / job.run).is_dir()
        if job.state == RUNNING and finished:
            with store.locked():
                clear_attempts(store.root, store.get(job.run))
            _note(connection, job, FINISHED)
        elif job.state == RUNNING and not is_running(job.lease, _last_sign(store, job)):
            _take_back(connection, store, job)
        elif finished and job.state != FINISHED:
            _note(connection, job, FINISHED)
        elif not finished and job.state not in OPEN:
            _set_right(connection, store, job)
    for row in connection.execute("SELECT run FROM jobs WHERE state <> 'running'").fetchall():
        if not any((folder / row["run"]).is_dir() for folder in (store.root, store.root / JOBS, store.root)):
            connection.execute("DELETE FROM jobs WHERE run = ?", (row["run"],))
    known = {row["run"] for row in connection.execute("SELECT run FROM jobs")}
    others = store.unfinished(known)
    for run in others:  # whose starter died before they were in the queue
        if run.waits and not is_running(run.process, _made(run)):
            adopt(connection, run)
    return others


def _take_back(connection: sqlite3.Connection, store: RunStore, job: Job) -> None:
    """Have the job of a process that is gone wait again, unless it has ended."""
    try:
        run = store.get(job.run)
        if run.status in (FAILED, CANCELLED) and not run.broken:
            _note(connection, job, run.status, run.error or "")
        elif job.attempts >= MOST_ATTEMPTS:
            error = KILLED.format(job.attempts)
            store.close(job.run, "failed", error)
            _note(connection, job, FAILED, error)
        elif store.requeue(job.run).status == "finished":
            _note(connection, job, FINISHED)
        else:
            _note(connection, job, WAITING)
    except StoreError as error:
        if is_full(store.root, error):  # somebody takes it back when there is room
            raise DiskFullError(f"{store.root}: {DISK_FULL}") from error
        _note(connection, job, FAILED, str(error))


def _set_right(connection: sqlite3.Connection, store: RunStore, job: Job) -> None:
    """Bring the row of a job that has ended, and a run that is not finished, in line: the run counts, but one that was
    cancelled is not computed."""
    with suppress(StoreError):  # its folder is gone, or the disk is full
        run = store.get(job.run)
        if job.state == CANCELLED and run.waits:  # whoever cancelled it has not come so far
            store.close(job.run, CANCELLED, CANCELLED_EARLY)
        elif run.waits or (job.state == FINISHED and run.status == "lost"):
            _note(connection, job, WAITING)
        elif job.state == FINISHED and run.status in ENDED_BADLY:
            _note(connection, job, run.status, run.error or "")


def _note(connection: sqlite3.Connection, job: Job, state: str, error: str = "") -> None:
    ended = "" if state == WAITING else now()
    set_rows(connection, [job.run], [job.state], state=state, error=error, ended_at=ended, **NOBODY)


def _last_sign(store: RunStore, job: Job) -> float:
    """When a job on another computer has last written."""
    found = [0.0]
    for name in (RECORD, PROGRESS):
        with suppress(OSError):
            found.append((store.root / JOBS / job.run / name).stat().st_mtime)
    return max(found)


def _made(run: Run) -> float:
    with suppress(OSError):
        return (run.folder / RECORD).stat().st_mtime
    return 0.0
