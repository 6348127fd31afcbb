"""Review of a run of its own for each file of tests, which change verdicts and photos."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.review.reading import HOSTILE, expect_drawn
from tests.browser.serving import dashboard_in
from tests.browser.tiles import fit, make_tiles


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store's folder."""
    return tmp_path_factory.mktemp("review") / "runs"


@pytest.fixture(scope="module")
def address(store: Path, browser: Browser) -> Iterator[str]:  # noqa: ARG001  (skips first)
    """The address of Review with a finished run whose first test photo has a hostile name; each visitor changes only
    what the next one does not look at."""
    folder = store.parent
    tiles = make_tiles(folder / "data" / "tile")
    for path in (tiles / "test/hole/000.png", tiles / "ground_truth/hole/000_mask.png"):
        path.rename(path.with_name(path.name.replace("000", HOSTILE)))
    fit(tiles, folder / "runs")
    with dashboard_in(folder) as dashboard:
        yield f"{dashboard}/review"


@pytest.fixture
def review(address: str, open_browser: Callable[[], Page]) -> Page:
    """The Review page with all images by name."""
    page = open_browser()
    page.goto(f"{address}?order=by+name")
    expect(page.get_by_text("All 12 test images")).to_be_visible()
    expect_drawn(page)
    return page
