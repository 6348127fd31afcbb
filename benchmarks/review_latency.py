"""How long Review takes in a real Chromium, from an input to the frame that shows it; what moves; the server's memory.

The runs are made up (benchmarks/review/store.py): 583 and 2000 images with maps of 224 pixels, and 5000 with maps of
1024 pixels, 10 GB of which about 0.8 GB are written. Chromium and the server are on this machine and share its cores.
The page notes its times itself (benchmarks/review/watch.py); a time ends after the frame that shows what is meant.

pictures      from the address to thumbnails and all panes being painted; `cold`: the server has just been started,
              `warm`: it has shown this run before, `again`: so has this browser, else it was never here before
complete      from the address to all parts, verdicts included
next image    from the key to its picture; other image: from the click on a card that is not a neighbour
filter        from the click on an outcome to the cards that are left; its pictures: to their thumbnails and the viewer
search        from the key to the cards that are left
image threshold, pixel threshold
              from a move of the handle to figures, or to the predicted segmentation
verdict       from the key to the mark on the card and the next image; stored: to Python saying so

`--loads N` loads the page N times instead, by two visitors at a time, and names each load that lacked something.
`--store N` makes a store of N runs instead, and times the pages that list them, from the address to the page with all
that it shows: `cold`, the first of a server, and `warm`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.harness import material
from benchmarks.harness.figures import cells, spread, write_json
from benchmarks.review import many
from benchmarks.review.loads import failures
from benchmarks.review.picture import drawn
from benchmarks.review.server import chromium, served
from benchmarks.review.steps import STEPS
from benchmarks.review.store import Case, make_run
from benchmarks.review.visit import SCREEN, at_rest, count_bytes, load, review_of, visit

CASES = (Case(583, 224), Case(2000, 224), Case(5000, 1024))
MIB = 2**20
AT_ONCE = 50.0  # ms: seems to be so already
WANTED = {"next image": AT_ONCE, "filter": AT_ONCE, "search": AT_ONCE, "image threshold": AT_ONCE,
          "pixel threshold": AT_ONCE, "verdict": AT_ONCE, "verdict, stored": 300.0}  # fmt: skip
SHIFT, MEMORY = 0.05, 500 * MIB


def main(arguments: list[str]) -> None:
    """Parse the options, make the runs, measure, print a table per run; write JSON and picture where options say."""
    options = _parser().parse_args(arguments)
    if options.store:
        with tempfile.TemporaryDirectory(dir=options.scratch, prefix="review-") as folder:
            found = listing(Path(folder), options.store, options.repeats)
        print(listing_text(found), flush=True)
        write_json(options.json, found)
        return
    cases = [Case(*(int(part) for part in text.split("x"))) for text in options.runs] or list(CASES)
    results = []
    for case in cases:
        with tempfile.TemporaryDirectory(dir=options.scratch, prefix="review-") as folder:
            print(f"{case.name}: making the run", file=sys.stderr, flush=True)
            run = make_run(Path(folder), case)
            if options.loads:
                results.append({"run": case.name, **loads(Path(folder), run.id, options.loads)})
                print(loads_text(results[-1]), flush=True)
            else:
                results.append({"run": case.name, **measure(Path(folder), run.id, options.repeats, case)})
                print(table(results[-1]), flush=True)
    write_json(options.json, results)
    if options.out and not options.loads:
        options.out.write_text(drawn(results), encoding="utf-8")


def measure(folder: Path, run: str, repeats: int, case: Case) -> dict[str, Any]:
    """`steps`: of each name the spread of `ms` and what is `wanted_ms`; `shift` of the layout by loading and by all
    steps; `cpu_ms` of the server for a warm load; `bytes` sent for one; `server_bytes`: the server's memory `before` it
    showed the run, and the `peak`."""  # fmt: skip
    turns: dict[str, list[float]] = {}
    shifts: list[float] = []
    cpu: list[float] = []
    with chromium() as browser:
        for _ in range(repeats):
            with served(folder) as server:
                _note(turns, "cold", load(browser, server, run), shifts)
        with served(folder) as server:
            before, sent = server.memory("VmRSS"), {"socket": 0, "pictures": 0, "rest": 0}
            with visit(browser, review_of(server, run), None, partial(count_bytes, sent=sent)) as page:
                at_rest(page)  # counted here alone: listening to the network slows a page down
            cpu += [_note(turns, "warm", load(browser, server, run), shifts) for _ in range(repeats)]
            with closing(browser.new_context(viewport=SCREEN)) as known:
                load(browser, server, run, known)
                for _ in range(repeats):
                    _note(turns, "again", load(browser, server, run, known), shifts)
            with visit(browser, review_of(server, run)) as page:
                at_rest(page)
                loaded = page.evaluate("seen.shifts")
                _use(page, turns, repeats)
                moved = page.evaluate("seen.shifts") - loaded
            peak = server.memory("VmHWM")
    wanted = WANTED | {f"pictures, {state}": 1200.0 if case.images < 5000 else 2500.0 for state in ("warm", "again")}
    steps = {name: {"ms": spread(times), "wanted_ms": wanted.get(name)} for name, times in turns.items()}
    return {"repeats": repeats, "steps": steps, "shift": {"load": max(shifts), "use": moved}, "cpu_ms": spread(cpu),
            "bytes": sent, "server_bytes": {"before": before, "peak": peak}}  # fmt: skip


def listing(folder: Path, count: int, repeats: int) -> dict[str, Any]:
    """Of each page that lists runs, in a store of so many, the spread of `ms` and of the server's `cpu_ms`, `cold` and
    `warm`."""
    many.make_store(folder, count)
    found: dict[str, Any] = {"runs": count, "repeats": repeats, "wanted_ms": many.WANTED, "pages": {}}
    with chromium() as browser:
        for page in many.PAGES:
            with served(folder) as server:
                turns = [many.opened(browser, server, page) for _ in range(1 + repeats)]
            found["pages"][page] = {
                state: {"ms": spread([took for took, _ in some]), "cpu_ms": spread([cpu for _, cpu in some])}
                for state, some in (("cold", turns[:1]), ("warm", turns[1:]))}  # fmt: skip
    return found


def listing_text(found: dict[str, Any]) -> str:
    """The same as text."""
    lines = [f"{found['runs']} runs in the store", f"{'':<20}{'ms':>10}{'(least-most)':>20}{'wanted':>10}{'CPU':>10}"]
    for page, states in found["pages"].items():
        for state, one in states.items():
            wanted = f"{found['wanted_ms']:>10.0f}" if state == "warm" else f"{'':>10}"
            lines.append(f"{f'{page}, {state}':<20}{cells(one['ms'])}{wanted}{one['cpu_ms']['median']:>10.0f}")
    return "\n".join(lines) + "\n"


def loads(folder: Path, run: str, count: int) -> dict[str, Any]:
    """How many loads there were, and the `failures` in words."""
    with chromium() as browser:
        return {"loads": count, "failures": failures(browser, folder, run, count)}


def loads_text(result: dict[str, Any]) -> str:
    """The outcome of many loads as text."""
    lacking = len({line.split(":")[0] for line in result["failures"]})
    complete = f"{result['run']}\n{result['loads'] - lacking} of {result['loads']} loads were complete"
    return "\n".join([complete, *result["failures"]]) + "\n"


def table(result: dict[str, Any]) -> str:
    """The figures of one run as text."""
    sent, memory, shift = result["bytes"], result["server_bytes"], result["shift"]
    lines = [f"{result['run']}", f"{'':<20}{'ms':>10}{'(least-most)':>20}{'wanted':>10}"]
    lines += [f"{name:<20}{cells(step['ms'])}{_wanted(step)}" for name, step in result["steps"].items()]
    lines.append(f"layout shift: {shift['load']:.3f} on load, {shift['use']:.3f} in use; wanted below {SHIFT}")
    lines.append(f"a warm load takes {result['cpu_ms']['median']:.0f} ms of the server's CPU; it sends "
                 f"{sent['socket'] / MIB:.2f} MiB by the socket, {sent['pictures'] / MIB:.2f} MiB of pictures and "
                 f"maps, {sent['rest'] / MIB:.2f} MiB of Streamlit")  # fmt: skip
    lines.append(f"server's memory: {memory['before'] / MIB:.0f} MiB before, {memory['peak'] / MIB:.0f} MiB at most; "
                 f"wanted below {MEMORY / MIB:.0f}\n")  # fmt: skip
    return "\n".join(lines)


def _wanted(step: dict[str, Any]) -> str:
    aim = step["wanted_ms"]
    return "" if aim is None else f"{aim:>10.0f}{' *' if step['ms']['median'] > aim else ''}"


def _use(page: Any, turns: dict[str, list[float]], repeats: int) -> None:
    """Each step in turn, so often, with no hurry: the page is at rest before."""
    for step in STEPS:
        for turn in range(repeats):
            at_rest(page)
            for name, milliseconds in step(page, turn).items():
                turns.setdefault(name, []).append(milliseconds)


def _note(turns: dict[str, list[float]], state: str, visit: dict[str, float], shifts: list[float]) -> float:
    for name in ("pictures", "complete"):
        turns.setdefault(f"{name}, {state}", []).append(visit[name])
    shifts.append(visit["shift"])
    return visit["cpu"]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks review_latency", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--runs", nargs="+", default=[], metavar="NxS",
                        help="N images with maps of S x S, such as 583x224 (default: the three above)")  # fmt: skip
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--loads", type=int, default=0, metavar="N", help="load the page so often instead")
    parser.add_argument("--store", type=int, default=0, metavar="N", help="time the pages that list N runs instead")
    parser.add_argument("--scratch", type=Path, help="folder for the runs, 2 GB (default: the system's)")
    parser.add_argument("--out", type=Path, help="picture to write, .svg")
    material.add_json_option(parser)
    return parser
