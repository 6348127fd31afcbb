"""The gallery by hand, in a real browser: thousands of images, keys, outcomes at a moving threshold, hostile names."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from patchcore_core.evaluation.thresholds.decision import outcomes
from patchcore_core.views.widgets.gallery import Thumbnails, gallery_data
from tests.browser.components.components_page import HOSTILE, images
from tests.browser.components.plain_page import mounted
from tests.browser.reading import reads_in_order

pytestmark = pytest.mark.browser
OpenGallery = Callable[..., Page]
PIXEL = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'
WORDS = {"TP": "true positive", "FN": "missed defect", "FP": "false alarm", "TN": "true negative"}


@pytest.fixture
def gallery(components: str, open_browser: Callable[[], Page]) -> OpenGallery:
    """`gallery(n=…, at=…, show=…)`: the made-up images in a gallery, the one at this place selected."""

    def opened(**what: object) -> Page:
        page = open_browser()
        page.goto(f"{components}/?" + "&".join(f"{name}={value}" for name, value in what.items()))
        expect(page.get_by_role("listbox")).to_be_visible()
        expect(cards(page).locator("img").first).to_be_visible()
        return page

    return opened


def cards(page: Page) -> Locator:
    return page.get_by_role("option")


def selected(page: Page) -> Locator:
    return page.locator("[role=option][aria-selected=true]")


def told(page: Page) -> dict[str, Any]:
    """What the page's Python knows."""
    return json.loads(page.locator(".st-key-told").inner_text())


def expect_chosen(page: Page, name: str) -> None:
    expect(selected(page)).to_have_attribute("data-id", name)
    expect(page.locator(".st-key-told")).to_contain_text(f'"image": {json.dumps(name)}')


def in_view(page: Page, card: Locator) -> bool:
    inside, outside = card.bounding_box(), page.get_by_role("listbox").bounding_box()
    assert inside is not None
    assert outside is not None
    return outside["y"] - 1 <= inside["y"] and inside["y"] + inside["height"] <= outside["y"] + outside["height"] + 1


@pytest.mark.parametrize("layout", ["grid", "strip"])
def test_of_thousands_only_those_in_view_are_in_the_page(gallery: OpenGallery, layout: str) -> None:
    page, names = gallery(n=2000, at=1234, show="gallery", layout=layout), images.__wrapped__(2000)["name"]
    expect(selected(page)).to_have_attribute("data-id", names[1234])
    expect(selected(page)).to_have_attribute("aria-posinset", "1235")
    expect(selected(page)).to_have_attribute("aria-setsize", "2000")
    assert in_view(page, selected(page))
    assert cards(page).count() < 200
    page.get_by_role("listbox").evaluate("box => box.scrollTo({top: 1e9, left: 1e9})")
    last = page.locator(f"[data-id='{names[1999]}']")
    expect(last.locator("img")).to_be_visible()
    assert cards(page).count() < 200
    order = cards(page).evaluate_all("all => all.map(card => Number(card.dataset.place))")
    assert order == sorted(order)
    assert 1234 in order  # assistive technology is told of it, in view or not
    assert told(page)["reruns"] == 1  # pictures come without running the page again


def test_clicks_and_keys_select_and_python_hears_of_it(gallery: OpenGallery) -> None:
    page, names = gallery(n=2000, show="gallery"), images.__wrapped__(2000)["name"]
    cards(page).nth(2).click()
    expect_chosen(page, names[2])
    columns = cards(page).evaluate_all("all => all.findIndex(card => card.style.transform.split(',')[1]"
                                       " !== all[0].style.transform.split(',')[1])")
    for key, place in (("ArrowRight", 3), ("ArrowLeft", 2), ("ArrowDown", 2 + columns), ("End", 1999), ("Home", 0)):
        page.keyboard.press(key)
        expect_chosen(page, names[place])
        assert in_view(page, selected(page))
        active = page.get_by_role("listbox").get_attribute("aria-activedescendant")
        assert active == selected(page).get_attribute("id") == f"card-{place}"
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("PageDown")
    place = int(str(selected(page).get_attribute("data-place")))
    assert place >= columns
    choices = told(page)["choices"]
    page.get_by_role("listbox").evaluate("""box => Array.from({ length: 12 }, () => box.dispatchEvent(
        new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true })))""")  # held: Python hears of the last one
    expect_chosen(page, names[place + 12])
    page.wait_for_timeout(500)
    assert told(page)["choices"] <= choices + 3
    expect_chosen(page, names[place + 12])


def test_pictures_in_view_are_fetched_though_those_that_were_left_never_come(page: Page) -> None:
    count = 400

    def answer(route: Route) -> None:
        if int(route.request.url.rpartition("/")[2]) > count / 2:  # the others are never answered
            route.fulfill(body=PIXEL, content_type="image/svg+xml")

    page.route("**/thumbnails/*", answer)
    columns = np.zeros(count), np.zeros(count, int), ["good"] * count, [f"/thumbnails/{n}" for n in range(count)]
    many = Thumbnails([str(n) for n in range(count)], *columns)
    with page.expect_request("**/thumbnails/3"):  # the last of those that are fetched at once
        shown = mounted(page, "gallery/gallery", gallery_data(many, "0", None, "g", label="Images", height=300))
    shown.evaluate("box => box.scrollTo({ top: 1e9 })")
    expect(page.locator(f"[data-id='{count - 1}'] img")).to_be_visible()


def test_outcomes_follow_the_threshold_while_it_moves(gallery: OpenGallery) -> None:
    page = gallery(n=200)
    page.locator(".flag.low").focus()
    page.keyboard.press("Shift+PageUp")  # no review zone
    expect(page.locator(".st-key-told")).to_contain_text('"point": [1.7, 1.7]')
    colours = outcome_colours(page, 1.7)
    box = page.locator(".flag.high").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] - 120, box["y"] + 10, steps=3)
    threshold = float(str(page.locator(".flag.high").get_attribute("aria-valuenow")))
    assert threshold < 1
    page.evaluate("new Promise(requestAnimationFrame)")
    colours |= outcome_colours(page, threshold)
    assert told(page)["point"] == [1.7, 1.7]  # Python does not know yet
    page.mouse.up()
    expect(page.locator(".st-key-told")).to_contain_text(f"{threshold}]")
    colours |= outcome_colours(page, threshold)
    assert (colours["TP"], colours["FP"], colours["TN"]) == ("#009E73", "#E69F00", "#0072B2")


def outcome_colours(page: Page, threshold: float) -> dict[str, str]:
    """Outcome -> colour of its mark on the cards in view, whose outcomes must be those that Python gives them."""
    table = images.__wrapped__(200)
    expected = outcomes(table["label"], table["score"], threshold)
    shown = cards(page).evaluate_all("all => all.map(card => [card.dataset.place, card.dataset.outcome,"
                                     " getComputedStyle(card.querySelector('.mark')).getPropertyValue('--mark')])")
    assert len(shown) > 12
    for place, words, _ in shown:
        outcome = expected[int(place)]
        assert words.endswith("label unknown") if outcome == "?" else words == WORDS[outcome]
    return {str(expected[int(place)]): colour for place, _, colour in shown}


def test_hostile_names_are_text_and_an_unreadable_photo_says_so(gallery: OpenGallery) -> None:
    page = gallery(n=200, show="gallery")
    card = cards(page).nth(3)
    expect(card).to_contain_text("not readable")
    card.click()
    expect_chosen(page, HOSTILE)
    assert str(card.get_attribute("aria-label")).startswith("<img src=x onerror=")
    assert page.evaluate("document.body.dataset.harmed") is None


@pytest.mark.parametrize("layout", ["grid", "strip"])
def test_long_names_and_turned_writing_stay_within_their_card(gallery: OpenGallery, layout: str) -> None:
    page, table = gallery(n=200, show="gallery", layout=layout), images.__wrapped__(200)
    assert len(HOSTILE) > 300
    place = int((table["kind"].head(30) == HOSTILE).to_numpy().nonzero()[0][0])
    page.get_by_role("listbox").focus()
    page.keyboard.press("Home")
    for _ in range(place):
        page.keyboard.press("ArrowRight")
    card = selected(page)
    expect(card.locator(".kind")).to_have_text(HOSTILE)
    outside = card.bounding_box()
    assert outside
    for part in (".kind", ".line", ".picture"):
        inside = card.locator(part).bounding_box()
        assert inside
        assert inside["x"] >= outside["x"]
        assert inside["x"] + inside["width"] <= outside["x"] + outside["width"]
        assert inside["y"] + inside["height"] <= outside["y"] + outside["height"] + 1
    assert reads_in_order(card.locator(".score"), str(card.locator(".score").text_content()))
    neighbour = page.locator(f"[data-place='{place + 1}']")
    beside = neighbour.bounding_box()
    assert beside
    assert (beside["width"], beside["height"]) == pytest.approx((outside["width"], outside["height"]))
    assert reads_in_order(neighbour.locator(".kind"), str(neighbour.locator(".kind").text_content())[:6])
    across = page.get_by_role("listbox").evaluate("box => [box.scrollWidth - box.clientWidth, box.scrollHeight - "
                                                  "box.clientHeight]")
    assert across[1 if layout == "strip" else 0] <= 0  # it scrolls one way only


def test_a_verdict_and_the_score_are_on_the_card_and_read_out(gallery: OpenGallery) -> None:
    page, table = gallery(n=200, show="gallery"), images.__wrapped__(200)
    place = int((table["verdict"] == "label correct").to_numpy().nonzero()[0][0])
    card = page.locator(f"[data-place='{place}']")
    expect(card.locator(".verdict")).to_have_text("✓")
    label = str(card.get_attribute("aria-label"))
    assert label.endswith("verdict: label correct")
    assert float(str(card.locator(".score").text_content())) == pytest.approx(table["score"][place], rel=1e-4)
