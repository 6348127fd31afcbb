"""`export-run` and `import-run`: a run as one file, and back."""

from __future__ import annotations

import argparse
from pathlib import Path

from patchcore_core.cli.output import print_answer
from patchcore_core.cli.reviewed import author_of
from patchcore_core.cli.stored import finished
from patchcore_core.data.images import shown
from patchcore_core.exports.run_file.pack import pack_run
from patchcore_core.exports.run_file.unpack import import_run
from patchcore_core.runs.store import RunStore


def export(args: argparse.Namespace) -> int:
    """Write the file of a run."""
    store = RunStore(args.runs)
    run = finished(store, args.run)
    place = Path(args.out or f"{run.id}.zip")
    pack_run(store, run, place)
    size = place.stat().st_size
    print_answer(args, {"run": run.id, "file": str(place), "bytes": size}, [f"{shown(place)}  {size / 1e6:,.1f} MB"])
    return 0


def take(args: argparse.Namespace) -> int:
    """Take the runs in these files into the store, each after the other."""
    store = RunStore(args.runs)
    runs = [import_run(store, Path(file), author_of(args.author)) for file in args.file]
    print_answer(args, [{"run": run.id, "file": file} for run, file in zip(runs, args.file, strict=True)],
                 [f"{run.id}  imported" for run in runs])  # fmt: skip
    return 0
