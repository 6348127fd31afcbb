"""Evidence in a page of its own: which patch is chosen, what is asked for, and what is said."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.components.made_evidence import HOSTILE, evidence, image, patch
from tests.browser.components.plain_page import mounted, told, updated

pytestmark = pytest.mark.browser
WIDGET = "evidence/evidence"


def wanted(page: Page) -> list[tuple[int, int, int]]:
    return [tuple(value.values()) for _, name, value in told(page) if name == "wanted"]


def expect_place(shown: Locator, row: int, column: int) -> None:
    expect(shown).to_have_attribute("data-place", f"{row} {column}")


def test_the_hottest_patch_stands_beside_its_neighbours(page: Page) -> None:
    shown = mounted(page, WIDGET, evidence())
    expect_place(shown, 2, 3)
    expect(shown.locator(".patch figure")).to_have_count(6)
    expect(shown.locator(".patch figure").first).to_contain_text("score 2.300")
    expect(shown.locator(".patch figure").nth(1)).to_contain_text("distance 1.0000")
    expect(shown.locator(".patch figure").nth(1)).to_contain_text(HOSTILE)
    expect(shown).to_contain_text("Higher than all 24 patches.")
    expect(shown).to_contain_text("blocks.2 65 %, blocks.4 35 %")  # 15 of 23
    expect(shown.get_by_role("row", name="Zone NG, from 2.0000 up")).to_be_visible()
    expect(shown.locator(".variant.used")).to_have_text("1: 2.3000 (this run)")
    assert wanted(page) == []


def test_patches_are_chosen_by_keys_clicks_and_arrows_and_asked_for_once(page: Page) -> None:
    shown = mounted(page, WIDGET, evidence())
    page.keyboard.press("s")
    expect_place(shown, 0, 1)
    expect(shown).to_have_attribute("aria-busy", "true")
    updated(page, WIDGET, evidence())  # it is still being computed
    assert wanted(page) == [(0, 1, 5)]
    updated(page, WIDGET, evidence(None, patch(0, 1)))
    expect(shown).to_have_attribute("aria-busy", "false")
    page.keyboard.press("Shift+S")
    expect_place(shown, 2, 3)
    canvas = shown.locator("canvas")
    box = canvas.bounding_box()
    assert box is not None
    canvas.click(position={"x": box["width"] * 0.95, "y": box["height"] * 0.3})
    expect_place(shown, 1, 5)
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowDown")
    expect_place(shown, 2, 4)
    page.keyboard.press("Control+s")
    expect_place(shown, 2, 4)
    assert wanted(page) == [(1, 5, 5), (1, 4, 5), (2, 4, 5)]
    shown.get_by_label("Nearest good patches").select_option("9 nearest")
    assert wanted(page) == [(2, 4, 9)]
    updated(page, WIDGET, evidence(None, patch(2, 4, 9)))
    expect(shown.locator(".patch figure")).to_have_count(10)


def test_a_pixel_that_was_clicked_elsewhere_chooses_its_patch(page: Page) -> None:
    shown = mounted(page, WIDGET, evidence())
    click = {"row": 35.0, "column": 4.0, "count": 1}
    updated(page, WIDGET, evidence(picked=click))
    expect_place(shown, 3, 0)
    page.keyboard.press("s")
    expect_place(shown, 2, 3)
    updated(page, WIDGET, evidence(picked=click))  # the same click
    expect_place(shown, 2, 3)
    updated(page, WIDGET, evidence(image(seen=[0, 10, 40, 60]), picked={"row": 5, "column": 4, "count": 2}))
    expect_place(shown, 2, 3)  # outside what the network saw
    updated(page, WIDGET, evidence(image("b", peaks=[[0, 0]])))
    expect_place(shown, 0, 0)


def test_where_nothing_can_be_asked_for_the_hottest_patches_are_stepped_through(page: Page) -> None:
    known = image(patches=[patch(2, 3), patch(0, 1), patch(3, 5)])
    shown = mounted(page, WIDGET, evidence(known, asks=False, keys=False, zooms=False))
    page.keyboard.press("s")
    expect_place(shown, 2, 3)
    shown.get_by_role("button", name="Next hottest patch").click()
    expect_place(shown, 0, 1)
    shown.locator("canvas").click(position={"x": 3, "y": 3})
    expect_place(shown, 0, 1)
    expect(shown.get_by_label("Nearest good patches")).to_be_hidden()
    expect(shown.get_by_role("button", name="Zoom")).to_be_hidden()
    assert told(page) == []


def test_the_maps_and_their_legends(page: Page) -> None:
    shown = mounted(page, WIDGET, evidence())
    painted = "canvas => [...canvas.getContext('2d').getImageData(45, 25, 1, 1).data].join()"
    before = shown.locator("canvas").evaluate(painted)
    shown.get_by_role("button", name="most similar photo").click()
    expect(shown.locator(".legend li")).to_have_count(2)
    expect(shown.locator(".legend")).to_contain_text("The file is gone.")
    expect(shown.locator(".legend")).to_contain_text(HOSTILE)
    resembled = shown.locator("canvas").evaluate(painted)
    shown.get_by_role("button", name="share of blocks.4").click()
    expect(shown.locator(".scale")).to_contain_text("100 %")
    assert len({before, resembled, shown.locator("canvas").evaluate(painted)}) == 3


def test_why_there_is_no_patch_is_said(page: Page) -> None:
    shown = mounted(page, WIDGET, evidence())
    page.keyboard.press("s")
    updated(page, WIDGET, evidence(error="the memory bank is gone"))
    expect(shown.locator(".patch")).to_have_text("the memory bank is gone")
    updated(page, WIDGET, evidence(image(patches=[patch(2, 3, note="No origin.")], notes=["The photo has changed."])))
    page.keyboard.press("Shift+S")
    expect(shown).to_contain_text("No origin.")
    expect(shown).to_contain_text("The photo has changed.")


def test_a_zoom_shows_the_surroundings(page: Page) -> None:
    mounted(page, WIDGET, evidence()).get_by_role("button", name="Zoom").click()
    ((_, name, box),) = told(page)
    assert (name, box) == ("zoom", [0, 0, 40, 60])  # nine patches each way are the whole photo here
