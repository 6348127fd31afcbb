"""Verdicts in Review: given by keys alone, at any speed, seen by a second visitor, and nothing that is typed gets lost.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from patchcore_core.reviews.verdicts import Verdicts
from tests.browser.review.reading import (
    VERDICTS,
    await_address,
    card,
    card_names,
    cards,
    expect_judged,
    expect_painted,
    expect_stored,
    opened,
    shown,
    stay,
    verdict,
)

pytestmark = pytest.mark.browser
WORDS = {"1": "agree", "2": "label_wrong", "3": "mask_wrong", "4": "unclear"}  # as they are stored
# Python hears nothing until `heard()` is called, then all that was said, in its order.
DEAF = """() => {
  const { send } = WebSocket.prototype, kept = [];
  WebSocket.prototype.send = function (message) { kept.push([this, message]); };
  window.heard = () => {
    WebSocket.prototype.send = send;
    for (const [socket, message] of kept) send.call(socket, message);
  };
}"""


@pytest.fixture
def verdicts(store: Path) -> Verdicts:
    return Verdicts(store)


def expect_pressed(page: Page, words: str) -> None:
    expect(verdict(page, words)).to_have_attribute("aria-pressed", "true")


def newest(verdicts: Verdicts) -> dict[str, str]:
    """Name of the photo -> its newest verdict."""
    return {entry.path.split("tile/")[-1]: entry.verdict for entry in verdicts.entries()}


def test_one_key_gives_a_verdict_and_u_takes_it_back(review: Page, verdicts: Verdicts) -> None:
    image = shown(review)
    stay(review)
    for key, words in [*list(VERDICTS.items())[1:], ("1", VERDICTS["1"])]:
        review.keyboard.press(key)
        expect_pressed(review, words)
        expect_judged(review, image, words)
        expect_stored(review)
        assert newest(verdicts)[image] == WORDS[key]
    review.evaluate(DEAF)
    review.keyboard.press("u")
    expect_pressed(review, "unclear")
    expect(review.locator(".standing")).to_have_text("saving 1 …")
    review.evaluate("heard()")
    expect_stored(review)
    assert newest(verdicts)[image] == "unclear"
    assert {entry.author for entry in verdicts.entries()[-5:]} == {"Ada"}


def test_twenty_keys_at_fifty_milliseconds_are_all_recorded(review: Page, verdicts: Verdicts) -> None:
    stay(review)
    review.keyboard.press("4")  # so that the first of the twenty differs from what stands
    expect_pressed(review, "unclear")
    expect_stored(review)
    before = len(verdicts.entries())
    slow = review.context.new_cdp_session(review)
    slow.send("Network.enable")
    slow.send("Network.emulateNetworkConditions",
              {"offline": False, "latency": 400, "downloadThroughput": 10**6, "uploadThroughput": 10**6})  # fmt: skip
    for place in range(20):
        review.keyboard.press("1234"[place % 4])
        review.wait_for_timeout(50)  # between the keys
    expect(review.locator(".standing")).to_have_text("saved · Ada")
    assert [entry.verdict for entry in verdicts.entries()[before:]] == list(WORDS.values()) * 5


@pytest.mark.parametrize("keys", ["2222", "1234"])
def test_keys_faster_than_python_judge_each_the_image_that_was_seen(
    review: Page, verdicts: Verdicts, keys: str
) -> None:
    names = card_names(review)
    review.evaluate(DEAF)
    for place, key in enumerate(keys):
        assert shown(review) == names[place]
        review.keyboard.press(key)
    expect_painted(review, names[len(keys)])
    expect(review.locator(".standing")).to_have_text(f"saving {len(keys)} …")
    review.evaluate("heard()")
    expect_stored(review)
    given = newest(verdicts)
    assert [given[name] for name in names[: len(keys)]] == [WORDS[key] for key in keys]


def test_a_verdict_that_was_clicked_while_python_was_deaf_is_for_the_image_that_was_seen(
    review: Page, verdicts: Verdicts
) -> None:
    names = card_names(review)
    stay(review)
    review.evaluate(DEAF)
    cards(review).nth(4).click()
    expect_painted(review, names[4])
    verdict(review, "unclear").click()
    cards(review).nth(5).click()
    verdict(review, "mask wrong").click()
    expect_judged(review, names[4], "unclear")  # at once
    review.evaluate("heard()")
    expect_stored(review)
    given = newest(verdicts)
    assert (given[names[4]], given[names[5]]) == ("unclear", "mask_wrong")


def test_verdicts_that_a_reload_cut_short_were_not_lost_where_they_were_said_to_be_saved(
    review: Page, verdicts: Verdicts
) -> None:
    image = shown(review)
    stay(review)
    review.keyboard.press("3")
    expect(review.locator(".standing")).to_have_text("saved · Ada")
    review.reload()
    expect_judged(review, image, "mask wrong")
    assert newest(verdicts)[image] == "mask_wrong"


def test_digits_in_the_note_are_text_and_go_with_the_verdict(review: Page, verdicts: Verdicts) -> None:
    review.keyboard.press("End")
    stay(review)
    before = verdicts.revision()
    review.keyboard.press("c")
    review.keyboard.type("1234 u n")
    expect(review.get_by_label("Note", exact=True)).to_have_value("1234 u n")
    review.get_by_label("Add a tag").fill("edge")
    review.keyboard.press("Enter")
    assert verdicts.revision() == before
    verdict(review, "mask wrong").click()
    expect(review.locator(".standing")).to_have_text("saved · Ada")
    entry = verdicts.entries()[-1]
    assert (entry.verdict, entry.note, entry.tags) == ("mask_wrong", "1234 u n", ("edge",))
    review.get_by_label("Note", exact=True).fill("another")
    review.keyboard.press("Control+Enter")
    expect_stored(review)
    review.get_by_role("button", name=re.compile("^History")).click()
    expect(review.get_by_text("another").first).to_be_visible()
    review.get_by_role("button", name="Filter by verdict").click()
    review.get_by_role("checkbox", name=re.compile("edge")).check()
    expect(review.locator(".filter-bar .count")).to_have_text("1 of 12")
    await_address(review, "tag=edge")


def test_a_second_visitor_sees_it_within_seconds_and_loses_nothing(
    address: str, verdicts: Verdicts, open_browser: Callable[[], Page]
) -> None:
    at = f"{address}?order=by+name&image=test/good/005.png"
    ann, bob = (opened(open_browser(), at) for _ in range(2))
    image = shown(bob)
    for page, name in ((ann, "Ann"), (bob, "Bob")):
        stay(page)
        page.get_by_label("Your name").fill(name)
        page.get_by_label("Your name").press("Enter")
        page.get_by_label("Your name").blur()
    ann.keyboard.press("c")
    ann.keyboard.type("half a sent")
    bob.keyboard.press("2")
    expect_judged(ann, image, "label wrong")
    expect(ann.locator(".standing")).to_have_text("saved · Bob")
    expect(ann.get_by_label("Note", exact=True)).to_be_focused()
    ann.keyboard.type("ence")
    expect(ann.get_by_label("Note", exact=True)).to_have_value("half a sentence")
    ann.get_by_role("button", name="Save note").click()
    expect(bob.locator(".standing")).to_have_text("saved · Ann")
    bob.get_by_role("button", name=re.compile("^History")).click()
    expect(bob.get_by_text("half a sentence").first).to_be_visible()
    entry = verdicts.entries()[-1]
    assert (entry.verdict, entry.author, entry.note) == ("label_wrong", "Ann", "half a sentence")
    ann.get_by_role("button", name="Export").click()
    ann.get_by_role("button", name="all verdicts as CSV").click()
    with ann.expect_download() as download:
        ann.get_by_role("link", name=re.compile("Download .*csv")).click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text(encoding="utf-8-sig"), newline="")))
    assert len(rows) == len(verdicts.entries())
    assert (rows[-1]["author"], rows[-1]["note"]) == ("Ann", "half a sentence")


def test_the_misses_are_found_judged_and_sent_to_a_colleague(
    address: str, verdicts: Verdicts, open_browser: Callable[[], Page]
) -> None:
    page = opened(open_browser(), f"{address}?threshold=1e9&order=by+name")  # so high that every hole is missed
    page.get_by_role("group", name="Outcome").get_by_role("button", name="missed").click()
    expect(page.locator(".filter-bar .count")).to_have_text("6 of 12")
    figures = page.get_by_role("button", name=re.compile("all figures"))
    own, names = figures.inner_text(), card_names(page)
    for _ in range(2):
        page.keyboard.press("2")
    for name in names[:2]:
        expect_judged(page, name, "label wrong")
    expect_stored(page)
    page.get_by_label(re.compile("wrong labels excluded")).check()
    await_address(page, "without=label_wrong")
    wrong = [name for name, given in newest(verdicts).items() if given == "label_wrong"]
    left = [6 - sum(kind in name for name in wrong) for kind in ("test/good", "test/hole")]
    expect(figures).to_contain_text("{} / {}".format(*left))
    link, said = page.url, figures.get_attribute("aria-label")
    assert figures.inner_text() != own

    elsewhere = opened(open_browser(), link)
    expect(elsewhere.locator(".filter-bar .count")).to_have_text("6 of 12")
    assert shown(elsewhere) == names[2]
    for name in names[:2]:
        expect_judged(elsewhere, name, "label wrong")
    expect(elsewhere.get_by_label(re.compile(f"{len(wrong)} wrong labels excluded"))).to_be_checked()
    expect(elsewhere.get_by_role("button", name=re.compile("all figures"))).to_have_accessible_name(str(said))
    assert elsewhere.url == link


def test_a_verdict_that_is_refused_is_said_to_be_on_the_image(
    review: Page, fitted: Path, verdicts: Verdicts
) -> None:
    image, before = "test/good/001.png", len(verdicts.entries())
    stay(review)
    card(review, image).click()
    expect_painted(review, image)
    photo = fitted / "data/tile" / image
    content = photo.read_bytes()
    try:
        photo.write_bytes(photo.with_name("003.png").read_bytes())  # after it was shown
        review.keyboard.press("4")
        expect(review.locator(".standing")).to_contain_text("Not saved: ")
    finally:
        photo.write_bytes(content)
    assert len(verdicts.entries()) == before
    review.keyboard.press("4")
    expect(review.locator(".standing")).to_have_text("saved · Ada")
