"""The curves in a real browser: rings that follow, points that are chosen by mouse and by key, axes that change."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from patchcore_core.views.curve import Curve, run_curves
from tests.browser.components.curves_page import REASON, scores, stored
from tests.browser.reading import expect_idle
from tests.browser.serving import served

pytestmark = pytest.mark.browser
NAMES = ("image_roc", "image_precision_recall", "pixel_roc", "pro")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[str]:  # noqa: ARG001  (skips first)
    with served(Path(__file__).with_name("curves_page.py"), tmp_path_factory.mktemp("curves")) as found:
        yield found


@pytest.fixture
def page(address: str, open_browser: Callable[[], Page]) -> Page:
    found = open_browser()
    found.goto(address)
    expect(_panel(found, "ROC of images").locator(".ring")).to_be_visible()
    expect_idle(found)
    return found


@pytest.mark.parametrize("threshold", [None, 9.4, 13.0, 1000.0])
def test_rings_stand_where_python_puts_them(page: Page, threshold: float | None) -> None:
    for level in ("image", "pixel") if threshold is not None else ():
        field = page.locator(f".st-key-point_{level}").get_by_label("NG threshold")
        field.fill(str(threshold))
        field.press("Enter")
        expect(page.locator(".st-key-told")).to_contain_text(f'"{level}": {threshold}')
    expect_idle(page)  # the curves have what Python was told
    page.evaluate("new Promise(requestAnimationFrame)")
    drawn = run_curves(stored())
    for name, picture in zip(NAMES, page.locator(".curves svg").all(), strict=True):
        expected = drawn[name].at(threshold or 12.0)
        if expected is None or np.isnan(expected).any():
            expect(picture.locator(".ring")).to_be_hidden()
        else:
            assert float(str(picture.get_attribute("data-x"))) == pytest.approx(expected[0], abs=1e-6)
            assert float(str(picture.get_attribute("data-y"))) == pytest.approx(expected[1], abs=1e-6)


def test_rings_follow_a_handle_before_it_is_let_go(page: Page) -> None:
    handle = page.locator(".st-key-point_image").get_by_role("slider").last.bounding_box()
    assert handle is not None
    roc, pixels = _panel(page, "ROC of images").locator("svg"), _panel(page, "ROC of pixels").locator("svg")
    before, still = roc.get_attribute("data-x"), pixels.get_attribute("data-x")
    page.mouse.move(handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2)
    page.mouse.down()
    page.mouse.move(handle["x"] - 120, handle["y"] + handle["height"] / 2, steps=5)
    expect(roc).not_to_have_attribute("data-x", str(before))
    assert _told(page) == {"image": 12.0, "pixel": 12.0}
    assert pixels.get_attribute("data-x") == still
    page.mouse.up()
    page.wait_for_function("!document.querySelector('.st-key-told').innerText.includes('\"image\": 12.0')")


def test_a_click_chooses_the_nearest_point(page: Page) -> None:
    picture = _panel(page, "ROC of images").locator("svg")
    curve = run_curves(stored())["image_roc"]
    box = picture.bounding_box()
    assert box is not None
    place = len(curve.x) // 3
    picture.click(position=_position(curve, place, box["width"]))
    page.wait_for_function("!document.querySelector('.st-key-told').innerText.includes('\"image\": 12.0')")
    chosen = _told(page)["image"]
    positions = np.array([list(_position(curve, i, box["width"]).values()) for i in range(1, len(curve.x))])
    apart = np.hypot(*(positions - positions[place - 1]).T)
    assert apart[list(curve.thresholds[1:]).index(chosen)] <= 1.5
    assert _told(page)["pixel"] == 12.0


def test_keys_walk_along_the_curve_and_enter_chooses(page: Page) -> None:
    picture = _panel(page, "ROC of pixels").locator("svg")
    curve = run_curves(stored())["pixel_roc"]
    start = _ring(curve, 12.0)
    picture.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(picture).to_have_attribute("aria-valuenow", str(start + 3))
    assert f"threshold {curve.thresholds[start + 3]:.5g} " in str(picture.get_attribute("aria-valuetext"))
    assert _told(page)["pixel"] == 12.0  # walking changes nothing
    page.keyboard.press("Enter")
    expect(page.locator(".st-key-told")).to_contain_text(f'"pixel": {curve.thresholds[start + 3]}')
    assert _told(page)["image"] == 12.0
    expect(picture).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(picture).to_have_attribute("aria-valuenow", str(start + 2))


def test_enter_without_a_walk_changes_nothing(page: Page) -> None:
    picture = _panel(page, "ROC of images").locator("svg")
    picture.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Alt+ArrowRight")  # the browser's own
    page.wait_for_timeout(700)
    assert _told(page) == {"image": 12.0, "pixel": 12.0}
    expect(picture).to_have_attribute("aria-valuenow", str(_ring(run_curves(stored())["image_roc"], 12.0)))


def test_a_ring_beyond_the_axis_is_said_to_be_there(page: Page) -> None:
    panel = _panel(page, "ROC of pixels")
    panel.locator("svg").focus()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    lowest = run_curves(stored())["pixel_roc"].thresholds[-1]
    expect(page.locator(".st-key-told")).to_contain_text(f'"pixel": {lowest}')
    panel.get_by_role("button").click()
    expect(panel.locator(".ring")).to_be_hidden()
    expect(panel.locator(".said")).to_contain_text("right of this axis")


def test_an_axis_can_be_narrowed_and_made_logarithmic(page: Page) -> None:
    panel = _panel(page, "ROC of pixels")
    button, ring = panel.get_by_role("button"), panel.locator(".ring")
    places = []
    for words in ("up to 0.3", "logarithmic", "whole axis"):
        places.append(float(str(ring.get_attribute("cx"))))
        button.click()
        expect(button).to_have_text(words)
    whole, part, log = places
    assert float(str(ring.get_attribute("cx"))) == whole
    assert whole < part < log  # a rate of some per cent
    expect(_panel(page, "ROC of images").get_by_role("button")).to_have_count(0)


def test_a_curve_that_is_not_defined_says_why(address: str, open_browser: Callable[[], Page]) -> None:
    page = open_browser()
    page.goto(f"{address}?case=good")
    expect(page.locator(".curves .undefined", has_text=f"Not defined for this run: {REASON}.")).to_have_count(4)
    expect(page.locator(".curves svg:visible")).to_have_count(0)


def test_the_made_up_scores_have_ties() -> None:
    assert len(np.unique(scores()[1])) < len(scores()[1])


def _panel(page: Page, title: str) -> Locator:
    return page.locator(".curves .panel", has_text=title).first


def _told(page: Page) -> dict[str, float]:
    return json.loads(page.locator(".st-key-told code").inner_text())


def _ring(curve: Curve, threshold: float) -> int:
    """The last point whose threshold is not below this one."""
    return int(np.flatnonzero(curve.thresholds >= threshold)[-1])


def _position(curve: Curve, place: int, width: float) -> dict[str, float]:
    """Where a point of a curve over the whole axis stands in its picture of 210 pixels' height."""
    return {"x": 46 + (width - 56) * float(curve.x[place]), "y": 8 + (210 - 46) * (1 - float(curve.y[place]))}
