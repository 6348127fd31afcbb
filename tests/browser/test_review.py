"""Review by hand, in a real browser: the gallery by mouse and keys, the pixel threshold, names that mean harm."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser
HOSTILE = "<img src=x onerror=document.body.dataset.harmed=1> **b** ![x](http_x)"


@pytest.fixture
def review(dashboard: str, tiles: Path, tmp_path: Path, open_browser: Callable[[], Page]) -> Page:
    """The Review page of a finished run whose first test photo has a hostile name."""
    for path in (tiles / "test/hole/000.png", tiles / "ground_truth/hole/000_mask.png"):
        path.rename(path.with_name(path.name.replace("000", HOSTILE)))
    command = [sys.executable, "-m", "patchcore_core", "fit", str(tiles), "--image-size", "96"]
    subprocess.run([*command, "--runs", str(tmp_path / "runs")], check=True, capture_output=True)
    page = open_browser()
    page.goto(f"{dashboard}/review?order=by+name")
    expect(page.get_by_role("option")).to_have_count(12)
    expect(page.get_by_alt_text(re.compile("Predicted segmentation of"))).to_be_visible()
    return page


def test_gallery_is_walked_by_mouse_and_keys(review: Page) -> None:
    cards = review.get_by_role("option")
    expect(cards.locator("img")).to_have_count(12)  # they come after the page
    cards.nth(3).click()
    expect(_selected(review)).to_have_attribute("data-id", str(cards.nth(3).get_attribute("data-id")))
    _shows(review, cards.nth(3))
    review.keyboard.press("ArrowRight")
    expect(cards.nth(4)).to_have_attribute("aria-selected", "true")
    _shows(review, cards.nth(4))
    review.keyboard.press("End")
    _shows(review, cards.nth(11))
    review.get_by_role("button", name="Previous").click()
    _shows(review, cards.nth(10))
    expect(_selected(review)).to_have_attribute("data-id", str(cards.nth(10).get_attribute("data-id")))
    review.keyboard.press("n")
    _shows(review, cards.nth(11))
    assert "image=" in review.url


def test_pixel_threshold_moves_segmentation_and_curves(review: Page) -> None:
    pane = review.get_by_alt_text(re.compile("Predicted segmentation of"))
    ring = review.locator(".st-key-review_pixel_roc .scatterlayer .point")
    expect(ring).to_have_count(1)
    picture, place = pane.get_attribute("src"), ring.get_attribute("transform")
    review.get_by_role("slider", name="Pixel threshold").focus()
    review.keyboard.press("Home")
    review.wait_for_url(re.compile(r"pixel_threshold=-?\d"))
    expect(pane).not_to_have_attribute("src", str(picture))
    expect(ring.and_(review.locator(f":not([transform='{place}'])"))).to_have_count(1)
    expect(ring).to_have_count(1)  # the old chart leaves once the new one is drawn


def test_hostile_names_do_no_harm(review: Page) -> None:
    card = review.locator(f"[data-id*='{HOSTILE[:12]}']")
    card.click()
    _shows(review, card)
    expect(review.get_by_text(HOSTILE, exact=False).first).to_be_visible()
    assert review.evaluate("document.body.dataset.harmed") is None


def _selected(page: Page) -> Locator:
    return page.locator("[role=option][aria-selected=true]")


def _shows(page: Page, card: Locator) -> None:
    name = str(card.get_attribute("data-id"))
    expect(page.get_by_alt_text(f"Photo of {name}", exact=True)).to_be_visible()
