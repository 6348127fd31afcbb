"""A running dashboard and a real Chromium; skipped with the reason where there is no browser, required in CI."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.serving import dashboard_in
from tests.browser.tiles import make_tiles
from tests.browser.visitors import Visitors

# The first is Chromium without its window, which takes half the processor's time.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--disable-quic", "--no-first-run",
]  # fmt: skip
expect.set_options(timeout=60_000)  # a busy machine is no defect


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Widgets come last: their files are short, so that of several processes none is left alone with a long one."""
    items.sort(key=lambda item: "components" in item.path.parts)


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


@pytest.fixture(scope="session")
def visitors(browser: Browser) -> Visitors:
    return Visitors(browser)


@pytest.fixture
def open_browser(visitors: Visitors) -> Iterator[Callable[[], Page]]:
    """`open_browser()` is a new visitor: a page without cookies; a script error on any of them fails the test."""
    contexts, errors = [], []

    def new() -> Page:
        page = visitors.arrive()
        contexts.append(page.context)
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield new
    for context in contexts:
        visitors.leave(context)
    assert errors == []


@pytest.fixture
def dashboard(tmp_path: Path) -> Iterator[str]:
    """The address of a dashboard with an empty store; its folders are `tmp_path`/runs and `tmp_path`/data."""
    with dashboard_in(tmp_path) as address:
        yield address


@pytest.fixture
def tiles(tmp_path: Path, dashboard: str) -> Path:  # noqa: ARG001  (the dashboard makes the data folder)
    """A small MVTec AD category `tile` below the dashboard's data folder."""
    return make_tiles(tmp_path / "data" / "tile")
