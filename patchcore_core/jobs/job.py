"""A job of the queue, and how it is read from its row."""

from __future__ import annotations

import json
import math
import sqlite3
from dataclasses import dataclass

from patchcore_core.runs.folder import RUN_ID
from patchcore_core.runs.process import ProcessRecord

WAITING, PAUSED, RUNNING = "waiting", "paused", "running"
FINISHED, FAILED, CANCELLED = "finished", "failed", "cancelled"
OPEN = (WAITING, PAUSED, RUNNING)  # the states of a job that has not ended
ENDED_BADLY = (FAILED, CANCELLED)
STATES = (*OPEN, FINISHED, *ENDED_BADLY)

WITH_SWEEP = "its sweep was cancelled"  # why a job was that another sweep may want
CANCELLED_EARLY = "cancelled before it was done"  # the error of a cancelled run


class DamagedRowError(ValueError):
    """A row that this program has not written."""


@dataclass(frozen=True)
class Job:
    """A run that waits, is computed, or has ended.

    `number` is its place among jobs of one `priority`, of which higher ones go first, and those that were begun less
    often (`attempts`). `sweep`: of the jobs that were asked for together, "" for one alone. `memory` in bytes and
    `seconds` are forecast, 0 and NaN where unknown; it `took` these seconds. `within` as in load_dataset. `lease`: who
    computes it. `error`: why it failed, is paused, or was cancelled. `alike`: what it shares with others of its sweep,
    a path whose beginnings they have in common, "" where that is not known. Times are ISO.
    """

    number: int
    run: str
    sweep: str
    priority: int
    state: str
    attempts: int
    error: str
    within: tuple[str, ...] | None
    memory: int
    seconds: float
    took: float
    added_at: str
    ended_at: str
    lease: ProcessRecord | None
    alike: str


@dataclass(frozen=True)
class Wanted:
    """A run that shall be computed: its id, and of its Job what is known before."""

    run: str
    within: tuple[str, ...] | None = None
    memory: int = 0
    seconds: float = math.nan
    alike: str = ""


def job_of(row: sqlite3.Row) -> Job:
    """The job in a row; DamagedRowError for values that no job has."""
    try:
        within = None if row["within"] is None else tuple(map(str, json.loads(row["within"])))
        lease = None if row["pid"] is None else process_of(row)
        return Job(
            int(row["number"]), _run_id(row["run"]), str(row["sweep"]), int(row["priority"]), _state(row["state"]),
            int(row["attempts"]), str(row["error"]), within, int(row["memory"]),
            _number(row["seconds"]), _number(row["took"]), str(row["added_at"]), str(row["ended_at"]), lease,
            str(row["alike"]),
        )  # fmt: skip
    except (TypeError, ValueError, IndexError) as error:
        raise DamagedRowError(f"job {row[0]!r:.40} is damaged: {error}") from error


def process_of(row: sqlite3.Row) -> ProcessRecord:
    """The process in a row of jobs or workers; DamagedRowError for values that none has."""
    try:
        return ProcessRecord(int(row["pid"]), float(row["started"]), str(row["host"]), True, str(row["birth"]))
    except (TypeError, ValueError, IndexError) as error:
        raise DamagedRowError(f"process {row[0]!r:.40} is damaged: {error}") from error


def _run_id(value: object) -> str:
    """The id of a run, of which names of files are made."""
    if isinstance(value, str) and RUN_ID.fullmatch(value):
        return value
    raise ValueError(f"run must be the id of a run, got {value!r:.60}")


def _state(value: object) -> str:
    if value in STATES:
        return str(value)
    raise ValueError(f"state must be one of {', '.join(STATES)}, got {value!r:.60}")


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)
