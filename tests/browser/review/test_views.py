"""Saved views of Review, also opened after other choices; Back and Forward; names that mean harm; and the link."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from patchcore_core.reviews.saved_views import SavedViews
from tests.browser.reading import reads_in_order
from tests.browser.review.reading import (
    await_address,
    card_names,
    expect_count,
    expect_stored,
    expect_whole,
    opened,
    outcome,
    run_ids,
    shown,
    stay,
)
from tests.browser.review.seen import seen

pytestmark = pytest.mark.browser
HOSTILE = "<img src=x onerror=document.body.dataset.harmed=1> \u202egnp.exe " + "u\u0301\u0302" * 40


def save(page: Page, name: str) -> None:
    if not page.get_by_label("Name of this view").is_visible():
        page.get_by_role("button", name="Views").click()
    page.get_by_label("Name of this view").fill(name)
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"Saved: \u2068{name}\u2069")).to_be_visible()


def test_a_view_saved_by_one_is_opened_by_another_who_goes_back_and_forward(
    plates: tuple[str, Path], open_browser: Callable[[], Page]
) -> None:
    saved = f"{plates[0]}?threshold=1.6&defect=hole&order=by+name&panes=photo,map&odd=%2Bx+y"
    ann = opened(open_browser(), saved)
    ann.keyboard.press("n")
    save(ann, "holes")
    view = seen(ann)
    bob = opened(open_browser(), f"{plates[0]}?outcome=miss&order=by+name")
    own = seen(bob)
    bob.get_by_role("button", name="Views").click()
    bob.get_by_role("link", name="holes").click()
    expect(bob).to_have_url(ann.url)
    assert "odd=%2Bx+y" in bob.url  # also what means nothing today is kept
    assert seen(bob) == view
    bob.go_back()
    expect(bob).to_have_url(re.compile("outcome=missed"))
    assert seen(bob) == own
    bob.go_forward()
    expect(bob).to_have_url(ann.url)
    assert seen(bob) == view


def test_saving_and_deleting_a_view_can_be_undone(
    plates: tuple[str, Path], open_browser: Callable[[], Page]
) -> None:
    page, views = opened(open_browser(), f"{plates[0]}?order=by+name"), SavedViews(plates[1])
    save(page, "first")
    save(page, "second")
    page.get_by_role("button", name="Delete the view first").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="first", exact=True)).to_have_count(0)
    expect(page.get_by_role("link", name="second", exact=True)).to_be_visible()
    assert "first" not in [view.name for view in views.list()]
    assert views.history("first")[-1].author == "Ada"
    page.locator(".first-line").get_by_role("button", name="Undo").click()
    expect(page.get_by_role("link", name="first", exact=True)).to_be_visible()
    assert views.history("first")[-1].query == page.url.split("?")[1]


def test_hostile_names_of_views_are_text_and_stay_in_their_place(
    plates: tuple[str, Path], open_browser: Callable[[], Page]
) -> None:
    SavedViews(plates[1]).save(HOSTILE, "run=none", "\u202eAnn")
    page = opened(open_browser(), f"{plates[0]}?order=by+name")
    page.get_by_role("button", name="Views").click()
    link = page.get_by_role("list", name="Views of other runs").get_by_role("link")
    expect(link).to_have_text(HOSTILE)
    expect(page.get_by_role("list", name="Views of other runs")).to_contain_text("its run is gone")
    assert page.evaluate("document.body.dataset.harmed") is None
    about = page.get_by_role("list", name="Views of other runs").locator(".about").first
    assert reads_in_order(about, str(about.locator("time").text_content()))  # what follows the author is not turned


def test_where_the_clipboard_is_refused_the_address_stands_selected(
    plates: tuple[str, Path], open_browser: Callable[[], Page]
) -> None:
    page = opened(open_browser(), f"{plates[0]}?order=by+name")
    page.evaluate("""() => {
      navigator.clipboard.writeText = () => Promise.reject(new Error("refused"));
      document.execCommand = () => false;
    }""")
    page.get_by_role("button", name="Link", exact=True).click()
    field = page.get_by_label("The address of this view")
    expect(field).to_be_focused()
    expect(field).to_have_value(page.url)
    assert field.evaluate("one => one.value.slice(one.selectionStart, one.selectionEnd)") == page.url
    page.keyboard.press("Escape")
    expect(field).to_be_hidden()
    expect_whole(page)
    assert len(card_names(page)) > 0


def test_back_and_forward_between_runs_show_what_was_left(
    address: str, store: Path, open_browser: Callable[[], Page]
) -> None:
    newer, older = run_ids(store)
    page = opened(open_browser(), f"{address}?run={newer}&order=by+name")
    outcome(page, "found").click()
    page.keyboard.press("n")
    await_address(page, "image=")
    left = seen(page)
    page.get_by_role("button", name=re.compile("^Run: ")).click()
    page.get_by_role("group", name="Run", exact=True).locator("button:not([aria-current])").click()
    await_address(page, f"run={older}")
    expect(page.locator(".workspace")).to_have_attribute("aria-busy", "false")
    expect_whole(page)
    other = seen(page)
    assert other["words"] != left["words"]
    outcome(page, "all").click()
    expect_count(page, "all 12")
    page.wait_for_url(lambda url: "outcome" not in url)
    for _ in range(2):
        page.go_back()
        await_address(page, f"run={newer}")
        expect(page.locator(".workspace")).to_have_attribute("aria-busy", "false")
        expect_count(page, "6 of 12")
        assert seen(page) == left
        page.go_forward()
        await_address(page, f"run={older}")
        expect(page.locator(".workspace")).to_have_attribute("aria-busy", "false")
        expect_count(page, "all 12")


def test_a_saved_view_takes_the_place_of_filters_that_were_used_since(
    address: str, store: Path, open_browser: Callable[[], Page]
) -> None:
    newer, _ = run_ids(store)
    SavedViews(store).save("holes", f"run={newer}&defect=hole&order=by+name&threshold=20", "Ada")
    view = seen(opened(open_browser(), f"{address}?run={newer}&defect=hole&order=by+name&threshold=20"))
    page = opened(open_browser(), f"{address}?run={newer}")
    outcome(page, "good").click()
    page.get_by_label("Search path").fill("00")
    page.get_by_label("Search path").blur()
    page.get_by_label("Order").select_option("lowest score first")
    page.get_by_label("Order").blur()
    page.keyboard.press("l")
    page.keyboard.press("f")
    await_address(page, "images=training")
    page.get_by_role("button", name="Views").click()
    page.get_by_role("link", name="holes").click()
    expect_count(page, "6 of 12")
    expect(page.get_by_label("Search path")).to_have_value("")
    page.wait_for_url(lambda url: "images=" not in url and "q=" not in url and "outcome=" not in url)
    assert seen(page) == view


def test_the_history_of_an_image_stays_open_while_verdicts_come(
    address: str, open_browser: Callable[[], Page]
) -> None:
    at = f"{address}?order=by+name&image=test/good/004.png"
    ann, bob = (opened(open_browser(), at) for _ in range(2))
    for page in (ann, bob):
        stay(page)
    image = shown(ann)
    ann.keyboard.press("3")
    expect_stored(ann)
    ann.get_by_role("button", name=re.compile("^History")).click()
    entries = ann.locator(".history li")
    expect(entries.filter(has_text="mask wrong")).not_to_have_count(0)
    count = entries.count()
    expect(bob.locator(".standing")).to_have_text("saved · Ada")
    bob.keyboard.press("2")
    expect(entries).to_have_count(count + 1)  # it was not closed
    expect(entries.first).to_contain_text("label wrong")
    assert shown(ann) == image
