"""Review fills the window: images on the first screen, nothing moves, every part is there, and the keys are listed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.review.reading import cards, expect_count, expect_painted, opened, outcome, shown

pytestmark = pytest.mark.browser
SIZES = [(900, 900), (1400, 900), (1920, 1080)]
MOST_SHIFT = 0.05  # of the layout while it loads
SHIFTS = """window.shifted = 0;
new PerformanceObserver((list) => list.getEntries().forEach(({ value }) => (window.shifted += value)))
  .observe({ type: "layout-shift", buffered: true });"""
# Where everything with a place of its own stands, apart from the cards, which follow the list.
PLACES = """() => [...document.querySelectorAll("*")].flatMap((one) => one.shadowRoot ?? []).flatMap((root) => [root,
    ...[...root.querySelectorAll("*")].flatMap((one) => one.shadowRoot ?? [])])
  .flatMap((root) => [...root.querySelectorAll("button, input, select, textarea, .stage, .title, canvas")])
  .filter((one) => one.checkVisibility() && !one.closest(".gallery, .history"))
  .map((one) => [one.className, ...Object.values(one.getBoundingClientRect().toJSON())])"""


@pytest.mark.parametrize(("wide", "high"), SIZES)
def test_pictures_stand_on_the_first_screen_and_nothing_moves(
    address: str, open_browser: Callable[[], Page], wide: int, high: int
) -> None:
    page = open_browser()
    page.set_viewport_size({"width": wide, "height": high})
    page.add_init_script(SHIFTS)
    opened(page, f"{address}?order=by+name")
    assert page.evaluate("shifted") < MOST_SHIFT
    box = page.locator(".workspace").bounding_box()
    assert box
    assert (box["x"], box["width"], box["y"] + box["height"]) == (0, wide, high)
    for place in range(4):
        pane = page.locator(".stage").nth(place).bounding_box()
        assert pane
        assert pane["y"] + pane["height"] < high
        assert pane["width"] > 150
    expect(cards(page).first).to_be_in_viewport(ratio=0.9)
    expect(page.get_by_role("button", name="label correct")).to_be_in_viewport(ratio=1)
    assert page.evaluate("[document.scrollingElement.scrollWidth, document.scrollingElement.scrollHeight]") == [
        wide, high]  # fmt: skip

    page.evaluate("shifted = 0")
    places = page.evaluate(PLACES)
    assert len(places) > 40
    for _ in range(7):  # through good ones to defective ones
        before = shown(page)
        page.keyboard.press("n")
        expect(page.locator(".workspace")).not_to_have_attribute("data-image", before)
        expect_painted(page)
    assert page.evaluate(PLACES) == places
    for words, count in (("found", "6 of 12"), ("all", "all 12")):
        outcome(page, words).click()
        expect_count(page, count)
        expect_painted(page)
    assert page.evaluate(PLACES) == places
    assert page.evaluate("shifted") == 0


def test_everything_is_there_where_no_picture_comes(address: str, open_browser: Callable[[], Page]) -> None:
    page = open_browser()
    page.route("**/pictures/**", lambda route: route.abort())
    page.goto(f"{address}?order=by+name")
    expect_count(page, "all 12")
    expect(page.get_by_role("slider", name="Threshold").first).to_be_visible()
    expect(cards(page).first).to_be_visible()
    expect(page.get_by_role("button", name="Keys")).to_be_visible()
    expect(page.locator(".title")).to_contain_text("ailed")  # the reason, in the browser's words
    page.unroute("**/pictures/**")
    page.keyboard.press("n")
    expect_painted(page)


def test_the_question_mark_lists_the_keys_but_not_while_typing(review: Page) -> None:
    search, keys = review.get_by_label("Search path"), review.get_by_role("dialog")
    search.click()
    review.keyboard.press("Shift+Slash")
    expect(search).to_have_value("?")
    expect(keys).to_have_count(0)
    search.fill("")
    search.blur()
    review.keyboard.press("Shift+Slash")  # a US keyboard
    expect(keys).to_contain_text("Choose the pixel under the cross")
    review.keyboard.press("Escape")
    expect(keys).to_have_count(0)
    review.get_by_role("button", name="Keys").click()
    expect(keys).to_contain_text("Undo the last verdict")


def test_panes_are_chosen_by_a_key_and_remembered_by_the_browser(review: Page, address: str) -> None:
    stages = review.locator(".stage")
    expect(stages).to_have_count(4)
    for count in (2, 1):
        review.keyboard.press("f")
        expect(stages).to_have_count(count)
    review.wait_for_url("**panes=photo*")
    opened(review, address)  # which says nothing of panes
    expect(stages).to_have_count(1)
    review.keyboard.press("f")
    expect(stages).to_have_count(4)


def test_it_works_by_touch(address: str, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 900, "height": 1100}, has_touch=True)
    page = opened(context.new_page(), f"{address}?order=by+name")
    cards(page).nth(3).tap()
    expect_painted(page, str(cards(page).nth(3).get_attribute("data-id")))
    outcome(page, "found").tap()
    expect_count(page, "6 of 12")
    stage = page.locator(".stage").first.bounding_box()
    assert stage
    page.touchscreen.tap(stage["x"] + stage["width"] / 2, stage["y"] + stage["height"] / 2)
    expect(page.locator(".readout")).to_contain_text("score")
    handle = page.get_by_role("slider", name="Threshold").first
    before = handle.get_attribute("aria-valuenow")
    box = handle.bounding_box()
    assert box
    _drag_by_finger(page, box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, 60)
    expect(handle).not_to_have_attribute("aria-valuenow", str(before))
    page.get_by_role("button", name="unclear").tap()
    expect(page.locator(".standing")).not_to_contain_text("saving")
    context.close()


def _drag_by_finger(page: Page, x: float, y: float, by: float) -> None:
    touch = page.context.new_cdp_session(page)
    for kind, at in (("touchStart", x), ("touchMove", x + by / 2), ("touchMove", x + by), ("touchEnd", None)):
        points = [] if at is None else [{"x": at, "y": y}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def test_all_that_is_asked_for_in_vain_is_what_streamlit_looks_for(
    address: str, open_browser: Callable[[], Page]
) -> None:
    page = open_browser()
    lost: list[str] = []
    said: list[str] = []
    page.on("response", lambda answer: answer.status >= 400 and lost.append(answer.url.split("/review")[-1]))
    page.on("console", lambda message: message.type in ("error", "warning") and said.append(message.text))
    opened(page, f"{address}?order=by+name")
    # Streamlit's browser part looks for its server below the page's address first, then at the root.
    assert sorted(lost) == ["/_stcore/health", "/_stcore/host-config"]
    assert [line for line in said if "404" not in line] == []


