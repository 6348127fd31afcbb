"""The operating point in one row: dragged, typed, chosen by name, and in step with the full histogram."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from patchcore_core.views.web.packed import packed
from tests.browser.components.plain_page import mounted, told, updated
from tests.browser.components.workspace.made import COLOURED, SCORES, side, strip

pytestmark = pytest.mark.browser
STRIP, FULL = "threshold_strip/threshold_strip", "operating_point/operating_point"
POINT = {"scores": SCORES, "channel": "images", "label": "Image threshold", "unit": "images", "low": 4.0, "high": 4.0,
         "log": False, "zone": True, "named": [], "notes": [], "colours": COLOURED}  # fmt: skip
HEAR = """() => { window.moved = [];
  window.addEventListener('patchcore:thresholds', ({ detail }) => window.moved.push(detail.high)); }"""


def heard(page: Page) -> list[list[Any]]:
    return [one[1:] for one in told(page)]


def value(flag: Locator) -> float:
    return float(str(flag.get_attribute("aria-valuenow")))


def drag(page: Page, flag: Locator, pixels: float) -> None:
    box = flag.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + pixels, box["y"] + 20, steps=5)


def test_a_handle_says_where_it_moves_and_tells_where_it_is_let_go(page: Page) -> None:
    bar = mounted(page, STRIP, strip())
    page.evaluate(HEAR)
    drag(page, bar.locator(".flag.high"), 60)
    assert len(page.evaluate("window.moved")) >= 3
    assert heard(page) == []
    page.mouse.up()
    at = value(bar.locator(".flag.high"))
    assert at > 4
    assert heard(page) == [["released", {"level": "images", "low": at, "high": at}]]
    expect(bar.get_by_role("button", name="Threshold: set manually")).to_be_visible()


def test_keys_move_both_where_there_is_no_review_zone(page: Page) -> None:
    bar = mounted(page, STRIP, strip())
    bar.locator(".flag.high").focus()
    page.keyboard.press("PageDown")  # the next name below
    page.wait_for_function("window.told.length > 0")
    assert heard(page) == [["released", {"level": "images", "low": 3, "high": 3}]]
    expect(bar.get_by_role("button", name="Threshold: F1-max (oracle)")).to_be_visible()


def test_it_stands_where_the_full_histogram_does(page: Page) -> None:
    full, bar = mounted(page, FULL, POINT), mounted(page, STRIP, strip())
    drag(page, bar.locator(".flag.high"), -40)
    assert value(full.locator(".flag.high")) == value(bar.locator(".flag.high")) < 4
    page.mouse.up()
    full.locator(".flag.high").focus()
    page.keyboard.press("Shift+ArrowRight")
    assert value(full.locator(".flag.high")) == value(bar.locator(".flag.high"))
    assert value(full.locator(".flag.low")) == value(bar.locator(".flag.low"))


def test_named_thresholds_and_those_that_are_not_offered(page: Page) -> None:
    bar = mounted(page, STRIP, strip(side(2.5, 4.0)))
    bar.get_by_role("button", name="Threshold: 99 % of held-out good images").click()
    youden = bar.get_by_role("button", name="Youden (oracle)")
    expect(youden).to_be_disabled()
    expect(youden).to_contain_text("not available: there are no defective images")
    bar.get_by_role("button", name="F1-max (oracle)").click()
    bar.get_by_role("button", name="Review zone: 95 % of held-out good images").click()
    bar.get_by_role("button", name="no review zone").click()
    assert heard(page) == [["named", {"level": "images", "which": "high", "name": "f1_max"}],
                           ["named", {"level": "images", "which": "low", "name": ""}]]  # fmt: skip


def test_a_number_is_typed(page: Page) -> None:
    bar = mounted(page, STRIP, strip())
    bar.get_by_role("textbox", name="Threshold").fill("5,25")
    page.keyboard.press("Enter")
    assert heard(page) == [["released", {"level": "images", "low": 4, "high": 5.25}]]


def test_levels_keep_their_own_thresholds(page: Page) -> None:
    bar = mounted(page, STRIP, strip())
    bar.get_by_role("button", name="Pixel threshold").click()
    assert heard(page) == [["level", "pixels"]]
    updated(page, STRIP, strip(level="pixels"))
    assert value(bar.locator(".flag.high")) == 2
    expect(bar.locator(".flag.low")).to_be_hidden()
    expect(bar.get_by_role("button", name="Review zone")).to_have_count(0)
    updated(page, STRIP, strip(sides={"images": side(), "pixels": None}))
    assert value(bar.locator(".flag.high")) == 4
    expect(bar.get_by_role("button", name="Pixel threshold")).to_be_disabled()


def test_use_and_back(page: Page) -> None:
    bar = mounted(page, STRIP, strip())
    use, back = bar.get_by_role("button", name="Use", exact=True), bar.get_by_role("button", name="Back to held-out")
    expect(use).to_be_disabled()
    expect(back).to_be_hidden()
    updated(page, STRIP, strip(use={"differs": True, "stored": "by Ada", "refused": ""}))
    use.click()
    back.click()
    assert heard(page) == [["use", True], ["release", True]]
    updated(page, STRIP, strip(use={"differs": True, "stored": "", "refused": "The run folder is read-only."}))
    expect(use).to_be_disabled()
    expect(use).to_have_attribute("title", "The run folder is read-only.")


@pytest.mark.parametrize("width", [900, 1400])
def test_nothing_moves_while_numbers_change(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    bar = mounted(page, STRIP, strip())
    places = """bar => [...bar.querySelectorAll(".button, .field, .figure, .plot")]
      .map((one) => one.getBoundingClientRect()).map(({ x, y, width, height }) =>
        [x, y, width, height].map(Math.round))"""
    before = bar.evaluate(places)
    figures = [one | {"value": "1,234"} for one in strip()["figures"]]
    updated(page, STRIP, strip(side(2.5, 4.25), figures=figures, line="36.5 to 42.0 would separate all 97.",
                               use={"differs": True, "stored": "by Ada", "refused": ""}))  # fmt: skip
    assert bar.evaluate(places) == before
    assert bar.evaluate("bar => bar.scrollWidth <= bar.clientWidth")


@pytest.mark.parametrize("labels", [["good"], ["unlabelled"]])
def test_runs_without_defects_or_labels_have_their_histogram(page: Page, labels: list[str]) -> None:
    scores = {name: SCORES["good"] if name in labels else SCORES["unlabelled"] for name in SCORES}
    bar = mounted(page, STRIP, strip(side(scores=scores)))
    expect(bar.locator(".bar")).to_have_count(1)
    expect(bar.locator(".flag.high")).to_have_attribute("aria-valuetext", re.compile(f"0 {labels[0]}$"))


LEAST = """async ([good, defective]) => {
  const { leastErrors } = await import('./threshold_strip/separation.js');
  return leastErrors(good, defective);
}"""


def errors(good: list[float], defective: list[float], at: float) -> int:
    return sum(score >= at for score in good) + sum(score < at for score in defective)


def test_the_fewest_errors_are_those_of_trying_all(page: Page) -> None:
    random = np.random.default_rng(0)
    ranges = 0
    for _ in range(40):
        good, defective = (sorted(map(float, random.integers(0, high, 6))) for high in (8, 16))
        ends = sorted({*good, *defective})
        tried = {at: errors(good, defective, at) for at in [*ends, ends[-1] + 1]}
        found = page.evaluate(LEAST, [good, defective])
        if found is None:
            assert min(tried.values()) in (tried[ends[0]], tried[ends[-1] + 1])  # all, or none, would be predicted
            continue
        ranges += 1
        assert found["errors"] == min(tried.values())
        for at in (np.nextafter(found["above"], np.inf), found["to"]):
            assert errors(good, defective, at) == found["errors"]
    assert ranges > 10


def test_a_threshold_far_from_what_the_images_allow_is_said(page: Page) -> None:
    apart = SCORES | {"good": packed([20, 36.41]), "defective": packed([42.07, 43, 50])}
    bar = mounted(page, STRIP, strip(side(45.0, 45.0, scores=apart)))
    expect(bar.locator(".source")).to_contain_text(
        "36.5 to 42.0 would separate all 5 on these test images; the threshold set by hand sets 45.0")
    updated(page, STRIP, strip(side(40.0, 40.0, scores=apart)))
    expect(bar.locator(".source")).not_to_contain_text("would")
