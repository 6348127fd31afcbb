"""What a browser says of a presentation is believed only where it was offered."""

from __future__ import annotations

import math

import pytest

from pages.ui.present.face import Prices, listed, named, typed


@pytest.mark.parametrize(("said", "believed"), [("two", "two"), ("three", None), (2, None), (None, None), ([], None)])
def test_only_a_screen_that_is_there(said, believed):
    assert named(said, {"one", "two"}) == believed


@pytest.mark.parametrize(("said", "believed"), [
    (["b", "a", "b", "c", 1], ["b", "a"]), ([], None), (["c"], None), ("a", None), (None, None),
])  # fmt: skip
def test_only_images_that_are_there_each_once(said, believed):
    assert listed(said, {"a", "b"}) == believed


@pytest.mark.parametrize("wrong", [
    None, [], {}, {"escape": 1, "overkill": 1}, {"escape": -1, "overkill": 1, "rate": 1},
    {"escape": 1, "overkill": 1, "rate": 101}, {"escape": True, "overkill": 1, "rate": 1},
    {"escape": "1", "overkill": 1, "rate": 1}, {"escape": math.nan, "overkill": 1, "rate": 1},
    {"escape": math.inf, "overkill": 1, "rate": 1}, {"escape": 10**400, "overkill": 1, "rate": 1},
])  # fmt: skip
def test_prices_are_three_numbers(wrong):
    assert typed(wrong) is None
    assert typed({"escape": 1, "overkill": 2.5, "rate": 100}) == Prices(1.0, 2.5, 100.0)
