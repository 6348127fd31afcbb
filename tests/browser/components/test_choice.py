"""A choice in a real browser: by mouse and by keys, with Python's answer, and with texts that mean harm."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.components.choice_page import HOSTILE
from tests.browser.serving import served

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[str]:  # noqa: ARG001  (skips first)
    with served(Path(__file__).with_name("choice_page.py"), tmp_path_factory.mktemp("choice")) as address:
        yield address


@pytest.fixture
def page(server: str, open_browser: Callable[[], Page]) -> Page:
    page = open_browser()
    page.goto(server)
    expect(_told(page)).to_be_visible()
    return page


def _told(page: Page) -> Locator:
    return page.locator(".st-key-told")


def _expect_told(page: Page, **values: object) -> None:
    for name, value in values.items():
        expect(_told(page)).to_contain_text(f'"{name}": {json.dumps(value)}')


def test_what_is_chosen_from_the_list_reaches_python_and_stands_there(page: Page) -> None:
    field = page.get_by_label("Greek")
    expect(field).to_have_value("")
    expect(field.locator("option:checked")).to_have_text("by hand")
    field.select_option(label="alpha")
    _expect_told(page, list="a", reruns=2)
    expect(field).to_have_value("a")
    field.select_option(label="one")
    _expect_told(page, list="1", reruns=3)


def test_the_options_stand_in_the_order_given_and_what_python_chose_is_shown(
    server: str, open_browser: Callable[[], Page]
) -> None:
    page = open_browser()
    page.goto(f"{server}/?chosen=hostile")
    field = page.get_by_label("Greek")
    expect(field).to_have_value("hostile")
    assert field.locator("option:not([hidden])").all_text_contents() == ["beta", "one", HOSTILE, "alpha"]
    assert page.evaluate("document.body.dataset.harmed") is None
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_letters_typed_in_the_list_find_an_option_and_press_no_button(page: Page) -> None:
    field = page.get_by_label("Greek")
    field.focus()
    page.keyboard.press("b")
    _expect_told(page, list="b")
    page.wait_for_timeout(500)
    _expect_told(page, agreed=None)
    field.blur()
    page.keyboard.press("b")
    _expect_told(page, agreed=1)


def test_the_list_and_its_focus_stay_when_the_page_is_drawn_anew(page: Page) -> None:
    field = page.get_by_label("Greek")
    field.focus()
    field.evaluate("(select) => { select.same = true; }")
    page.keyboard.press("a")
    _expect_told(page, list="a", reruns=2)
    expect(field).to_be_focused()
    assert field.evaluate("(select) => select.same")


def test_buttons_are_chosen_by_mouse_and_by_arrow_keys(page: Page) -> None:
    images, pixels = (page.get_by_role("radio", name=name) for name in ("images", "pixels"))
    expect(images).to_be_checked()
    pixels.click()
    _expect_told(page, row="pixels")
    expect(pixels).to_be_checked()
    page.keyboard.press("ArrowLeft")
    _expect_told(page, row="images", list=None)
    expect(images).to_be_checked()
    expect(page.get_by_role("radiogroup", name="Level")).to_be_visible()
