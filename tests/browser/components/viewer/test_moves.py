"""Zooming, panning and picking in the viewer: by mouse, keys and fingers."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.components.viewer import viewer_page as cases
from tests.browser.components.viewer.reading import (
    RED_AND_GREEN,
    again,
    frame,
    move_threshold,
    on_screen,
    place_of,
    stage,
    stage_size,
    viewer,
    wait_for,
)

pytestmark = pytest.mark.browser


def test_a_clicked_pixel_is_told_to_python(show: Callable[..., Page]) -> None:
    page = show("small")
    x, y = on_screen(page, 71.5, 33.5)
    stage(page, "map").click(position={"x": x, "y": y})
    heard = wait_for(page, lambda heard: heard["pixel"] is not None)
    assert heard["pixel"] == [71, 33]


def test_a_drag_moves_and_clicks_nothing(show: Callable[..., Page]) -> None:
    page = show("small")
    stage(page, "photo").focus()
    for _ in range(5):
        page.keyboard.press("+")
    before = frame(page)
    box = stage(page, "photo").bounding_box()
    assert box
    page.mouse.move(box["x"] + 150, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 90, steps=4)
    page.mouse.up()
    heard = wait_for(page, lambda heard: heard["view"]["box"] is not None)
    after = frame(page)
    assert (after["left"] - before["left"]) * after["scale"] == pytest.approx(30, abs=1)
    assert (after["top"] - before["top"]) * after["scale"] == pytest.approx(10, abs=1)
    assert heard["pixel"] is None


def test_all_panes_zoom_and_pan_together(show: Callable[..., Page]) -> None:
    page = show("small")
    box = stage(page, "truth").bounding_box()
    assert box
    page.mouse.move(box["x"] + 60, box["y"] + 60)
    before = place_of(page, 60, 60)
    page.mouse.wheel(0, -400)
    expect(viewer(page)).to_have_attribute("data-whole", "false")
    assert place_of(page, 60, 60) == pytest.approx(before, abs=0.5)  # what was under the mouse still is
    shown = [stage(page, pane).locator("canvas.photo").evaluate(RED_AND_GREEN) for pane in ("photo", "map")]
    assert shown[0] == shown[1]
    top, left = frame(page)["top"], frame(page)["left"]
    assert shown[0][0] == pytest.approx(255 * top / 120, abs=4)
    assert shown[0][1] == pytest.approx(255 * left / 160, abs=4)
    stage(page, "truth").focus()
    page.keyboard.press("0")
    expect(viewer(page)).to_have_attribute("data-whole", "true")


def test_arrow_keys_pan_and_enter_picks_the_middle(show: Callable[..., Page]) -> None:
    page = show("small")
    stage(page, "prediction").focus()
    for _ in range(6):
        page.keyboard.press("+")
    before = frame(page)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    expect(viewer(page)).not_to_have_attribute("data-left", str(before["left"]))
    assert frame(page)["left"] > before["left"]
    expect(viewer(page)).not_to_have_attribute("data-top", str(before["top"]))
    page.keyboard.press("Enter")
    heard = wait_for(page, lambda heard: heard["pixel"] is not None)
    middle = place_of(page, *(side / 2 for side in stage_size(page)))
    assert heard["pixel"] == [int(middle[0]), int(middle[1])]


def test_with_shift_the_arrow_keys_move_a_cross_to_any_pixel(show: Callable[..., Page]) -> None:
    page = show("small")
    height, width = cases.SIZES["small"]
    stage(page, "photo").focus()
    readout = viewer(page).locator(".readout")
    page.keyboard.press("Shift+ArrowRight")
    expect(readout).to_have_attribute("data-row", str(height // 2))
    column = int(str(readout.get_attribute("data-column")))
    step = column - width // 2
    assert step == max(1, round(8 / frame(page)["scale"]))
    for _ in range(40):
        page.keyboard.press("+")
    before = place_of(page, *on_screen(page, height // 2 + 0.5, column + 0.5))
    assert before == pytest.approx((height // 2 + 0.5, column + 0.5))
    for _ in range(height):
        page.keyboard.press("Shift+ArrowUp")
    for _ in range(width):
        page.keyboard.press("Shift+ArrowLeft")  # into the corner, which the middle of the view never reaches
    expect(readout).to_contain_text("row 0, column 0")
    assert frame(page)["scale"] == pytest.approx(32)
    page.keyboard.press("Shift+ArrowRight")
    expect(readout).to_contain_text("row 0, column 1")
    whole = cases.transform("small").to_photo(cases.scores("small"), height, width)
    expect(readout.locator(".score")).to_have_attribute("data-score", str(float(whole[0, 1])))
    x, y = on_screen(page, 0.5, 1.5)
    mark = stage(page, "photo").locator(".cursor").evaluate("(mark) => mark.style.transform")
    assert [float(part) for part in re.findall(r"[-\d.]+(?=px)", mark)] == pytest.approx([x, y], abs=1)
    page.keyboard.press("Enter")
    assert wait_for(page, lambda heard: heard["pixel"] is not None)["pixel"] == [0, 1]
    page.keyboard.press("Escape")
    expect(readout).to_contain_text("Point at a pixel")
    page.keyboard.press("Enter")
    middle = place_of(page, *(side / 2 for side in stage_size(page)))
    wait_for(page, lambda heard: heard["pixel"] == [int(middle[0]), int(middle[1])])


def test_python_can_zoom_to_a_box_and_later_reruns_leave_the_zoom_alone(show: Callable[..., Page]) -> None:
    page = show("small")
    page.get_by_role("button", name="Zoom to the spot").click()
    expect(viewer(page)).to_have_attribute("data-whole", "false")
    (top, left), (bottom, right) = place_of(page, 0, 0), place_of(page, *stage_size(page))
    assert top <= 30.5
    assert left <= 80.5
    assert bottom >= 59.5
    assert right >= 119.5
    assert bottom - top <= 31 or right - left <= 41
    box = frame(page)
    again(page)
    move_threshold(page, 0.3)
    again(page)
    assert frame(page) == box
    stage(page, "photo").focus()
    page.keyboard.press("0")
    wait_for(page, lambda heard: heard["view"]["box"] is None)
    page.get_by_role("button", name="Zoom to the spot").click()
    expect(viewer(page)).to_have_attribute("data-whole", "false")
    assert frame(page) == box


def test_two_fingers_zoom_and_one_finger_scrolls_the_page(show: Callable[..., Page]) -> None:
    page = show("small")
    assert stage(page, "map").evaluate("(stage) => getComputedStyle(stage).touchAction") == "pan-y"
    box = stage(page, "map").bounding_box()
    assert box
    touches = page.context.new_cdp_session(page)
    middle = (box["x"] + 120, box["y"] + 110)

    def touch(kind: str, *reaches: float) -> None:
        points = [{"x": middle[0] + reach, "y": middle[1], "id": number} for number, reach in enumerate(reaches)]
        touches.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    before = place_of(page, 120, 110)
    touch("touchStart", -20, 20)
    for reach in (30, 40, 60):
        touch("touchMove", -reach, reach)
    touch("touchEnd")
    heard = wait_for(page, lambda heard: heard["view"]["box"] is not None)
    assert frame(page)["scale"] == pytest.approx(3 * 232 / 120, rel=0.02)
    assert place_of(page, 120, 110) == pytest.approx(before, abs=1)
    assert heard["pixel"] is None
    assert stage(page, "map").evaluate("(stage) => getComputedStyle(stage).touchAction") == "none"
