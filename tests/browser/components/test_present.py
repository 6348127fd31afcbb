"""The presentation in a browser without Streamlit: keys, prices against Python's, and the choice of examples."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from patchcore_core.evaluation.thresholds.costs import Costs
from patchcore_core.views import web
from patchcore_core.views.present.deck import Bar, Dots, Known, Screen, as_data
from patchcore_core.views.present.money import per_million
from patchcore_core.views.present.rates import Rate
from tests.browser.components.made_evidence import evidence, image, patch
from tests.browser.components.plain_page import serve

pytestmark = pytest.mark.browser
HOSTILE = "<img src=x onerror=document.body.dataset.harmed=1>"
RATES = [(Rate(47, 50), Rate(2, 191)), (Rate(0, 3), Rate(0, 9)), (Rate(0, 0), Rate(1, 9)), (Rate(3, 3), Rate(0, 0))]
SCREENS = [
    Screen("title", "opening", HOSTILE, (HOSTILE,), ("note",)),
    Screen("rate", "found", "Found", ("Of 100",), bars=(Bar(HOSTILE, "47 of 50", 0.94, 0.84, 0.98, "#009E73"),),
           dots=Dots(100, 94, 83, 94, "#009E73", "#CC79A7", "dots", ("green", HOSTILE))),
    Screen("cost", "cost", "Cost", prices=tuple(Known.of(str(place), *rates) for place, rates in enumerate(RATES))),
    Screen("limits", "limits", "Limits", (HOSTILE, "two")),
]  # fmt: skip
PAGE = """<!doctype html><html lang="en"><title>Present</title><body>
<main tabindex="0"><p>page</p><button>other</button><div id="root"></div></main><script type="module">
import { mount } from "./present/present.js";
import { perMillion } from "./present/money.js";
window.told = [];
window.perMillion = perMillion;
window.show = (data) => (window.mounted = mount(document.getElementById("root"), data,
  (name, value) => window.told.push([name, value])));
window.ready = true;
</script></body></html>"""


def data(**given: Any) -> dict[str, Any]:
    candidates = [{"id": name, "words": f"“{kind}”: found", "thumbnail": ""}
                  for name, kind in (("a.png", "hole"), ("b.png", "dent"), (HOSTILE, "dent"))]
    return {"label": "Show", "screens": as_data(SCREENS), "at": "", "costs": {"escape": 100, "overkill": 5, "rate": 1},
            "candidates": candidates, "chosen": ["a.png", "b.png"],
            "styles": {"evidence": web.css("evidence")}, **given}  # fmt: skip


@pytest.fixture
def page(open_browser: Callable[[], Page]) -> Page:
    opened = serve(open_browser(), PAGE)
    opened.add_style_tag(content=web.css("present"))
    opened.evaluate("data => window.show(data)", data())
    return opened


def told(page: Page, name: str) -> Any:
    """What was told last under this name, once it was."""
    page.wait_for_function("name => window.told.some(([one]) => one === name)", arg=name)
    found = [value for one, value in page.evaluate("window.told.splice(0)") if one == name]
    return found[-1]


def test_keys_go_from_screen_to_screen(page: Page) -> None:
    heading = page.locator(".heading")
    for key, words in (("ArrowRight", "Found"), ("PageDown", "Cost"), ("End", "Limits"), ("ArrowRight", "Limits"),
                       ("ArrowLeft", "Cost"), ("Home", HOSTILE), ("ArrowUp", HOSTILE), (" ", "Found")):  # fmt: skip
        page.keyboard.press(key)
        expect(heading).to_have_text(words)
    assert told(page, "at") == "found"
    assert page.locator(".dots circle:not(.ring)").count() == 100
    assert page.locator(".dots .ring").count() == 11
    expect(page.locator(".dots .meant")).to_have_text(["green", HOSTILE])
    assert page.locator(".dots .mark").evaluate_all("all => all.map((one) => one.style.background)") == [
        "rgb(0, 158, 115)", "rgb(204, 121, 167)"]  # fmt: skip


def test_keys_work_wherever_the_page_was_clicked_but_in_what_takes_them(page: Page) -> None:
    page.get_by_text("page", exact=True).click()  # which gives the focus to the page's main element
    page.keyboard.press("ArrowRight")
    expect(page.locator(".heading")).to_have_text("Found")
    page.get_by_role("button", name="other").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".place")).to_have_text("2 of 4")


def test_a_text_is_a_text(page: Page) -> None:
    for _ in SCREENS:
        page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="Examples").click()
    assert page.evaluate("document.body.dataset.harmed") is None
    assert page.locator("img[src=x]").count() == 0


def test_prices_are_computed_as_in_python(page: Page) -> None:
    for found, stopped in RATES:
        prices = as_data([Screen("cost", "", "", prices=(Known.of("", found, stopped),))])[0]["prices"][0]
        for escape, overkill, rate in ((500, 4, 1), (0, 2.5, 50), (1, 0, 0), (3, 7, 100)):
            got = page.evaluate("given => Object.values(window.perMillion(...given)).map(String)",
                                [prices, {"escape": escape, "overkill": overkill, "rate": rate}])
            costs = Costs(escape, overkill, rate / 100)
            there = per_million(found, stopped, costs)
            wanted = [there.missed, there.stopped, there.cost, there.low, there.high]
            assert [float(one) for one in got] == pytest.approx(wanted, nan_ok=True, abs=1e-6)


def test_prices_that_are_typed_in_count_at_once_and_are_told(page: Page) -> None:
    page.evaluate("data => window.mounted.update(data)", data(at="cost"))
    result = page.locator(".result").first
    expect(result.locator(".total")).to_have_text("112,000")  # 600 * 100 + 10,366 * 5
    field = page.get_by_label("A defective part that is missed costs")
    field.fill("1000")
    expect(result.locator(".total")).to_have_text("652,000")
    assert told(page, "costs") == {"escape": 1000, "overkill": 5, "rate": 1}
    page.evaluate("data => window.mounted.update(data)",
                  data(at="cost", costs={"escape": 1000, "overkill": 5, "rate": 1}))
    expect(field).to_be_focused()  # the echo does not draw the field anew
    field.fill("-3")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(result.locator(".total")).to_have_text("652,000")
    field.press("ArrowRight")
    expect(page.locator(".heading")).to_have_text("Cost")
    expect(page.locator(".result").nth(2)).to_contain_text("not known: no defective part was tested")


def test_examples_are_added_moved_and_removed(page: Page) -> None:
    page.get_by_role("button", name="Examples").click()
    page.get_by_label("Search images").fill("dent img")
    page.get_by_role("button", name=f"Add {HOSTILE}").click()
    assert told(page, "chosen") == ["a.png", "b.png", HOSTILE]
    page.get_by_role("button", name="b.png: earlier").click()
    assert told(page, "chosen") == ["b.png", "a.png", HOSTILE]
    page.get_by_role("button", name="b.png: remove").click()
    page.get_by_role("button", name="a.png: remove").click()
    assert told(page, "chosen") == [HOSTILE]
    expect(page.get_by_role("button", name=f"{HOSTILE}: remove")).to_be_disabled()


def test_everything_is_large(page: Page) -> None:
    page.get_by_role("button", name="Examples").click()
    for _ in SCREENS:
        sizes = page.evaluate("""[...document.querySelectorAll(".present *")]
          .filter((one) => one.getClientRects().length)
          .filter((one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
          .map((one) => parseFloat(getComputedStyle(one).fontSize))""")
        assert min(sizes) >= 20
        page.keyboard.press("ArrowRight")


def test_the_whole_screen_and_back(page: Page) -> None:
    page.keyboard.press("f")
    page.wait_for_function("document.fullscreenElement === document.getElementById('root')")
    page.get_by_role("button", name="Leave full screen").click()
    page.wait_for_function("!document.fullscreenElement")
    expect(page.get_by_role("button", name="Full screen")).to_be_visible()


def test_the_evidence_of_an_example_is_folded_away_until_it_is_wanted(page: Page) -> None:
    details = evidence(image(patches=[patch(2, 3), patch(0, 1), patch(3, 5)]), asks=False, keys=False, zooms=False)
    why = Screen("evidence", "why", "Why?", ("Because.",), evidence=details)
    page.evaluate("given => window.mounted.update(given)", data(screens=as_data([why, *SCREENS]), at="why"))
    expect(page.locator(".evidence .patch")).to_have_count(0)
    summary = page.locator("summary")
    summary.focus()
    page.keyboard.press(" ")  # opens it, and does not lead to the next screen
    expect(page.locator(".screen .patch figure")).to_have_count(6)
    assert page.locator(".screen .patch img").first.get_attribute("src").startswith("blob:")  # fetched ahead
    page.get_by_role("button", name="Next hottest patch").click()
    expect(page.locator(".screen .widget")).to_have_attribute("data-place", "0 1")
    page.get_by_role("button", name="Next screen").click()
    expect(page.locator(".screen .patch")).to_have_count(0)
    assert page.evaluate("document.body.dataset.harmed") is None
