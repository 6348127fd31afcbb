"""Review while the page turns to another image: what is shown before Python answers, and whose verdict it is."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.review.reading import card_names, expect_drawn, gallery_cards

pytestmark = pytest.mark.browser


def test_the_next_image_is_here_before_it_is_asked_for(review: Page) -> None:
    viewer, following = review.locator(".viewer"), review.get_by_role("button", name="Next")
    first = str(viewer.get_attribute("data-picture"))
    expect(viewer).to_have_attribute("data-ahead", re.compile("."))  # it is fetched while nothing else is done
    review.route("**/media/**", lambda route: route.abort())
    following.click()
    expect(viewer).not_to_have_attribute("data-picture", first)
    second = str(viewer.get_attribute("data-picture"))
    review.unroute("**/media/**")
    for _ in range(2):  # a photo that was left is closed, and is not taken for one that is here
        review.get_by_role("button", name="Previous").click()
        expect(viewer).to_have_attribute("data-picture", first)
        review.wait_for_timeout(1000)
        following.click()
        expect(viewer).to_have_attribute("data-picture", second)
    expect(viewer.locator(".readout")).not_to_contain_text("could not be loaded")


# Keeps, whenever the viewer has drawn another picture, its name and whether the text above it names it too.
NAMED = """() => {
  window.drawn = [];
  const roots = [...document.querySelectorAll("*")].map(({ shadowRoot }) => shadowRoot).filter(Boolean);
  const viewer = roots.map((root) => root.querySelector(".viewer")).find(Boolean);
  const named = (name) => [...document.querySelectorAll("[data-testid=stText]")].some(
    ({ textContent }) => textContent.startsWith(name));
  new MutationObserver(() => {
    const name = viewer.dataset.picture.split(" ").slice(1).join(" ");
    if (window.drawn.at(-1)?.name !== name) window.drawn.push({ name, told: named(name) });
  }).observe(viewer, { attributes: true, attributeFilter: ["data-picture"] });
}"""


def test_the_next_image_is_shown_before_python_answers(review: Page) -> None:
    names = card_names(review)
    viewer = review.locator(".viewer")
    expect(viewer).to_have_attribute("data-ahead", names[1])
    review.evaluate(NAMED)
    for key, place in (("n", 1), ("N", 2), ("p", 1)):
        review.keyboard.press(key)
        expect(review.get_by_text(names[place]).first).to_be_visible()  # Python has followed
        expect_drawn(review, names[place])
        expect(viewer).to_have_attribute("data-ahead", f"{names[place + 1]} | {names[place - 1]}")
    assert review.evaluate("drawn") == [{"name": names[place], "told": False} for place in (1, 2, 1)]
    review.evaluate("WebSocket.prototype.send = () => {}")  # Python hears nothing any more
    review.keyboard.press("n")
    expect_drawn(review, names[2])
    expect_drawn(review, names[1])  # what the rest of the page still shows


def test_a_verdict_typed_while_the_page_turns_is_for_the_image_that_is_seen(
    address: str, open_browser: Callable[[], Page]
) -> None:
    page = open_browser()
    page.goto(f"{address}?order=by+name&defect=hole")
    expect(gallery_cards(page)).to_have_count(6)
    expect_drawn(page)
    names = card_names(page)
    expect(page.locator(".viewer")).to_have_attribute("data-ahead", names[1])
    page.locator(".viewer").click(position={"x": 3, "y": 3})
    for key in ("n", "4", "1"):  # the second verdict of the two was meant for no image
        page.keyboard.press(key)
    expect(gallery_cards(page).nth(1)).to_have_attribute("aria-label", re.compile("verdict: unclear"))
    expect(gallery_cards(page).nth(0)).not_to_have_attribute("aria-label", re.compile("verdict"))
    expect_drawn(page, names[1])


# Python hears nothing until `heard()` is called, then all that was said, in its order.
DEAF = """() => {
  const { send } = WebSocket.prototype, kept = [];
  WebSocket.prototype.send = function (message) { kept.push([this, message]); };
  window.heard = () => {
    WebSocket.prototype.send = send;
    for (const [socket, message] of kept) send.call(socket, message);
  };
}"""


@pytest.fixture
def turning(address: str, open_browser: Callable[[], Page]) -> tuple[Page, int]:
    """The Review page shows an image that was chosen, and Python, which shows the one before, has not heard of it;
    and which card that is: one without a verdict."""
    page = open_browser()
    page.goto(f"{address}?order=by+name&defect=hole")
    expect(gallery_cards(page)).to_have_count(6)
    expect_drawn(page)
    labels = gallery_cards(page).evaluate_all("cards => cards.map((card) => card.ariaLabel)")
    place = next(at for at in range(5) if not any("verdict" in label for label in labels[at : at + 2]))
    gallery_cards(page).nth(place).click()
    expect_drawn(page, card_names(page)[place])
    expect(page.locator(".viewer")).to_have_attribute("data-ahead", re.compile(re.escape(card_names(page)[place + 1])))
    expect(page.get_by_role("button", name="Label correct")).to_be_enabled()
    page.evaluate(DEAF)
    gallery_cards(page).nth(place + 1).click()
    expect_drawn(page, card_names(page)[place + 1])
    return page, place + 1


def test_a_verdict_clicked_while_the_page_turns_is_for_the_image_that_is_seen(turning: tuple[Page, int]) -> None:
    page, place = turning
    page.get_by_role("button", name="Unclear").click()
    page.get_by_role("button", name="Label correct").click()  # meant for no image
    page.evaluate("heard()")
    expect(gallery_cards(page).nth(place)).to_have_attribute("aria-label", re.compile("verdict: unclear"))
    expect(gallery_cards(page).nth(place - 1)).not_to_have_attribute("aria-label", re.compile("verdict"))


def test_a_verdict_whose_button_is_made_anew_under_the_pressed_mouse_is_given(turning: tuple[Page, int]) -> None:
    page, place = turning
    page.get_by_role("button", name="Unclear").hover()
    page.mouse.down()
    page.get_by_role("button", name="Unclear").evaluate("button => { window.pressed = button; }")
    page.evaluate("heard()")
    page.wait_for_function("!pressed.isConnected")
    page.mouse.up()
    expect(gallery_cards(page).nth(place)).to_have_attribute("aria-label", re.compile("verdict: unclear"))
    expect(gallery_cards(page).nth(place - 1)).not_to_have_attribute("aria-label", re.compile("verdict"))
