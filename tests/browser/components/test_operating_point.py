"""The operating point by hand, in a real browser: dragging, snapping, keys, typed numbers, and what is not known."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.components.components_page import HOSTILE, images

pytestmark = pytest.mark.browser
OpenPoint = Callable[..., Page]
SNAP = 6  # pixels
AT_ONCE = """(one, keys) => keys.forEach((key) =>
  one.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })))"""


@pytest.fixture
def point(components: str, open_browser: Callable[[], Page]) -> OpenPoint:
    """`point(n=…, level=…, labels=…)`: a page with nothing but the operating point of so many made-up images."""

    def opened(**what: object) -> Page:
        page = open_browser()
        page.goto(f"{components}/?show=point&" + "&".join(f"{name}={value}" for name, value in what.items()))
        expect(page.get_by_role("slider")).to_have_count(1 if what.get("zone") == "none" else 2)
        told(page)
        return page

    return opened


def told(page: Page) -> dict[str, Any]:
    """What the page's Python knows."""
    return json.loads(page.locator(".st-key-told").inner_text())


def heard(page: Page, releases: int) -> dict[str, Any]:
    """What Python knows once it has been told so many times; fails where it is told more often."""
    expect(page.locator(".st-key-told")).to_contain_text(f'"releases": {releases}')
    page.wait_for_timeout(600)  # a second telling would come now
    found = told(page)
    assert found["releases"] == releases
    return found


def flag(page: Page, which: str) -> Locator:
    return page.locator(f".flag.{which}")


def value(page: Page, which: str) -> float:
    return float(str(flag(page, which).get_attribute("aria-valuenow")))


def zone_counts(page: Page) -> dict[tuple[str, str], int]:
    """(zone, class) -> the number shown."""
    numbers = page.locator("[data-zone]")
    cells = numbers.evaluate_all("all => all.map(one => [one.dataset.zone, one.dataset.class, one.textContent])")
    return {(zone, name): int(number.replace(",", "")) for zone, name, number in cells}


def counted(number: int, low: float, high: float) -> dict[tuple[str, str], int]:
    """The same, counted in Python."""
    table, found = images.__wrapped__(number), {}
    for name, label in (("good", 0), ("defective", 1), ("unlabelled", -1)):
        scores = table["score"][table["label"] == label]
        inside = {"ok": scores < low, "review": (scores >= low) & (scores < high), "ng": scores >= high}
        found |= {(zone, name): int(where.sum()) for zone, where in inside.items()}
    return found


def drag(page: Page, which: str, pixels: float, *, release: bool = True) -> None:
    box = flag(page, which).bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + pixels / 2, y)
    page.mouse.move(x + pixels, y)
    if release:
        page.mouse.up()


def pixels_to(page: Page, which: str, score: float) -> float:
    """How far the handle is from a score, in pixels."""
    handle = flag(page, which)
    low, high = (float(str(handle.get_attribute(f"aria-value{end}"))) for end in ("min", "max"))
    width = page.locator(".plot").evaluate("plot => plot.clientWidth") - 2 * 56
    return (score - value(page, which)) / (high - low) * width


def test_a_dragged_handle_tells_python_once_and_counts_as_python_does(point: OpenPoint) -> None:
    page = point(n=2000)
    assert zone_counts(page) == counted(2000, 1.5, 2.0)
    drag(page, "high", 140, release=False)
    low, high = value(page, "low"), value(page, "high")
    assert low == 1.5
    assert high > 2.3
    assert zone_counts(page) == counted(2000, low, high)
    assert told(page)["releases"] is None
    page.mouse.up()
    found = heard(page, 1)
    assert found["point"] == [low, high]
    shown = zone_counts(page)
    assert (shown["ng", "defective"], shown["ng", "good"]) == (found["found"], found["false_alarms"])
    assert value(page, "high") == high


def test_a_handle_pushes_the_other_one_and_both_move_as_one(point: OpenPoint) -> None:
    page = point(n=200)
    drag(page, "low", 250)
    low, high = heard(page, 1)["point"]
    assert low == high > 2.0
    assert zone_counts(page)["review", "good"] == 0
    box = page.locator(".line.high").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + 80
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 150, y)
    page.mouse.up()
    moved = heard(page, 2)["point"]
    assert moved[0] == moved[1] < low
    drag(page, "low", -60)
    apart = heard(page, 3)["point"]
    assert apart[0] < apart[1] == moved[1]


def test_what_python_makes_of_the_thresholds_is_what_the_handles_show(point: OpenPoint) -> None:
    page = point(n=200, digits=0)
    for releases, pixels in ((1, 130), (2, 90)):
        drag(page, "high", pixels)
        low, high = heard(page, releases)["point"]
        assert (low, high % 1) == (2, 0)
        expect(flag(page, "high")).to_have_attribute("aria-valuenow", f"{high:g}")
        assert zone_counts(page) == counted(200, low, high)


def test_handles_snap_to_names_unless_alt_is_held(point: OpenPoint) -> None:
    page = point(n=200)
    drag(page, "high", pixels_to(page, "high", 3.5) + SNAP - 2)
    assert heard(page, 1)["point"] == [1.5, 3.5]
    assert "<img src=x" in str(flag(page, "high").get_attribute("aria-valuetext"))
    drag(page, "high", 3 * SNAP)
    away = heard(page, 2)["point"][1]
    assert away > 3.5
    page.keyboard.down("Alt")
    drag(page, "high", pixels_to(page, "high", 3.5) + SNAP - 2)
    page.keyboard.up("Alt")
    assert 3.5 < heard(page, 3)["point"][1] < away


def test_escape_takes_a_drag_back(point: OpenPoint) -> None:
    page = point(n=200)
    drag(page, "low", -80, release=False)
    assert value(page, "low") < 1.5
    page.keyboard.press("Escape")
    page.mouse.up()
    page.wait_for_timeout(600)
    assert value(page, "low") == 1.5
    assert told(page)["releases"] is None


def test_keys_move_the_handles_and_python_hears_when_they_rest(point: OpenPoint) -> None:
    page = point(n=200)
    flag(page, "low").focus()
    page.keyboard.press("Tab")
    expect(flag(page, "high")).to_be_focused()
    flag(page, "high").evaluate(AT_ONCE, ["ArrowRight"] * 4)
    low, high = heard(page, 1)["point"]
    assert low == 1.5
    assert abs(pixels_to(page, "high", 2.0) + 4) < 1
    assert 1.93 < high < 2.05  # two of the named thresholds
    flag(page, "high").evaluate(AT_ONCE, ["PageUp", "PageDown", "PageDown"])
    assert heard(page, 2)["point"] == [1.5, 1.7]
    page.keyboard.press("End")
    assert heard(page, 3)["point"][1] >= images.__wrapped__(200)["score"].max()
    page.keyboard.press("Shift+Home")
    low, high = heard(page, 4)["point"]
    assert low == high <= images.__wrapped__(200)["score"].min()
    expect(flag(page, "high")).to_be_focused()


def test_typed_numbers_and_names_clicked_set_the_thresholds(point: OpenPoint) -> None:
    page = point(n=200)
    page.get_by_label("NG threshold").fill("2,345")
    page.keyboard.press("Enter")
    assert heard(page, 1)["point"] == [1.5, 2.345]
    page.get_by_label("Review zone from").fill("nonsense")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Review zone from")).to_have_value("1.5000")
    page.get_by_label("Review zone from").fill("9")
    page.keyboard.press("Enter")
    assert heard(page, 2)["point"] == [9, 9]
    page.locator(".name", has_text="F1-max").click()
    assert heard(page, 3)["point"] == [2.05, 2.05]


def test_a_score_on_the_threshold_is_ng(point: OpenPoint) -> None:
    page, table = point(n=200), images.__wrapped__(200)
    score = float(table["score"][table["label"] == 1].max())
    page.get_by_label("NG threshold").fill(repr(score))
    page.keyboard.press("Enter")
    assert heard(page, 1)["point"] == [1.5, score]
    assert zone_counts(page) == counted(200, 1.5, score)
    assert zone_counts(page)["ng", "defective"] == 1


def test_counts_in_bins_are_exact_on_an_edge_and_marked_between_two(point: OpenPoint) -> None:
    page = point(n=300, level="pixel")
    drag(page, "high", 123)
    low, high = heard(page, 1)["point"]
    assert high in np.linspace(0, 6, 241)
    shown, expected = zone_counts(page), counted(300, low, high)
    assert {place: number * 997 for place, number in expected.items() if place[1] != "unlabelled"} == shown
    page.get_by_label("NG threshold").fill("2.0101")
    page.keyboard.press("Enter")
    heard(page, 2)
    expect(page.locator("[data-zone=ng][data-class=good]")).to_contain_text("≈")


def test_one_handle_marks_or_does_not(point: OpenPoint) -> None:
    page = point(n=300, level="pixel", zone="none")
    edges = np.linspace(0, 6, 241)
    for words in ("OK", "NG", "Review", "no review zone"):
        assert page.locator(".point").get_by_text(words, exact=True).filter(visible=True).count() == 0
    expect(page.get_by_label("Review zone from")).to_be_hidden()
    drag(page, "high", 131)
    low, high = heard(page, 1)["point"]
    assert low == high > 2.3
    assert high in edges
    expect(flag(page, "high")).to_be_focused()
    expect(page.get_by_text("Predicted", exact=True)).to_be_visible()
    expect(page.get_by_text("Below", exact=True)).to_be_visible()
    expected = {place: number * 997 for place, number in counted(300, low, high).items() if place[1] != "unlabelled"}
    assert zone_counts(page) == expected
    page.keyboard.press("ArrowLeft")
    moved = heard(page, 2)["point"]
    assert moved[0] == moved[1] == edges[np.flatnonzero(edges == high)[0] - 1]
    spoken = str(flag(page, "high").get_attribute("aria-valuetext"))
    assert "Below: " in spoken
    assert "review" not in spoken
    page.get_by_role("textbox", name="Pixel threshold").fill("0.75")
    page.keyboard.press("Enter")
    assert heard(page, 3)["point"] == [0.75, 0.75]
    page.locator(".name", has_text="F1-max").click()
    assert heard(page, 4)["point"] == [2.05, 2.05]
    drag(page, "high", -80, release=False)
    page.keyboard.press("Escape")
    page.mouse.up()
    page.wait_for_timeout(600)
    assert value(page, "high") == 2.05
    assert told(page)["releases"] == 4


@pytest.mark.parametrize(("labels", "words", "classes"), [
    ("none", ["missed defects are unknown", "false alarms are unknown"], {"unlabelled"}),
    ("good", ["missed defects are unknown"], {"good"}),
])
def test_what_labels_are_needed_for_is_said(point: OpenPoint, labels: str, words: list[str], classes: set) -> None:
    page = point(n=60, labels=labels)
    for sentence in words:
        expect(page.get_by_text(sentence)).to_be_visible()
    assert {name for _, name in zone_counts(page)} == classes
    drag(page, "high", 40)
    heard(page, 1)


def test_hostile_names_stay_text(point: OpenPoint) -> None:
    page = point(n=60)
    expect(page.get_by_role("button", name=HOSTILE[:30])).to_be_visible()
    assert page.evaluate("document.body.dataset.harmed") is None


def test_it_fits_a_narrow_page_at_twice_the_size(point: OpenPoint) -> None:
    page = point(n=60)
    page.set_viewport_size({"width": 450, "height": 700})  # 900 pixels at 200 %
    plot = page.locator(".plot")
    expect(plot).to_be_visible()
    for which in ("low", "high"):
        inside, outside = flag(page, which).bounding_box(), plot.bounding_box()
        assert inside is not None
        assert outside is not None
        assert outside["x"] <= inside["x"]
        assert inside["x"] + inside["width"] <= outside["x"] + outside["width"] + 1
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_digits_typed_into_a_field_are_no_shortcuts_of_the_page(point: OpenPoint) -> None:
    page = point(n=200)
    page.evaluate("() => window.addEventListener('keydown', ({ key }) => (document.body.dataset.key = key))")
    page.get_by_label("NG threshold").press_sequentially("12")
    assert page.evaluate("document.body.dataset.key") is None
    flag(page, "high").press("3")
    assert page.evaluate("document.body.dataset.key") == "3"
