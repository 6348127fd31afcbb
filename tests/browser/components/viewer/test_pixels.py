"""What the viewer paints, pixel by pixel, held against masks and maps computed in Python."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page, expect

from patchcore_core.data.transforms import Transform
from patchcore_core.evaluation.thresholds.decision import predicted
from patchcore_core.evaluation.trim import Trim, kept_on_photo
from patchcore_core.views import web
from patchcore_core.views.widgets.placing import Placing
from tests.browser.components.viewer import viewer_page as cases
from tests.browser.components.viewer.reading import (
    HIGHEST_ALPHA,
    block_max,
    colour_at,
    expected_judgement,
    judged_pixels,
    kept,
    move_threshold,
    slide,
    stage,
    viewer,
    wait_for,
)

pytestmark = pytest.mark.browser

PIXELS_JS = "".join(f"{{\n{web.flattened(f'viewer/pixels/{name}')}Object.assign(window, widget);\n}}\n"
                    for name in ("cells", "score_field", "kept_field"))  # fmt: skip


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
          const found = [0, 1, 2].map(cells).map((list) => list.map((score) => (score === UNSEEN ? null : score)));
          return JSON.stringify(found);
        }""",
        [base64.b64encode(layer.packed()[0]).decode(), cases.SHAPES[case], layer.placing.__dict__, height, width],
    )
    page.close()
    whole = cases.transform(case).to_photo(cases.scores(case), height, width)
    for level, found in enumerate(json.loads(drawn)):
        expected = block_max(np.nan_to_num(whole, nan=-np.inf), 2**level)
        np.testing.assert_array_equal(np.array([-np.inf if one is None else one for one in found], np.float32),
                                      expected.ravel())


KEPT = """([scores, least, shape, placing, height, width, levels]) => {
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;
  const fields = [readScores(bytes(scores), true), readScores(bytes(least), false)]
    .map((values) => new ScoreField(values, shape, placing, height, width));
  const field = new KeptField(...fields);
  return JSON.stringify(levels.map((level) => {
    const window = { top: 0, left: 0, rows: cellsAlong(height, level), columns: cellsAlong(width, level) };
    return [...field.fill(new Float32Array(window.rows * window.columns), level, window)];
  }).map((list) => list.map((score) => (score === UNSEEN ? null : score))));
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
        for level, found in enumerate(json.loads(drawn)):
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


def test_without_opacity_the_photo_shows(show: Callable[..., Page]) -> None:
    page = show("small")
    for mask in ("ground-truth", "prediction"):
        viewer(page).get_by_label(f"{mask} outline").uncheck()
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


def test_the_second_map_can_be_shown_alone(show: Callable[..., Page]) -> None:
    page = show("two", panes="map2")
    expect(viewer(page).get_by_label("Opacity of the map")).to_be_visible()
    layer = stage(page, "map2").locator("canvas.layer")
    slide(page, "Opacity of the map", 0)
    viewer(page).get_by_label("ground-truth outline").uncheck()
    viewer(page).get_by_label("prediction outline").uncheck()
    wait_for(page, lambda heard: heard["view"]["prediction_outline"] is False)
    assert layer.evaluate(HIGHEST_ALPHA) == 0
