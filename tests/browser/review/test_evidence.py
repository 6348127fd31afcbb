"""From a missed defect to the reason: its hottest patches beside the nearest good ones, and its score step by step."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.review.reading import cards, expect_whole, opened, outcome, shown

pytestmark = pytest.mark.browser
LOADED = "all => Promise.all(all.map((one) => one.decode().then(() => one.naturalWidth)))"


def expect_evidence(page: Page) -> Locator:
    """The panel with all of a patch and its neighbours."""
    panel = page.locator(".drawer[data-panel=evidence]")
    expect(panel.locator(".widget.evidence")).to_have_attribute("aria-busy", "false")
    expect(panel.locator(".patch figure")).to_have_count(6)
    assert panel.locator(".patch img").evaluate_all(LOADED) == [192] * 6
    return panel


def test_from_a_missed_defect_to_the_reason(address: str, open_browser: Callable[[], Page]) -> None:
    page = opened(open_browser(), f"{address}?order=by+name&threshold=1e9")
    outcome(page, "missed").click()
    cards(page).first.click()
    page.keyboard.press("w")
    panel = expect_evidence(page)
    expect(panel.locator(".patch figure").nth(1)).to_contain_text("train/good/")
    expect(panel.locator(".standing")).to_contain_text("patches of held-out good images")
    steps = {row.locator("th").inner_text(): row.locator("td").first.inner_text()
             for row in panel.locator("table.receipt tr").all()}  # fmt: skip
    assert steps["Zone"].startswith("OK, below ")
    assert f" {float(steps['Image score']):.3g}"[:4] in page.locator(".title .said").inner_text()

    hottest = panel.locator(".widget.evidence").get_attribute("data-place")
    page.keyboard.press("s")
    expect(panel.locator(".bar .place")).to_contain_text("hot patch 2 of")
    expect_evidence(page)
    assert panel.locator(".widget.evidence").get_attribute("data-place") != hottest
    stage = page.locator(".viewer .stage").first.bounding_box()
    assert stage is not None
    off = 0.45 * min(stage["width"], stage["height"])  # near a corner of the square photo
    page.mouse.click(stage["x"] + stage["width"] / 2 - off, stage["y"] + stage["height"] / 2 - off)
    expect(panel.locator(".bar .place")).to_contain_text("chosen patch")
    expect_evidence(page)
    panel.get_by_role("button", name="most similar photo").click()
    expect(panel.locator(".legend li").first).to_contain_text("train/good/")
    panel.get_by_role("button", name="Zoom").click()
    page.wait_for_url(re.compile("zoom="))

    name = shown(page)
    page.keyboard.press("n")
    expect(page.locator(".workspace")).not_to_have_attribute("data-image", name)
    expect_evidence(page)
    page.reload()
    expect_whole(page)
    expect_evidence(page)  # the panel is open again
