"""The filters in a row: what is told, by mouse and by key, and what stands still."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.components.plain_page import mounted, told, updated
from tests.browser.components.workspace.made import HOSTILE, UNFILTERED, filters

pytestmark = pytest.mark.browser
BAR = "filter_bar/filter_bar"
ORDER = {"order": "highest score first"}


def chosen(page: Page) -> dict:
    """What was told last, without what filters nothing."""
    _, name, value = told(page)[-1]
    assert name == "chosen"
    assert set(value) == {*UNFILTERED, "order"}
    return {key: one for key, one in value.items() if one != (UNFILTERED | ORDER)[key]}


def test_outcomes_are_added_and_taken_away(page: Page) -> None:
    bar = mounted(page, BAR, filters())
    bar.get_by_role("button", name="missed").click()
    assert chosen(page) == {"outcome": ["missed defect (FN)"]}
    updated(page, BAR, filters({"outcome": ["missed defect (FN)"]}, shown=2))
    expect(bar.get_by_role("status")).to_have_text("2 of 97")
    expect(bar.get_by_role("button", name="missed")).to_have_attribute("aria-pressed", "true")
    bar.get_by_role("button", name="false alarm").click()
    assert chosen(page) == {"outcome": ["missed defect (FN)", "false alarm (FP)"]}
    bar.get_by_role("button", name="missed").click()
    assert chosen(page) == {}


def test_a_menu_by_keyboard(page: Page) -> None:
    bar = mounted(page, BAR, filters())
    bar.get_by_role("button", name="Filter by verdict").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(bar.get_by_role("checkbox", name="label correct")).to_be_focused()
    page.keyboard.press("ArrowUp")  # round the end
    expect(bar.get_by_role("checkbox", name="#line 3")).to_be_focused()
    page.keyboard.press("Space")
    assert chosen(page) == {"tag": ["line 3"]}
    updated(page, BAR, filters({"tag": ["line 3"]}))
    expect(bar.get_by_role("checkbox", name="#line 3")).to_be_focused()
    page.keyboard.press("Escape")
    expect(bar.get_by_role("group", name="Filter by verdict")).to_be_hidden()
    expect(bar.get_by_role("button", name="verdict: #line 3")).to_be_focused()


def test_a_range_with_an_open_end(page: Page) -> None:
    bar = mounted(page, BAR, filters())
    bar.get_by_role("button", name="Filter by size").click()
    bar.get_by_role("textbox", name="to").fill("120,5")
    page.keyboard.press("Enter")
    assert told(page)[-1][2]["size"] == [float("-inf"), 120.5]
    updated(page, BAR, filters({"size": [40, 120]}))
    expect(bar.get_by_role("button", name="size: 40–120 px")).to_be_visible()
    bar.get_by_role("button", name="Any").click()
    assert chosen(page) == {}


def test_the_search_keeps_what_is_typed(page: Page) -> None:
    bar = mounted(page, BAR, filters())
    page.keyboard.press("/")
    for letter in "scr":
        page.keyboard.type(letter)
        updated(page, BAR, filters(shown=9))  # from before the letter
    assert chosen(page) == {"q": "scr"}
    expect(bar.get_by_role("searchbox")).to_have_value("scr")


def test_clear_leaves_the_order(page: Page) -> None:
    bar = mounted(page, BAR, filters({"q": "a", "defect": ["scratch"], "order": "by name"}))
    bar.get_by_role("button", name="Clear all filters").click()
    assert chosen(page) == {"order": "by name"}


def test_hostile_names_are_text(page: Page) -> None:
    bar = mounted(page, BAR, filters({"defect": [HOSTILE]}))
    bar.get_by_role("button", name=f"type: {HOSTILE}").click()
    expect(bar.get_by_text(HOSTILE).last).to_be_visible()
    assert bar.locator("img").count() == 0


@pytest.mark.parametrize("width", [900, 1400])
def test_nothing_moves_when_choices_change(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    bar = mounted(page, BAR, filters())
    places = "bar => [...bar.querySelectorAll('.button, .field')].map((one) => one.getBoundingClientRect().toJSON())"
    before = bar.evaluate(places)
    updated(page, BAR, filters({"defect": ["contamination", "scratch"], "size": [12, 90], "q": "x",
                                "outcome": ["review zone"]}, shown=1))  # fmt: skip
    assert bar.evaluate(places) == before
    assert bar.evaluate("bar => bar.scrollWidth <= bar.clientWidth")


def test_outcomes_are_stepped_through_and_filters_cleared_by_key(page: Page) -> None:
    mounted(page, BAR, filters())
    page.keyboard.press(".")
    assert told(page)[0][2]["outcome"] == ["missed defect (FN)"]
    updated(page, BAR, filters({"outcome": ["missed defect (FN)"]}))
    page.keyboard.press(",")
    page.keyboard.press("x")
    page.keyboard.press("Control+x")
    assert [one[2]["outcome"] for one in told(page)] == [[], []]
