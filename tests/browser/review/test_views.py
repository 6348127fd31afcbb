"""Saved views, the link to copy and the list of keys, in a real browser, beside widgets bound to the address."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from patchcore_core.reviews.saved_views import SavedViews
from tests.browser.reading import reads_in_order
from tests.browser.serving import served

pytestmark = pytest.mark.browser
HOSTILE = "<img src=x onerror=document.body.dataset.harmed=1> \u202egnp.exe " + "u\u0301\u0302" * 40
QUERY = ("run=first&outcome=FN&outcome=FP&defect=a%26b%3Dc&opacity=40&threshold=1.5&odd=%2Bx+y&page=3"
         "&outlines=false&find=q")
SHOWN = {"outcome": ["FN", "FP"], "defect": ["a&b=c"], "opacity": 40, "escape": None, "outlines": False, "page": 3,
         "find": "q", "run": "first", "threshold": "1.5"}
ELSEWHERE = "run=second&outcome=TP&escape=3"
SHOWN_ELSEWHERE = {"outcome": ["TP"], "defect": [], "opacity": 75, "escape": 3.0, "outlines": True, "page": 1,
                   "find": "", "run": "second", "threshold": ""}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[tuple[str, Path]]:  # noqa: ARG001
    """The address of `views_page.py` and its store."""
    folder = tmp_path_factory.mktemp("views")
    with served(Path(__file__).with_name("views_page.py"), folder, PATCHCORE_RUNS=folder / "runs") as address:
        yield address, folder / "runs"


@pytest.fixture
def show(server: tuple[str, Path], open_browser: Callable[[], Page]) -> Callable[[str], Page]:
    """`show(query)` is a new visitor at this address, before whom no view was saved."""
    for view in SavedViews(server[1]).list():
        SavedViews(server[1]).delete(view.name, "test")

    def shown(query: str) -> Page:
        page = open_browser()
        page.goto(f"{server[0]}/?{query}")
        expect(page.get_by_role("button", name="Keys")).to_be_visible()
        return page

    return shown


def told(page: Page) -> dict[str, Any]:
    return json.loads(page.locator(".st-key-told").inner_text())


def expect_told(page: Page, expected: dict[str, Any]) -> None:
    for name, value in expected.items():
        expect(page.locator(".st-key-told")).to_contain_text(f"{json.dumps(name)}: {json.dumps(value)}")


def save(page: Page, name: str, author: str = "Ann") -> None:
    if not page.get_by_label("Name of the view").is_visible():
        page.get_by_role("button", name="Saved views").click()
    page.get_by_label("Your name").fill(author)
    page.get_by_label("Name of the view").fill(name)
    page.get_by_role("button", name="Save this view").click()
    expect(page.get_by_text(f"Saved: \u2068{name}\u2069")).to_be_visible()
    expect(page.get_by_label("Name of the view")).to_have_value("")


def test_a_view_saved_by_one_is_opened_by_another_with_all_its_parameters(show: Callable[[str], Page]) -> None:
    save(show(QUERY), "misses")
    page = show(ELSEWHERE)
    expect_told(page, SHOWN_ELSEWHERE)
    page.get_by_role("button", name="Saved views").click()
    expect(page.get_by_role("list", name="Views of other runs")).to_contain_text("its run is gone")
    page.get_by_role("link", name="misses").click()
    expect_told(page, SHOWN)
    expect(page.get_by_label("Name of the view")).to_have_count(0)  # it is closed again
    assert page.url.partition("?")[2] == QUERY
    page.go_back()
    expect_told(page, SHOWN_ELSEWHERE)
    page.go_forward()
    expect_told(page, SHOWN)
    page.get_by_role("button", name="Threshold by Python").click()  # the page goes on from there
    expect_told(page, SHOWN | {"threshold": "2.5"})


def test_a_view_is_opened_after_widgets_were_used(show: Callable[[str], Page]) -> None:
    page = show(QUERY)
    save(page, "misses")
    page.keyboard.press("Escape")
    page.get_by_label("Find").fill("other")
    page.get_by_label("Find").press("Enter")
    expect_told(page, {"find": "other"})
    page.get_by_role("button", name="TP").click()
    expect_told(page, {"outcome": ["FN", "FP", "TP"]})
    page.get_by_role("button", name="Saved views").click()
    page.get_by_role("link", name="misses").click()
    expect_told(page, SHOWN)
    assert page.url.partition("?")[2] == QUERY


def test_saving_and_deleting_can_be_undone_and_redraw_nothing_else(
    show: Callable[[str], Page], server: tuple[str, Path]
) -> None:
    page, views = show(QUERY), SavedViews(server[1])
    save(page, "misses")
    save(page, "other", "Bob")
    page.get_by_role("button", name="Delete the view misses").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="misses")).to_have_count(0)
    expect(page.get_by_role("link", name="other")).to_be_focused()  # not lost with what is gone
    assert [view.name for view in views.list()] == ["other"]
    assert views.history("misses")[-1].author == "Bob"
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("link", name="misses")).to_be_visible()
    assert views.history("misses")[-1].query == QUERY
    assert told(page)["drawn"] == 1
    page.get_by_role("button", name="Save this view").click()
    expect(page.get_by_text("name must not be empty")).to_be_visible()


def test_hostile_names_are_text_and_stay_in_their_place(show: Callable[[str], Page], server: tuple[str, Path]) -> None:
    SavedViews(server[1]).save(HOSTILE, "run=first", "\u202eAnn")
    SavedViews(server[1]).save("plain", "run=first", "Bob")
    page = show("run=first")
    page.get_by_role("button", name="Saved views").click()
    link = page.locator(".views .name").first
    expect(link).to_have_text(HOSTILE)
    assert page.evaluate("document.body.dataset.harmed") is None
    widths = page.locator(".views").evaluate("box => [box.scrollWidth, box.clientWidth]")
    assert widths[0] <= widths[1]
    about = page.locator(".views .about").first
    assert reads_in_order(about, str(about.locator("time").text_content()))  # what follows the author is not turned


def test_the_address_is_copied(show: Callable[[str], Page]) -> None:
    page = show(QUERY)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("status").filter(has_text="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.url


def test_where_the_clipboard_is_refused_the_address_stands_selected(show: Callable[[str], Page]) -> None:
    page = show(QUERY)
    page.evaluate("""() => {
      navigator.clipboard.writeText = () => Promise.reject(new Error("refused"));
      document.execCommand = () => false;
    }""")
    page.get_by_role("button", name="Copy link").click()
    field = page.get_by_label("The address of this view")
    expect(field).to_be_focused()
    expect(field).to_have_value(page.url)
    assert field.evaluate("one => one.value.slice(one.selectionStart, one.selectionEnd)") == page.url
    page.keyboard.press("Escape")
    expect(field).to_be_hidden()
    expect(page.get_by_role("button", name="Copy link")).to_be_focused()


def test_the_question_mark_shows_the_keys_but_not_while_typing(show: Callable[[str], Page]) -> None:
    page = show("run=first")
    page.get_by_label("Find").click()
    page.keyboard.press("Shift+Slash")
    expect(page.get_by_label("Find")).to_have_value("?")
    page.get_by_label("Find").press("Enter")
    expect_told(page, {"find": "?"})
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Copy link").focus()
    page.keyboard.press("Shift+Slash")  # a US keyboard
    expect(page.get_by_role("dialog")).to_contain_text("Choose the pixel under the cross")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Keys").click()
    expect(page.get_by_role("dialog")).to_contain_text("Undo the last verdict")
