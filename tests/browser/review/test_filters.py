"""Review's filters and regions by hand, in a real browser: what a click changes, also in the address, and links."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from patchcore_core.config import PatchCoreConfig
from patchcore_core.evaluation.curve_points import Curves
from patchcore_core.runs.image_table import image_table
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore
from patchcore_core.runs.writer import RunWriter
from tests.browser.serving import served

pytestmark = pytest.mark.browser
SIDE, SCORES = 32, [0.2, 0.3, 1.0, 0.4, 0.8, 1.2]  # three good images, then three with a hole of 6, 5 and 4 pixels
THRESHOLD = 0.9


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of `parts_page.py` with one run: a false alarm, two misses, a hit."""
    root = tmp_path_factory.mktemp("parts")
    data = root / "data" / "tile"
    data.mkdir(parents=True)
    maps = np.full((len(SCORES), SIDE, SIDE), 0.1, np.float32)
    rows = []
    for row, score in enumerate(SCORES):
        hole = (slice(10, 19 - row), slice(12, 21 - row))
        maps[row][hole if row > 2 else (0, 0)] = score
        mask = data / f"mask{row}.png"
        if row > 2:
            truth = np.zeros((SIDE, SIDE), np.uint8)
            truth[hole] = 255
            Image.fromarray(truth).resize((10 * SIDE, 10 * SIDE), Image.Resampling.NEAREST).save(mask)
        rows.append({"path": str(data / f"{row}.png"), "split": "test", "label": int(row > 2),
                     "defect_type": "hole" if row > 2 else "good", "mask_paths": (str(mask),) if row > 2 else (),
                     "image_score": score, "height": 10 * SIDE, "width": 10 * SIDE,
                     "mask_kept": 1.0 if row > 2 else np.nan, "map_index": row})  # fmt: skip
    draft = Run("", "running", "tile", str(data), PatchCoreConfig(image_size=SIDE), Path(), identity="parts")
    writer = RunStore(root / "runs").begin(draft)
    assert isinstance(writer, RunWriter)
    table = image_table({name: [row[name] for row in rows] for name in rows[0]})
    writer.finish(table, Curves(), maps, lambda folder: folder.mkdir(),
                  thresholds={"pixel_good_p999": 0.3})  # fmt: skip
    places = {"PATCHCORE_RUNS": root / "runs", "PATCHCORE_DATA": root / "data", "PATCHCORE_SAMPLE": data / "sample"}
    with served(Path(__file__).with_name("parts_page.py"), root, FILTERS_THRESHOLD=THRESHOLD, **places) as address:
        yield address


@pytest.fixture
def opened(parts: str, open_browser: Callable[[], Page]) -> Callable[[str], Page]:
    def go(query: str) -> Page:
        page = open_browser()
        page.goto(f"{parts}/?{query}")
        expect(page.locator(".st-key-rows")).to_contain_text("[[")
        return page

    return go


def expect_rows(page: Page, *rows: int) -> None:
    expect(page.locator(".st-key-rows")).to_contain_text(json.dumps([*rows]).removeprefix("["))


def test_a_view_toggles_a_filter_and_widget_and_address_follow(opened: Callable[[str], Page]) -> None:
    page = opened("order=by+name&image=3.png")
    expect_rows(page, 0, 1, 2, 3, 4, 5)
    page.get_by_role("button", name="Misses").click()
    expect_rows(page, 3, 4)
    expect(page).to_have_url(re.compile("outcome=missed"))
    assert "image=" not in page.url
    pill = page.get_by_test_id("stButtonGroup").get_by_role("button", name="missed defect (FN)")
    expect(pill).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="False alarms").click()
    expect_rows(page, 2)
    expect(page).to_have_url(re.compile("outcome=false"))
    page.reload()
    expect_rows(page, 2)
    page.get_by_role("button", name="Clear filters").click()
    expect_rows(page, 0, 1, 2, 3, 4, 5)
    expect(page).to_have_url(re.compile(r"\?order=by[+ %20]*name$"))


def test_a_filter_set_by_hand_is_a_link_that_opens_the_same_elsewhere(opened: Callable[[str], Page]) -> None:
    page = opened("order=by+name")
    page.get_by_test_id("stButtonGroup").get_by_role("button", name="missed defect (FN)").click()
    expect_rows(page, 3, 4)
    page.get_by_role("textbox", name="Path contains").fill("4.png")
    page.get_by_role("textbox", name="Path contains").press("Enter")
    expect_rows(page, 4)
    expect(page).to_have_url(re.compile("q=4.png"))
    elsewhere = opened(page.url.split("?")[1])
    expect_rows(elsewhere, 4)
    expect(elsewhere.get_by_text("1 of 6 test images", exact=False)).to_be_visible()


def test_sizes_and_scores_in_a_link(opened: Callable[[str], Page]) -> None:
    expect_rows(opened("order=by+name&size=20&size=30"), 4)
    expect_rows(opened("order=by+name&score=0.35&score=1.1"), 2, 3, 4)
    expect_rows(opened("order=by+name&score=%3Cimg%3E&size=x&cause=y&outcome=z&defect=%27&tag=a"), 0, 1, 2, 3, 4, 5)


def test_choosing_a_region_gives_its_part_of_the_photo(opened: Callable[[str], Page]) -> None:
    page = opened(f"row=3&at={THRESHOLD}&pixel=0.3")
    told = page.locator(".st-key-told")
    expect(told).to_contain_text("[]")
    table = page.get_by_role("table", name="Regions of the image")
    expect(table.get_by_role("row")).to_have_count(3)
    table.get_by_role("button").first.click()
    # 6 pixels of 10 photo pixels each at row 10, column 12, twice as large
    expect(told).to_contain_text("[[70.0, 90.0, 190.0, 210.0]]")
    table.get_by_role("button", name="prediction").press("Enter")  # the predicted region is the same one
    expect(told).to_contain_text("[[70.0, 90.0, 190.0, 210.0], [70.0, 90.0, 190.0, 210.0]]")
