"""Review of a fitted run, in a store of its own for each file of tests, which change verdicts."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from benchmarks.review.store import Case, make_run
from tests.browser.review.reading import HOSTILE, opened
from tests.browser.serving import served
from tests.browser.tiles import fit, make_tiles
from tests.places import ROOT


@pytest.fixture(scope="session")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `data`/tile, of which the first test photo with a hole has a hostile name, and `runs` with two runs
    on it: of 64 pixels, then of 96."""
    folder = tmp_path_factory.mktemp("fitted")
    tiles = make_tiles(folder / "data" / "tile")
    for path in (tiles / "test/hole/000.png", tiles / "ground_truth/hole/000_mask.png"):
        path.rename(path.with_name(path.name.replace("000", HOSTILE)))
    for size in (64, 96):
        fit(tiles, folder / "runs", image_size=size)
    return folder


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, fitted: Path) -> Path:
    """The store's folder; its runs are `fitted`."""
    return Path(shutil.copytree(fitted / "runs", tmp_path_factory.mktemp("review") / "runs"))


@pytest.fixture(scope="module")
def address(store: Path, fitted: Path, browser: Browser) -> Iterator[str]:  # noqa: ARG001  (skips first)
    """The address of Review with the newer run; each visitor changes only what the next one does not look at."""
    places = {"PATCHCORE_RUNS": store, "PATCHCORE_DATA": fitted / "data", "PATCHCORE_SAMPLE": fitted / "sample",
              "PATCHCORE_AUTHOR": "Ada"}  # fmt: skip
    with served(ROOT / "app.py", store.parent, **places) as dashboard:
        yield f"{dashboard}/review"


@pytest.fixture
def review(address: str, open_browser: Callable[[], Page]) -> Page:
    """The Review page with all images by name."""
    return opened(open_browser(), f"{address}?order=by+name")


@pytest.fixture(scope="module")
def plates(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[tuple[str, Path]]:  # noqa: ARG001
    """The address of Review with a run of 72 images, good and of three defect types, and its store."""
    folder = tmp_path_factory.mktemp("plates")
    make_run(folder, Case(72, 64))
    places = {"PATCHCORE_RUNS": folder / "runs", "PATCHCORE_DATA": folder / "data", "PATCHCORE_AUTHOR": "Ada",
              "PATCHCORE_SAMPLE": folder / "sample"}  # fmt: skip
    with served(ROOT / "app.py", folder, **places) as address:
        yield f"{address}/review", folder / "runs"
