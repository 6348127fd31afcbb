"""How long Review takes in a real Chromium: first paint, next image, a threshold let go; and the server's memory.

The runs are made up (benchmarks/review/store.py): 583 and 2000 images with maps of 224 pixels, and 5000 with maps of
1024 pixels, 10 GB of which about 0.8 GB are written. Chromium and the server are on this machine and share its cores;
CPU milliseconds of the server are given beside, for these suffer little from other work.

first paint   from the address to gallery cards and viewer being drawn; `cold`: the server has just been started,
              `warm`: it has shown this run before, `again`: so has this browser, else it was never here before
whole page    from the address to the last change of the page: fields, verdicts and curves follow the first paint
next image    from the key to its picture in the viewer, with no hurry: the page was at rest before
other image   the same from the click on a card that is not a neighbour
image threshold, pixel threshold
              from letting a handle go, dragged by mouse, to the last change of the page: nothing more for `QUIET` ms
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks.harness import material
from benchmarks.harness.figures import cells, spread, write_json
from benchmarks.review.server import chromium, served
from benchmarks.review.store import Case, make_run
from benchmarks.review.visit import SCREEN, STEPS, cost_of, first_paint, visit

CASES = (Case(583, 224), Case(2000, 224), Case(5000, 1024))
MIB = 2**20


def main(arguments: list[str]) -> None:
    """Parse the options, make the runs, measure, print a table per run; write the JSON where `--json` says."""
    options = _parser().parse_args(arguments)
    cases = [Case(*(int(part) for part in text.split("x"))) for text in options.runs] or list(CASES)
    results = []
    for case in cases:
        with tempfile.TemporaryDirectory(dir=options.scratch, prefix="review-") as folder:
            print(f"{case.name}: making the run", file=sys.stderr, flush=True)
            run = make_run(Path(folder), case)
            results.append({"run": case.name, **measure(Path(folder), run.id, options.repeats)})
        print(table(results[-1]), flush=True)
    write_json(options.json, results)


def measure(folder: Path, run: str, repeats: int) -> dict[str, Any]:
    """`steps`: of each name the spread of `ms` and of the server's `cpu_ms`; `bytes` sent for a first paint;
    `server_bytes`: the server's memory `before` it showed the run, and the `peak`."""  # fmt: skip
    turns: dict[str, list[tuple[float, float]]] = {}
    with chromium() as browser:
        for _ in range(repeats):
            with served(folder) as server:
                before = server.memory("VmRSS")
                _note(turns, "cold", first_paint(browser, server, run))
        with served(folder) as server:
            before = server.memory("VmRSS")
            with visit(browser, server, run, sent := {"socket": 0, "media": 0, "rest": 0}):
                pass  # counted here alone: listening to the network slows a page down
            for _ in range(repeats):
                _note(turns, "warm", first_paint(browser, server, run))
            with closing(browser.new_context(viewport=SCREEN)) as known:
                first_paint(browser, server, run, known)
                for _ in range(repeats):
                    _note(turns, "again", first_paint(browser, server, run, known))
            with visit(browser, server, run) as page:
                for name, act in STEPS.items():
                    turns[name] = [cost_of(server, page, act, turn) for turn in range(repeats)]
            peak = server.memory("VmHWM")
    steps = {name: {"ms": spread([wall for wall, _ in costs]), "cpu_ms": spread([cpu for _, cpu in costs])}
             for name, costs in turns.items()}  # fmt: skip
    return {"repeats": repeats, "steps": steps, "bytes": sent, "server_bytes": {"before": before, "peak": peak}}


def table(result: dict[str, Any]) -> str:
    """The figures of one run as text."""
    sent, memory = result["bytes"], result["server_bytes"]
    lines = [f"{result['run']}", f"{'':<20}{'ms':>10}{'(least-most)':>20}{'server CPU ms':>14}{'(least-most)':>20}"]
    lines += [f"{name:<20}{cells(step['ms'])}    {cells(step['cpu_ms'])}" for name, step in result["steps"].items()]
    lines.append(f"first paint sends {sent['socket'] / MIB:.2f} MiB by the socket, {sent['media'] / MIB:.2f} MiB of "
                 f"pictures and maps, {sent['rest'] / MIB:.2f} MiB of Streamlit")
    lines.append(f"server's memory: {memory['before'] / MIB:.0f} MiB before, {memory['peak'] / MIB:.0f} MiB at most\n")
    return "\n".join(lines)


def _note(turns: dict[str, list[tuple[float, float]]], state: str, visit: tuple[float, float, float]) -> None:
    painted, whole, cpu = visit
    turns.setdefault(f"first paint, {state}", []).append((painted, cpu))
    turns.setdefault(f"whole page, {state}", []).append((whole, cpu))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks review_latency", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--runs", nargs="+", default=[], metavar="NxS",
                        help="N images with maps of S x S, such as 583x224 (default: the three above)")  # fmt: skip
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--scratch", type=Path, help="folder for the runs, 2 GB (default: the system's)")
    material.add_json_option(parser)
    return parser
