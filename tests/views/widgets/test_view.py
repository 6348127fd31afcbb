"""What goes to the viewer and what comes back from it."""

from __future__ import annotations

import json
import math
import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from patchcore_core.data.transforms import Transform
from patchcore_core.evaluation.curve_points import Curves, LevelCounts
from patchcore_core.views.widgets.picture import Layer, Picture, Standing
from patchcore_core.views.widgets.placing import Placing
from patchcore_core.views.widgets.view import View
from tests.places import ROOT


def placing_of(image_size=40, crop=None, height=50, width=70):
    return Placing.of(Transform(image_size, crop, (0, 0, 0), (1, 1, 1)), height, width)


def layer_of(values, **changes):
    return Layer(**{"name": "run", "values": values, "placing": placing_of(), "limits": (0.0, 1.0), "span": (0.0, 2.0),
                    **changes})


def picture_of(*layers, truth=None):
    return Picture("1", "photo.png", b"\x89PNG", (50, 70), truth, layers or (layer_of(np.zeros((40, 40))),))


@pytest.mark.parametrize(("image_size", "crop", "height", "width"),
                         [(40, None, 50, 70), (40, 32, 50, 70), (40, 31, 71, 50), (256, 224, 700, 999), (40, 40, 9, 9)])
def test_what_the_network_saw_is_where_the_map_on_the_photo_has_numbers(image_size, crop, height, width):
    transform = Transform(image_size, crop, (0, 0, 0), (1, 1, 1))
    seen = ~np.isnan(transform.to_photo(np.zeros(transform.shape), height, width))
    top, left, bottom, right = Placing.of(transform, height, width).seen
    expected = np.zeros((height, width), bool)
    expected[top:bottom, left:right] = True
    np.testing.assert_array_equal(seen, expected)


@pytest.mark.parametrize(("crop", "height", "width"), [(None, 130, 170), (32, 130, 170), (32, 97, 61)])
def test_the_peak_is_where_the_map_on_the_photo_is_highest(crop, height, width):
    transform = Transform(40, crop, (0, 0, 0), (1, 1, 1))
    for row, column in ((0, 0), (7, 21), (31, 31)):
        values = np.zeros(transform.shape, np.float32)
        values[row, column] = 1
        photo = np.nan_to_num(transform.to_photo(values, height, width))
        highest = np.argwhere(photo == photo.max())
        peak = placing_of(40, crop, height, width).peak(values, height, width)
        assert np.abs(highest - peak).max(axis=1).min() <= 1.5


def test_what_is_kept_has_the_shape_of_its_map():
    with pytest.raises(ValueError, match="what is kept must have the map's shape"):
        layer_of(np.zeros((40, 40)), least=np.zeros((40, 39), np.float32))


def test_maps_go_as_float16_only_where_that_is_exact():
    exact = np.linspace(0, 8, 16).reshape(4, 4).astype(np.float16)
    sent, half = layer_of(exact.astype(np.float32)).packed()
    assert half
    np.testing.assert_array_equal(np.frombuffer(sent, "<f2"), exact.ravel())
    for values in (np.full((4, 4), 1 / 3, np.float32), np.full((4, 4), 1e6, np.float32)):
        sent, half = layer_of(values).packed()
        assert not half
        np.testing.assert_array_equal(np.frombuffer(sent, "<f4"), values.ravel())


def test_standing_is_the_share_of_good_pixels_below_a_score():
    random = np.random.default_rng(0)
    good, defective = random.normal(0, 1, 5000).round(2), random.normal(2, 1, 500).round(2)
    thresholds = np.unique(np.append(good, defective))[::-1]
    tp, fp = (np.array([(ones >= threshold).sum() for threshold in thresholds]) for ones in (defective, good))
    standing = Standing.of(LevelCounts(thresholds, tp, fp, 500, 5000))
    assert standing is not None
    for score, share in zip(standing.scores, standing.shares, strict=True):
        assert share == pytest.approx((good < score).mean())
    for score in (-1.0, 0.0, 1.5, 2.5, 3.0):
        assert np.interp(score, standing.scores, standing.shares) == pytest.approx((good < score).mean(), abs=0.01)
    assert standing.shares[-1] == 1.0


def test_without_good_pixels_there_is_no_standing():
    assert Standing.of(Curves().pixel) is None
    assert Standing.of(LevelCounts(np.array([1.0]), np.array([3]), np.array([0]), 3, 0)) is None


def test_a_view_comes_back_as_it_was_sent():
    picture = picture_of()
    for view in (View((1.5,)), View((math.inf,), ("map",), ((0.0, 2.0),), 0.25, (1.0, 2.0, 30.0, 40.0), False, False)):
        fitted = view.fitting(picture)
        again = View((9.0,)).reported(json.loads(json.dumps(fitted.sent(), allow_nan=False)))
        assert again.sent() == fitted.sent()


@pytest.mark.parametrize("raw", [
    None, 7, "view", [], {"panes": "photo"}, {"panes": []}, {"panes": ["photo"] * 5}, {"panes": ["<b>"]},
    {"panes": [["photo"]]}, {"thresholds": ["1"]}, {"thresholds": [[1]]}, {"thresholds": 3},
    {"thresholds": [float("nan")]}, {"limits": [[2, 1]]}, {"limits": [[1]]}, {"limits": 5}, {"opacity": "0.5"},
    {"opacity": {}}, {"box": [1, 2, 3]}, {"box": [5, 2, 3, 4]}, {"box": [0, 0, float("inf"), 1]},
    {"truth_outline": "yes"}, {"opacity": 10**400}, {"judged": 1}, {"unknown": 3},
])  # fmt: skip
def test_what_is_not_of_the_right_kind_is_passed_over(raw):
    view = View((1.0,), ("map",))
    assert view.reported(raw) == view


def test_a_view_is_fitted_to_the_layers_and_panes_that_there_are():
    one, two = picture_of(), picture_of(*[layer_of(np.zeros((4, 4)), name=name) for name in ("a", "b")])
    view = View((1.0,), ("photo", "map2", "prediction2"))
    assert view.fitting(one).panes == ("photo",)
    assert view.fitting(two).panes == ("photo", "map2", "prediction2")
    assert len(view.fitting(two).thresholds) == len(view.fitting(two).limits or ()) == 2
    assert View((1.0,), ("map2",)).fitting(one).panes == ("photo",)
    assert two.panes()["map2"] == "Anomaly map · b"


def test_the_page_of_the_browser_tests_runs():
    app = AppTest.from_file(str(ROOT / "tests/browser/components/viewer/viewer_page.py"), default_timeout=60).run()
    assert not app.exception
    assert len(app.get("bidi_component")) == 1
    data = json.loads(app.get("bidi_component")[0].proto.json)
    assert re.fullmatch(r"(/mock)?/media/\w+\.png", data["picture"]["photo"])
    assert len(json.dumps(data)) < 10_000


@pytest.mark.parametrize("make", [
    lambda: layer_of(np.zeros((0, 5))),
    lambda: layer_of(np.zeros((2, 4, 5))),
    lambda: layer_of(np.zeros((4, 4)), limits=(1.0, 1.0)),
    lambda: layer_of(np.zeros((4, 4)), span=(2.0, 1.0)),
    lambda: picture_of(*[layer_of(np.zeros((4, 4)))] * 3),
    lambda: picture_of(truth=np.zeros((70, 50), bool)),
])  # fmt: skip
def test_what_cannot_be_shown_is_refused(make):
    with pytest.raises(ValueError, match="got"):
        make()
