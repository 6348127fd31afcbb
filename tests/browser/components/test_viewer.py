"""The viewer in a real browser, held against masks and maps computed in Python."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Locator, Page, expect

from pages.ui.components.viewer_data import Placing
from patchcore_core.data.transforms import Transform
from patchcore_core.evaluation.thresholds.decision import predicted
from patchcore_core.evaluation.trim import Trim, kept_on_photo
from patchcore_core.views import web
from patchcore_core.views.colours import rgb
from tests.browser.components import viewer_page as cases
from tests.browser.reading import reads_in_order
from tests.browser.serving import served

pytestmark = pytest.mark.browser
PIXELS_JS = web.flattened("viewer/pixels") + "Object.assign(window, widget);"
PAINT = {"hit": 3, "miss": 2, "false alarm": 1}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[str]:  # noqa: ARG001  (skips first)
    """The address of the page with nothing but the viewer."""
    with served(Path(cases.__file__), tmp_path_factory.mktemp("viewer")) as address:
        yield address


@pytest.fixture
def show(server: str, open_browser: Callable[[], Page]) -> Callable[..., Page]:
    """`show("small", panes=...)` is a page on which the picture of this case is drawn."""

    def shown(case: str, **query: str) -> Page:
        page = open_browser()
        page.goto(f"{server}/?case={case}" + "".join(f"&{name}={value}" for name, value in query.items()))
        expect(page.locator(".viewer[data-drawn]")).to_have_attribute("data-picture", case)
        return page

    return shown


@pytest.mark.parametrize("case", ["small", "shrunk", "cropped", "tall", "wide", "strip"])
def test_the_map_on_the_photo_is_that_of_the_transform_to_the_bit(browser: Browser, case: str) -> None:
    page = browser.new_page()
    page.add_script_tag(content=PIXELS_JS)
    layer, (height, width) = cases.picture(case).layers[0], cases.SIZES[case]
    drawn = page.evaluate(
        """([values, shape, placing, height, width]) => {
          const bytes = Uint8Array.from(atob(values), (letter) => letter.charCodeAt(0));
          const field = new ScoreField(readScores(bytes.buffer, true), shape, placing, height, width);
          const cells = (level) => {
            const window = { top: 0, left: 0, rows: cellsAlong(height, level), columns: cellsAlong(width, level) };
            return [...field.fill(new Float32Array(window.rows * window.columns), level, window)];
          };
          return [0, 1, 2].map(cells).map((list) => list.map((score) => (score === UNSEEN ? null : score)));
        }""",
        [base64.b64encode(layer.packed()[0]).decode(), cases.SHAPES[case], layer.placing.__dict__, height, width],
    )
    page.close()
    whole = cases.transform(case).to_photo(cases.scores(case), height, width)
    for level, found in enumerate(drawn):
        expected = block_max(np.nan_to_num(whole, nan=-np.inf), 2**level)
        np.testing.assert_array_equal(np.array([-np.inf if one is None else one for one in found], np.float32),
                                      expected.ravel())


KEPT = """([scores, least, shape, placing, height, width, levels]) => {
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;
  const fields = [readScores(bytes(scores), true), readScores(bytes(least), false)]
    .map((values) => new ScoreField(values, shape, placing, height, width));
  const field = new KeptField(...fields);
  return levels.map((level) => {
    const window = { top: 0, left: 0, rows: cellsAlong(height, level), columns: cellsAlong(width, level) };
    return [...field.fill(new Float32Array(window.rows * window.columns), level, window)];
  }).map((list) => list.map((score) => (score === UNSEEN ? null : score)));
}"""
PLACES = st.tuples(st.integers(2, 14), st.integers(2, 14), st.integers(0, 5), st.integers(1, 40), st.integers(1, 40))


def test_what_is_kept_on_the_photo_is_that_of_python_to_the_bit(browser: Browser) -> None:
    page = browser.new_page()
    page.add_script_tag(content=PIXELS_JS)

    @settings(max_examples=100, deadline=None)
    @given(place=PLACES, seed=st.integers(0, 1000), levels=st.integers(2, 40), patch=st.integers(1, 4))
    def check(place: tuple[int, int, int, int, int], seed: int, levels: int, patch: int) -> None:
        rows, columns, cut, height, width = place
        crop = rows if cut and max(height, width) < 8 * min(height, width) else None
        shape = (rows, rows) if crop else (rows, columns)
        transform = Transform(rows + cut if crop else rows, crop, (0, 0, 0), (1, 1, 1), shape)
        random = np.random.default_rng(seed)
        scores = random.integers(8, 8 + levels, shape).astype(np.float16) + np.float16(0.37)
        trim = Trim.of(10.0, patch)
        assert trim
        least = base64.b64encode(trim.least(scores).tobytes()).decode()
        try:
            placing = Placing.of(transform, height, width).__dict__
        except IndexError:  # the crop lies between the pixels of so small a photo
            return
        drawn = page.evaluate(KEPT, [base64.b64encode(scores.tobytes()).decode(), least, shape, placing, height, width,
                                     [0, 1, 2]])  # fmt: skip
        whole = np.nan_to_num(kept_on_photo(transform, scores, height, width, trim), nan=-np.inf, neginf=-np.inf)
        for level, found in enumerate(drawn):
            expected = block_max(whole, 2**level)
            np.testing.assert_array_equal(np.array([-np.inf if one is None else one for one in found], np.float32),
                                          expected.ravel())

    check()
    page.close()


@pytest.mark.parametrize("case", ["small", "shrunk", "cropped", "unknown", "tall", "wide", "strip", "trimmed",
                                  "trimmed strip"])
def test_predicted_pixels_follow_the_slider_and_are_those_of_python(show: Callable[..., Page], case: str) -> None:
    page = show(case)
    for share in (0.2, 0.5):
        threshold = move_threshold(page, share)
        assert threshold == pytest.approx(8 + 24 * share)
        np.testing.assert_array_equal(judged_pixels(page), expected_judgement(case, threshold))


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


@pytest.mark.parametrize("case", ["large", "trimmed large"])
def test_zoomed_out_a_cell_is_painted_where_one_of_its_pixels_is(show: Callable[..., Page], case: str) -> None:
    page = show(case)
    threshold, level = move_threshold(page, 0.4), int(str(viewer(page).get_attribute("data-level")))
    assert level >= 3
    whole = kept(case)
    truth = cases.truth(case)
    assert truth is not None
    found = block_max(predicted(whole, threshold), 2**level)
    expected = 2 * block_max(truth, 2**level) + found
    np.testing.assert_array_equal(judged_pixels(page, 2**level), expected)
    assert (expected[np.arange(len(expected)) == 600 >> level] == 2).sum() > 50  # of the thin line


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
                   "outline of the truth", "highest score", "Opacity of the map", "What pane 1 shows"):
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


def test_without_opacity_the_photo_shows(show: Callable[..., Page]) -> None:
    page = show("small")
    for mask in ("truth", "prediction"):
        viewer(page).get_by_label(f"outline of the {mask}").uncheck()
    alpha = stage(page, "map").locator("canvas.layer")
    assert alpha.evaluate(HIGHEST_ALPHA) > 100
    slide(page, "Opacity of the map", 0)
    assert alpha.evaluate(HIGHEST_ALPHA) == 0
    assert wait_for(page, lambda heard: heard["view"]["opacity"] == 0)["view"]["truth_outline"] is False


def test_colours_are_those_of_the_scale_and_follow_its_limits(show: Callable[..., Page]) -> None:
    page = show("small")
    high = viewer(page).get_by_label("High end of the colour scale")
    high.fill("12")
    high.press("Enter")
    heard = wait_for(page, lambda heard: heard["view"]["limits"] == [[9, 12]])
    assert heard["view"]["limits"] == [[9, 12]]
    assert colour_at(page, "map", 48, 96) == pytest.approx((252, 255, 164), abs=2)  # the end of inferno
    viewer(page).get_by_role("button", name="The colour scale of the run").click()
    wait_for(page, lambda heard: heard["view"]["limits"] == [None])


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


def test_python_can_set_the_threshold_after_it_was_moved(show: Callable[..., Page]) -> None:
    page = show("small")
    move_threshold(page, 0.1)
    page.get_by_role("button", name="Threshold 20").click()
    expect(viewer(page).get_by_role("textbox", name="Pixel threshold")).to_have_value("20.000")
    np.testing.assert_array_equal(judged_pixels(page), expected_judgement("small", 20.0))
    typed = viewer(page).get_by_role("textbox", name="Pixel threshold")
    typed.fill("no number")
    typed.press("Enter")
    typed.fill("17.125")
    typed.press("Enter")
    wait_for(page, lambda heard: heard["view"]["thresholds"] == [17.125])
    np.testing.assert_array_equal(judged_pixels(page), expected_judgement("small", 17.125))


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


def test_the_second_map_can_be_shown_alone(show: Callable[..., Page]) -> None:
    page = show("two", panes="map2")
    expect(viewer(page).get_by_label("Opacity of the map")).to_be_visible()
    layer = stage(page, "map2").locator("canvas.layer")
    slide(page, "Opacity of the map", 0)
    viewer(page).get_by_label("outline of the truth").uncheck()
    viewer(page).get_by_label("outline of the prediction").uncheck()
    wait_for(page, lambda heard: heard["view"]["prediction_outline"] is False)
    assert layer.evaluate(HIGHEST_ALPHA) == 0


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
    expect(viewer(page).get_by_label("outline of the truth")).to_have_count(0)


# ---- reading the page ----------------------------------------------------------------------------------------------

HIGHEST_ALPHA = """(canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return data.reduce((most, value, at) => (at % 4 === 3 && value > most ? value : most), 0);
}"""
FOCUSED = """() => {
  let focused = document.activeElement;
  if (!focused?.shadowRoot?.activeElement && !focused?.closest?.(".viewer")) return null;
  while (focused.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
  return focused.getAttribute("aria-label") ?? focused.closest("label")?.textContent ?? focused.tagName;
}"""
RED_AND_GREEN = "(canvas) => [...canvas.getContext('2d').getImageData(2, 2, 1, 1).data].slice(0, 2)"
SAMPLES = """(canvas, [xs, ys]) => {
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  return ys.map((y) => xs.map((x) => {
    const at = 4 * (y * width + x);
    return (data[at] << 16) | (data[at + 1] << 8) | data[at + 2];
  }));
}"""


def viewer(page: Page) -> Locator:
    return page.locator(".viewer")


def stage(page: Page, pane: str) -> Locator:
    return page.locator(f".stage[data-pane={pane}]")


def stage_size(page: Page) -> tuple[float, float]:
    size = viewer(page).locator(".stage").first.evaluate("(stage) => [stage.clientWidth, stage.clientHeight]")
    return size[0], size[1]


def frame(page: Page) -> dict[str, float]:
    """Top and left of what is seen, in photo pixels, and canvas pixels to each of them."""
    data = viewer(page).evaluate("(viewer) => ({ ...viewer.dataset })")
    return {name: float(data[name]) for name in ("top", "left", "scale", "rows", "columns")}


def on_screen(page: Page, row: float, column: float) -> tuple[float, float]:
    seen = frame(page)
    return (column - seen["left"]) * seen["scale"], (row - seen["top"]) * seen["scale"]


def place_of(page: Page, x: float, y: float) -> tuple[float, float]:
    seen = frame(page)
    return seen["top"] + y / seen["scale"], seen["left"] + x / seen["scale"]


def slide(page: Page, label: str, share: float) -> None:
    """Move a slider to this share of its way and let it go; the next frame is painted then."""
    drawn = viewer(page).get_attribute("data-drawn")
    viewer(page).get_by_label(label, exact=True).and_(page.locator("[type=range]")).evaluate(
        """(slider, share) => {
          slider.value = share * slider.max;
          for (const name of ["input", "change"]) slider.dispatchEvent(new Event(name, { bubbles: true }));
        }""", share)
    expect(viewer(page)).not_to_have_attribute("data-drawn", str(drawn))


def move_threshold(page: Page, share: float) -> float:
    """The threshold that Python heard after the slider moved."""
    slide(page, "Pixel threshold", share)
    wanted = 8 + 24 * share
    return wait_for(page, lambda heard: abs(heard["view"]["thresholds"][0] - wanted) < 0.02)["view"]["thresholds"][0]


def wait_for(page: Page, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """What Python heard, as soon as this holds."""
    for _ in range(300):
        heard = json.loads(page.get_by_test_id("stCode").inner_text())
        if holds(heard):
            return heard
        page.wait_for_timeout(100)
    raise AssertionError(f"Python heard only {heard}")


def again(page: Page) -> None:
    """A rerun for another reason."""
    runs = wait_for(page, lambda _: True)["runs"]
    page.get_by_role("button", name="Nothing new").click()
    wait_for(page, lambda heard: heard["runs"] > runs)


def samples(page: Page, pane: str, case_size: tuple[int, int], size: int = 1) -> np.ndarray:
    """(rows, columns) colours 0xRRGGBB of a pane's layer, read in the middle of each cell of `size` photo pixels."""
    seen, (height, width) = frame(page), case_size
    starts = [np.arange(0, length, size) for length in (height, width)]
    rows, columns = (start + np.minimum(size, length - start) / 2
                     for start, length in zip(starts, (height, width), strict=True))
    xs = np.floor((columns - seen["left"]) * seen["scale"]).astype(int).clip(0, int(seen["columns"]) - 1)
    ys = np.floor((rows - seen["top"]) * seen["scale"]).astype(int).clip(0, int(seen["rows"]) - 1)
    layer = stage(page, pane).locator("canvas.layer")
    return np.array(layer.evaluate(SAMPLES, [xs.tolist(), ys.tolist()]))


def judged_pixels(page: Page, size: int = 1) -> np.ndarray:
    """(rows, columns) 2 * true + predicted, read from the colours of the predicted segmentation."""
    case = str(viewer(page).get_attribute("data-picture"))
    colours = samples(page, "prediction", cases.SIZES[case], size)
    judged = np.zeros(colours.shape, int)
    for name, code in (*PAINT.items(), ("prediction", 1)):
        channels = np.stack([colours >> 16, (colours >> 8) & 255, colours & 255], axis=-1)
        judged[np.abs(channels - np.array(rgb(name))).max(axis=-1) <= 3] = code
    return judged


def kept(case: str) -> np.ndarray:
    """The map on the photo, without the halo of its peaks where the case is trimmed."""
    height, width = cases.SIZES[case]
    return kept_on_photo(cases.transform(case), cases.scores(case), height, width, cases.TRIMS.get(case))


def expected_judgement(case: str, threshold: float) -> np.ndarray:
    whole = kept(case)
    truth = cases.truth(case)
    found = predicted(whole, threshold).astype(int)
    return found if truth is None else 2 * truth.astype(int) + found


def colour_at(page: Page, pane: str, row: int, column: int) -> tuple[int, int, int]:
    colour = int(samples(page, pane, cases.SIZES["small"])[row, column])
    return colour >> 16, (colour >> 8) & 255, colour & 255


def block_max(values: np.ndarray, size: int) -> np.ndarray:
    """The highest of each block of `size` x `size`, the last ones cut by the edge."""
    rows = np.maximum.reduceat(values, np.arange(0, values.shape[0], size), axis=0)
    return np.maximum.reduceat(rows, np.arange(0, values.shape[1], size), axis=1)
