"""What it costs that finished runs survive a power failure: fits in pairs, with and without fsync.

Each fit is made in a process of its own and in a new store; the two of a pair take turns in going first. `begun`: the
records of so many runs that are asked for together.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.harness import material
from benchmarks.harness.alone import alone
from benchmarks.harness.figures import cells, spread, write_json

BEGUN = 100  # runs that are asked for together
FIGURES = ("wall", "cpu", "begun", "calls", "in_calls")


def main(arguments: list[str]) -> None:
    """Parse the options, fit, print; write the JSON where `--json` says."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks lasting", description=__doc__)
    parser.add_argument("dataset", type=Path, help="folder of a category")
    parser.add_argument("--pairs", type=int, default=7, help="pairs of fits (default: 7)")
    parser.add_argument("--scratch", type=Path, help="folder for the stores, on the disk in question")
    material.add_json_option(parser)
    options = parser.parse_args(arguments)
    found: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
    for pair in range(options.pairs):
        for synced in (pair % 2 == 0, pair % 2 == 1):
            settings = {"dataset": str(options.dataset.absolute()), "synced": synced,
                        "scratch": options.scratch and str(options.scratch)}  # fmt: skip
            found[synced].append(alone("benchmarks.fits.lasting:fit", settings)["result"])
    result = {("with" if synced else "without"): {name: spread([turn[name] for turn in turns]) for name in FIGURES}
              for synced, turns in found.items()}  # fmt: skip
    pairs = zip(found[True], found[False], strict=True)
    result["more"] = {name: spread([one[name] - other[name] for one, other in pairs]) for name in FIGURES[:1]}
    print(_table(result))
    write_json(options.json, result)


def fit(settings: dict[str, Any]) -> dict[str, float]:
    """One fit in a new store: wall and CPU seconds, the fsyncs and their seconds, and the seconds to begin BEGUN."""
    from patchcore_core.config import PatchCoreConfig
    from patchcore_core.data.dataset import load_dataset
    from patchcore_core.fitting.draft import draft_run
    from patchcore_core.fitting.fit import fit_run
    from patchcore_core.runs.store import RunStore

    calls, fsync = list[float](), os.fsync

    def timed(descriptor: int) -> None:
        began = time.perf_counter()
        if settings["synced"]:
            fsync(descriptor)
        calls.append(time.perf_counter() - began)

    os.fsync = timed
    dataset, config = load_dataset(settings["dataset"]), PatchCoreConfig.preset("quick")
    with tempfile.TemporaryDirectory(dir=settings["scratch"]) as folder:
        began, cpu = time.perf_counter(), time.process_time()
        fit_run(dataset, config, RunStore(Path(folder) / "runs"))
        seconds = {"wall": time.perf_counter() - began, "cpu": time.process_time() - cpu, "calls": len(calls),
                   "in_calls": sum(calls)}  # fmt: skip
        draft = draft_run(dataset, config, "queued")
        drafts = [dataclasses.replace(draft, identity=str(number)) for number in range(BEGUN)]
        began = time.perf_counter()
        RunStore(Path(folder) / "begun").begin_all(drafts)
        return {**seconds, "begun": time.perf_counter() - began}


def _table(result: dict[str, Any]) -> str:
    lines = [f"{'':<10}{'wall s':>14}{'(least-most)':>16}{'CPU s':>14}{'(least-most)':>16}"]
    lines += [f"{name:<10}{cells(result[name]['wall'])}{cells(result[name]['cpu'])}" for name in ("with", "without")]
    synced = result["with"]
    return "\n".join([
        *lines,
        f"{'pairs':<10}{cells(result['more']['wall'])}  more seconds with than without",
        f"{synced['calls']['median']:.0f} fsyncs took {1000 * synced['in_calls']['median']:.0f} ms, some at once",
        f"{BEGUN} runs were begun in {synced['begun']['median']:.2f} s, without in "
        f"{result['without']['begun']['median']:.2f} s",
    ])  # fmt: skip
