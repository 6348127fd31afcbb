"""Held-out good scores of images and pixels against maps counted in the plainest way."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from patchcore_core.evaluation.curve_points import HeldOutArrays
from patchcore_core.evaluation.thresholds import unlike
from patchcore_core.evaluation.thresholds.operating_point import quantile
from patchcore_core.evaluation.values import HeldOut
from patchcore_core.fitting import good_scores
from patchcore_core.fitting.good_scores import HeldOutScores, Pixels, held_out_scores, read_held_out


def render(patch_scores):
    return np.kron(patch_scores, np.ones((1, 3, 3)))


@pytest.mark.parametrize("largest", [3.0, 1e6])
def test_pixels_are_counted_as_maps_are_stored(monkeypatch, largest):
    monkeypatch.setattr(good_scores, "BLOCK_PIXELS", 100)
    rng = np.random.default_rng(0)
    image_scores, patch_scores = rng.random(7, np.float32), (rng.random((4, 5, 5), np.float32) * largest)
    image_scores[2], patch_scores[1] = np.nan, np.nan
    found = held_out_scores(image_scores, patch_scores, render, (15, 15))
    image, pixel = found.good()
    np.testing.assert_array_equal(found.image_scores, np.delete(image_scores, 2))
    assert (image.images, pixel.images, pixel.total) == (6, 3, 3 * 225)
    assert (image.source, image.leave_one_out, pixel.leave_one_out) == ("held-out", True, True)
    maps = render(np.delete(patch_scores, 1, axis=0))
    expected = np.sort((maps.astype(np.float16) if largest == 3.0 else maps).astype(np.float64), axis=None)
    counted = np.repeat(pixel.scores, pixel.numbers)
    if largest == 3.0:
        np.testing.assert_array_equal(counted, expected)
    else:  # rounded up, to the precision of float16
        assert (counted >= expected).all()
        np.testing.assert_allclose(counted, expected, rtol=2**-10)


@pytest.mark.parametrize("largest", [3.0, 1e6])
def test_the_pixel_threshold_without_the_highest_images(largest):
    """Each image taken away in turn from the pooled pixels, the one with the highest quantile of its own first."""
    rng = np.random.default_rng(1)
    strength = np.array([1, 5, 1, 1, 1.4, 1, 1.2], np.float32)[:, None, None] / 5
    patches = rng.random((7, 5, 5), np.float32) * largest * strength
    found = Pixels.of(patches, render, (15, 15))
    assert len(found.without) == 4
    for gone in range(4):
        kept = [place for place in range(7) if place not in (1, 4, 6)[:gone]]
        pooled = np.sort(render(patches[kept]), axis=None)
        rank = min(math.ceil(0.999 * (len(pooled) + 1)), len(pooled))
        assert found.without[gone] == pytest.approx(pooled[rank - 1], rel=2**-10)
    back = read_held_out(HeldOutScores(np.arange(1.0, 8.0, dtype=np.float32), found).arrays())
    assert back.good()[1].without == tuple(found.without.tolist())


def test_runs_from_before_the_cap_keep_their_thresholds():
    scores = np.array([1, 1, 1, 1, 9], np.float32)
    arrays = held_out_scores(scores, np.ones((1, 2, 2), np.float32), render, (6, 6)).arrays()
    assert quantile(read_held_out(arrays).good()[0]).value == pytest.approx(1.1)
    older = dataclasses.replace(arrays, pixel_without=None)
    assert quantile(read_held_out(older).good()[0]).value == pytest.approx(9)


def test_they_come_back_from_the_arrays_of_a_run():
    found = held_out_scores(np.array([1.0, 2.0], np.float32), np.ones((1, 2, 2), np.float32), render, (6, 6))
    back = read_held_out(found.arrays())
    assert back is not None
    assert [good.total for good in back.good()] == [2, 36]
    assert back.about(9) == HeldOut("leave one image out", images=2, maps=1, of=9)
    assert read_held_out(None) is read_held_out(HeldOutArrays(np.arange(3.0))) is None


def test_the_levels_of_photos_come_back_and_older_runs_have_none(monkeypatch):
    monkeypatch.setattr(unlike, "LEAST_GRID", 2)
    monkeypatch.setattr(unlike, "SHARE", 0.25)
    patches = np.arange(1, 13, dtype=np.float32).reshape(3, 2, 2)
    patches[1] = np.nan  # could not be held out
    found = held_out_scores(np.ones(3, np.float32), patches, render, (6, 6))
    np.testing.assert_allclose(found.levels, [1.75, 9.75])
    np.testing.assert_array_equal(read_held_out(found.arrays()).levels, found.levels)
    np.testing.assert_allclose(held_out_scores(np.ones(3), patches**2, render, (6, 6), squared=True).levels,
                               np.sqrt([3.25, 95.25]))
    assert not len(read_held_out(dataclasses.replace(found.arrays(), levels=None)).levels)


def test_none_at_all():
    assert [good.total for good in HeldOutScores().good()] == [0, 0]
    alone = held_out_scores(np.array([np.nan]), np.full((1, 2, 2), np.nan), render, (6, 6))
    assert [good.total for good in alone.good()] == [0, 0]


def test_odd_photos_are_kept_apart_and_come_back():
    good = held_out_scores(np.arange(1.0, 9.0, dtype=np.float32), np.ones((4, 2, 2), np.float32), render, (6, 6))
    odd = Pixels.of(np.full((2, 2, 2), 7, np.float32), render, (6, 6))
    found = dataclasses.replace(good, odd_scores=np.array([20.0, 30.0], np.float32), odd_pixels=odd, copies=True)
    back = read_held_out(found.arrays(), copies=True)
    image, pixel = back.good()
    assert (image.total, image.odd.total, image.with_odd().total) == (8, 2, 10)
    assert (pixel.total, pixel.with_odd().scores.max(), pixel.copies) == (4 * 36, 7, True)
    # 2 odd photos of 10: as many of the pixels, though only 4 of the 8 others have a map
    assert pixel.odd.total / pixel.with_odd().total == pytest.approx(2 / 10)
    older = dataclasses.replace(found.arrays(), odd_scores=None, odd_pixel_scores=None, odd_pixel_numbers=None)
    assert read_held_out(older).good()[0].odd is None
