"""Where pictures of strips stand, and how wide they are."""

from __future__ import annotations

import pytest

from pages.ui.strips import HIGHEST, columns_for, width_of


@pytest.mark.parametrize(("size", "expected"), [
    ((100, 100), (4, 260)), ((100, 399), (4, 260)), ((100, 400), (1, 260)), ((800, 100), (4, 260)),
])  # fmt: skip
def test_wide_strips_stand_below_one_another(size, expected):
    assert columns_for(size, 4, 260) == expected


@pytest.mark.parametrize("size", [(100, 100), (60, 480), (260, 100)])
def test_pictures_take_the_room_there_is(size):
    assert width_of(size, 260) == "stretch"


@pytest.mark.parametrize(("size", "expected"), [((1000, 300), 210), ((800, 100), 87), ((5000, 1), 1)])
def test_a_tall_picture_is_no_higher_than_the_screen(size, expected):
    found = width_of(size, 260)
    assert found == expected
    assert found * size[0] <= max(HIGHEST * size[1], size[0])
