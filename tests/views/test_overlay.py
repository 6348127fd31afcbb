"""Pictures of maps and masks, checked by hand-made answers, by slow second versions and by reading the files back."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from patchcore_core.views import overlay
from patchcore_core.views.colours import COLOURS, INFERNO, rgb

MASKS = hnp.arrays(bool, hnp.array_shapes(min_dims=2, max_dims=2, max_side=9))


def luminance(colour: np.ndarray) -> float:
    linear = np.where(colour <= 0.04045 * 255, colour / 255 / 12.92, ((colour / 255 + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def test_inferno_has_the_published_ends_and_rises_in_brightness():
    assert INFERNO[0].tolist() == [0, 0, 4]
    assert INFERNO[255].tolist() == [252, 255, 164]
    assert np.all(np.diff([luminance(row.astype(float)) for row in INFERNO]) > 0)


def test_colours_are_the_okabe_ito_ones_of_the_design():
    assert rgb("good") == (0x00, 0x72, 0xB2)
    assert rgb("defective") == (0xD5, 0x5E, 0x00)
    assert (COLOURS["hit"], COLOURS["miss"], COLOURS["false alarm"]) == ("#009E73", "#CC79A7", "#E69F00")


def test_heatmap_is_transparent_at_its_low_end_and_where_nothing_was_seen():
    heat = overlay.heatmap(np.array([[0.0, 1.0, 2.0], [3.0, 9.0, np.nan]], np.float32), low=1.0, high=3.0)
    assert heat[..., 3].tolist() == [[0, 0, 255], [255, 255, 0]]
    assert heat[1, 0, :3].tolist() == INFERNO[255].tolist()
    assert heat[0, 2, :3].tolist() == INFERNO[127].tolist()


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_higher_score_is_never_more_transparent_nor_darker(first, second):
    low, high = sorted((first, second))
    heat = overlay.heatmap(np.array([[low, high]], np.float32), 0.0, 1.0)[0].astype(float)
    assert heat[0, 3] <= heat[1, 3]
    assert luminance(heat[0, :3]) <= luminance(heat[1, :3])


def test_blend_leaves_the_photo_where_the_map_is_low_and_covers_it_at_the_top():
    photo = np.full((1, 2, 3), 100, np.uint8)
    mixed = overlay.blend(photo, np.array([[0.0, 1.0]]), 0.0, 1.0, opacity=1.0)
    assert mixed[0].tolist() == [[100, 100, 100], [252, 255, 164]]
    half = overlay.blend(photo, np.array([[0.0, 1.0]]), 0.0, 1.0, opacity=0.5)[0, 1].astype(int)
    np.testing.assert_allclose(half, (np.array([252, 255, 164]) + 100) / 2, atol=1)


def test_limits_are_shared_by_the_run_and_robust_to_one_hot_pixel():
    maps = np.zeros((4, 64, 64), np.float16)
    maps[2:] = 10.0
    maps[3, 0, 0] = 1000.0
    assert overlay.score_limits(maps, np.array([True, True, False, False])) == (0.0, 10.0)


@pytest.mark.parametrize("maps", [np.zeros((0, 8, 8)), np.full((3, 8, 8), 5.0)], ids=["no maps", "all equal"])
def test_limits_always_span_something(maps):
    low, high = overlay.score_limits(maps, np.zeros(len(maps), bool))
    assert low < high


def test_limits_read_few_maps_of_a_large_run():
    class Counted(np.ndarray):
        def __getitem__(self, key):
            assert len(np.atleast_1d(key[0])) <= 64
            return np.asarray(self)[key]

    overlay.score_limits(np.zeros((500, 4, 4)).view(Counted), np.ones(500, bool))


@given(MASKS, st.integers(1, 3))
def test_outline_is_the_ring_within_width_of_the_mask(mask, width):
    rows, columns = mask.shape
    expected = np.zeros_like(mask)
    for row, column in np.ndindex(rows, columns):
        around = mask[max(0, row - width):row + width + 1, max(0, column - width):column + width + 1]
        expected[row, column] = bool(around.any()) and not mask[row, column]
    np.testing.assert_array_equal(overlay.outline(mask, width), expected)


def test_outlines_are_drawn_on_a_copy_and_truth_lies_on_top():
    photo = np.zeros((5, 5, 3), np.uint8)
    mask = np.zeros((5, 5), bool)
    mask[2, 2] = True
    drawn = overlay.draw_outlines(photo, mask, mask)
    assert not photo.any()
    assert drawn[2, 2].tolist() == [0, 0, 0]
    assert drawn[1, 1].tolist() == list(rgb("truth"))
    assert overlay.draw_outlines(photo, None, mask)[1, 1].tolist() == list(rgb("prediction"))


def test_an_outline_is_cased_in_a_darker_line():
    mask = np.zeros((5, 1), bool)
    mask[0] = True
    drawn = overlay.draw_outlines(np.full((5, 1, 3), 200, np.uint8), mask, None)
    assert drawn[:, 0].tolist() == [[200] * 3, list(rgb("truth")), [100] * 3, [200] * 3, [200] * 3]


def test_segmentation_tells_hit_miss_and_false_alarm_apart():
    truth = np.array([[True, True, False, False]])
    prediction = np.array([[True, False, True, False]])
    judged = overlay.segmentation(truth, prediction)[0]
    assert [tuple(pixel[:3]) for pixel in judged[:3]] == [rgb("hit"), rgb("miss"), rgb("false alarm")]
    assert judged[:, 3].tolist() == [255, 255, 255, 0]


def test_without_truth_a_prediction_is_neither_right_nor_wrong():
    judged = overlay.segmentation(None, np.array([[True, False]]))[0]
    assert tuple(judged[0, :3]) == rgb("prediction")
    assert judged[1, 3] == 0


def test_the_part_outside_the_crop_is_dimmed():
    photo = np.full((1, 2, 3), 90, np.uint8)
    assert overlay.cut_away(np.array([[np.nan, 1.0]]), photo)[0, :, 0].tolist() == [30, 90]
    assert overlay.cut_away(np.zeros((1, 2)), photo) is photo


@pytest.mark.parametrize(("shape", "expected"), [((300, 600), (48, 96)), ((600, 300), (96, 48)), ((10, 20), (10, 20))])
def test_thumbnail_keeps_proportions_and_never_enlarges(shape, expected):
    assert overlay.thumbnail(np.zeros((*shape, 3), np.uint8)).shape == (*expected, 3)


@pytest.mark.parametrize("shape", [(4, 5), (4, 5, 3), (4, 5, 4)])
def test_png_reads_back_to_the_bit(shape):
    picture = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(overlay.png_bytes(picture)))), picture)


def test_a_mask_becomes_a_black_and_white_png():
    png = overlay.png_bytes(np.array([[True, False]]))
    assert np.asarray(Image.open(io.BytesIO(png))).tolist() == [[255, 0]]


@pytest.mark.parametrize(("shape", "kind"), [((100, 100), "PNG"), ((1300, 1300), "JPEG")])
def test_screen_pictures_keep_their_size(shape, kind):
    picture = Image.open(io.BytesIO(overlay.screen_bytes(np.zeros((*shape, 3), np.uint8))))
    assert (picture.format, picture.size) == (kind, shape[::-1])


def test_limits_without_test_images_begin_at_the_median_pixel() -> None:
    scores, numbers = np.array([9.0, 1.0, 2.0]), np.array([1, 2, 3])  # 1 1 2 2 2 9
    assert overlay.limits_without_test(scores, numbers, 4.0) == (2.0, 10.0)
    low, high = overlay.limits_without_test(scores, numbers, 0.0)
    assert low < high
