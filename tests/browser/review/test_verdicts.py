"""Verdicts in a real browser: given by keys alone, seen by a second visitor, and nothing that is typed gets lost."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from patchcore_core.reviews.verdicts import Photo, Verdicts
from tests.browser.serving import served

pytestmark = pytest.mark.browser
HOSTILE = "<img src=x onerror=document.body.dataset.harmed=1> **b**"
PHOTOS = 6
Open = Callable[..., Page]


@pytest.fixture
def verdicts(tmp_path: Path) -> Verdicts:
    """An empty store beside six photos, of which every second one is defective."""
    (tmp_path / "data").mkdir()
    for number in range(PHOTOS):
        photo(tmp_path, number).path.write_bytes(bytes([number]) * 100)
    return Verdicts(tmp_path / "runs")


@pytest.fixture
def server(tmp_path: Path, browser: Browser, verdicts: Verdicts) -> Iterator[str]:  # noqa: ARG001  (skips first)
    places = {"PATCHCORE_RUNS": verdicts.root, "PATCHCORE_DATA": tmp_path / "data"}
    script = Path(__file__).with_name("verdicts_page.py")
    with served(script, tmp_path, PATCHCORE_AUTHOR="Ann", **places) as address:
        yield address


@pytest.fixture
def visit(server: str, open_browser: Callable[[], Page]) -> Open:
    """`visit(at=…)`: a new visitor on the page with this photo."""

    def opened(at: int = 0, more: str = "") -> Page:
        page = open_browser()
        page.goto(f"{server}/?at={at}{more}")
        expect(give(page, "Label correct")).to_be_visible()
        expect_told(page, "index", at)
        return page

    return opened


def photo(folder: Path, number: int) -> Photo:
    kind = "hole" if number % 2 else "good"
    return Photo(folder / "data" / f"{number}_{kind}.png", number % 2, kind, "tile")


def give(page: Page, words: str) -> Locator:
    return page.get_by_role("button", name=words)


def told(page: Page) -> dict[str, Any]:
    return json.loads(page.locator(".st-key-told").inner_text())


def expect_told(page: Page, name: str, value: object) -> None:
    expect(page.locator(".st-key-told")).to_contain_text(f'"{name}": {json.dumps(value)}')


def go_on(page: Page) -> None:
    """A verdict shall lead to the next image."""
    choice = page.get_by_role("radio", name="next image")
    choice.click()
    expect(choice).to_be_checked()
    expect_told(page, "reruns", 2)  # Python knows it too


def expect_given(page: Page, words: str) -> None:
    """The button is marked, and the line above says it."""
    expect(give(page, words)).to_have_attribute("data-testid", "stBaseButton-primary")
    expect(page.get_by_test_id("stMarkdown").filter(has_text=f"{words} ·").first).to_be_visible()


def test_one_key_gives_a_verdict_and_u_takes_it_back(visit: Open, verdicts: Verdicts, tmp_path: Path) -> None:
    page = visit()
    for key, words, verdict in (("2", "Label wrong", "label_wrong"), ("3", "Mask wrong", "mask_wrong"),
                                ("4", "Unclear", "unclear"), ("1", "Label correct", "agree")):
        page.keyboard.press(key)
        expect_given(page, words)
        assert verdicts.history(photo(tmp_path, 0))[-1].verdict == verdict
    page.keyboard.press("u")
    expect_given(page, "Unclear")
    assert [entry.author for entry in verdicts.entries()] == ["Ann"] * 5


def test_a_reviewer_goes_through_all_images_by_keys_alone(visit: Open, verdicts: Verdicts, tmp_path: Path) -> None:
    page = visit()
    go_on(page)
    for number, key in enumerate("12341"):
        page.keyboard.press(key)
        expect_told(page, "index", number + 1)
    page.keyboard.press("p")
    expect_told(page, "index", 4)
    expect_given(page, "Label correct")
    given = [verdicts.history(photo(tmp_path, number)) for number in range(5)]
    assert [history[0].verdict for history in given] == ["agree", "label_wrong", "mask_wrong", "unclear", "agree"]
    assert all(len(history) == 1 for history in given)


@pytest.mark.parametrize("disk", ["", "&slow=1"])
@pytest.mark.parametrize("keys", ["2222", "1234"])
def test_keys_faster_than_the_page_judge_no_image_that_was_not_seen(
    visit: Open, verdicts: Verdicts, tmp_path: Path, keys: str, disk: str
) -> None:
    page = visit(more=disk)
    go_on(page)
    for key in keys:
        page.keyboard.press(key)
    expect(page.locator(".st-key-told")).not_to_contain_text('"index": 0')
    page.wait_for_timeout(3000)  # for keys that are still on their way
    reached = told(page)["index"]
    judged = [bool(verdicts.history(photo(tmp_path, number))) for number in range(PHOTOS)]
    assert judged == [number < reached for number in range(PHOTOS)]
    assert len(verdicts.entries()) == reached


def test_in_a_fragment_only_the_image_is_drawn_anew_and_the_page_follows(visit: Open, verdicts: Verdicts) -> None:
    page = visit(more="&fragment=1")
    page.get_by_role("radio", name="next image").click()
    expect(page.get_by_role("radio", name="next image")).to_be_checked()
    page.wait_for_timeout(1000)
    for number, key in enumerate("123"):
        page.keyboard.press(key)
        expect(page.get_by_text(f"image {number + 1}", exact=True)).to_be_visible()
    expect(page.get_by_text("Mask wrong: 2_good.png")).to_be_visible()
    expect(page.locator(".st-key-told")).to_contain_text('"2": "mask_wrong"', timeout=8000)
    assert [entry.verdict for entry in verdicts.entries()] == ["agree", "label_wrong", "mask_wrong"]
    assert told(page)["reruns"] <= 4


def test_digits_in_the_note_are_text(visit: Open, verdicts: Verdicts) -> None:
    page = visit()
    page.get_by_role("textbox", name="Note").click()
    page.keyboard.type("1234 u")
    page.wait_for_timeout(500)
    assert verdicts.revision() == 0
    give(page, "Mask wrong").click()
    expect_given(page, "Mask wrong")
    assert [(entry.verdict, entry.note) for entry in verdicts.entries()] == [("mask_wrong", "1234 u")]


def test_a_second_visitor_sees_it_within_seconds_and_loses_nothing(visit: Open, verdicts: Verdicts) -> None:
    ann, bob = visit(), visit()
    bob.get_by_role("button", name="as Ann").click()
    bob.get_by_role("textbox", name="Your name").fill("Bob")
    bob.keyboard.press("Enter")
    expect(bob.get_by_role("button", name="as Bob")).to_be_visible()
    bob.keyboard.press("Escape")
    ann.get_by_role("textbox", name="Note").click()
    ann.keyboard.type("half a sent")  # not sent to the server
    bob.mouse.click(5, 5)
    bob.keyboard.press("2")
    expect_given(bob, "Label wrong")
    expect(give(ann, "Label wrong")).to_have_attribute("data-testid", "stBaseButton-primary", timeout=8000)
    expect(ann.get_by_test_id("stMarkdown").filter(has_text="Label wrong · Bob").first).to_be_visible()
    expect(ann.get_by_role("textbox", name="Note")).to_be_focused()
    ann.keyboard.type("ence")
    expect(ann.get_by_role("textbox", name="Note")).to_have_value("half a sentence")
    give(ann, "Save note").click()
    expect(bob.get_by_test_id("stMarkdown").filter(has_text="half a sentence").first).to_be_visible(timeout=8000)
    newest = verdicts.entries()[-1]
    assert (newest.verdict, newest.author, newest.note) == ("label_wrong", "Ann", "half a sentence")


def test_an_open_history_stays_open_and_quiet_pages_are_left_alone(visit: Open, verdicts: Verdicts,
                                                                  tmp_path: Path) -> None:
    verdicts.give(photo(tmp_path, 0), "agree", "Cy", "first note")
    page = visit()
    page.get_by_role("button", name="History (1)").click()
    history = page.get_by_test_id("stPopoverBody")
    expect(history.get_by_text("first note", exact=True)).to_be_visible()
    reruns = told(page)["reruns"]
    page.wait_for_timeout(7000)
    assert told(page)["reruns"] == reruns
    verdicts.give(photo(tmp_path, 0), "unclear", "Cy", "second note")
    expect(history.get_by_text("second note", exact=True)).to_be_visible(timeout=8000)
    expect(history.get_by_text("first note", exact=True)).to_be_visible()


def test_hostile_words_harm_nobody(visit: Open, verdicts: Verdicts, tmp_path: Path) -> None:
    verdicts.give(photo(tmp_path, 0), "agree", HOSTILE, HOSTILE, (HOSTILE,))
    page = visit()
    page.get_by_role("button", name="History (1)").click()
    expect(page.get_by_text(HOSTILE, exact=True).last).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("combobox", name="Tags").click()
    page.wait_for_timeout(500)
    assert page.evaluate("document.body.dataset.harmed") is None
    assert page.locator("img[src=x]").count() == 0


def test_the_csv_holds_what_was_given_after_the_page_was_drawn(visit: Open, verdicts: Verdicts, tmp_path: Path) -> None:
    page = visit()
    verdicts.give(photo(tmp_path, 1), "agree", "Cy", "late")
    with page.expect_download() as download:
        give(page, "All verdicts as CSV").click()
    assert Path(download.value.path()).read_bytes() == verdicts.to_csv()
    assert b"late" in verdicts.to_csv()
