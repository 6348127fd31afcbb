"""The workspace goes on with another run, or finds what others have done: nothing is waited for in vain."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.components.plain_page import updated
from tests.browser.components.workspace.made_workspace import told, workspace
from tests.browser.components.workspace.test_workspace import CURVE, WORKSPACE, answers, asked, opened

pytestmark = pytest.mark.browser


def test_another_run_is_opened_in_the_same_session(page: Page) -> None:
    top = opened(page, "?run=run-a&order=by+name&threshold=2.25")
    page.evaluate("window.popped = 0; addEventListener('popstate', () => window.popped += 1)")
    top.get_by_role("button", name="Run: tile a").click()
    top.get_by_role("group", name="Run").get_by_role("button", name="tile b").click()
    assert page.evaluate("[location.search, window.popped]") == ["?run=run-b&order=by+name", 1]
    expect(top).to_have_attribute("aria-busy", "true")
    other = workspace()
    updated(page, WORKSPACE, other | {"run": other["runs"][1]})
    expect(top.get_by_role("button", name="Run: tile b")).to_be_visible()
    expect(top).to_have_attribute("aria-busy", "false")


def test_what_was_asked_for_with_one_run_is_not_waited_for_with_another(page: Page) -> None:
    top = opened(page, "?run=run-a&threshold=2.25")
    top.get_by_role("button", name="Use", exact=True).click()
    answers(page, used=None)
    top.get_by_role("button", name="Export").click()
    top.get_by_role("button", name="listed images as CSV").click()
    answers(page, **{"export csv": {"address": "/made", "name": "run-a.csv"}})
    expect(top.get_by_role("link", name="Download run-a.csv")).to_be_visible()
    page.evaluate("history.replaceState({}, '', '?run=run-b&threshold=2.25')")
    other = workspace()
    updated(page, WORKSPACE, other | {"run": other["runs"][1]})
    expect(top.get_by_role("button", name="Run: tile b")).to_be_visible()
    expect(top.get_by_role("button", name="Use", exact=True)).to_be_enabled()
    expect(top.get_by_text("The file is being made …")).to_have_count(0)


def test_what_was_asked_for_last_with_a_run_is_done_though_another_one_is_open(page: Page) -> None:
    page.clock.install()
    top = opened(page, "?run=run-a&order=by+name")
    page.evaluate("told => window.answer(told)", told())
    page.clock.run_for(100)  # a frame
    page.keyboard.press("1")
    last = page.evaluate("window.sent.at(-1)")
    assert last["entries"][-1]["kind"] == "verdict"
    page.evaluate("history.replaceState({}, '', '?run=run-b')")
    other = workspace()
    updated(page, WORKSPACE, other | {"run": other["runs"][1]})
    page.keyboard.press("g")
    page.clock.run_for(200)
    assert asked(page, "curves")["kind"] == "ask"
    page.clock.run_for(3100)  # both are told again
    assert {box["run"] for box in page.evaluate("window.sent.splice(0)")} >= {"run-a", "run-b"}
    page.evaluate("told => window.answer(told)", told(id=last["id"], acked=last["entries"][-1]["seq"]))
    page.clock.run_for(10_000)
    boxes = page.evaluate("window.sent")
    assert {box["run"] for box in boxes} == {"run-b"}  # what is done is not told any more …
    assert len({entry["seq"] for box in boxes for entry in box["entries"] if entry["key"] == "curves"}) == 1
    answers(page, curves={"panels": [CURVE], "limit": 0.3})
    expect(top.get_by_role("slider", name="ROC of images")).to_be_visible()


def test_saved_views_are_asked_for_whenever_their_list_is_opened(page: Page) -> None:
    top = opened(page)
    views = top.get_by_role("button", name="Views")
    views.click()
    first = asked(page, "views")["seq"]
    answers(page, views=[])
    page.keyboard.press("Escape")
    views.click()
    asked(page, "views", first)
    view = {"name": "of another", "query": "run=run-a", "author": "Bob", "saved_at": "2026-01-01T10:00", "own": True,
            "gone": False}  # fmt: skip
    answers(page, views=[view])
    expect(top.get_by_role("link", name="of another")).to_be_visible()
