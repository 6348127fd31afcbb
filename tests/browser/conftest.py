"""A running dashboard and a real Chromium; skipped with the reason where there is no browser, required in CI."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

ROOT = Path(__file__).parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--disable-quic", "--no-first-run",
]  # fmt: skip
START_SECONDS = 90
expect.set_options(timeout=60_000)  # a busy machine is no defect


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        if os.environ.get("PATCHCORE_REQUIRE_BROWSER"):
            pytest.fail(f"a browser is required here, and none of {', '.join(BROWSERS)} is installed")
        pytest.skip(f"needs one of {', '.join(BROWSERS)}; none is installed")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def open_browser(browser: Browser) -> Iterator[Callable[[], Page]]:
    """`open_browser()` is a new visitor: a page without cookies; a script error on any of them fails the test."""
    contexts, errors = [], []

    def new() -> Page:
        context = browser.new_context(viewport={"width": 1400, "height": 900})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield new
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def dashboard(tmp_path: Path) -> Iterator[str]:
    """The address of a dashboard with an empty store; its folders are `tmp_path`/runs and `tmp_path`/data."""
    with dashboard_in(tmp_path) as address:
        yield address


@pytest.fixture(scope="session")
def components(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of `components_page.py`: components on a page of their own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    log = tmp_path_factory.mktemp("components") / "server.log"
    with _served("tests/browser/components_page.py", environment, log) as address:
        yield address


@contextmanager
def dashboard_in(folder: Path) -> Iterator[str]:
    """The address of a dashboard whose store is `folder`/runs and whose data lie in `folder`/data."""
    (folder / "data").mkdir(exist_ok=True)
    places = {"PATCHCORE_RUNS": folder / "runs", "PATCHCORE_DATA": folder / "data"}
    environment = {**os.environ, **{name: str(place) for name, place in places.items()}}
    environment["PATCHCORE_SAMPLE"] = str(folder / "data" / "sample")
    with _served("app.py", environment, folder / "server.log") as address:
        yield address


@contextmanager
def _served(script: str, environment: dict[str, str], log: Path) -> Iterator[str]:
    """The address at which Streamlit serves this script."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.port", str(port), "--server.headless=true"]
    with log.open("w") as written:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=written, stderr=written)
    try:
        _await(f"http://localhost:{port}/_stcore/health", server, log)
        yield f"http://localhost:{port}"
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture
def tiles(tmp_path: Path, dashboard: str) -> Path:  # noqa: ARG001  (the dashboard makes the data folder)
    """A small MVTec AD category `tile` below the dashboard's data folder."""
    return make_tiles(tmp_path / "data" / "tile")


def make_tiles(root: Path) -> Path:
    """A small MVTec AD category in this folder: textured plates, some with a dark hole."""
    random = np.random.default_rng(0)
    for kind, count in {"train/good": 12, "test/good": 6, "test/hole": 6}.items():
        (root / kind).mkdir(parents=True)
        for i in range(count):
            _plate(root, kind, i, random)
    return root


def _plate(root: Path, kind: str, number: int, random: np.random.Generator) -> None:
    photo = Image.fromarray(random.normal(150, 12, (96, 96, 3)).clip(0, 255).astype(np.uint8))
    if kind.endswith("hole"):
        x, y, radius = [*random.integers(20, 70, 2).tolist(), 6 + number]
        mask = Image.new("L", photo.size)
        for image, colour in ((photo, (20, 20, 20)), (mask, 255)):
            ImageDraw.Draw(image).ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
        (root / "ground_truth" / "hole").mkdir(parents=True, exist_ok=True)
        mask.save(root / "ground_truth" / "hole" / f"{number:03}_mask.png")
    photo.save(root / kind / f"{number:03}.png")


# Of an element: where the nth letter of its text from `word` on stands, from left to right, and up and down.
PLACES_OF = """(box, word) => {
  const walker = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
  const letters = [];
  while (walker.nextNode()) {
    const node = walker.currentNode;
    for (let at = 0; at < node.data.length; at++) letters.push([node, at, node.data[at]]);
  }
  const from = letters.map(([, , letter]) => letter).join("").lastIndexOf(word);
  return letters.slice(from, from + word.length).map(([node, at]) => {
    const range = document.createRange();
    range.setStart(node, at);
    range.setEnd(node, at + 1);
    const { left, top } = range.getBoundingClientRect();
    return [left, top];
  });
}"""


def reads_in_order(element: Locator, word: str) -> bool:
    """Whether the letters of this word, the last of its kind in the element, stand from left to right in one line."""
    places = element.evaluate(PLACES_OF, word)
    assert len(places) == len(word)
    lefts, tops = [place[0] for place in places], [place[1] for place in places]
    return lefts == sorted(set(lefts)) and max(tops) - min(tops) < 2


def _await(address: str, server: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(address, timeout=2).read()
            return
        except (OSError, urllib.error.URLError):
            if server.poll() is not None:
                break
            time.sleep(0.1)
    pytest.fail(f"the dashboard did not start: {log.read_text()[-2000:]}")
