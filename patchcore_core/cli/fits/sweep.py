"""`sweep`: fit every combination of several values per field, or forecast what that costs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from patchcore_core.cli.fits.fit import asked_datasets, fit_record, log_and_file, print_fits, tried
from patchcore_core.cli.fits.follow import follow
from patchcore_core.cli.fits.sweep_request import request
from patchcore_core.cli.mlflow_log import Log
from patchcore_core.cli.output import Ended
from patchcore_core.cli.tables.runs import shared_line
from patchcore_core.codec import plain
from patchcore_core.errors import ConfigError, StoreError, WeightsError
from patchcore_core.fitting.reuse import answer
from patchcore_core.fitting.sweep.planned import Planned, planned
from patchcore_core.jobs import queue
from patchcore_core.jobs.job import CANCELLED, OPEN, PAUSED, WITH_SWEEP
from patchcore_core.jobs.jobs import Started, cancel_all, queue_sweep, start_workers
from patchcore_core.jobs.sweep import Member, members, said
from patchcore_core.runs.found import with_found
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore

MOST_NAMED = 5  # combinations that cannot work, in one sentence

Record = dict[str, Any]


def sweep(args: argparse.Namespace) -> int:
    """Fit each combination on each category; the records are those of `fit`, in the order of the grid."""
    wanted, store, log = request(args), RunStore(args.runs), log_and_file(args)
    grid, repeated = members(wanted.fixed, wanted.varied)
    if repeated:
        print(f"{repeated} of {repeated + len(grid)} combinations are the same fit as an earlier one", file=sys.stderr)
    asked = _each_once(asked_datasets(wanted.datasets, wanted.categories, wanted.exclude, args.within))
    plans, records = _planned(asked, grid, store.list())
    _refuse_impossible(records, args.skip_impossible)
    if args.dry_run:
        from patchcore_core.cli.fits.sweep_forecast import print_forecast

        print_forecast(args, plans, records, store)
        return 2 if any(record["error"] and not record["impossible"] for record in records) else 0
    made = _compute(plans, records, store, args.within, log)
    failed = sum(record["run"] is None and not record["impossible"] for record in records)
    return max(print_fits(args, records, failed, "fits", shared_line(made)), 2 * log.failed)


def _each_once(asked: Sequence[tuple[str | None, Any]]) -> list[tuple[str | None, Any]]:
    """What was asked for without the folders that were named before."""
    folders = [(name, dataset) if isinstance(dataset, str) else dataset.root.resolve() for name, dataset in asked]
    kept = dict(zip(reversed(folders), reversed(asked), strict=True))  # the first of each
    if len(kept) < len(asked):
        print(f"{len(asked) - len(kept)} of {len(asked)} categories were named twice", file=sys.stderr)
    return [kept[folder] for folder in dict.fromkeys(folders)]


def _planned(
    asked: Sequence[tuple[str | None, Any]], grid: Sequence[Member], runs: Sequence[Run]
) -> tuple[dict[int, Planned], list[Record]]:
    """What can be fitted, by its place among the records, of which there is one for each fit in the order of the grid:
    with the reason where it cannot."""
    plans: dict[int, Planned] = {}
    records: list[Record] = []
    for name, dataset in asked:
        failed = isinstance(dataset, str)
        for member in grid:
            record = {"run": None, "category": name if failed else dataset.category,
                      "settings": plain(member.settings), "impossible": False, "error": None}  # fmt: skip
            records.append(record)
            if failed or member.config is None:
                record["error"], record["impossible"] = (dataset, False) if failed else (member.refused, True)
                continue
            try:
                plans[len(records) - 1] = planned(dataset, member.config, runs)
            except (ConfigError, WeightsError) as error:
                record["error"], record["impossible"] = str(error), True
    return plans, records


def _refuse_impossible(records: Sequence[Record], skip: bool) -> None:
    """ConfigError for combinations that cannot work, unless the others shall be fitted; then they are named."""
    impossible = [f"{said(record['settings'])}: {record['error']}" for record in records if record["impossible"]]
    impossible = list(dict.fromkeys(impossible))
    if not impossible:
        return
    more = f"; and {len(impossible) - MOST_NAMED} more" if len(impossible) > MOST_NAMED else ""
    sentence = f"{'; '.join(impossible[:MOST_NAMED])}{more}"
    if not skip:
        raise ConfigError(f"{sentence} (--skip-impossible fits the others)")
    print(f"left out, since impossible: {sentence}", file=sys.stderr)


def _compute(
    plans: dict[int, Planned], records: list[Record], store: RunStore, within: Sequence[str] | None, log: Log
) -> list[Run]:
    """Have all that is planned computed, log it, and put the results into the records; the finished runs."""
    finished = list[Run]()
    started = _there([*plans.values()]) or _queued(plans, records, store, within)
    for (place, plan), run_id, new in zip(plans.items(), started.runs, started.new, strict=True):
        made = tried(_title(records[place]), _result, store, run_id, plan, new)
        if isinstance(made, str):
            records[place]["error"] = made
        else:
            finished.append(made)
            log.fit(made)
            records[place] |= fit_record(made, not new) | {"category": plan.dataset.category}
    return finished


def _there(plans: Sequence[Planned]) -> Started | None:
    """What was asked for where each run of it is finished, which needs no queue: the store may be read-only."""
    runs = tuple(plan.existing.id for plan in plans if plan.existing is not None)
    return Started("", runs, (False,) * len(runs)) if len(runs) == len(plans) else None


def _queued(
    plans: dict[int, Planned], records: list[Record], store: RunStore, within: Sequence[str] | None
) -> Started:
    """The same once the queue has computed it."""
    started = queue_sweep(store, [*plans.values()], within)
    titles = [_title(records[place]) for place in plans]
    shared = [run for run, new in zip(started.runs, started.new, strict=True) if not new]
    try:
        start_workers(store)
        follow(store, dict(zip(started.runs, titles, strict=True)), shared, started.sweep)
    except Ended:
        raise KeyboardInterrupt("ended; the sweep goes on without this terminal: see `queue`") from None
    except KeyboardInterrupt:
        raise KeyboardInterrupt(_cancelled(store, started)) from None
    _refuse_held(store, started.runs)
    return started


def _cancelled(store: RunStore, started: Started) -> str:
    """Cancel what the sweep has asked for first, and say so."""
    left = [job for job in queue.jobs_named(store, started.runs) if job.state in OPEN]
    ours = {run for run, new in zip(started.runs, started.new, strict=True) if new}
    mine = [job.run for job in left if job.run in ours or (started.sweep and job.sweep == started.sweep)]
    cancel_all(store, mine, WITH_SWEEP)
    others = len(left) - len(mine)
    kept = f"{others} of {len(started.runs)} fits were asked for before, and stay in the queue (see `queue`)"
    return f"{'cancelled' if mine else 'nothing was cancelled'}; {kept}" if others else "cancelled"


def _refuse_held(store: RunStore, runs: Sequence[str]) -> None:
    """StoreError where the queue is held up before all of these runs have ended, as by a full disk."""
    jobs = queue.jobs_named(store, runs)
    if held := [job for job in jobs if job.state == PAUSED and job.error]:
        raise StoreError(f"{store.root}: {held[0].error} (`queue resume --all`); {len(held)} of {len(runs)} fits wait")


def _result(store: RunStore, run_id: str, plan: Planned, new: bool) -> Run | str:
    """The finished run, or that it was cancelled; StoreError with the reason where it has ended otherwise."""
    run = store.get(run_id)
    if run.status != "finished":
        job = queue.job(store, run_id)
        if CANCELLED in (run.status, job and job.state):
            return CANCELLED
        raise StoreError((job.error if job else "") or run.error or f"run {run_id} is {run.status}")
    return with_found(store, run if new else answer(run, plan.dataset, store))


def _title(record: Record) -> str:
    return f"{record['category']} {said(record['settings'])}".strip()
