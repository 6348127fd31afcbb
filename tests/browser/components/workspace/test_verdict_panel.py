"""Verdicts given by button and key: each belongs to the image that was shown, and nothing that is typed is lost."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.components.plain_page import mounted, told, updated
from tests.browser.components.workspace.made import HOSTILE, entry, verdicts

pytestmark = pytest.mark.browser
PANEL = "verdict_panel/verdict_panel"
GO_ON = """data => { const told = window.told; window.told = []; window.told.push = (one) => {
  told.push(one);
  if (one[1] === 'judged') window.update('verdict_panel-verdict_panel', { ...data, image: `i${told.length}` });
}; window.told.splice = () => told.splice(0); }"""  # as the workspace: the next image in the same moment


def judged(image: str, verdict: str, note: str = "", tags: tuple[str, ...] = ()) -> list[Any]:
    return ["judged", {"image": image, "verdict": verdict, "note": note, "tags": list(tags)}]


def heard(page: Page) -> list[list[Any]]:
    return [one[1:] for one in told(page)]


def test_keys_at_any_speed_each_reach_the_image_that_is_seen(page: Page) -> None:
    mounted(page, PANEL, verdicts("i0"))
    page.evaluate(GO_ON, verdicts())
    page.evaluate("""() => { for (let press = 0; press < 20; press++)
      window.dispatchEvent(new KeyboardEvent('keydown', { key: String(1 + press % 4) })); }""")
    names = ("agree", "label_wrong", "mask_wrong", "unclear")
    assert heard(page) == [judged(f"i{place}", names[place % 4]) for place in range(20)]


def test_a_key_that_is_held_or_typed_in_a_note_is_no_verdict(page: Page) -> None:
    mounted(page, PANEL, verdicts())
    page.keyboard.down("1")
    page.keyboard.down("1")  # repeats
    page.keyboard.up("1")
    page.keyboard.press("Control+1")
    page.keyboard.press("c")
    page.keyboard.type("1 u 2")
    page.keyboard.press("Escape")
    page.keyboard.press("u")
    page.keyboard.press("2")
    assert heard(page) == [judged("a", "agree"), ["undone", {"image": "a"}], judged("a", "label_wrong", "1 u 2")]


def test_note_and_tags_go_with_the_verdict_and_wait_with_their_image(page: Page) -> None:
    panel = mounted(page, PANEL, verdicts("a"))
    panel.get_by_label("Note").fill("dust on the lens")
    panel.get_by_label("Add a tag").fill("dust, line 3")
    page.keyboard.press("Enter")
    updated(page, PANEL, verdicts("b"))
    expect(panel.get_by_label("Note")).to_have_value("")
    expect(panel.locator(".chip")).to_have_count(0)
    updated(page, PANEL, verdicts("a"))
    expect(panel.get_by_label("Note")).to_have_value("dust on the lens")
    panel.get_by_role("button", name="Take the tag dust away").click()
    panel.get_by_role("button", name="mask wrong").click()
    assert heard(page) == [judged("a", "mask_wrong", "dust on the lens", ("line 3",))]


def test_a_note_is_saved_for_the_verdict_there_is(page: Page) -> None:
    panel = mounted(page, PANEL, verdicts())
    panel.get_by_label("Note").fill("n")
    expect(panel.get_by_role("button", name="Save note")).to_be_disabled()  # no verdict to save it with
    updated(page, PANEL, verdicts(history=[entry()]))
    expect(panel.get_by_label("Note")).to_have_value("n")
    panel.get_by_role("button", name="Save note").click()
    assert heard(page) == [["noted", {"image": "a", "note": "n", "tags": []}]]
    updated(page, PANEL, verdicts(history=[entry(note="n")]))
    expect(panel.get_by_role("button", name="Save note")).to_be_disabled()


def test_a_refused_verdict_is_said_and_its_note_stays(page: Page) -> None:
    panel = mounted(page, PANEL, verdicts())
    panel.get_by_label("Note").fill("kept")
    updated(page, PANEL, verdicts(history=[entry(note="kept", state="refused", why="the disk is full")]))
    expect(panel.get_by_role("status")).to_have_text("Not saved: the disk is full")
    updated(page, PANEL, verdicts())
    expect(panel.get_by_label("Note")).to_have_value("kept")


@pytest.mark.parametrize(("given", "says"), [
    ({"locked": "The photo has changed."}, "The photo has changed."), ({"author": ""}, "Verdicts need a name."),
    ({"image": ""}, "No image is shown."),
])  # fmt: skip
def test_where_no_verdict_can_be_given_it_says_why(page: Page, given: dict[str, Any], says: str) -> None:
    panel = mounted(page, PANEL, verdicts(**given))
    expect(panel.get_by_role("status")).to_have_text(says)
    expect(panel.get_by_role("button", name="label correct")).to_be_disabled()
    page.keyboard.press("1")
    assert heard(page) == []


def test_a_name_is_asked_for_by_the_first_key(page: Page) -> None:
    panel = mounted(page, PANEL, verdicts(author=""))
    page.keyboard.press("1")
    expect(panel.get_by_label("Your name, recorded with each verdict")).to_be_focused()
    page.keyboard.type("Grace")
    page.keyboard.press("Enter")
    assert heard(page) == [["author", "Grace"]]


def test_the_history_is_text(page: Page) -> None:
    panel = mounted(page, PANEL, verdicts(history=[entry("unclear", author=HOSTILE, note=HOSTILE, tags=[HOSTILE]),
                                                   entry("", author="Bob")]))  # fmt: skip
    panel.get_by_role("button", name="History 2").click()
    lines = panel.locator(".history li")
    expect(lines.first).to_contain_text("taken back Bob")
    expect(lines.last).to_contain_text(HOSTILE)
    assert panel.locator("img").count() == 0
