"""How long a start takes: the command line's help, and the modules that a page needs to read runs.

Each in a new interpreter, in turns, with the bare interpreter beside them. Wall and CPU seconds; the first turn warms
the disk's cache and is not counted.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time

from benchmarks.harness import material
from benchmarks.harness.alone import ROOT
from benchmarks.harness.figures import cells, spread, write_json

REVIEW = ("pages.ui.review.workspace.page", "pages.ui.review.table", "pages.ui.media.answers")
STARTS = {
    "bare interpreter": ["-c", "pass"],
    "python -m patchcore_core --help": ["-m", "patchcore_core", "--help"],
    "import store and plots": ["-c", "import patchcore_core.runs.store, patchcore_core.views.plots"],
    "import the modules of Review": ["-c", f"import {', '.join(REVIEW)}"],
}


def main(arguments: list[str]) -> None:
    """Parse the options, measure, print the table; write the JSON where `--json` says."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks imports", description=__doc__)
    parser.add_argument("--repeats", type=int, default=9)
    material.add_json_option(parser)
    options = parser.parse_args(arguments)
    turns: dict[str, list[tuple[float, float]]] = {name: [] for name in STARTS}
    for turn in range(options.repeats + 1):
        for name, command in STARTS.items():
            seconds = _start(command)
            if turn > 0:
                turns[name].append(seconds)
    result = {name: {"wall": spread([wall for wall, _ in seconds]), "cpu": spread([cpu for _, cpu in seconds])}
              for name, seconds in turns.items()}  # fmt: skip
    print(f"{'':<34}{'wall s':>10}{'(least-most)':>20}{'CPU s':>10}{'(least-most)':>20}")
    for name, spreads in result.items():
        print(f"{name:<34}{cells(spreads['wall'])}{cells(spreads['cpu'])}")
    write_json(options.json, result)


def _start(command: list[str]) -> tuple[float, float]:
    before, started = os.times(), time.perf_counter()
    subprocess.run([sys.executable, *command], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    wall, after = time.perf_counter() - started, os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return wall, cpu
