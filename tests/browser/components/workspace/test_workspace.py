"""The workspace as a whole, in the plain page: what a person does there and what Python is asked for."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.components.plain_page import mounted, updated
from tests.browser.components.workspace.made_workspace import told, workspace

pytestmark = pytest.mark.browser
WORKSPACE = "workspace/workspace"
LISTENING = """() => {
  window.sent = [];
  addEventListener("patchcore:outbox", ({ detail }) => window.sent.push(detail.outbox));
  window.answer = (told) => dispatchEvent(new CustomEvent("patchcore:told", { detail: told }));
}"""


def opened(page: Page, search: str = "?run=run-a", **other: Any) -> Locator:
    """The workspace at this address."""
    page.evaluate(LISTENING)
    page.evaluate("search => history.replaceState({}, '', search)", search)
    return mounted(page, WORKSPACE, workspace(**other)).first


def asked(page: Page, name: str) -> dict[str, Any]:
    """The entry of the outbox whose key begins so, or that is of this kind, once it is there."""
    find = "(entry) => entry.kind === name || (entry.key ?? '').split(' ')[0] === name"
    handle = page.wait_for_function(f"name => window.sent.at(-1)?.entries.findLast({find})", arg=name)
    return handle.json_value()


def answers(page: Page, **given: Any) -> None:
    """Python answers the outbox: key -> value; "error" of a value that is one."""
    box = page.evaluate("window.sent.at(-1)")
    seq = {entry.get("key"): entry["seq"] for entry in box["entries"]}
    found = {key: {"seq": seq.get(key, 0), "value": value, "error": ""} for key, value in given.items()}
    page.evaluate("told => window.answer(told)", told(id=box["id"], acked=max(seq.values()), answers=found))


def test_another_run_is_opened_in_the_same_session(page: Page) -> None:
    top = opened(page, "?run=run-a&order=by+name&threshold=2.25")
    page.evaluate("window.popped = 0; addEventListener('popstate', () => window.popped += 1)")
    top.get_by_role("button", name="Run: tile · tile a").click()
    top.get_by_role("group", name="Run").get_by_role("button", name="tile b").click()
    assert page.evaluate("[location.search, window.popped]") == ["?run=run-b&order=by+name", 1]
    expect(top).to_have_attribute("aria-busy", "true")
    other = workspace()
    updated(page, WORKSPACE, other | {"run": other["runs"][1]})
    expect(top.get_by_role("button", name="Run: tile · tile b")).to_be_visible()
    expect(top).to_have_attribute("aria-busy", "false")


def test_a_view_is_saved_listed_and_taken_back(page: Page) -> None:
    top = opened(page, "?run=run-a&order=by+name")
    top.get_by_role("button", name="Views").click()
    view = {"name": "v", "query": "run=run-a&q=x", "author": "Ada", "saved_at": "2026-01-01T10:00", "own": True,
            "gone": False}  # fmt: skip
    assert asked(page, "views")["kind"] == "ask"
    answers(page, views=[view | {"own": False, "gone": True}])
    expect(top.get_by_text("its run is gone")).to_be_visible()
    top.get_by_label("Name of this view").fill("v")
    page.keyboard.press("Enter")
    assert asked(page, "view_save")["with"] == {"name": "v", "query": "run=run-a&order=by+name"}
    answers(page, view={"views": [view], "done": {"id": 7, "name": "v", "saved": True}})
    expect(top.get_by_text("Views of this run")).to_be_visible()
    top.get_by_role("group", name="Saved views").get_by_role("button", name="Undo").click()
    assert asked(page, "view_undo")["with"] == {"name": "v", "id": 7}
    top.get_by_role("link", name="v").click()
    assert page.evaluate("location.search") == "?run=run-a&q=x"
    expect(top.get_by_label("Search path")).to_have_value("x")


def test_the_listed_images_are_exported_as_a_file(page: Page) -> None:
    top = opened(page, "?run=run-a&q=hole")
    top.get_by_role("button", name="Export").click()
    top.get_by_role("button", name="listed images as CSV").click()
    entry = asked(page, "export")
    assert (entry["with"]["form"], entry["with"]["threshold"]) == ("csv", 2.0)
    assert f"{len(entry['with']['numbers'])} of 12" == top.locator(".count").inner_text()
    expect(top.get_by_text("The file is being made …")).to_be_visible()
    answers(page, **{"export csv": {"address": "/made", "name": "run-a.csv"}})
    expect(top.get_by_role("link", name="Download run-a.csv")).to_have_attribute("href", "/made")
