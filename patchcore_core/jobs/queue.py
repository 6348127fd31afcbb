"""The queue of a store: which of its runs wait, in which order, and what people change about that.

A waiting job is a row, and no process. Who computes it: claims.py and worker.py; how processes are started: jobs.py.
"""

from __future__ import annotations

import json
import math
import secrets
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from patchcore_core.errors import StoreError, UnknownRunError
from patchcore_core.jobs.job import (
    CANCELLED,
    ENDED_BADLY,
    FINISHED,
    OPEN,
    PAUSED,
    RUNNING,
    WAITING,
    Job,
    Wanted,
    job_of,
)
from patchcore_core.jobs.queue_file import change, read
from patchcore_core.runs.folder import now
from patchcore_core.runs.store import RunStore

KEPT = timedelta(days=7)  # how long an ended job is remembered
NOBODY = {"pid": None, "started": None, "host": None, "birth": ""}  # holds a lease
ORDER = "ORDER BY priority DESC, attempts, number"


def new_sweep() -> str:
    """A name for jobs that are asked for together."""
    return f"{datetime.now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def add(store: RunStore, wanted: Sequence[Wanted], sweep: str = "") -> None:
    """Have these runs wait, in this order behind all others; they are begun already, as queued."""

    def insert(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM jobs WHERE ended_at <> '' AND ended_at < ?",
                           ((datetime.now(UTC) - KEPT).isoformat(),))  # fmt: skip
        for one in wanted:
            within = None if one.within is None else json.dumps(one.within)
            seconds = None if math.isnan(one.seconds) else one.seconds
            connection.execute(
                "INSERT INTO jobs (run, sweep, within, memory, seconds, added_at, alike) VALUES (?, ?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (run) DO UPDATE SET sweep = excluded.sweep, within = excluded.within, "
                "memory = excluded.memory, seconds = excluded.seconds, alike = excluded.alike",
                (one.run, sweep, within, one.memory, seconds, now(), one.alike),
            )

    change(store.root, insert)


def jobs_of(store: RunStore, sweep: str | None = None) -> tuple[Job, ...]:
    """The jobs of a sweep, of the whole queue without one, in the order in which they are computed."""
    where, values = ("WHERE sweep = ?", (sweep,)) if sweep is not None else ("", ())
    return read(store.root, lambda connection: tuple(map(job_of, connection.execute(
        f"SELECT * FROM jobs {where} {ORDER}", values))), ())  # fmt: skip


def jobs_named(store: RunStore, runs: Sequence[str]) -> tuple[Job, ...]:
    """The jobs of these runs that are in the queue, in the order in which they are computed."""
    names = {*runs}
    return tuple(job for job in jobs_of(store) if job.run in names)


def job(store: RunStore, run_id: str) -> Job | None:
    """The job of a run, None if it is not in the queue."""
    def find(connection: sqlite3.Connection) -> Job | None:
        row = connection.execute("SELECT * FROM jobs WHERE run = ?", (run_id,)).fetchone()
        return None if row is None else job_of(row)

    return read(store.root, find, None)


def end(store: RunStore, run_id: str, state: str, error: str = "", took: float | None = None) -> None:
    """Note how a job has ended, and how many seconds it took; one that somebody has cancelled meanwhile has ended so,
    unless it is finished."""

    def note(connection: sqlite3.Connection) -> None:
        states = (*OPEN, CANCELLED) if state == FINISHED else OPEN
        set_rows(connection, [run_id], states, state=state, error=error, took=took, ended_at=now(), **NOBODY)

    change(store.root, note)


def give_back(store: RunStore, run_id: str) -> None:
    """Have a job wait again whose process was asked to end, unless it is finished; that was no attempt of its own."""

    def note(connection: sqlite3.Connection) -> None:
        state = FINISHED if store.requeue(run_id).status == "finished" else WAITING
        set_rows(connection, [run_id], [RUNNING], state=state, **NOBODY)
        _uncounted(connection, run_id)

    change(store.root, note)


def cancel(store: RunStore, runs: Sequence[str], why: str = "") -> None:
    """Take these jobs out of the queue; processes that compute some of them are not ended by this."""
    change(store.root, lambda connection: set_rows(connection, runs, OPEN, state=CANCELLED, error=why, ended_at=now()))


def pause(store: RunStore, runs: Sequence[str]) -> None:
    """Have those of these jobs that wait, wait until somebody resumes them."""
    change(store.root, lambda connection: set_rows(connection, runs, [WAITING], state=PAUSED))


def resume(store: RunStore, runs: Sequence[str]) -> None:
    """Have paused jobs wait for their turn again."""
    change(store.root, lambda connection: set_rows(connection, runs, [PAUSED], state=WAITING, error=""))


def hold(store: RunStore, run_id: str, why: str) -> None:
    """Have a job that is computed no more wait again, paused like all that wait, for this reason; that was no attempt
    of its own."""

    def note(connection: sqlite3.Connection) -> None:
        store.requeue(run_id)
        set_rows(connection, [run_id], [RUNNING], state=WAITING, **NOBODY)
        _uncounted(connection, run_id)
        connection.execute("UPDATE jobs SET state = 'paused', error = ? WHERE state = 'waiting'", (why,))

    change(store.root, note)


def retry(store: RunStore, runs: Sequence[str], sweep: str | None = None) -> None:
    """Have jobs wait again that have failed or were cancelled, with a `sweep` as jobs of that one; StoreError for one
    whose run cannot be fitted again, when all others wait."""
    refused: dict[str, StoreError] = {}
    whose = {} if sweep is None else {"sweep": sweep, "alike": ""}

    def wait(connection: sqlite3.Connection) -> None:
        for run_id in _those(connection, runs, ENDED_BADLY):
            try:
                store.requeue(run_id)
            except StoreError as error:
                refused[run_id] = error
                continue
            set_rows(connection, [run_id], ENDED_BADLY, state=WAITING, error="", ended_at="", attempts=0, **whose)

    change(store.root, wait)
    if refused:
        raise next(iter(refused.values()))


def put_first(store: RunStore, runs: Sequence[str]) -> None:
    """Have these jobs, in their order, computed before all others that wait."""

    def raise_(connection: sqlite3.Connection) -> None:
        (highest,) = connection.execute("SELECT coalesce(max(priority), 0) FROM jobs WHERE state IN ('waiting', "
                                        "'paused')").fetchone()  # fmt: skip
        set_rows(connection, runs, [WAITING, PAUSED], priority=highest + 1, attempts=0)

    change(store.root, raise_)


def _uncounted(connection: sqlite3.Connection, run_id: str) -> None:
    connection.execute("UPDATE jobs SET attempts = max(0, attempts - 1) WHERE run = ?", (run_id,))


def _those(connection: sqlite3.Connection, runs: Sequence[str], states: Sequence[str]) -> list[str]:
    """The runs of these that are in one of the states; UnknownRunError for one that is not in the queue."""
    found = []
    for run_id in runs:
        row = connection.execute("SELECT state FROM jobs WHERE run = ?", (run_id,)).fetchone()
        if row is None:
            raise UnknownRunError(f"run {run_id[:100]!r} is not in the queue")
        found += [run_id] if row["state"] in states else []
    return found


def set_rows(connection: sqlite3.Connection, runs: Sequence[str], states: Sequence[str], **values: object) -> None:
    """Change the rows of those runs whose state is one of these."""
    columns, marks = ", ".join(f"{name} = ?" for name in values), ", ".join("?" * len(states))
    for run_id in runs:
        connection.execute(f"UPDATE jobs SET {columns} WHERE run = ? AND state IN ({marks})",
                           (*values.values(), run_id, *states))  # fmt: skip
