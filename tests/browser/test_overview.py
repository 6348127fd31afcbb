"""Overview in a real browser: find a run among several, label it, delete it, and take that back."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import Locator, Page, expect

from patchcore_core.reviews.run_labels import RunLabelsOf
from patchcore_core.runs.store import RunStore
from tests.browser.reading import expect_idle
from tests.made_runs import CONFIG, draft, finish, store

__all__ = ["draft", "finish", "store"]
pytestmark = pytest.mark.browser
TICK, ROW = {"x": 18, "y": 55}, 40  # of the first row of a table, and pixels to the next one


def test_filter_label_delete_and_undo(
    dashboard: str, store: RunStore, draft: Callable, finish: Callable, open_browser: Callable[[], Page]
) -> None:
    runs = [finish(store.begin(draft(identity=str(seed), config=replace(CONFIG, seed=seed)))) for seed in range(7)]
    wanted = runs[3]
    page = open_browser()
    page.goto(dashboard)
    expect(_rows(page)).to_have_count(7)

    page.get_by_label("Search", exact=True).fill(wanted.id)
    page.get_by_label("Search", exact=True).press("Enter")
    expect(page.get_by_text(re.compile(r"^1 of 7 runs"))).to_be_visible()
    page.wait_for_url(re.compile(f"text={wanted.id}"))
    expect(_rows(page)).to_have_count(1)

    _tick(page)
    page.get_by_role("button", name="Label").click()
    page.get_by_label("Name", exact=True).fill("Line 3")
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_role("button", name=re.compile("^.*Undo: label"))).to_be_visible()
    assert RunLabelsOf(store.root).current(wanted.id).name == "Line 3"

    page.get_by_role("button", name="Delete").click()  # the run stays ticked
    undo = page.get_by_role("button", name="Undo: delete Line 3")
    expect(undo).to_be_visible()
    expect(page.get_by_text(re.compile(r"^0 of 6 runs"))).to_be_visible()
    assert {run.id for run in store.list()} == {run.id for run in runs} - {wanted.id}
    undo.click()
    expect(page.get_by_text(re.compile(r"^1 of 7 runs"))).to_be_visible()
    assert store.get(wanted.id) == wanted


def test_ticked_runs_leave_as_one_file_and_come_back(
    dashboard: str, store: RunStore, draft: Callable, finish: Callable, open_browser: Callable[[], Page]
) -> None:
    runs = [finish(store.begin(draft(identity=str(seed), config=replace(CONFIG, seed=seed)))) for seed in range(3)]
    page = open_browser()
    page.goto(dashboard)
    expect(_rows(page)).to_have_count(3)
    _tick(page)
    _tick(page, 1)
    expect(page.get_by_role("link", name="Compare 2 runs")).to_be_visible()
    page.get_by_role("button", name="Export").click()
    expect(page.get_by_text(re.compile(r"The 2 runs, .* on the disk"))).to_be_visible()
    with page.expect_download() as offered:
        page.get_by_role("link", name="Download 2-runs.zip").click()
    file = offered.value.path()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Delete").click()
    expect(_rows(page)).to_have_count(1)
    assert [run.id for run in store.list()] == [runs[0].id]
    page.get_by_text("Import runs").click()
    page.locator("input[type=file]").set_input_files({"name": "2-runs.zip", "mimeType": "application/zip",
                                                      "buffer": file.read_bytes()})
    expect(_rows(page)).to_have_count(3)
    assert [run.id for run in store.list()] == [run.id for run in reversed(runs)]


def _rows(page: Page) -> Locator:
    """The rows of the table that hold a run, as a screen reader finds them."""
    return page.locator("[data-testid=stDataFrame] canvas [role=row]:has([role=gridcell])")


def _tick(page: Page, row: int = 0) -> None:
    expect_idle(page)
    page.locator("[data-testid=stDataFrame]").first.click(position={"x": TICK["x"], "y": TICK["y"] + row * ROW})
