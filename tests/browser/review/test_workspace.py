"""The workspace on a page of its own: it fills the window, every key counts, and a link shows the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from patchcore_core.reviews.verdicts import Verdicts
from patchcore_core.runs.store import RunStore
from tests.browser.serving import served
from tests.browser.tiles import fit, make_tiles

pytestmark = pytest.mark.browser
WORDS = ["agree", "label_wrong", "mask_wrong", "unclear"]
SHIFTS = """() => { window.shifted = 0;
new PerformanceObserver((list) => list.getEntries().forEach((one) => (window.shifted += one.value)))
  .observe({ type: "layout-shift", buffered: true }); }"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("workspace") / "runs"


@pytest.fixture(scope="module")
def address(store: Path, browser: Browser) -> Iterator[str]:  # noqa: ARG001  (skips first)
    """The workspace of a fitted run of twelve test images."""
    fit(make_tiles(store.parent / "data" / "tile"), store)
    run = RunStore(store).list()[0]
    places = {"PATCHCORE_RUNS": store, "PATCHCORE_DATA": store.parent / "data", "PATCHCORE_AUTHOR": "Ada"}
    with served(Path(__file__).with_name("workspace_page.py"), store.parent, **places) as server:
        yield f"{server}/?run={run.id}"


def opened(page: Page, address: str) -> Page:
    page.goto(address)
    expect(page.locator(".viewer canvas").first).to_be_visible()
    expect(page.locator(".title")).to_contain_text(shown(page))
    return page


def shown(page: Page) -> str:
    return page.locator(".workspace").get_attribute("data-image") or ""


def test_it_fills_the_window_and_nothing_moves(address, open_browser):
    page = open_browser()
    page.goto("about:blank")
    page.add_init_script(f"({SHIFTS})()")
    opened(page, address)
    box = page.locator(".workspace").bounding_box()
    assert box
    assert (box["width"], box["y"] + box["height"]) == (1400, 900)
    pictures = page.locator(".stage").all()
    page.evaluate("window.shifted = 0")
    places = [one.bounding_box() for one in pictures]
    for _ in range(6):
        before = shown(page)
        page.keyboard.press("n")
        expect(page.locator(".workspace")).not_to_have_attribute("data-image", before)
    page.get_by_role("button", name="missed").first.click()
    page.get_by_role("button", name="all").first.click()
    assert [one.bounding_box() for one in pictures] == places
    assert page.evaluate("window.shifted") == 0


def test_twenty_keys_at_fifty_milliseconds_are_all_recorded(address, open_browser, store):
    page = opened(open_browser(), address)
    expect(page.locator(".verdict").first).to_be_enabled()
    page.get_by_label("then next image").uncheck()
    before = len(Verdicts(store).entries())
    for place in range(20):
        page.keyboard.press("1234"[place % 4], delay=0)
        page.wait_for_timeout(50)
    expect(page.locator(".standing")).to_have_text("saved · Ada")
    assert [one.verdict for one in Verdicts(store).entries()[before:]] == WORDS * 5
    page.keyboard.press("u")
    expect(page.get_by_role("button", name="mask wrong")).to_have_attribute("aria-pressed", "true")


def test_a_link_shows_another_visitor_the_same(address, open_browser):
    page = opened(open_browser(), f"{address}&order=by+name&outcome=true+positive&panes=photo,map")
    page.keyboard.press("n")
    page.keyboard.press("n")
    page.wait_for_function("location.search.includes('image=')")
    link, image = page.url, shown(page)
    other = opened(open_browser(), link)
    assert shown(other) == image
    assert other.url == link
    assert other.locator(".stage").count() == 2
    assert other.locator(".count").inner_text() == page.locator(".count").inner_text() == "6 of 12"


def test_a_verdict_of_one_visitor_reaches_the_other(address, open_browser: Callable[[], Page]):
    one, other = (opened(open_browser(), f"{address}&order=by+name") for _ in range(2))
    image = shown(other)
    expect(one.locator(".verdict").first).to_be_enabled()
    one.keyboard.press("2")
    card = other.locator(f".card[data-id='{image}']")
    expect(card.locator(".verdict")).to_have_text("✗")
