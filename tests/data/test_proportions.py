"""One height and width for the photos of a run: the rule, and how their proportions are read."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from patchcore_core.config import MAX_SIDE
from patchcore_core.data.proportions import (
    are_far,
    aspects_of,
    common_aspect,
    in_proportion,
    median_aspect,
    pixels_of,
)

STEPS = st.sampled_from([1, 8, 14, 16, 32])
SIDES = st.integers(96, 1024)
ASPECTS = st.floats(1 / 60, 60)


@pytest.mark.parametrize(("side", "aspect", "step", "least", "expected"), [
    (320, 1.0, 16, 32, (320, 320)),
    (320, 1.09, 16, 32, (320, 320)),  # 306 x 334: within a stride
    (320, 1.11, 16, 32, (304, 336)),  # 304 x 337: the width is farther
    (320, 0.4, 16, 32, (512, 208)),  # 506 x 202
    (320, 8.0, 16, 32, (112, 912)),  # 113 x 905
    (320, 0.125, 16, 32, (912, 112)),
    (250, 1.0, 16, 32, (250, 250)),  # a square stays what was asked for
    (320, 1000.0, 16, 32, (32, 3200)),  # too thin: thicker, with as many pixels
    (4096, 4.0, 16, 32, (1024, 4096)),  # too long: no side above 4096
    (64, 30.0, 32, 64, (64, 64)),  # the least side is all that there is room for
])  # fmt: skip
def test_height_and_width_by_hand(side, aspect, step, least, expected):
    assert in_proportion(side, aspect, step, least) == expected


@given(SIDES, ASPECTS, STEPS)
def test_sides_are_multiples_within_bounds_near_the_pixels_and_the_proportions(side, aspect, step):
    least = 2 * step
    height, width = in_proportion(side, aspect, step, least)
    if (height, width) == (side, side):
        ideal = (side / math.sqrt(aspect), side * math.sqrt(aspect))
        assert all(abs(each - side) < step for each in ideal) or side % step == 0
        return
    assert height % step == width % step == 0
    assert least <= min(height, width) <= max(height, width) <= MAX_SIDE
    half = step / 2 / min(height, width)  # of a side, at most, that rounding adds or takes away
    assert height * width <= side**2 * (1 + 2.2 * half + step / side)
    longest = max(side * math.sqrt(aspect), side / math.sqrt(aspect))
    if longest <= MAX_SIDE - step and side**2 / longest >= least:  # neither bound is met
        assert abs(math.log(width / height / aspect)) <= -2 * math.log(1 - min(half, 0.5)) + 1e-9
        assert height * width >= side**2 * (1 - half) ** 2 - step**2


@given(SIDES, ASPECTS, STEPS)
def test_photos_turned_by_a_quarter_give_the_shape_turned(side, aspect, step):
    height, width = in_proportion(side, aspect, step, 2 * step)
    assert in_proportion(side, 1 / aspect, step, 2 * step) in [(width, height), *_rounded_otherwise(side, aspect, step)]


def _rounded_otherwise(side, aspect, step):
    """1 / (1 / x) is not x to the last bit, which matters half between two multiples."""
    exact = [side * math.sqrt(aspect) / step, side / math.sqrt(aspect) / step]
    between = any(abs(value % 1 - 0.5) < 1e-6 for value in exact)
    near = any(abs(abs(value * step - side) - step) < 1e-6 for value in exact)
    return [in_proportion(side, 1 / aspect, step, 2 * step)] if between or near else []


def test_the_median_counts_wide_as_tall():
    assert median_aspect(np.array([0.25, 4.0])) == pytest.approx(1.0)
    assert median_aspect(np.array([0.5, np.nan, 0.6, 7.0])) == pytest.approx(0.6)
    assert median_aspect(np.array([np.nan])) is None
    assert median_aspect(np.empty(0)) is None


@pytest.mark.parametrize(("aspects", "expected"), [
    ([0.5, 0.5, 2.0], 0.5),  # a photo turned by a quarter does not matter
    ([0.5, 0.6, 0.7, 0.8, 0.9], 0.7),
    ([0.4, 0.4, 2.5, 2.5], None),  # tall and wide alike
    ([0.4, 0.45, 0.8, 0.86, 0.9, 1.3, 1.4, 2.4], None),
    ([1.0, 1.0, 1.0], 1.0),
    ([np.nan, 4.0], 4.0),
    ([np.nan], None),
])  # fmt: skip
def test_proportions_are_kept_where_photos_have_them_in_common(aspects, expected):
    found = common_aspect(np.array(aspects))
    assert found == (None if expected is None else pytest.approx(expected))


@given(st.lists(ASPECTS, min_size=1, max_size=30))
def test_a_shape_in_common_lessens_stretching_by_a_quarter(aspects):
    """Against a slow reckoning, and never by more stretching than the square means."""
    found = common_aspect(np.array(aspects))
    middle = sorted(aspects)[len(aspects) // 2]
    square = sum(abs(math.log(aspect)) for aspect in aspects)
    best = min(sum(abs(math.log(aspect / by)) for aspect in aspects) for by in (middle, *aspects))
    if found is not None:
        assert sum(abs(math.log(aspect / found)) for aspect in aspects) <= 0.75 * square + 1e-9
    else:
        assert best > 0.75 * square - 1e-9


def test_proportions_are_read_upright_and_what_cannot_be_read_is_nan(tmp_path):
    image = Image.new("RGB", (80, 20))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter
    image.save(tmp_path / "turned.jpg", exif=exif)
    image.save(tmp_path / "plain.png")
    (tmp_path / "broken.png").write_bytes(b"no image")
    paths = [tmp_path / name for name in ("turned.jpg", "plain.png", "broken.png", "missing.png")]
    np.testing.assert_array_equal(aspects_of(paths), [0.25, 4.0, np.nan, np.nan])


def test_only_the_header_is_read(tmp_path):
    path = tmp_path / "photo.jpg"
    Image.new("RGB", (600, 300)).save(path)
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b"\xff\xda") + 20])  # the header, and hardly any pixel after it
    assert aspects_of([path]).tolist() == [2.0]


def test_far_is_more_than_15_percent_either_way():
    found = are_far(np.array([1.0, 1.149, 1.151, 1 / 1.149, 1 / 1.151, np.nan]), 1.0)
    assert found.tolist() == [False, False, True, False, True, False]


def test_a_size_in_words():
    assert pixels_of((320, 320)) == "320 pixels"
    assert pixels_of((112, 912)) == "112 x 912 pixels"
