"""Review's filters: what a click lists, also in the address, and what a link lists elsewhere."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from patchcore_core.config import PatchCoreConfig
from patchcore_core.evaluation.curve_points import Curves
from patchcore_core.runs.image_table import image_table
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore
from patchcore_core.runs.writer import RunWriter
from tests.browser.review.reading import await_address, card_names, expect_count, expect_painted, opened, outcome
from tests.browser.serving import served
from tests.places import ROOT

pytestmark = pytest.mark.browser
SIDE, SCORES = 32, [0.2, 0.3, 1.0, 0.4, 0.8, 1.2]  # three good images, then three with a hole of 6, 5 and 4 pixels
AT = "threshold=0.9&pixel_threshold=0.3&order=by+name"  # a false alarm, two misses, a hit


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[str]:  # noqa: ARG001  (skips first)
    """The address of Review with one run of these images."""
    root = tmp_path_factory.mktemp("filters")
    data = root / "data" / "tile"
    data.mkdir(parents=True)
    maps = np.full((len(SCORES), SIDE, SIDE), 0.1, np.float32)
    rows = []
    for row, score in enumerate(SCORES):
        hole = (slice(10, 19 - row), slice(12, 21 - row))
        maps[row][hole if row > 2 else (0, 0)] = score
        mask = data / f"mask{row}.png"
        Image.new("L", (10 * SIDE, 10 * SIDE), 100 + row).save(data / f"{row}.png")
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
    writer.finish(table, Curves(), maps, lambda folder: folder.mkdir(), thresholds={"pixel_good_p999": 0.3})
    places = {"PATCHCORE_RUNS": root / "runs", "PATCHCORE_DATA": root / "data", "PATCHCORE_SAMPLE": data / "sample",
              "PATCHCORE_AUTHOR": "Ada"}  # fmt: skip
    with served(ROOT / "app.py", root, **places) as address:
        yield f"{address}/review"


@pytest.fixture
def go(made: str, open_browser: Callable[[], Page]) -> Callable[[str], Page]:
    """`go(query)`: a new visitor with these parameters."""
    return lambda query: opened(open_browser(), f"{made}?{query}")


def expect_rows(page: Page, *rows: int) -> None:
    """These images are listed, in this order."""
    expect_count(page, f"all {len(SCORES)}" if len(rows) == len(SCORES) else f"{len(rows)} of {len(SCORES)}")
    page.wait_for_function("""(names) => {
      const roots = [...document.querySelectorAll("*")].flatMap((one) => one.shadowRoot ?? []);
      const inner = roots.flatMap((root) => [...root.querySelectorAll("*")].flatMap((one) => one.shadowRoot ?? []));
      const cards = inner.flatMap((root) => [...root.querySelectorAll("[role=option]")]);
      const found = cards.sort((one, other) => one.ariaPosInSet - other.ariaPosInSet).map(({ dataset }) => dataset.id);
      return String(found) === String(names);
    }""", arg=[f"{row}.png" for row in rows])


def test_an_outcome_is_listed_and_the_address_follows(go: Callable[[str], Page]) -> None:
    page = go(f"{AT}&image=3.png")
    expect_rows(page, 0, 1, 2, 3, 4, 5)
    outcome(page, "missed").click()
    expect_rows(page, 3, 4)
    expect(outcome(page, "missed")).to_have_attribute("aria-pressed", "true")
    await_address(page, "outcome=missed")
    assert "image=" not in page.url
    expect_painted(page, "3.png")
    outcome(page, "false alarm").click()  # both
    expect_rows(page, 2, 3, 4)
    outcome(page, "missed").click()
    expect_rows(page, 2)
    await_address(page, r"^(?!.*outcome=missed).*outcome=false")
    page.reload()
    expect_rows(page, 2)
    page.get_by_role("button", name="Clear all filters").click()
    expect_rows(page, 0, 1, 2, 3, 4, 5)
    page.wait_for_url(lambda url: "outcome" not in url and "order=by+name" in url)


def test_filters_set_by_hand_are_a_link_that_lists_the_same_elsewhere(go: Callable[[str], Page]) -> None:
    page = go(AT)
    page.get_by_role("button", name="Filter by type").click()
    page.get_by_role("checkbox", name=re.compile("hole")).check()
    expect_rows(page, 3, 4, 5)
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("4.PNG")  # case is ignored
    expect_rows(page, 4)
    await_address(page, "q=4.PNG")
    elsewhere = go(page.url.split("?")[1])
    expect_rows(elsewhere, 4)
    expect(elsewhere.get_by_label("Search path")).to_have_value("4.PNG")
    expect(elsewhere.get_by_role("button", name="type: hole")).to_be_visible()


def test_orders_and_ranges_in_a_link_and_words_that_mean_nothing(go: Callable[[str], Page]) -> None:
    expect_rows(go(f"{AT}&size=20&size=30"), 4)
    expect_rows(go(f"{AT}&score=0.35&score=1.1"), 2, 3, 4)
    page = go(f"{AT}&score=%3Cimg%3E&size=x&cause=y&outcome=z&defect=%27&threshold=%3Cb%3E")
    expect_rows(page, 0, 1, 2, 3, 4, 5)
    page.get_by_label("Order").select_option("lowest score first")
    expect_rows(page, 0, 1, 3, 4, 2, 5)


def test_words_of_former_links_are_known(go: Callable[[str], Page]) -> None:
    expect_rows(go(f"{AT}&outcome=miss"), 3, 4)
    expect_rows(go(f"{AT}&outcome=false+alarm"), 2)


def test_a_filter_follows_the_threshold(go: Callable[[str], Page]) -> None:
    page = go(f"{AT}&outcome=missed+defect+%28FN%29")
    expect_rows(page, 3, 4)
    field = page.locator(".threshold-strip").get_by_role("textbox", name="Threshold")
    field.fill("0.5")
    field.press("Enter")
    expect_rows(page, 3)


def test_the_images_listed_are_taken_away_as_a_table_and_as_pictures(go: Callable[[str], Page]) -> None:
    page = go(f"{AT}&outcome=missed+defect+%28FN%29")
    expect_rows(page, 3, 4)
    page.get_by_role("button", name="Export").click()
    page.get_by_role("button", name="listed images as CSV (2)").click()
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("Download .*csv")).click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text(encoding="utf-8"), newline="")))
    assert [(row["image"], row["outcome"], float(row["score"])) for row in rows] == [
        ("3.png", "missed defect (FN)", pytest.approx(0.4)), ("4.png", "missed defect (FN)", pytest.approx(0.8))]
    page.get_by_role("button", name="pictures of the listed images (2)").click()
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("Download .*zip")).click()
    assert download.value.path().read_bytes()[:2] == b"PK"


def test_a_region_of_the_table_is_zoomed_to(go: Callable[[str], Page]) -> None:
    page = go(f"{AT}&image=3.png")
    viewer = page.locator(".viewer[data-drawn]")
    expect(viewer).to_have_attribute("data-whole", "true")
    page.get_by_role("button", name=re.compile("egions")).first.click()
    table = page.get_by_role("table", name=re.compile("egions"))
    expect(table.get_by_role("row")).to_have_count(3)
    table.get_by_role("button").first.click()
    # 6 pixels of 10 photo pixels each at row 10, column 12, twice as large
    await_address(page, "zoom=70%2C90%2C190%2C210")
    expect(viewer).to_have_attribute("data-whole", "false")
    page.keyboard.press("n")
    expect(viewer).to_have_attribute("data-whole", "true")
    assert card_names(page) == [f"{row}.png" for row in range(len(SCORES))]
