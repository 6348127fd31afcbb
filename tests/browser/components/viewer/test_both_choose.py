"""The viewer and its page choose at the same time, in the plain page: nothing that either has chosen is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from pages.ui.components import viewer
from tests.browser.components.plain_page import mounted, told
from tests.browser.components.test_plain_page import served, viewers

pytestmark = pytest.mark.browser
WIDGET, PLACE = "viewer/viewer", "viewer-viewer"
TWO = ["photo", "map"]
PRESS = """const press = (key) => dispatchEvent(new KeyboardEvent("keydown", { key, cancelable: true }));
const give = (data) => window.update("viewer-viewer", data);"""


@pytest.fixture
def data(page: Page, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the viewer was given, once it is drawn."""
    monkeypatch.setattr(viewer, "_served", served)
    given = viewers()[WIDGET].data
    root = mounted(page, WIDGET, given)
    expect(root).to_have_attribute("data-whole", "true")
    return given


@pytest.fixture
def act(page: Page) -> Callable[..., None]:
    """`act("press('+'); give(given[0]);", data)`: all of it before any timer or frame."""
    return lambda script, *given: page.evaluate(f"(given) => {{ {PRESS} {script} }}", list(given))


def changed(data: dict[str, Any], serial: int = 0, **fields: Any) -> dict[str, Any]:
    """What the page hands in when it has heard the report `serial` and wants these fields of the view."""
    return {**data, "view": data["view"] | fields, "serial": serial}


def report(page: Page) -> dict[str, Any]:
    """What the viewer tells next of its view."""
    page.wait_for_function("window.told.some(([, name]) => name === 'view')")
    return next(value for _, name, value in told(page) if name == "view")


def test_panes_that_the_page_changes_right_after_a_zoom_stay(page: Page, data: dict[str, Any], act: Any) -> None:
    act("press('+'); give(given[0]);", changed(data, panes=TWO))
    expect(page.locator(".pane")).to_have_count(2)
    heard = report(page)
    assert heard["panes"] == TWO
    assert heard["box"] is not None
    act("give(given[0]);", changed(data, heard["serial"], panes=TWO, box=heard["box"]))
    expect(page.locator(".viewer")).to_have_attribute("data-whole", "false")
    expect(page.locator(".pane")).to_have_count(2)


def test_a_box_that_the_page_chooses_after_a_zoom_is_the_later_choice(
    page: Page, data: dict[str, Any], act: Any
) -> None:
    act("press('+'); give(given[0]);", changed(data, box=[20, 30, 60, 80]))
    assert report(page)["box"] == [20, 30, 60, 80]


def test_what_the_page_has_not_heard_of_is_not_taken_back(page: Page, data: dict[str, Any], act: Any) -> None:
    act("press('+');")
    first = report(page)
    act("press('+'); give(given[0]); give(given[1]);", changed(data, opacity=0.25),
        changed(data, first["serial"], box=first["box"]))  # of a run before the first report, and of one that heard it
    second = report(page)
    assert second["box"] not in (None, first["box"])
    assert second["opacity"] == data["view"]["opacity"]  # as the page has it since it heard the report


def test_what_rests_is_told_when_it_is_asked_for(page: Page, data: dict[str, Any], act: Any) -> None:
    act("""press('+');
      const settle = (channel) => dispatchEvent(new CustomEvent('patchcore:settle', { detail: { channel } }));
      settle('another'); window.before = window.told.length; settle(given[0]); window.after = window.told.length;""",
        data["channel"])
    assert page.evaluate("[window.before, window.after]") == [0, 1]
    assert report(page)["box"] is not None
