"""`export-run` and `import-run`: runs as files, and back."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from patchcore_core.cli.output import print_answer, report_error
from patchcore_core.cli.reviewed import author_of
from patchcore_core.cli.stored import finished
from patchcore_core.data.images import shown
from patchcore_core.errors import PatchCoreError
from patchcore_core.exports.run_file.pack import refuse_existing
from patchcore_core.exports.run_file.several import import_runs, pack_runs
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore


def export(args: argparse.Namespace) -> int:
    """Write the file of each run, or all of them into one."""
    store = RunStore(args.runs)
    runs = [finished(store, run_id) for run_id in dict.fromkeys(args.run)]
    files = {Path(args.out): runs} if args.out else {Path(f"{run.id}.zip"): [run] for run in runs}
    for place in files:  # before anything is written
        refuse_existing(place)
    record, lines = list[dict[str, Any]](), list[str]()
    for place, of_file in files.items():
        pack_runs(store, of_file, place)
        size = place.stat().st_size
        record += [{"run": run.id, "file": str(place), "bytes": size} for run in of_file]
        several = f"  {len(of_file)} runs" if len(of_file) > 1 else ""
        lines.append(f"{shown(place)}  {size / 1e6:,.1f} MB{several}")
    print_answer(args, record if len(record) > 1 else record[0], lines)
    return 0


def take(args: argparse.Namespace) -> int:
    """Take the runs in these files into the store, each after the other; those that cannot be taken are named."""
    store = RunStore(args.runs)
    record, failed = list[dict[str, Any]](), 0
    for file in args.file:
        for made in _each(store, Path(file), author_of(args.author)):
            if isinstance(made, PatchCoreError):
                report_error(made, None)
                failed += 1
            else:
                record.append({"run": made.id, "file": file})
    print_answer(args, record, [f"{one['run']}  imported" for one in record])
    return 2 if failed else 0


def _each(store: RunStore, place: Path, author: str) -> Iterator[Run | PatchCoreError]:
    """What `import_runs` gives, and the error of a file that holds no runs."""
    try:
        yield from import_runs(store, place, author)
    except PatchCoreError as error:
        yield error
