"""A defective part among the good training photos: seen on the map of the bank, ranked first, fitted without."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from patchcore_core.runs.store import RunStore
from tests.browser.tiles import fit

pytestmark = pytest.mark.browser
FIT_MS = 240_000  # a busy machine is no defect
PLANTED = "train/good/planted.png"


@pytest.fixture
def dirty(dashboard: str, tiles: Path, tmp_path: Path) -> str:
    """The address of a dashboard whose only run has a defective part among its good photos."""
    shutil.copy(tiles / "test/hole/005.png", tiles / PLANTED)
    (tiles / "test/hole/005.png").unlink()
    fit(tiles, tmp_path / "runs")
    return dashboard


def test_the_map_shows_the_patch_of_the_row_that_is_pointed_at(dirty: str, open_browser: Callable[[], Page]) -> None:
    page = open_browser()
    page.goto(f"{dirty}/memory_bank")
    plane = page.locator(".bank_map canvas")
    expect(plane).to_be_visible()
    expect(page.get_by_text("Point at a row to see its patch.")).to_be_visible()
    plane.focus()
    page.keyboard.press("ArrowRight")  # the first row
    picture = page.locator(".bank_map img.patch")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 192
    expect(page.get_by_text(re.compile("chosen as number 1 of"))).to_be_visible()
    before = picture.get_attribute("src")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text(re.compile("chosen as number 2 of"))).to_be_visible()
    expect(picture).not_to_have_attribute("src", str(before))
    box = plane.bounding_box()
    assert box is not None
    for step in range(40):  # along the diagonal, until the pointer finds a row
        page.mouse.move(box["x"] + box["width"] * (0.5 + step / 100), box["y"] + box["height"] * (0.5 + step / 200))
        if page.get_by_text(re.compile("chosen as number")).count():
            break
    expect(page.locator(".bank_map .words")).to_contain_text(re.compile("near (no|[0-9,]+) test patch"))


def test_a_defective_training_photo_is_found_and_fitted_without(
    dirty: str, tmp_path: Path, open_browser: Callable[[], Page]
) -> None:
    store = RunStore(tmp_path / "runs")
    (before,) = store.list()
    page = open_browser()
    page.goto(f"{dirty}/training_photos")
    expect(page.get_by_text(f"1 · {PLANTED}")).to_be_visible()
    expect(page.get_by_text("Patch 1", exact=False).first).to_be_visible()
    page.get_by_role("checkbox", name="Exclude").first.check(force=True)
    page.get_by_role("button", name="Fit again without 1 photo").click()
    page.wait_for_url(re.compile(r"/fit\?.*jobs="))
    expect(page.get_by_text(re.compile("finished · Image AUROC"))).to_be_visible(timeout=FIT_MS)
    after = next(run for run in store.list() if run.id != before.id)
    assert after.excluded == (PLANTED,)
    assert after.config == before.config
    assert store.get(before.id) == before
