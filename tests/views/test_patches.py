import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchcore_core.views import patches


def test_hottest_patches_by_hand() -> None:
    scores = np.zeros((6, 8), dtype=np.float32)
    scores[2, 1], scores[3, 2], scores[5, 7] = 9, 8, 5  # the second hottest touches the hottest
    assert patches.hottest_patches(scores, 2, apart=3) == [(2, 1), (5, 7)]
    assert patches.hottest_patches(scores, 2, apart=1) == [(2, 1), (3, 2)]


def test_a_small_grid_has_room_for_one() -> None:
    assert patches.hottest_patches(np.ones((2, 2), dtype=np.float32), 3) == [(0, 0)]


@given(st.integers(1, 12), st.integers(1, 12), st.integers(1, 5), st.integers(1, 4), st.integers(0, 99))
def test_hottest_patches_are_apart_and_in_order(h: int, w: int, count: int, apart: int, seed: int) -> None:
    scores = np.random.default_rng(seed).random((h, w)).astype(np.float32)
    found = patches.hottest_patches(scores, count, apart)
    assert scores[found[0]] == scores.max()
    assert [scores[place] for place in found] == sorted((scores[place] for place in found), reverse=True)
    for first, one in enumerate(found):
        assert all(max(abs(one[0] - other[0]), abs(one[1] - other[1])) >= apart for other in found[first + 1:])


@pytest.mark.parametrize(
    ("seen", "grid", "row", "column", "cells", "expected"),
    [
        ((0, 0, 256, 256), (32, 32), 0, 0, 1, (0, 0, 8, 8)),
        ((0, 0, 256, 256), (32, 32), 31, 2, 1, (248, 16, 256, 24)),
        ((0, 0, 100, 200), (10, 10), 5, 5, 3, (40, 80, 70, 140)),
        ((20, 40, 120, 140), (10, 10), 0, 0, 1, (20, 40, 30, 50)),
        ((0, 0, 256, 256), (32, 32), 0, 0, 3, (-8, -8, 16, 16)),
    ],
)
def test_patch_box_by_hand(seen, grid, row, column, cells, expected) -> None:  # type: ignore[no-untyped-def]
    assert patches.patch_box(seen, grid, row, column, cells) == pytest.approx(expected)


def test_cells_tile_the_part_the_network_saw() -> None:
    boxes = [patches.patch_box((0, 10, 64, 90), (4, 5), row, column) for row in range(4) for column in range(5)]
    cover = np.zeros((64, 100), dtype=int)
    for box in boxes:
        top, left, bottom, right = (round(value) for value in box)
        cover[top:bottom, left:right] += 1
    assert (cover[:, 10:90] == 1).all()
    assert cover.sum() == 64 * 80


def test_close_up_shows_the_place_and_outlines_it() -> None:
    photo = np.zeros((120, 160, 3), dtype=np.uint8)
    photo[40:60, 80:100] = (200, 10, 10)
    view = patches.close_up(photo, (40, 80, 60, 100), context=3, size=180, colour="#00FF00")
    assert view.shape == (180, 180, 3)
    assert view[90, 90].tolist() == [200, 10, 10]  # the middle of the patch is the middle of the close-up
    assert view[10, 10].tolist() == [0, 0, 0]
    assert view[60, 90].tolist() == [0, 255, 0]  # 60 px per box side: the outline starts at a third


@given(st.integers(1, 40), st.integers(1, 40), st.floats(-30, 50), st.floats(-30, 50), st.floats(1, 60))
def test_close_up_stays_inside_any_photo(height: int, width: int, top: float, left: float, side: float) -> None:
    photo = np.full((height, width, 3), 77, dtype=np.uint8)
    view = patches.close_up(photo, (top, left, top + side, left + side), size=32, colour="#4D4D4D")
    assert view.shape == (32, 32, 3)
    assert (view == 77).all()  # nothing from outside the photo, not even black borders (the outline is 77 too)
