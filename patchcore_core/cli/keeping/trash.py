"""`delete`, `restore`, `drop-maps` and `disk`: what runs take, and how they go and come back."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import Any

from patchcore_core.cli.output import print_answer
from patchcore_core.runs.folder import MAPS
from patchcore_core.runs.keeping.disk import store_disk
from patchcore_core.runs.keeping.dropped import drop_maps
from patchcore_core.runs.keeping.trash import KEPT_DAYS, delete_run, deleted_runs, empty_trash, restore_run
from patchcore_core.runs.store import RunStore

PARTS = {"maps": "anomaly maps", "banks": "memory banks", "other": "other files of runs",
         "jobs": "jobs at work, or ended badly", "features": "feature cache (may be deleted)",
         "trials": "photos taught on trial", "trash": "trash"}  # fmt: skip


def delete(args: argparse.Namespace) -> int:
    """Move runs into the trash."""
    store = RunStore(args.runs)
    gone = [delete_run(store.root, run_id).id for run_id in dict.fromkeys(args.run)]
    lines = [f"{run_id}  deleted; `restore {run_id}` takes it back within {KEPT_DAYS} days" for run_id in gone]
    print_answer(args, [{"run": run_id, "deleted": True} for run_id in gone], lines)
    return 0


def restore(args: argparse.Namespace) -> int:
    """Take runs back from the trash, remove them for good, or list what is there."""
    root = RunStore(args.runs).root
    if args.empty:
        count = empty_trash(root, args.run or None)
        print_answer(args, {"removed": count}, [f"{count} {'run' if count == 1 else 'runs'} removed for good"])
    elif args.run:
        back = [restore_run(root, run_id).id for run_id in dict.fromkeys(args.run)]
        print_answer(args, [{"run": run_id, "deleted": False} for run_id in back], [f"{one}  restored" for one in back])
    else:
        found = deleted_runs(root)
        lines = [f"{one.run.id}  deleted {_day(one.deleted_at)}  {megabytes(one.bytes)}" for one in found]
        print_answer(args, [{"run": one.run.id, "deleted_at": _day(one.deleted_at), "bytes": one.bytes}
                            for one in found], lines or [f"the trash of {root} is empty"])  # fmt: skip
    return 0


def drop(args: argparse.Namespace) -> int:
    """Remove the anomaly maps of runs."""
    store = RunStore(args.runs)
    record, lines = list[dict[str, Any]](), list[str]()
    for run_id in dict.fromkeys(args.run):
        maps = store.get(run_id).folder / MAPS
        there = maps.stat().st_size if maps.is_file() else 0
        before = megabytes(drop_maps(store, run_id).dropped.get(MAPS, 0))
        record.append({"run": run_id, "bytes": there})
        lines.append(f"{run_id}  anomaly maps removed: {megabytes(there)}" if there else
                     f"{run_id}  the anomaly maps, {before}, were removed before")  # fmt: skip
    print_answer(args, record, lines)
    return 0


def disk(args: argparse.Namespace) -> int:
    """Print what the store takes."""
    found = store_disk(RunStore(args.runs).root)
    lines = [f"{megabytes(getattr(found, name)):>12}  {words}" for name, words in PARTS.items()]
    print_answer(args, vars(found) | {"total": found.total}, [*lines, f"{megabytes(found.total):>12}  in all"])
    return 0


def megabytes(count: int) -> str:
    """`119.4 MB`: decimal megabytes."""
    return f"{count / 1e6:,.1f} MB"


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
