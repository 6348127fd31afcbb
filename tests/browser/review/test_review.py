"""Review by hand, in a real browser: the gallery by mouse and keys, thresholds that all views follow, names that mean
harm, and what a team does: find the misses, judge them, send the link."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.review.reading import HOSTILE, expect_drawn, expect_shown, expect_whole, gallery_cards, selected_card

pytestmark = pytest.mark.browser
LAST = f"test/hole/{HOSTILE}.png"  # of all images by name
PICTURE = "[...document.querySelectorAll('*')].map((each) => each.shadowRoot?.querySelector('.viewer')).find(Boolean)"
FIELDS = "document.querySelectorAll('input').length"


def test_the_rest_of_the_page_leaves_the_picture_where_it_is(address: str, open_browser: Callable[[], Page]) -> None:
    page = open_browser()
    page.add_init_script(f"""window.addEventListener('patchcore:painted', () => {{
      const picture = {PICTURE};
      window.seen = {{ picture, top: picture.getBoundingClientRect().top, fields: {FIELDS} }};
    }})""")
    page.goto(address)
    expect_whole(page)
    same, moved, more = page.evaluate(f"""() => [
      seen.picture === {PICTURE}, {PICTURE}.getBoundingClientRect().top - seen.top, {FIELDS} - seen.fields]""")
    assert more > 0  # the picture did come first
    assert same  # and was not made anew
    assert abs(moved) <= 2


def test_the_rest_of_the_page_comes_also_where_no_picture_does(address: str, open_browser: Callable[[], Page]) -> None:
    page = open_browser()
    page.route("**/media/**", lambda route: route.abort())
    page.goto(address)
    expect_whole(page)
    expect(page.get_by_text("All 12 test images")).to_be_visible()


HELD = """(() => {  // the gallery asks for pictures and the picture is painted in one tick, in this order
  const send = window.dispatchEvent.bind(window), held = {};
  window.dispatchEvent = (event) => {
    if (!['patchcore:pictures-wanted', 'patchcore:painted'].includes(event.type) || window.together) return send(event);
    held[event.type] ??= event;
    if (Object.keys(held).length < 2) return true;
    window.together = true;
    send(held['patchcore:pictures-wanted']);
    return send(held['patchcore:painted']);
  };
})()"""


def test_the_rest_of_the_page_comes_where_pictures_are_asked_for_at_the_same_time(
    address: str, open_browser: Callable[[], Page]
) -> None:
    page = open_browser()
    page.add_init_script(HELD)
    page.goto(address)
    page.wait_for_function("window.together")
    expect_whole(page)
    expect(gallery_cards(page).locator("img").first).to_be_visible()


def test_a_photo_that_was_replaced_is_marked_on_its_card_and_said_above_the_picture(
    address: str, store: Path, open_browser: Callable[[], Page]
) -> None:
    name, words = "test/good/002.png", "file changed since the run"
    photo = store.parent / "data/tile" / name
    before = photo.read_bytes()
    shutil.copy(photo.with_name("003.png"), photo)
    try:
        page = open_browser()
        page.goto(f"{address}?order=by+name")
        card = gallery_cards(page).and_(page.locator(f"[data-id='{name}']"))
        expect(card).to_have_class(re.compile("noted"))
        expect(card).to_have_attribute("aria-label", re.compile(words))
        expect(page.locator(".noted")).to_have_count(1)
        expect(page.get_by_role("alert")).to_have_count(0)
        card.click()
        expect(page.get_by_role("alert")).to_contain_text("score and map belong to the earlier photo")
        expect(page.get_by_role("button", name="Label correct")).to_be_disabled()
    finally:
        photo.write_bytes(before)


def test_a_run_that_is_deleted_while_it_is_viewed_is_said_to_be_with_the_way_back(
    address: str, store: Path, open_browser: Callable[[], Page]
) -> None:
    page, run = open_browser(), next(folder for folder in store.iterdir() if folder.is_dir() and folder.name[0] == "2")
    doomed = Path(shutil.copytree(run, store / "20200101-000000-tile-abcd"))
    page.goto(f"{address}?run={doomed.name}&order=by+name")
    expect_drawn(page)
    shutil.rmtree(doomed)
    page.keyboard.press("n")  # only the images are drawn
    expect(page.get_by_text(f"There is no run {doomed.name} in this store; it may have been deleted")).to_be_visible()
    expect(page.get_by_text("Traceback")).to_have_count(0)
    page.get_by_role("link", name="All runs").click()
    expect(page.get_by_role("heading", name="Runs", exact=True)).to_be_visible()


def test_gallery_is_walked_by_mouse_and_keys(review: Page) -> None:
    cards = gallery_cards(review)
    expect(cards.locator("img").nth(5)).to_be_visible()  # they come after the page
    cards.nth(3).click()
    expect(selected_card(review)).to_have_attribute("data-id", str(cards.nth(3).get_attribute("data-id")))
    expect_shown(review, cards.nth(3))
    review.keyboard.press("ArrowRight")
    expect(cards.nth(4)).to_have_attribute("aria-selected", "true")
    expect_shown(review, cards.nth(4))
    review.keyboard.press("End")
    expect_drawn(review, LAST)
    review.get_by_role("button", name="Previous").click()
    expect(selected_card(review)).not_to_have_attribute("data-id", LAST)
    expect_shown(review, selected_card(review))
    review.keyboard.press("n")
    expect_drawn(review, LAST)
    assert "image=" in review.url


def test_a_handle_moves_outcomes_and_cards_at_once_and_the_page_when_it_is_let_go(review: Page) -> None:
    handle = review.get_by_role("slider", name=re.compile("NG")).first
    misses = review.locator(".st-key-review_tally").get_by_role("button", name=re.compile(r"\bmissed\b")).first
    handle.focus()
    review.keyboard.press("End")  # above all scores: all defects are missed
    expect(misses).to_contain_text("6")
    expect(gallery_cards(review).filter(has_text="hole").first).to_have_attribute("aria-label", re.compile("missed"))
    review.wait_for_url(re.compile(r"[?&]threshold="))
    gallery_cards(review).filter(has_text="hole").first.click()
    expect(review.get_by_text("Missed defect (FN).")).to_be_visible()


def test_the_pixel_threshold_of_the_viewer_is_that_of_the_page(review: Page) -> None:
    slider = review.locator(".st-key-review_viewer").get_by_role("slider", name="Pixel threshold")
    slider.focus()
    review.keyboard.press("Home")
    review.wait_for_url(re.compile(r"pixel_threshold=-?\d"))
    value = float(str(re.search(r"pixel_threshold=(-?[\d.e+-]+)", review.url)[1]))  # type: ignore[index]
    review.get_by_role("radio", name="Pixel", exact=True).click()
    handle = review.locator(".st-key-review_pixel_point").get_by_role("slider")
    expect(handle).to_have_count(1)
    assert float(str(handle.get_attribute("aria-valuenow"))) == pytest.approx(value, rel=1e-4)
    assert "level=pixels" in review.url
    review.get_by_role("radio", name="Image", exact=True).click()
    expect(review.locator(".st-key-review_point").get_by_role("slider").last).to_be_visible()
    assert "level=" not in review.url  # what is so anyway needs no place in a link


def test_a_threshold_chosen_by_its_name_judges_the_images_and_is_in_the_address(review: Page) -> None:
    handle = review.locator(".st-key-review_point").get_by_role("slider", name=re.compile("NG"))
    for name in ("good_max", "f1_max"):
        review.get_by_role("combobox", name="NG threshold").select_option(name)
        review.wait_for_url(re.compile(f"[?&]threshold={name}"))
    words = str(review.get_by_role("combobox", name="NG threshold").locator("option:checked").text_content())
    expect(handle).to_have_attribute("aria-valuetext", re.compile(re.escape(words)))
    handle.focus()
    review.keyboard.press("ArrowRight")
    review.wait_for_url(re.compile(r"[?&]threshold=\d"))
    expect(review.get_by_role("combobox", name="NG threshold")).to_have_value("")


def test_hostile_names_do_no_harm(review: Page) -> None:
    review.locator(".st-key-review_gallery").get_by_role("listbox").press("End")
    expect_drawn(review, LAST)
    expect(review.get_by_text(HOSTILE, exact=False).first).to_be_visible()
    assert review.evaluate("document.body.dataset.harmed") is None


def test_a_region_of_the_table_is_zoomed_to(review: Page) -> None:
    holes = gallery_cards(review).filter(has_text="hole")
    holes.nth(2).click()
    expect_shown(review, holes.nth(2))
    assert "zoom=" not in review.url
    review.get_by_role("button", name="true defect").click()
    review.wait_for_url(re.compile("zoom="))
    expect(review.locator(".viewer[data-whole=false]")).to_be_visible()
    review.get_by_role("button", name="Next").click()
    expect(review.locator(".viewer[data-whole=true]")).to_be_visible()


def test_the_misses_are_found_judged_and_sent_to_a_colleague(
    address: str, open_browser: Callable[[], Page]
) -> None:
    page = open_browser()
    page.goto(f"{address}?threshold=1e9&order=by+name")  # so high that every hole is missed
    expect(page.get_by_text("All 12 test images")).to_be_visible()
    page.locator(".st-key-review_tally").get_by_role("button", name=re.compile("hole")).first.click()
    expect(gallery_cards(page)).to_have_count(6)
    page.locator(".st-key-review_tally").get_by_role("button", name=re.compile(r"\bmissed\b")).first.click()
    page.wait_for_url(re.compile("outcome=miss"))
    expect(gallery_cards(page)).to_have_count(6)
    page.locator(".viewer").evaluate("viewer => { viewer.dataset.stayed = true; }")
    for place in (1, 2):
        gallery_cards(page).nth(place).click()
        expect_shown(page, gallery_cards(page).nth(place))
        page.get_by_role("button", name=re.compile("Label wrong")).click()
        expect(gallery_cards(page).nth(place)).to_have_attribute("aria-label", re.compile("verdict: label wrong"))
    expect(page.locator(".viewer[data-stayed]")).to_be_visible()  # nothing on the page was made anew
    without = page.get_by_text("2 wrong labels excluded", exact=True)
    expect(without).to_be_visible()
    without.click()
    expect(page.get_by_text("test images: 2 wrong labels excluded.")).to_be_visible()
    page.wait_for_url(re.compile("without=label_wrong"))
    link, chosen = page.url, selected_card(page).get_attribute("data-id")

    elsewhere = open_browser()
    elsewhere.goto(link)
    expect(gallery_cards(elsewhere)).to_have_count(6)
    expect(selected_card(elsewhere)).to_have_attribute("data-id", str(chosen))
    expect(elsewhere.locator("[role=option][aria-label*='verdict: label wrong']")).to_have_count(2)
    expect(elsewhere.get_by_text("test images: 2 wrong labels excluded.")).to_be_visible()
    expect(elsewhere.get_by_role("button", name=re.compile("Label wrong"))).to_be_visible()
    assert elsewhere.url == link
