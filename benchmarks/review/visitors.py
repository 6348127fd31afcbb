"""Review with many visitors at once: how long a visitor waits beside 19 others, against alone, and what each costs.

One visitor is a real Chromium (benchmarks/review), the others are light (benchmarks/review/crowd.py): each looks at
another image every two seconds, gives verdicts, and opens the page anew every half minute. Alone and in the crowd take
turns on one server. Chromium, the crowd and the server are on this machine and share its cores.

open Review, open Overview    from the address to pictures in all panes, or to the table of runs; the browser is new
next image, ... verdict, stored   as in `review_latency`
CPU           of the server, in percent of one core, alone and in the crowd
memory        of the server, per visitor of the crowd: what it grew by when they came, after one light visitor had
              filled the caches that all share
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser

from benchmarks.harness import material
from benchmarks.harness.alone import ROOT
from benchmarks.harness.figures import cells, spread, write_json
from benchmarks.review.server import Server, chromium, served
from benchmarks.review.steps import STEPS
from benchmarks.review.store import Case, make_run
from benchmarks.review.visit import at_rest, load, review_of, visit

WANTED = 2.0  # times as long as alone
WALK = 5.0  # seconds that one light visitor looks around first
MIB = 2**20
ALONE, CROWD = "alone", "crowd"
TABLE = """() => document.querySelector('[data-testid="stDataFrame"] canvas')?.width > 0"""
Times = dict[str, list[float]]


def main(arguments: list[str]) -> None:
    """Parse the options, make the run, measure, print the table; write JSON where an option says."""
    options = _parser().parse_args(arguments)
    case = Case(*(int(part) for part in options.run.split("x")))
    with tempfile.TemporaryDirectory(prefix="visitors-") as folder:
        print(f"{case.name}: making the run", file=sys.stderr, flush=True)
        run = make_run(Path(folder), case)
        result = {"run": case.name, **measure(Path(folder), run.id, options.visitors, options.repeats)}
    print(table(result), flush=True)
    write_json(options.json, result)


def measure(folder: Path, run: str, visitors: int, repeats: int) -> dict[str, Any]:
    """`steps`: of each name the spread of `ms` alone and in the crowd, and their `ratio`; `cpu_percent` likewise;
    `bytes_each` of the server's memory; `crowd`: how often the light visitors did what, `failed` too."""
    times: dict[str, Times] = {ALONE: {}, CROWD: {}}
    did: dict[str, int] = {}
    cpu: Times = {ALONE: [], CROWD: []}
    with served(folder) as server, chromium() as browser:
        with crowd(server, run, 1, did):
            time.sleep(WALK)
        one_turn(browser, server, run, {})
        before = server.memory("VmRSS")
        with crowd(server, run, visitors - 1, did):
            grown = server.memory("VmRSS") - before
        for _ in range(repeats):
            cpu[ALONE].append(one_turn(browser, server, run, times[ALONE]))
            with crowd(server, run, visitors - 1, did):
                cpu[CROWD].append(one_turn(browser, server, run, times[CROWD]))
    steps = {name: {ALONE: spread(alone), CROWD: spread(times[CROWD][name]),
                    "ratio": median(times[CROWD][name]) / median(alone)}
             for name, alone in times[ALONE].items()}  # fmt: skip
    return {"visitors": visitors, "repeats": repeats, "steps": steps, "bytes_each": grown / max(1, visitors - 1),
            "crowd": did, "cpu_percent": {state: spread(values) for state, values in cpu.items()}}  # fmt: skip


def one_turn(browser: Browser, server: Server, run: str, times: Times) -> float:
    """Open the pages and do every step twice; the server's CPU in percent of a core meanwhile."""
    begun, used = time.perf_counter(), server.cpu()
    times.setdefault("open Review", []).append(load(browser, server, run)["pictures"])
    with visit(browser, f"{server.address}/overview") as page:
        times.setdefault("open Overview", []).append(float(page.evaluate(f"seen.painted({TABLE})")))
    with visit(browser, review_of(server, run)) as page:
        for step in STEPS:
            for turn in range(2):  # there and back: filters and thresholds
                at_rest(page)
                for name, milliseconds in step(page, turn).items():
                    times.setdefault(name, []).append(milliseconds)
    return (server.cpu() - used) / (10 * (time.perf_counter() - begun))


@contextmanager
def crowd(server: Server, run: str, count: int, did: dict[str, int]) -> Iterator[None]:
    """So many light visitors, from when all have opened the page; what they have done is added to `did`."""
    command = [sys.executable, "-m", "benchmarks.review.crowd", server.address, run, str(count)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        if process.stdout.readline() != "ready\n":
            raise RuntimeError("the crowd did not come")
        yield
        said, _ = process.communicate("")
        for name, times in json.loads(said).items():
            did[name] = did.get(name, 0) + times
    finally:
        process.kill()
        process.communicate()


def table(result: dict[str, Any]) -> str:
    """The figures as text."""
    many, cpu = result["visitors"], result["cpu_percent"]
    lines = [result["run"], f"{'ms':<20}{'alone':>10}{'(least-most)':>20}{f'{many} visitors':>12}{'(least-most)':>20}"
             f"{'ratio':>9}"]  # fmt: skip
    lines += [f"{name:<20}{cells(step[ALONE])}  {cells(step[CROWD])}{step['ratio']:>8.2f}x"
              f"{' *' if step['ratio'] > WANTED else ''}" for name, step in result["steps"].items()]  # fmt: skip
    lines.append(f"the server's CPU: {cpu[ALONE]['median']:.0f} % of a core alone, {cpu[CROWD]['median']:.0f} % with "
                 f"{many} visitors; its memory: {result['bytes_each'] / MIB:.1f} MiB per visitor")  # fmt: skip
    did = result["crowd"]
    lines.append(f"the others opened {did['pages']} pages, fetched {did['pictures']} pictures, gave {did['verdicts']} "
                 f"verdicts and asked {did['asked']} times for news; {did['failed']} of their visits failed")
    return "\n".join(lines)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks visitors", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--run", default="583x224", metavar="NxS",
                        help="N images with maps of S x S (default: %(default)s)")  # fmt: skip
    parser.add_argument("--visitors", type=int, default=20)
    parser.add_argument("--repeats", type=int, default=5)
    material.add_json_option(parser)
    return parser
