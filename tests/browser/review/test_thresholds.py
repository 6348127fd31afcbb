"""The operating point of Review: by hand and by name, of images and of pixels, in the address, and used from now on."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from patchcore_core.reviews.chosen_thresholds import ChosenThresholdsOf
from tests.browser.review.reading import (
    await_address,
    card,
    cards,
    expect_count,
    expect_figure,
    expect_painted,
    figures,
    opened,
    outcome,
    run_ids,
)

pytestmark = pytest.mark.browser


def handle(page: Page) -> Locator:
    return page.locator(".threshold-strip").get_by_role("slider", name="Threshold")


def value_of(slider: Locator) -> float:
    return float(slider.get_attribute("aria-valuenow") or "nan")


def test_figures_cards_and_outcomes_follow_a_handle_while_it_moves(review: Page) -> None:
    hole = "test/hole/003.png"
    box = handle(review).bounding_box()
    plot = review.locator(".threshold-strip .plot").bounding_box()
    assert box
    assert plot
    expect_figure(review, "missed 0")
    review.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    review.mouse.down()
    review.mouse.move(plot["x"] + plot["width"] - 2, box["y"], steps=4)  # above all scores
    expect_figure(review, "missed 6")
    expect(card(review, hole)).to_have_attribute("aria-label", re.compile("missed"))
    assert "threshold=" not in review.url
    review.mouse.up()
    await_address(review, r"[?&]threshold=\d")
    expect(outcome(review, "missed")).to_contain_text("6")
    card(review, hole).click()
    expect(review.locator(".title")).to_contain_text("missed")


def test_a_threshold_chosen_by_its_name_judges_the_images_and_is_in_the_address(review: Page) -> None:
    names = review.get_by_role("button", name=re.compile("^Threshold: "))
    seen = set()
    for words, name in (("above all good images", "good_max"), ("F1-max", "f1_max")):
        names.click()
        review.locator(".points").get_by_role("button", name=re.compile(words, re.I)).first.click()
        await_address(review, f"[?&]threshold={name}")
        expect(names).to_have_accessible_name(re.compile(words, re.I))
        seen.add(value_of(handle(review)))
    assert len(seen) == 2
    handle(review).focus()
    review.keyboard.press("ArrowRight")
    await_address(review, r"[?&]threshold=\d")


def test_a_review_zone_is_chosen_and_its_images_are_counted(review: Page) -> None:
    review.get_by_role("button", name=re.compile("^Review zone: ")).click()
    review.get_by_label("Review zone from").fill("10")
    review.keyboard.press("Enter")
    review.keyboard.press("Escape")
    expect_figure(review, "review zone 6")  # all good ones
    await_address(review, "review_from=10")
    expect(cards(review).first).to_have_attribute("aria-label", re.compile("to review"))


def test_the_pixel_threshold_of_the_viewer_is_that_of_the_strip(review: Page) -> None:
    review.keyboard.press("End")
    before = figures(review)
    review.get_by_role("button", name=re.compile("^Map")).click()
    slider = review.locator(".viewer").get_by_role("slider", name="Pixel threshold")
    slider.focus()
    review.keyboard.press("Home")
    url = await_address(review, r"pixel_threshold=-?\d")
    value = float(str(re.search(r"pixel_threshold=(-?[\d.e+-]+)", url)[1]))  # type: ignore[index]
    review.get_by_role("button", name="Pixel threshold", exact=True).click()
    assert value_of(handle(review)) == pytest.approx(value, rel=1e-4)
    await_address(review, "level=pixels")
    assert figures(review) == before  # it has no effect on the images
    review.get_by_role("button", name="Image threshold", exact=True).click()
    review.wait_for_url(lambda url: "level=" not in url)  # what is so anyway needs no place in a link


def test_the_full_histogram_opens_over_the_pictures_and_moves_the_same_handle(review: Page) -> None:
    stage = review.locator(".stage").first.bounding_box()
    review.keyboard.press("h")
    full = review.locator(".point").get_by_role("slider").last
    expect(full).to_be_visible()
    assert review.locator(".stage").first.bounding_box() == stage
    full.focus()
    review.keyboard.press("End")
    expect_figure(review, "missed 6")
    expect(handle(review)).to_have_attribute("aria-valuenow", str(full.get_attribute("aria-valuenow")))
    review.keyboard.press("h")
    expect(full).to_be_hidden()


def test_thresholds_are_used_from_now_on_by_everybody_until_they_are_given_back(
    address: str, store: Path, open_browser: Callable[[], Page]
) -> None:
    run = run_ids(store)[0]
    page = opened(open_browser(), f"{address}?run={run}")
    own, use = value_of(handle(page)), page.get_by_role("button", name="Use", exact=True)
    expect(use).to_be_disabled()
    handle(page).focus()
    page.keyboard.press("End")
    expect(use).to_be_enabled()
    chosen = value_of(handle(page))
    assert chosen > own
    use.click()
    back = page.get_by_role("button", name="Back to held-out")
    expect(back).to_be_visible()
    expect(use).to_be_disabled()
    stored = ChosenThresholdsOf(store).current(run)
    assert (stored.image, stored.author) == (pytest.approx(chosen), "Ada")

    other = opened(open_browser(), f"{address}?run={run}")
    assert value_of(handle(other)) == pytest.approx(chosen)
    expect_figure(other, "missed 6")
    expect(other.get_by_role("button", name="Back to held-out")).to_be_visible()
    back.click()
    expect(back).to_be_hidden()
    assert not ChosenThresholdsOf(store).current(run).any
    third = opened(open_browser(), f"{address}?run={run}")
    assert value_of(handle(third)) == own
    expect_count(third, "all 12")
    expect_painted(third)
