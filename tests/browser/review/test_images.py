"""Going through the images of Review: by mouse and keys, ahead of the network and of Python, with a second run beside,
and what became of files.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.review.reading import (
    HOSTILE,
    await_address,
    card,
    card_names,
    cards,
    expect_count,
    expect_painted,
    expect_whole,
    opened,
    run_ids,
    selected,
    shown,
    verdict,
)
from tests.browser.review.seen import seen

pytestmark = pytest.mark.browser
LAST = "test/hole/005.png"  # of all images by name, but for the hostile one
HERE = "order=by+name&image=test/hole/003.png"
DEAF = "() => { WebSocket.prototype.send = () => {}; }"  # Python hears nothing any more


def test_the_gallery_is_walked_by_mouse_and_keys(review: Page) -> None:
    expect(cards(review).locator("img").nth(5)).to_be_visible()
    names = card_names(review)
    cards(review).nth(3).click()
    expect_painted(review, names[3])
    expect(selected(review)).to_have_attribute("data-id", names[3])
    review.keyboard.press("ArrowRight")
    expect_painted(review, names[4])
    review.keyboard.press("End")
    expect_painted(review, f"test/hole/{HOSTILE}.png")
    review.keyboard.press("p")
    expect_painted(review, LAST)
    review.keyboard.press("n")
    expect_painted(review, f"test/hole/{HOSTILE}.png")
    review.keyboard.press("n")  # there is none after it
    expect_painted(review, f"test/hole/{HOSTILE}.png")
    review.wait_for_url(re.compile("image="))


def ahead(page: Page) -> str:
    """The images that the viewer has fetched already."""
    return page.locator(".viewer[data-drawn]").get_attribute("data-ahead") or ""


def test_the_next_image_is_here_before_it_is_asked_for(review: Page) -> None:
    names, viewer = card_names(review), review.locator(".viewer[data-drawn]")
    expect(viewer).to_have_attribute("data-ahead", re.compile("."))
    review.route("**/pictures/**", lambda route: route.abort())
    review.keyboard.press("n")
    expect_painted(review, names[1])
    for _ in range(2):  # a photo that was left is closed, and is not taken for one that is here
        review.keyboard.press("p")
        expect_painted(review, names[0])
        review.keyboard.press("n")
        expect_painted(review, names[1])
    review.unroute("**/pictures/**")
    review.keyboard.press("n")
    expect_painted(review, names[2])
    expect(viewer.locator(".readout")).not_to_contain_text("could not be loaded")


def at_once(page: Page, *keys: str) -> None:
    """Press these keys before any timer or frame."""
    page.evaluate("""keys => keys.forEach((key) =>
      window.dispatchEvent(new KeyboardEvent("keydown", { key, cancelable: true })))""", keys)


def test_panes_that_change_while_a_zoom_comes_to_rest_stay(review: Page) -> None:
    viewer = review.locator(".viewer[data-drawn]")
    expect(viewer.locator(".pane")).to_have_count(4)
    at_once(review, "+", "f")
    expect(viewer.locator(".pane")).to_have_count(2)
    review.wait_for_url(re.compile("zoom="))
    assert "panes=" in review.url
    expect(viewer.locator(".pane")).to_have_count(2)
    expect(viewer).to_have_attribute("data-whole", "false")


def test_a_zoom_that_comes_to_rest_on_the_next_image_is_not_its_own(review: Page) -> None:
    names, viewer = card_names(review), review.locator(".viewer[data-drawn]")
    review.route("**/about*", lambda _: None)  # the next image stays away
    cards(review).nth(5).click()
    at_once(review, "+")
    expect(viewer).to_have_attribute("data-whole", "false")
    review.evaluate("() => dispatchEvent(new CustomEvent('patchcore:settle', { detail: { channel: "
                    "'workspace_viewer' } }))")
    review.wait_for_function("location.search.includes('image=')")
    assert "zoom=" not in review.url
    review.unroute("**/about*")
    cards(review).nth(4).click()
    expect_painted(review, names[4])
    expect(viewer).to_have_attribute("data-whole", "true")


def test_images_filters_and_thresholds_need_no_answer_of_python(review: Page) -> None:
    names = card_names(review)
    review.evaluate(DEAF)
    for place in (1, 2, 3):
        review.keyboard.press("n")
        expect_painted(review, names[place])
    review.get_by_role("group", name="Outcome").get_by_role("button", name="found").click()
    expect_count(review, "6 of 12")
    expect_painted(review)
    handle = review.get_by_role("slider", name="Threshold").first
    handle.focus()
    review.keyboard.press("End")
    expect_count(review, "0 of 12")
    expect(review.locator(".title")).to_contain_text("These filters leave no image.")


def test_a_photo_that_was_replaced_is_marked_on_its_card_and_takes_no_verdict(
    address: str, fitted: Path, open_browser: Callable[[], Page]
) -> None:
    name, words = "test/good/002.png", "file changed since the run"
    photo = fitted / "data/tile" / name
    before = photo.read_bytes()
    shutil.copy(photo.with_name("003.png"), photo)
    try:
        page = opened(open_browser(), f"{address}?order=by+name")
        expect(card(page, name)).to_have_attribute("aria-label", re.compile(words))
        expect(page.locator(".noted")).to_have_count(1)
        card(page, name).click()
        expect_painted(page, name)
        expect(page.get_by_text("score and map belong to the earlier photo").first).to_be_visible()
        expect(verdict(page, "label correct")).to_be_disabled()
        page.keyboard.press("n")
        expect(verdict(page, "label correct")).to_be_enabled()
    finally:
        photo.write_bytes(before)


def test_a_run_that_is_deleted_while_it_is_viewed_is_said_to_be_with_the_way_back(
    address: str, store: Path, open_browser: Callable[[], Page]
) -> None:
    run = next(folder for folder in store.iterdir() if folder.name[0] == "2")
    doomed = Path(shutil.copytree(run, store / "20200101-000000-tile-abcd"))
    page = opened(open_browser(), f"{address}?run={doomed.name}&order=by+name")
    shutil.rmtree(doomed)
    page.keyboard.press("End")
    card(page, card_names(page)[-1]).click()
    expect(page.get_by_text(f"There is no run {doomed.name} in this store").first).to_be_visible()
    expect(page.get_by_text("Traceback")).to_have_count(0)
    page.reload()
    expect(page.get_by_text(f"There is no run {doomed.name} in this store; it may have been deleted")).to_be_visible()
    page.get_by_role("link", name="All runs").click()
    expect(page.get_by_role("heading", name="Runs", exact=True)).to_be_visible()


def test_a_visitor_comes_from_another_page_and_goes_back(review: Page) -> None:
    image = "test/good/003.png"
    card(review, image).click()
    review.wait_for_url(re.compile("image="))
    link = review.url
    review.get_by_role("link", name="Overview").click()
    expect(review.get_by_role("heading", name="Runs", exact=True)).to_be_visible()
    expect(review.locator(".workspace")).to_have_count(0)
    review.go_back()
    expect_whole(review)
    assert (shown(review), review.url) == (image, link)


def panes(page: Page) -> list[str]:
    return page.locator(".stage").evaluate_all("all => all.map(({ dataset }) => dataset.pane)")


def choice(page: Page) -> Locator:
    return page.get_by_label("Second run's map")


def test_the_map_of_a_second_run_stands_beside_and_follows_a_threshold_of_its_own(
    address: str, store: Path, open_browser: Callable[[], Page]
) -> None:
    newer, older = run_ids(store)
    page = opened(open_browser(), f"{address}?run={newer}&{HERE}")
    before = seen(page)
    choice(page).select_option(older)
    choice(page).blur()
    await_address(page, f"beside={older}")
    expect(page.locator(".stage[data-pane=map2]")).to_be_visible()
    assert panes(page) == ["photo", "truth", "map", "map2"]
    page.get_by_label("What pane 1 shows").select_option("prediction2")
    page.get_by_role("button", name=re.compile("^Map")).click()
    rows = page.get_by_role("group", name=re.compile("^Map and threshold of "))
    expect(rows).to_have_count(2)
    field = rows.nth(1).get_by_role("textbox", name="Pixel threshold")
    field.fill("3")
    field.press("Enter")
    page.keyboard.press("Escape")
    await_address(page, "beside_threshold=3")
    names = card_names(page)
    page.keyboard.press("n")
    following = names[names.index("test/hole/003.png") + 1]
    expect_painted(page, following)
    page.wait_for_url(lambda url: following in unquote(url))

    there = opened(open_browser(), page.url)
    assert seen(there) == seen(page)
    assert panes(there) == ["prediction2", "truth", "map", "map2"]
    page.keyboard.press("p")
    choice(page).select_option("")
    choice(page).blur()
    page.wait_for_url(lambda url: "beside" not in url)
    expect(page.locator(".stage[data-pane=map2]")).to_have_count(0)
    assert seen(page)["panes"] == before["panes"]


def test_a_second_run_that_is_gone_is_said_to_be(address: str, store: Path, open_browser: Callable[[], Page]) -> None:
    newer, _ = run_ids(store)
    page = opened(open_browser(), f"{address}?run={newer}&{HERE}&beside=20200101-000000-tile-dead")
    expect(choice(page)).to_have_attribute("title", re.compile("not in this store"))
    assert panes(page) == ["photo", "truth", "map", "prediction"]
