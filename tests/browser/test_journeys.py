"""What people do, in a real browser: the first start, a fit, a review and its link."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.dataset import load_dataset
from patchcore_core.fitting.draft import draft_run
from patchcore_core.runs.store import RunStore
from patchcore_core.runs.writer import RunWriter
from tests.browser.review.reading import cards, expect_whole, opened, selected
from tests.browser.tiles import fit

pytestmark = pytest.mark.browser
FIT_MS = 240_000  # a busy machine is no defect


def test_first_start_leads_to_a_finished_run_without_a_click(dashboard: str, open_browser: Callable[[], Page]) -> None:
    page = open_browser()
    page.goto(dashboard)
    expect(page.get_by_text("built-in sample set").first).to_be_visible()
    expect(page.get_by_test_id("stProgress").first).to_be_visible()
    page.wait_for_url(re.compile(r"/review\?.*run="), timeout=FIT_MS)
    expect(page.get_by_text("Image AUROC").first).to_be_visible()
    expect(page.get_by_text("AUPRO", exact=False).first).to_be_visible()
    expect_whole(page)
    page.goto(dashboard)
    expect(page.get_by_test_id("stDataFrame").first).to_be_visible()  # Overview now has its table of runs


def test_fit_a_folder_and_watch_it_finish(dashboard: str, tiles: Path, open_browser: Callable[[], Page]) -> None:
    page = open_browser()
    page.goto(f"{dashboard}/fit?path={tiles}")
    expect(page.get_by_text("Forecast", exact=True)).to_be_visible()
    page.get_by_role("button", name="Fit", exact=True).click()
    expect(page.get_by_text("Started", exact=True)).to_be_visible()
    review = page.get_by_test_id("stMain").get_by_role("link", name="Review")
    expect(page.get_by_text(re.compile("finished · Image AUROC"))).to_be_visible(timeout=FIT_MS)
    review.click()
    page.wait_for_url(re.compile(r"/review\?.*run=.*tile"))
    expect(page.get_by_text("Image AUROC").first).to_be_visible()


def test_a_sweep_is_started_watched_half_cancelled_and_resumed(
    dashboard: str, tiles: Path, tmp_path: Path, open_browser: Callable[[], Page]
) -> None:
    store = RunStore(tmp_path / "runs")
    before = store.begin(draft_run(load_dataset(tiles), PatchCoreConfig(seed=9)))  # the sweep waits for this fit
    assert isinstance(before, RunWriter)
    page = open_browser()
    page.goto(f"{dashboard}/fit?path={tiles}")
    page.get_by_role("combobox", name="Vary").fill("seed")
    page.get_by_role("option", name="seed", exact=True).click()
    page.keyboard.press("Escape")  # the list hides what is below it from those who cannot see
    page.get_by_role("textbox", name="Values of seed").fill("0, 1, 2, 3")
    page.get_by_role("textbox", name="Values of seed").press("Enter")
    page.get_by_role("button", name="Fit 4 runs").click()
    expect(page.get_by_text(re.compile("0 of 4 finished, 4 waiting"))).to_be_visible()
    cancels = page.get_by_role("button", name="Cancel", exact=True)
    for left in (1, 2):
        expect(cancels).to_have_count(5 - left)  # none of them is of a fit that was cancelled
        cancels.last.click()
        expect(page.get_by_text(re.compile(f"{4 - left} waiting, {left} cancelled"))).to_be_visible()
    before.end("cancelled", "it has served its purpose")
    expect(page.get_by_text(re.compile("2 of 4 finished, 2 cancelled"))).to_be_visible(timeout=FIT_MS)
    page.get_by_role("button", name="Retry 2").click()
    expect(page.get_by_text(re.compile("4 of 4 finished"))).to_be_visible(timeout=FIT_MS)
    page.get_by_role("link", name="Compare these 4 runs").click()
    page.wait_for_url(re.compile(r"/compare\?.*runs="))


def test_a_copied_link_reopens_the_view(
    dashboard: str, tiles: Path, tmp_path: Path, open_browser: Callable[[], Page]
) -> None:
    fit(tiles, tmp_path / "runs")
    page = open_browser()
    opened(page, f"{dashboard}/review")
    cards(page).nth(2).click()
    page.wait_for_url(re.compile("image="))
    handle = page.get_by_role("slider", name="Threshold").first
    handle.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    value = float(handle.get_attribute("aria-valuenow") or "nan")
    page.wait_for_url(lambda url: math.isclose(_threshold(url), value, rel_tol=1e-6))
    link = page.url
    chosen = selected(page).get_attribute("data-id")

    elsewhere = opened(open_browser(), link)
    expect(elsewhere.get_by_role("slider", name="Threshold").first).to_have_attribute("aria-valuenow", f"{value:g}")
    expect(selected(elsewhere)).to_have_attribute("data-id", str(chosen))
    assert elsewhere.url == link


def test_another_run_starts_at_its_own_thresholds_and_keeps_the_filters(
    dashboard: str, tiles: Path, tmp_path: Path, open_browser: Callable[[], Page]
) -> None:
    for size in (64, 96):
        fit(tiles, tmp_path / "runs", image_size=size)
    newer, older = RunStore(tmp_path / "runs").list()
    page = open_browser()
    opened(page, f"{dashboard}/review?threshold=0.7&pixel_threshold=0.6&defect=hole&zoom=1,2,20,30")
    runs = page.get_by_role("button", name=re.compile("^Run: "))
    expect(runs).to_contain_text(newer.id[-4:])
    runs.click()
    page.get_by_role("button", name=re.compile(f"64 px.*{older.id[-4:]}")).click()
    page.wait_for_url(re.compile(f"run={older.id}"))
    expect(runs).to_contain_text(older.id[-4:])
    expect_whole(page)
    assert "defect=hole" in page.url
    assert not re.search("threshold=|zoom=", page.url)


def _threshold(url: str) -> float:
    """The threshold in this address, NaN where it has none."""
    found = re.search(r"[?&]threshold=([\d.]+)", url)
    return float(found[1]) if found else math.nan
