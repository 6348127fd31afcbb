"""Boxes over scores: as text and back, and what lies in them."""

from __future__ import annotations

import numpy as np
import pytest

from patchcore_core.views.comparison.score_box import MOST, Box, between, inside, read_boxes


def test_a_box_is_found_again_in_its_text() -> None:
    drawn = between((2.5, -0.125), (3e-7, 12345.671))
    assert drawn == Box(-0.125, 2.5, 3e-7, 12345.671)
    assert drawn.text == "-0.125,2.5,3e-07,12345.67"
    assert read_boxes([drawn.text]) == [Box(-0.125, 2.5, 3e-7, 12345.67)]
    (once,) = read_boxes([drawn.text])
    assert once.text == drawn.text


@pytest.mark.parametrize("text", ["", "1,2,3", "1,2,3,4,5", "a,b,c,d", "1,2,nan,4", "1,inf,3,4", "1;2;3;4"])
def test_what_is_no_box_is_left_out(text: str) -> None:
    assert read_boxes([text, "4,3,2,1"]) == [Box(3, 4, 1, 2)]


def test_an_address_holds_no_more_than_some() -> None:
    assert len(read_boxes(["0,1,0,1"] * (MOST + 1))) == MOST


def test_inside_counts_the_ends_and_each_of_several_boxes() -> None:
    boxes, scores = [Box(0, 1, 0, 1), Box(2, 3, 0, 1)], np.random.default_rng(0).integers(-1, 5, (2, 200)) / 1.0
    slow = [any(box.left <= x <= box.right and box.bottom <= y <= box.top for box in boxes) for x, y in scores.T]
    assert inside(boxes, scores).tolist() == slow
    assert 0 < sum(slow) < 200
    assert not inside([], scores).any()
