"""The training images as a second list of Review: ranked by held-out scores, with a map where it is asked for."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from patchcore_core.runs.store import RunStore
from tests.browser.review.reading import (
    await_address,
    expect_count,
    expect_figure,
    expect_painted,
    opened,
    outcome,
    shown,
    verdict,
)
from tests.browser.review.seen import seen

pytestmark = pytest.mark.browser


def training_cards(page: Page) -> list[str]:
    cards = page.get_by_role("listbox", name="Training images").get_by_role("option")
    return cards.evaluate_all("cards => cards.map(({ dataset }) => dataset.id)")


def ranked(store: Path) -> list[tuple[str, float]]:
    """Name and held-out score of the newest run's training images, the highest score first."""
    known = RunStore(store)
    images = known.training_images(known.list()[0]) or ()
    return sorted(((one.path, one.score) for one in images), key=lambda one: -one[1])


def test_training_images_are_a_list_of_their_own(
    address: str, store: Path, open_browser: Callable[[], Page]
) -> None:
    page, images = opened(open_browser(), f"{address}?outcome=true+positive&order=by+name"), ranked(store)
    before = shown(page)
    page.keyboard.press("l")
    await_address(page, "images=training")
    expect_count(page, f"all {len(images)}")
    expect_painted(page, images[0][0])
    assert training_cards(page) == [name for name, _ in images][: len(training_cards(page))]  # those in view
    assert "outcome=" not in page.url
    expect(page.locator(".title .said")).to_contain_text(f"held-out score {images[0][1]:.4g}"[:18])
    expect(page.locator(".threshold-strip .figures")).not_to_contain_text("recall")
    expect_figure(page, f"training images {len(images)}")
    expect(verdict(page, "label correct")).to_be_disabled()
    page.keyboard.press("1")
    page.keyboard.press("u")
    expect(page.locator(".standing")).to_contain_text("Verdicts are for test images.")
    expect(page.get_by_role("button", name="Regions")).to_have_count(0)
    expect(page.locator(".stage")).to_have_count(1)  # no map of it is stored

    field = page.locator(".threshold-strip").get_by_role("textbox", name="Threshold")
    field.fill(str((images[1][1] + images[2][1]) / 2))
    field.press("Enter")
    field.blur()
    outcome(page, "NG").click()
    expect_count(page, f"2 of {len(images)}")
    assert training_cards(page) == [name for name, _ in images[:2]]
    page.keyboard.press("n")
    expect_painted(page, images[1][0])
    await_address(page, "image=train")
    there = opened(open_browser(), page.url)
    assert seen(there) == seen(page)
    page.keyboard.press("l")
    expect_count(page, "6 of 12")  # as it was left
    expect_painted(page, before)
    expect(page.locator(".stage")).to_have_count(4)


def test_a_map_is_computed_where_it_is_asked_for(address: str, store: Path, open_browser: Callable[[], Page]) -> None:
    name, _ = ranked(store)[0]
    page = opened(open_browser(), f"{address}?images=training")
    press = page.get_by_role("button", name="Compute the map")
    expect(press).to_have_attribute("title", re.compile("No anomaly map is stored for training images"))
    press.click()
    pane = page.get_by_role("application", name=f"Anomaly map without its own rows of {name}")
    expect(pane).to_be_visible()
    expect(pane).not_to_contain_text("being computed")
    pane.hover()
    expect(page.locator(".readout")).to_contain_text("score")
    await_address(page, "panes=photo")
    second = ranked(store)[1][0]
    page.keyboard.press("n")
    expect_painted(page, second)
    expect(page.get_by_role("application", name=f"Anomaly map without its own rows of {second}")).not_to_contain_text(
        "being computed")
    press.click()
    expect(page.locator(".stage")).to_have_count(1)


def test_they_are_taken_away_and_lead_to_training_photos(
    address: str, store: Path, open_browser: Callable[[], Page]
) -> None:
    page, images = opened(open_browser(), f"{address}?images=training"), ranked(store)
    page.get_by_role("button", name="Export").click()
    expect(page.get_by_role("button", name="pictures of the listed images")).to_have_count(0)
    page.get_by_role("button", name="listed images as CSV").click()
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("Download .*csv")).click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text(), newline="")))
    assert [(row["image"], float(row["held_out_score"])) for row in rows] == images
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    expect_painted(page, images[1][0])
    page.get_by_role("link", name="Training photos", exact=True).last.click()
    expect(page.get_by_role("heading", name=images[1][0])).to_be_visible()
