"""How long Review takes in a real Chromium: first paint, next image, a threshold let go; and the server's memory.

The runs are made up (benchmarks/review_store.py): 583 and 2000 images with maps of 224 pixels, and 5000 with maps of
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
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

from benchmarks import material
from benchmarks.alone import ROOT, environment
from benchmarks.figures import cells, spread, write_json
from benchmarks.review_store import Case, make_run

CASES = (Case(583, 224), Case(2000, 224), Case(5000, 1024))
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--disable-quic", "--no-first-run"]  # fmt: skip
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SECONDS = 120  # until a page that shows nothing counts as broken
QUIET = 600  # ms
SCREEN: ViewportSize = {"width": 1400, "height": 900}
MIB = 2**20

# What the page says of itself. Components draw into shadow roots, so these are noted as they are made.
WATCH = """() => {
  const roots = (window.roots = [document]);
  const attach = Element.prototype.attachShadow;
  const watch = (root) => new MutationObserver((seen) => {
    if (seen.some(({ target }) => !target.closest?.("[data-testid=stStatusWidget], [data-testid=stApp] > header")))
      window.changed = performance.now();
  }).observe(root, { subtree: true, childList: true, characterData: true, attributes: true,
                     attributeFilter: ["class", "style", "src", "d", "data-drawn", "aria-valuenow"] });
  Element.prototype.attachShadow = function (options) {
    const root = attach.call(this, options);
    roots.push(root);
    watch(root);
    return root;
  };
  watch(document);
  window.first = (selector) => {
    for (const root of roots) {
      const found = root.querySelector(selector);
      if (found?.isConnected) return found;
    }
    return null;
  };
  for (const kind of ["click", "pointerup", "keydown"])
    window.addEventListener(kind, () => { window.acted = performance.now(); }, true);
}"""
CARD = "[role=option]"
VIEWER = ".viewer[data-drawn]"
PAINTED = f"""() => first('{CARD}') && first('{VIEWER}')?.querySelector('canvas')?.width > 0 && performance.now()"""
OTHER = f"""(before) => {{
  const drawn = first('{VIEWER}')?.dataset.picture;
  return drawn && drawn !== before && performance.now() - acted;
}}"""
RESTED = """(quiet) => changed > acted && performance.now() - changed > quiet && changed - acted"""


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
    with _browser() as browser:
        for _ in range(repeats):
            with served(folder) as server:
                before = server.memory("VmRSS")
                _note(turns, "cold", _first_paint(browser, server, run))
        with served(folder) as server:
            before = server.memory("VmRSS")
            with _visit(browser, server, run, sent := {"socket": 0, "media": 0, "rest": 0}):
                pass  # counted here alone: listening to the network slows a page down
            for _ in range(repeats):
                _note(turns, "warm", _first_paint(browser, server, run))
            with closing(browser.new_context(viewport=SCREEN)) as known:
                _first_paint(browser, server, run, known)
                for _ in range(repeats):
                    _note(turns, "again", _first_paint(browser, server, run, known))
            with _visit(browser, server, run) as page:
                for name, act in STEPS.items():
                    turns[name] = [_cost(server, page, act, turn) for turn in range(repeats)]
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


class Server:
    """A dashboard's process and its address."""

    def __init__(self, process: subprocess.Popen, address: str) -> None:
        self.address, self.process = address, psutil.Process(process.pid)

    def cpu(self) -> float:
        """Milliseconds of CPU that it has used, all threads."""
        times = self.process.cpu_times()
        return 1000 * (times.user + times.system)

    def memory(self, name: str) -> int:
        """Bytes of VmRSS or VmHWM (the most there were); mapped files count."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8").splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
        return 0


@contextmanager
def served(folder: Path) -> Iterator[Server]:
    """The dashboard on the store and the data in this folder."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    places = {"PATCHCORE_RUNS": folder / "runs", "PATCHCORE_DATA": folder / "data",
              "PATCHCORE_SAMPLE": folder / "data" / "sample"}  # fmt: skip
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port), "--server.headless=true"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment(None) | {k: str(v) for k, v in places.items()},
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    try:
        address = f"http://localhost:{port}"
        _await(f"{address}/_stcore/health", process)
        yield Server(process, address)
    finally:
        process.terminate()
        process.wait(20)


def _await(address: str, process: subprocess.Popen) -> None:
    end = time.monotonic() + SECONDS
    while process.poll() is None and time.monotonic() < end:
        try:
            urllib.request.urlopen(address, timeout=2).read()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the dashboard did not start")


@contextmanager
def _browser() -> Iterator[Browser]:
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        raise SystemExit(f"needs one of {', '.join(BROWSERS)}")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield chromium
        chromium.close()


@contextmanager
def _visit(browser: Browser, server: Server, run: str, sent: dict[str, int] | None = None,
           known: BrowserContext | None = None) -> Iterator[Page]:  # fmt: skip
    """A page with Review of the run, painted and at rest: a new visitor's, or of one who is `known`."""
    context = known or browser.new_context(viewport=SCREEN)
    page = context.new_page()
    page.set_default_timeout(SECONDS * 1000)
    page.add_init_script(f"({WATCH})()")
    if sent is not None:
        _count_bytes(page, sent)
    page.goto(f"{server.address}/review?run={run}", wait_until="commit")
    painted = page.wait_for_function(PAINTED, polling="raf").json_value()
    page.evaluate("(value) => { window.painted = value; window.acted = 0; }", painted)
    page.wait_for_function(RESTED, arg=QUIET)
    yield page
    page.close()
    if not known:
        context.close()


def _first_paint(browser: Browser, server: Server, run: str,
                 known: BrowserContext | None = None) -> tuple[float, float, float]:  # fmt: skip
    """Milliseconds to the first paint and to the whole page, and the server's CPU milliseconds of it."""
    before = server.cpu()
    with _visit(browser, server, run, known=known) as page:
        return page.evaluate("painted"), page.evaluate("changed"), server.cpu() - before


def _note(turns: dict[str, list[tuple[float, float]]], state: str, visit: tuple[float, float, float]) -> None:
    painted, whole, cpu = visit
    turns.setdefault(f"first paint, {state}", []).append((painted, cpu))
    turns.setdefault(f"whole page, {state}", []).append((whole, cpu))


def _count_bytes(page: Page, sent: dict[str, int]) -> None:
    kinds: dict[str, str] = {}
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")

    def finished(event: dict[str, Any]) -> None:
        sent[kinds.get(event["requestId"], "rest")] += int(event["encodedDataLength"])

    network.on("Network.requestWillBeSent", lambda event: kinds.update(
        {event["requestId"]: "media" if "/media/" in event["request"]["url"] else "rest"}))  # fmt: skip
    network.on("Network.loadingFinished", finished)
    page.on("websocket", lambda opened: opened.on(
        "framereceived", lambda frame: sent.update(socket=sent["socket"] + len(frame))))  # fmt: skip


def _cost(server: Server, page: Page, act: Any, turn: int) -> tuple[float, float]:
    before = server.cpu()
    milliseconds = act(page, turn)
    page.wait_for_function(RESTED, arg=QUIET)
    return milliseconds, server.cpu() - before


def _next_image(page: Page, turn: int) -> float:  # noqa: ARG001  (every turn is one image on)
    return _shown(page, lambda: page.keyboard.press("n"))


def _other_image(page: Page, turn: int) -> float:
    """Click on another card that is in view, two or more places away."""
    place = int(page.locator("[role=option][aria-selected=true]").get_attribute("aria-posinset") or 1) - 1
    return _shown(page, page.locator(f"[aria-posinset='{(place + 3 + turn % 4) % 10 + 1}']").click)


def _shown(page: Page, act: Callable[[], None]) -> float:
    before = page.evaluate(f"first('{VIEWER}').dataset.picture")
    act()
    return float(page.wait_for_function(OTHER, arg=before, polling="raf").json_value())


def _image_threshold(page: Page, turn: int) -> float:
    return _drag(page, "images", "Image threshold", turn)


def _pixel_threshold(page: Page, turn: int) -> float:
    return _drag(page, "pixels", "Pixel threshold", turn)


def _drag(page: Page, level: str, label: str, turn: int) -> float:
    """Drag the last handle of the operating point of this level a little, to and fro, and let it go."""
    page.get_by_role("radio", name=level).click()
    handle = page.get_by_role("group", name=label, exact=True).get_by_role("slider").last
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.wait_for_function(RESTED, arg=QUIET)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + (30 if turn % 2 == 0 else -30), y, steps=4)
    page.wait_for_timeout(200)
    address = page.url
    page.mouse.up()
    page.wait_for_function("(before) => location.href !== before", arg=address)
    return float(page.wait_for_function(RESTED, arg=QUIET).json_value())


STEPS = {"next image": _next_image, "other image": _other_image, "image threshold": _image_threshold,
         "pixel threshold": _pixel_threshold}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks review_latency", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--runs", nargs="+", default=[], metavar="NxS",
                        help="N images with maps of S x S, such as 583x224 (default: the three above)")  # fmt: skip
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--scratch", type=Path, help="folder for the runs, 2 GB (default: the system's)")
    material.add_json_option(parser)
    return parser
