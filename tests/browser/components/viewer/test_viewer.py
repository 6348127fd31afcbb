"""The viewer in a real browser: its panes, what it says, and what Python tells it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.components.viewer import viewer_page as cases
from tests.browser.components.viewer.reading import (
    FOCUSED,
    expected_judgement,
    judged_pixels,
    move_threshold,
    on_screen,
    stage,
    viewer,
    wait_for,
)
from tests.browser.reading import reads_in_order

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("case", "rows", "columns"), [
    ("small", 2, 2), ("wide", 2, 2), ("tall", 1, 4), ("strip", 4, 1),
])  # fmt: skip
def test_panes_of_strips_lie_so_that_they_are_filled(
    show: Callable[..., Page], case: str, rows: int, columns: int
) -> None:
    page = show(case)
    page.set_viewport_size({"width": 850, "height": 900})  # about as wide as the viewer on Review
    boxes = [stage.bounding_box() for stage in page.locator(".stage").all()]
    assert len({box["y"] for box in boxes if box}) == rows
    assert len({box["x"] for box in boxes if box}) == columns
    height, width = cases.SIZES[case]
    filled = [width / height * box["height"] / box["width"] for box in boxes if box]
    assert filled == pytest.approx([filled[0]] * 4)
    assert 0.4 < filled[0] < 2.5  # of a pane's width that the photo takes, or the inverse of its height


def test_everything_in_the_viewer_is_reached_without_a_mouse(show: Callable[..., Page]) -> None:
    page = show("two", panes="photo,map2")
    page.get_by_role("button", name="Nothing new").focus()
    reached = []
    for _ in range(60):
        page.keyboard.press("Tab")
        name = page.evaluate(FOCUSED)
        if name is None and reached:
            break
        if name is not None:
            reached.append(name)
    for wanted in ("One pane", "4 panes", "Zoom in (+)", "Zoom out (-)", "Show the whole photo (0)",
                   "ground-truth outline", "maximum", "Opacity of the map", "What pane 1 shows"):
        assert wanted in reached
    for twice in ("Pixel threshold", "Low end of the colour scale", "High end of the colour scale"):
        assert reached.count(twice) >= 2
    assert sum(name.startswith("Photo of ") for name in reached) == 1


def test_letters_in_the_choice_of_a_pane_are_no_shortcuts(show: Callable[..., Page]) -> None:
    page = show("small")
    page.evaluate("() => window.addEventListener('keydown', ({ key }) => (document.body.dataset.key = key))")
    viewer(page).get_by_label("What pane 2 shows").focus()
    page.keyboard.press("p")
    assert page.evaluate("document.body.dataset.key") is None
    stage(page, "photo").focus()
    page.keyboard.press("n")
    assert page.evaluate("document.body.dataset.key") == "n"


def test_the_value_under_the_cursor_is_the_maps(show: Callable[..., Page]) -> None:
    page = show("small")
    whole = cases.transform("small").to_photo(cases.scores("small"), *cases.SIZES["small"])
    for row, column in ((0, 0), (48, 96), (119, 159)):
        x, y = on_screen(page, row + 0.5, column + 0.5)
        stage(page, "photo").hover(position={"x": x, "y": y})
        readout = viewer(page).locator(".readout")
        expect(readout).to_contain_text(f"row {row}, column {column}")
        score = float(str(readout.locator(".score").get_attribute("data-score")))
        assert score == whole[row, column]
        share = np.interp(score, np.linspace(8, 12, 41), np.linspace(0, 1, 41))
        expect(readout).to_contain_text("above all good pixels" if share == 1 else f"above {int(100 * share)}")


def test_panes_are_chosen_and_reported(show: Callable[..., Page]) -> None:
    page = show("two")
    viewer(page).get_by_role("button", name="2 panes").click()
    viewer(page).get_by_label("What pane 2 shows").select_option("map2")
    heard = wait_for(page, lambda heard: heard["view"]["panes"] == ["photo", "map2"])
    assert heard["view"]["thresholds"] == [16, 16]
    expect(viewer(page).locator("canvas.layer")).to_have_count(2)
    second = cases.transform("two").to_photo(cases.scores("two", seed=1), *cases.SIZES["two"])
    x, y = on_screen(page, 10.5, 20.5)
    stage(page, "map2").hover(position={"x": x, "y": y})
    score = viewer(page).locator(".score[data-layer='1']")
    expect(score).to_have_attribute("data-score", str(float(second[10, 20])))


def test_another_picture_keeps_the_choices_and_shows_the_whole(show: Callable[..., Page]) -> None:
    page = show("small")
    threshold = move_threshold(page, 0.3)
    stage(page, "truth").focus()
    page.keyboard.press("+")
    wait_for(page, lambda heard: heard["view"]["box"] is not None)
    page.get_by_role("button", name="Another picture").click()
    expect(viewer(page)).to_have_attribute("data-picture", "cropped")
    expect(viewer(page)).to_have_attribute("data-whole", "true")
    np.testing.assert_array_equal(judged_pixels(page), expected_judgement("cropped", threshold))


def test_hostile_names_do_no_harm(show: Callable[..., Page]) -> None:
    page = show("two", panes="photo,map2")
    expect(page.get_by_label(f"Anomaly map · {cases.HOSTILE} of {cases.HOSTILE}", exact=True)).to_be_visible()
    stage(page, "map2").hover()
    readout = viewer(page).locator(".readout")
    expect(readout).to_contain_text(f"{cases.HOSTILE}: score")
    assert page.evaluate("document.body.dataset.harmed") is None
    score = str(readout.locator(".score[data-layer='1']").text_content())
    assert reads_in_order(readout, f"score {score}")  # what follows the name is not turned around
    box, inner = viewer(page).bounding_box(), viewer(page).locator(".panes").bounding_box()
    assert box
    assert inner
    for part in (".readout", ".controls", ".choice >> nth=1", ".readout .run >> nth=1", ".layer-row >> nth=1"):
        found = viewer(page).locator(part).bounding_box()
        assert found
        assert found["x"] >= box["x"]
        assert found["x"] + found["width"] <= box["x"] + box["width"] + 1
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    height = viewer(page).locator(".layer-row").nth(1).bounding_box()
    assert height
    assert height["height"] < 80  # a name that goes on and on stays in one line


def test_a_rerun_leaves_the_pixel_under_the_cursor(show: Callable[..., Page]) -> None:
    page = show("small")
    stage(page, "map").hover(position={"x": 100, "y": 100})
    readout = viewer(page).locator(".readout")
    expect(readout.locator(".score")).to_be_visible()
    before, runs = readout.inner_text(), wait_for(page, lambda _: True)["runs"]
    page.mouse.down()
    page.mouse.up()
    wait_for(page, lambda heard: heard["runs"] > runs)
    assert readout.inner_text() == before


def test_what_cannot_be_fetched_is_said(server: str, open_browser: Callable[[], Page]) -> None:
    page = open_browser()
    page.route("**/media/**", lambda route: route.abort())
    page.goto(f"{server}/?case=small")
    expect(viewer(page)).to_contain_text("The picture could not be loaded")


def test_unknown_truth_is_said(show: Callable[..., Page]) -> None:
    page = show("unknown")
    expect(stage(page, "truth").get_by_text("Not known for this image.")).to_be_visible()
    expect(viewer(page).get_by_label("ground-truth outline")).to_have_count(0)
