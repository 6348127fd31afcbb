"""The best configuration of a category and its price, found by somebody who has many runs."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from patchcore_core.runs.store import Run, RunStore
from tests.browser.reading import expect_idle
from tests.runs.compared.known_scores import known_run

pytestmark = pytest.mark.browser
HOLES = [f"test/hole/{number:03d}.png" for number in range(6)]


def made(store: RunStore, category: Path) -> dict[float, Run]:
    """Eight runs by coreset ratio: the two largest banks find everything, the smaller ones miss more and more."""
    misses = {0.5: 0, 0.25: 0, 0.1: 4, 0.05: 4, 0.02: 5, 0.01: 5, 0.005: 6, 0.002: 6}
    return {ratio: known_run(store, category, dict.fromkeys(HOLES[:missed], 0.1), round(4e6 * ratio),
                             coreset_ratio=ratio) for ratio, missed in misses.items()}


def test_the_best_configuration_and_its_price(
    dashboard: str, tiles: Path, tmp_path: Path, open_browser: Callable[[], Page]
) -> None:
    runs = made(RunStore(tmp_path / "runs"), tiles)
    page = open_browser()
    page.goto(f"{dashboard}/compare")  # more runs than stand side by side: all of the newest category
    answer = page.get_by_role("listitem").filter(has_text="the best figure here, but not proved best")
    expect(answer).to_contain_text("1 may be as good")
    expect(answer).to_contain_text("25 % has the smallest bank (1.0 MB)")
    page.get_by_role("radio", name="What does quality cost?").click()
    page.wait_for_url(re.compile("view=price"))
    page.get_by_role("combobox", name=re.compile("Cost")).click()
    page.get_by_role("option", name="memory bank, MB").click()
    page.wait_for_url(re.compile("cost=bank_bytes"))
    expect(page.get_by_text("4 of 8 runs are on the Pareto front", exact=False)).to_be_visible()
    expect(page.locator(".js-plotly-plot .xtitle", has_text="memory bank, MB")).to_be_visible()  # beside the last
    link = page.url
    other = open_browser()
    other.goto(link)
    expect(other.get_by_text("4 of 8 runs are on the Pareto front", exact=False)).to_be_visible()
    expect_idle(page)
    best = page.locator(".js-plotly-plot .scatterlayer .trace").last.locator("path.point").last
    box = best.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator(".hoverlayer")).to_contain_text("25 %")
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_url(re.compile(rf"/review\?.*run={runs[0.25].id}"))


def test_a_box_over_the_scores_is_kept_in_the_link_and_taken_away_by_back(
    dashboard: str, tiles: Path, tmp_path: Path, open_browser: Callable[[], Page]
) -> None:
    store = RunStore(tmp_path / "runs")
    first = known_run(store, tiles, dict(zip(HOLES, (0.1, 0.12, 0.18), strict=False)))
    second = known_run(store, tiles, {}, seed=1)
    page = open_browser()
    page.goto(f"{dashboard}/compare?runs={first.id},{second.id}&view=images&rule=above+all+good+images")
    listed = _listed(page)
    expect(listed).to_have_count(3)
    expect_idle(page)
    _drag(page, (0.01, 0.02), (0.1, 0.98))  # the axis of A goes from 0.07 to 0.83
    page.wait_for_url(re.compile("box="))
    expect(listed).to_have_count(2)
    listed.nth(1).click()
    page.wait_for_url(re.compile("image="))
    expect(page.locator(".js-plotly-plot .selectionlayer path")).not_to_have_count(0)
    other = open_browser()
    other.goto(page.url)
    expect(_listed(other)).to_have_count(2)
    expect(_listed(other).nth(1)).to_have_attribute("aria-selected", "true")
    expect(other.locator(".js-plotly-plot .selectionlayer path")).not_to_have_count(0)
    page.go_back()
    page.go_back()
    expect(listed).to_have_count(3)
    expect(page.locator(".js-plotly-plot .selectionlayer path")).to_have_count(0)
    other.get_by_role("button", name="Take the box away").click()
    expect(_listed(other)).to_have_count(3)
    other.wait_for_url(lambda url: "box=" not in url)


def test_the_list_of_photos_is_taken_away_as_files(
    dashboard: str, tiles: Path, tmp_path: Path, open_browser: Callable[[], Page]
) -> None:
    store = RunStore(tmp_path / "runs")
    runs = [known_run(store, tiles, {HOLES[0]: 0.1}), known_run(store, tiles, {}, seed=1)]
    page = open_browser()
    page.goto(f"{dashboard}/compare?runs={runs[0].id},{runs[1].id}&rule=above+all+good+images")
    for name, begins in (("images.csv", "image,type,label"), ("images.md", "| image | type | label |")):
        with page.expect_download() as offered:
            page.get_by_role("button", name=name).click()
        assert offered.value.suggested_filename == name
        text = Path(offered.value.path()).read_text(encoding="utf-8")
        assert text.startswith(begins)
        assert "missed defect (FN)" in text


def _listed(page: Page) -> Locator:
    """The cards of the gallery."""
    return page.get_by_role("listbox", name="Images with scores of A").get_by_role("option")


def _drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drag over the plot from one place to another, in shares of its width and height."""
    plot = page.locator(".js-plotly-plot .nsewdrag").first
    box = plot.bounding_box()
    assert box is not None
    for step, (across, down) in enumerate([start, ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2), end]):
        page.mouse.move(box["x"] + across * box["width"], box["y"] + down * box["height"], steps=5)
        if not step:
            page.mouse.down()
    page.mouse.up()
