"""A link of Review shows another visitor the same, whatever was chosen; and 60 images judged by keyboard alone."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from patchcore_core.reviews.verdicts import Verdicts
from tests.browser.review.reading import expect_painted, opened, shown
from tests.browser.review.seen import assert_drawn_alike, drawn, seen

pytestmark = pytest.mark.browser
IMAGES, JUDGED, STATES = 72, 60, 30


def assert_alike(here: dict[str, Any], there: dict[str, Any], link: str) -> None:
    """Both are the same; without an image what stands beside the viewer."""
    if not here["card"]:
        here, there = ({part: seen[part] for part in ("words", "card")} for seen in (here, there))
    differs = [part for part in here if there[part] != here[part]]
    told = [f"{part}: {mine!r} | {theirs!r}" for part in differs
            for mine, theirs in zip_longest(here[part], there[part]) if mine != theirs]
    assert not told, "\n".join([link, *told])


def _press(key: str, times: int = 1) -> Callable[[Page, random.Random], None]:
    def act(page: Page, _: random.Random) -> None:
        for _time in range(times):
            page.keyboard.press(key)

    return act


def _outcome(page: Page, chance: random.Random) -> None:
    buttons = page.get_by_role("group", name="Outcome").get_by_role("button")
    buttons.nth(chance.randrange(buttons.count())).click()


def _order(page: Page, chance: random.Random) -> None:
    order = page.get_by_label("Order")
    known = {"by name", "lowest score first", "most wrong first", "largest defect first"}
    order.select_option(chance.choice(sorted(known & set(order.locator("option").all_inner_texts()))))
    order.blur()


def _threshold(page: Page, chance: random.Random) -> None:
    field = page.locator(".threshold-strip").get_by_role("textbox", name="Threshold")
    field.fill(f"{chance.uniform(1.2, 1.7):.3f}")
    field.press("Enter")
    field.blur()


def _level(page: Page, chance: random.Random) -> None:
    page.get_by_role("button", name=f"{chance.choice(['Image', 'Pixel'])} threshold", exact=True).click()


def _pane(page: Page, chance: random.Random) -> None:
    choice = page.get_by_label("What pane 1 shows")
    choice.select_option(index=chance.randrange(choice.locator("option").count()))
    choice.blur()


def _mark(page: Page, chance: random.Random) -> None:
    boxes = page.locator(".viewer").get_by_role("checkbox")
    if count := boxes.count():  # none without a map
        boxes.nth(chance.randrange(count)).click()


def _zoom(page: Page) -> None:
    """The chosen image is there, and the address follows once the view is at rest: a zoom is that of what is seen."""
    expect_painted(page)
    page.locator(".stage").first.focus()
    page.keyboard.press("+")
    page.wait_for_url(lambda url: "zoom=" in url)


def _whole(page: Page) -> None:
    if "zoom=" in page.url:
        page.locator(".stage").first.focus()
        page.keyboard.press("0")
        page.wait_for_url(lambda url: "zoom=" not in url)


def _card(page: Page, chance: random.Random) -> None:
    shown_cards = page.locator(".gallery [role=option]")
    if count := shown_cards.count():
        shown_cards.nth(chance.randrange(min(count, 6))).click()


def _search(page: Page, chance: random.Random) -> None:
    page.get_by_label("Search path").fill(chance.choice(["", "0", "hole", "s", "a&b=c %+"]))
    page.get_by_label("Search path").blur()


def _opacity(page: Page, chance: random.Random) -> None:
    if not (menu := page.get_by_role("button", name=re.compile("^Map"))).count():
        return
    menu.click()
    page.get_by_label("Opacity of the map").fill(str(chance.randrange(0, 100)))
    page.keyboard.press("Escape")


ACTS = (_press("n"), _press("p"), _press("f"), _outcome, _outcome, _order, _threshold, _level, _pane, _mark, _card,
        _search, _opacity)  # fmt: skip


def test_thirty_states_look_the_same_to_whoever_opens_their_links(
    plates: tuple[str, Path], open_browser: Callable[[], Page]
) -> None:
    chance = random.Random(14)
    one, other = open_browser(), open_browser()
    one.context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened(one, plates[0])
    links = set()
    for _ in range(STATES):
        _whole(one)
        for act in chance.sample(ACTS, 3):
            if not shown(one):  # no image is left: begin anew
                one.get_by_role("button", name="Clear all filters").click()
            act(one, chance)
        if shown(one) and chance.random() < 0.3:
            _zoom(one)
        here, pixels = seen(one), drawn(one) if shown(one) else []
        one.get_by_role("button", name="Link", exact=True).click()
        expect(one.get_by_role("button", name="Copied", exact=True)).to_be_visible()
        link = one.evaluate("navigator.clipboard.readText()")
        expect(one).to_have_url(link)
        links.add(link)
        other.goto(link)
        expect(other.locator(".filter-bar .count")).to_have_text(one.locator(".filter-bar .count").inner_text())
        there = seen(other)
        assert_alike(here, there, link)
        assert_drawn_alike(pixels, drawn(other) if pixels else [], link)
        expect(other).to_have_url(link)
        expect(one.get_by_role("button", name="Link", exact=True)).to_be_visible()
    assert len(links) > STATES * 0.8


def test_sixty_images_are_judged_by_keyboard_alone_with_a_link_sent_in_the_middle(
    plates: tuple[str, Path], open_browser: Callable[[], Page]
) -> None:
    page, chance = opened(open_browser(), f"{plates[0]}?order=by+name"), random.Random(7)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    words = {"1": "agree", "2": "label_wrong", "3": "mask_wrong", "4": "unclear"}
    given: dict[str, str] = {}
    for place in range(JUDGED):
        key = chance.choice(list(words))
        given[shown(page)] = words[key]
        page.keyboard.press(key)
        if place == JUDGED // 2:
            _send(page, open_browser(), len(given))
    expect(page.locator(".standing")).to_have_text("no verdict yet")  # the 61st image, and all others are stored
    assert len(given) == JUDGED
    entries = Verdicts(plates[1]).entries()
    assert {entry.path.split("plate/")[-1]: entry.verdict for entry in entries} == given
    assert len(entries) == JUDGED


def _send(page: Page, other: Page, judged: int) -> None:
    """Reach the button by Tab, send the link, and go on where one was."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED) == "Link":
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Copied", exact=True)).to_be_visible()
    opened(other, page.evaluate("navigator.clipboard.readText()"))
    assert shown(other) == shown(page)
    other.get_by_role("button", name="Filter by verdict").click()
    box = other.get_by_role("checkbox", name=re.compile("no verdict"))
    box.check()
    expect(other.locator(".filter-bar .count")).to_have_text(f"{IMAGES - judged} of {IMAGES}")


FOCUSED = """() => {
  let one = document.activeElement;
  while (one?.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
  return one?.textContent;
}"""
