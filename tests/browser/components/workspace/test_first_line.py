"""The line above everything: choosing a run, saving a view, exports, and the list of keys."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.components.plain_page import mounted, told, updated
from tests.browser.components.workspace.made import HOSTILE, line

pytestmark = pytest.mark.browser
LINE = "first_line/first_line"
WARNING = {"level": "warning", "label": HOSTILE, "sentence": "Ten photos are in both sets."}


def heard(page: Page) -> list[list[Any]]:
    return [one[1:] for one in told(page)]


def test_another_run_is_opened_and_the_present_one_is_not(page: Page) -> None:
    top = mounted(page, LINE, line())
    run = top.get_by_role("button", name="Run: metal_plate · lite0 · 320 px")
    for name in ("lite0 · 224 px", "lite0 · 320 px"):
        run.click()
        top.get_by_role("group", name="Run").get_by_role("button", name=name).first.click()
    assert heard(page) == [["run", "r1"]]


def test_many_runs_are_searched(page: Page) -> None:
    runs = [{"id": f"r{number}", "label": f"seed {number}", "category": "tile"} for number in range(20)]
    top = mounted(page, LINE, line(runs=runs))
    top.get_by_role("button", name="Run:").click()
    top.get_by_label("Search runs").fill("17 seed")
    rows = top.get_by_role("group", name="Run").get_by_role("button")
    expect(rows).to_have_text(["seed 17"])
    top.get_by_label("Search runs").fill("nothing")
    expect(top.get_by_text("No run has these words.")).to_be_visible()


def test_checks_count_warnings_and_say_nothing_where_there_are_none(page: Page) -> None:
    top = mounted(page, LINE, line())
    expect(top.get_by_role("button", name="Data checks: no warnings")).to_be_visible()
    updated(page, LINE, line(checks=[WARNING]))
    expect(top.get_by_role("button", name="Data checks: 1 warning")).to_be_visible()
    updated(page, LINE, line(checks=[]))
    expect(top.get_by_role("button", name="Data checks")).to_have_count(0)


def test_a_view_is_saved_under_a_name(page: Page) -> None:
    top = mounted(page, LINE, line())
    top.get_by_role("button", name="Views").click()
    top.get_by_label("Name of this view").fill(" the missed ones ")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")  # without a name
    assert heard(page) == [["views", True], ["view_saved", "the missed ones"]]
    updated(page, LINE, line(view_done={"said": "The store cannot be written to.", "undoable": False}))
    expect(top.get_by_text("The store cannot be written to.")).to_be_visible()
    expect(top.get_by_role("button", name="Undo")).to_have_count(0)
    updated(page, LINE, line(view_done={"said": f"Saved: {HOSTILE}", "undoable": True}))
    top.get_by_role("button", name="Undo").click()
    assert heard(page) == [["view_undone", True]]


def test_exports_are_asked_for_and_then_offered(page: Page) -> None:
    top = mounted(page, LINE, line())
    top.get_by_role("button", name="Export").click()
    top.get_by_role("button", name="pictures of the listed images (4)").click()
    assert heard(page) == [["exported", "zip"]]
    updated(page, LINE, line(exported={"listed": 0, "said": "", "file": {"name": "a.zip", "href": "data:,"}}))
    expect(top.get_by_role("link", name="Download a.zip")).to_have_attribute("download", "a.zip")
    expect(top.get_by_role("button", name="listed images as CSV (0)")).to_be_disabled()


def test_a_question_mark_shows_all_keys(page: Page) -> None:
    top = mounted(page, LINE, line())
    page.keyboard.press("?")
    expect(top.get_by_role("dialog", name="Keys of Review")).to_contain_text("Next image of the list")
    page.keyboard.press("Escape")
    expect(top.get_by_role("dialog")).to_have_count(0)
    top.get_by_role("button", name="Views").click()
    top.get_by_label("Name of this view").press("?")
    expect(top.get_by_role("dialog")).to_have_count(0)


def test_wrong_labels_and_panels(page: Page) -> None:
    top = mounted(page, LINE, line(without={"count": 1, "on": False, "busy": False}))
    top.get_by_role("checkbox", name="1 wrong label excluded").check()
    top.get_by_role("button", name="Image AUROC 0.986 [0.93, 1.00]").click()
    assert heard(page) == [["without", True], ["panel", "figures"]]


def test_names_are_text(page: Page) -> None:
    hostile = {"id": "r", "label": HOSTILE, "category": HOSTILE}
    top = mounted(page, LINE, line(run=hostile, runs=[hostile], checks=[WARNING]))
    top.get_by_role("button", name="Run:").click()
    assert top.locator("img").count() == 0
