"""`queue`: what waits to be computed, and what is changed about that."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from typing import Any

from patchcore_core.cli.output import bars, print_answer
from patchcore_core.errors import UnknownRunError
from patchcore_core.jobs import queue as jobs
from patchcore_core.jobs.how_far import how_far
from patchcore_core.jobs.job import ENDED_BADLY, OPEN, PAUSED, RUNNING, WAITING, WITH_SWEEP, Job
from patchcore_core.runs.presence import refuse_changes
from patchcore_core.runs.store import RunStore

CHANGED = {"cancel": OPEN, "pause": (WAITING,), "resume": (PAUSED,), "retry": ENDED_BADLY, "first": (WAITING, PAUSED)}


def queue(args: argparse.Namespace) -> int:
    """Do what is asked with the queue, and print it."""
    store = RunStore(args.runs)
    if args.action == "work":
        return _work(store)
    if args.action != "list":
        refuse_changes("the queue cannot be changed")
        _change(store, args, _chosen(store, args))
    entries = sorted(jobs.jobs_of(store), key=lambda job: job.state != RUNNING)
    print_answer(args, [_record(job) for job in entries], _lines(store, entries))
    return 0


def _work(store: RunStore) -> int:
    """Compute what waits, in this process and, one after the other, in those that follow it."""
    from patchcore_core.jobs.worker import work

    on_terminal = sys.stderr.isatty()
    with bars() as progress:
        work(store, progress if on_terminal else None, into_logs=not on_terminal)
    from patchcore_core.jobs.jobs import start_workers  # loads numpy and pandas, which a worker that waits must not

    start_workers(store)
    return 0


def _chosen(store: RunStore, args: argparse.Namespace) -> list[str]:
    """The runs that the arguments name, those of a sweep in their order."""
    entries = jobs.jobs_of(store)
    if args.all:
        return [job.run for job in entries if job.state in CHANGED[args.action]]
    if not args.run:
        raise UnknownRunError(f"queue {args.action} needs the id of a run, the name of a sweep, or --all")
    found = []
    for name in args.run:
        named = [job.run for job in entries if name in (job.run, job.sweep)]
        if not named:
            raise UnknownRunError(f"there is no run or sweep {name[:100]!r} in the queue")
        found += named
    return found


def _change(store: RunStore, args: argparse.Namespace, runs: Sequence[str]) -> None:
    action = args.action
    if action == "pause":
        jobs.pause(store, runs)
        return
    if action == "first":
        jobs.put_first(store, runs)
        return
    from patchcore_core.jobs.jobs import cancel_all, retry, start_workers  # loads numpy and pandas

    match action:
        case "cancel":
            cancel_all(store, runs, "" if args.all or {*args.run} & {*runs} else WITH_SWEEP)
        case "retry":
            retry(store, runs)
        case _:
            jobs.resume(store, runs)
            start_workers(store)


def _record(job: Job) -> dict[str, Any]:
    return {"run": job.run, "sweep": job.sweep, "state": job.state, "priority": job.priority, "attempts": job.attempts,
            "error": job.error or None, "seconds": None if math.isnan(job.seconds) else job.seconds,
            "added_at": job.added_at, "ended_at": job.ended_at or None}  # fmt: skip


def _lines(store: RunStore, entries: Sequence[Job]) -> list[str]:
    if not entries:
        return ["the queue is empty"]
    lines = [f"{job.state:9}  {job.run}  {job.sweep}  {job.error}".rstrip() for job in entries]
    return [*lines, how_far(store, entries).words()]
