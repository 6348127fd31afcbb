"""The regions of one image, held against answers by hand and against a flood fill."""

import numpy as np
import pytest

from patchcore_core.data.transforms import Transform
from patchcore_core.evaluation.image_regions import Box, regions_of_image

MASK = np.array([
    [1, 1, 0, 0, 0, 0],
    [0, 0, 1, 0, 0, 0],
    [0, 0, 0, 0, 0, 0],
    [0, 0, 0, 0, 0, 1],
    [0, 0, 0, 0, 0, 1],
    [0, 0, 0, 0, 0, 0],
], bool)  # fmt: skip
SCORES = np.array([
    [9, 1, 1, 1, 1, 1],
    [1, 1, 8, 7, 1, 1],
    [1, 1, 1, 1, 1, 1],
    [1, 1, 1, 1, 1, 3],
    [5, 6, 1, 1, 1, 2],
    [1, 1, 1, 1, 1, 1],
], np.float16)  # fmt: skip


def test_by_hand():
    first, second, *found = regions_of_image(SCORES, MASK, 5.0)
    assert (first.kind, first.area, first.peak, first.found) == ("true", 3, 9, True)  # joined at a corner
    assert (first.overlap, first.share, first.box) == (2 / 3, 3 / 36, Box(0, 0, 2, 3))
    assert (second.area, second.peak, second.row, second.column) == (2, 3, 3, 5)
    assert (second.found, second.overlap, second.box) == (False, 0, Box(3, 5, 5, 6))
    assert [(region.area, region.peak, region.overlap, region.found) for region in found] == [
        (1, 9, 1, True), (2, 8, 0.5, True), (2, 6, 0, False)]
    assert (found[2].row, found[2].column, found[2].box) == (4, 1, Box(4, 0, 5, 2))


def test_without_a_mask_nothing_is_right_or_wrong():
    regions = regions_of_image(SCORES, None, 5.0)
    assert {(region.kind, region.found) for region in regions} == {("predicted", None)}
    assert np.isnan([region.overlap for region in regions]).all()


def test_without_a_threshold_nothing_is_predicted():
    assert {(region.kind, region.found) for region in regions_of_image(SCORES, MASK, np.nan)} == {("true", False)}
    assert regions_of_image(SCORES, np.zeros((6, 6), bool), 99.0) == ()


def test_another_shape_is_refused():
    with pytest.raises(ValueError, match="must have one shape"):
        regions_of_image(SCORES, MASK[:5], 1.0)


def test_against_a_flood_fill(noisy_maps):
    masks, maps = noisy_maps
    for mask, scores in zip(masks[20:26], maps[20:26], strict=True):
        regions = regions_of_image(scores, mask, 4.5)
        for kind, those, other in (("true", mask, scores >= 4.5), ("predicted", scores >= 4.5, mask)):
            expected = sorted(
                (len(pixels), float(max(scores[p] for p in pixels)), sum(other[p] for p in pixels) / len(pixels),
                 min(p[0] for p in pixels), max(p[1] for p in pixels) + 1)
                for pixels in flood(those)
            )  # fmt: skip
            got = sorted((r.area, r.peak, r.overlap, r.box.top, r.box.right) for r in regions if r.kind == kind)
            assert got == expected
        for region in regions:
            assert scores[region.row, region.column] == region.peak


def flood(those):
    left, found = set(zip(*(axis.tolist() for axis in np.nonzero(those)), strict=True)), []
    while left:
        ahead, pixels = [left.pop()], []
        while ahead:
            row, column = ahead.pop()
            pixels.append((row, column))
            around = {(row + down, column + across) for down in (-1, 0, 1) for across in (-1, 0, 1)} & left
            left -= around
            ahead += around
        found.append(pixels)
    return found


@pytest.mark.parametrize(("image_size", "crop", "size"), [
    (64, None, (300, 400)), (64, 48, (300, 400)), (64, 48, (640, 200)), (32, 31, (33, 32)),
])
def test_boxes_lie_on_the_photo_where_the_map_does(image_size, crop, size):
    transform = Transform(image_size, crop, (0.5,) * 3, (0.2,) * 3)
    spot = np.zeros(transform.shape, np.float32)
    spot[20:24, 8:18] = 1
    laid = np.nan_to_num(transform.to_photo(spot, *size)) >= 0.5
    rows, columns = np.flatnonzero(laid.any(axis=1)), np.flatnonzero(laid.any(axis=0))
    box = Box(20, 8, 24, 18).on_photo(transform, *size)
    expected = (rows[0], columns[0], rows[-1] + 1, columns[-1] + 1)
    np.testing.assert_allclose([box.top, box.left, box.bottom, box.right], expected, atol=1.01)
    whole = Box(0, 0, *transform.shape).on_photo(transform, *size)
    np.testing.assert_allclose([whole.top, whole.left, whole.bottom, whole.right], transform.box(*size), atol=1e-9)


@pytest.mark.parametrize(("box", "expected"), [
    (Box(40, 50, 60, 90), (10, 30, 90, 110)),  # twice as large as the longer side
    (Box(50, 60, 51, 62), (44.25, 54.75, 56.75, 67.25)),  # an eighth of the photo's height
    (Box(0, 180, 20, 200), (0, 160, 40, 200)),  # moved inside
    (Box(0, 0, 100, 200), (0, 0, 100, 200)),
    (Box(10, 20, 80, 30), (0, 0, 100, 140)),  # as high as there is room
])
def test_surroundings_by_hand(box, expected):
    shown = box.with_surroundings(100, 200)
    assert (shown.top, shown.left, shown.bottom, shown.right) == pytest.approx(expected)
