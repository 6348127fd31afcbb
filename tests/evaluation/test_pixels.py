"""Region weights against a flood fill; tallies of blocks against one tally."""

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from patchcore_core.evaluation import counts, metrics, pixels, regions
from patchcore_core.evaluation.pixels import quantile, read_pixels, tally_pixels
from patchcore_core.evaluation.regions import find_regions

QUICK = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])

MASKS = hnp.arrays(bool, st.tuples(st.integers(1, 3), st.integers(1, 6), st.integers(1, 6)))


def flood_fill_areas(mask):
    """Area of the 8-connected region of each pixel of one mask (H, W), 0 outside."""
    areas, left = np.zeros(mask.shape, int), {tuple(pixel) for pixel in np.argwhere(mask)}
    while left:
        region, front = set(), [left.pop()]
        while front:
            row, column = front.pop()
            region.add((row, column))
            near = {(row + i, column + j) for i in (-1, 0, 1) for j in (-1, 0, 1)} & left
            left -= near
            front.extend(near)
        for pixel in region:
            areas[pixel] = len(region)
    return areas


@QUICK
@given(MASKS)
def test_regions_are_those_of_a_flood_fill(masks):
    numbers = np.arange(masks.size, dtype=np.float64).reshape(masks.shape)  # tells which pixel a score is of
    regions = find_regions(masks, numbers, np.arange(len(masks)))
    areas = np.stack([flood_fill_areas(mask) for mask in masks])
    assert sorted(regions.scores.tolist()) == np.flatnonzero(masks).tolist()
    owned = np.repeat(regions.area, regions.area)
    assert owned.tolist() == [areas.flat[int(pixel)] for pixel in regions.scores]
    assert regions.area.sum() == masks.sum()
    pixels = masks[0].size
    assert (regions.scores.astype(int) // pixels).tolist() == np.repeat(regions.image, regions.area).tolist()


def test_regions_of_neighbouring_images_are_never_one():
    masks = np.zeros((2, 3, 3), bool)
    masks[0, 1, 1] = masks[1, 1, 1:] = True
    regions = find_regions(masks, np.ones(masks.shape), np.arange(2))
    assert (regions.image.tolist(), regions.area.tolist()) == ([0, 1], [1, 2])
    assert regions.weights.tolist() == [1.0, 0.5, 0.5]


def test_pixels_that_touch_at_a_corner_are_one_region():
    assert find_regions(np.eye(4, dtype=bool)[None], np.ones((1, 4, 4)), np.arange(1)).area.tolist() == [4]


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_the_tally_does_not_depend_on_the_block_size(noisy_maps, monkeypatch, dtype):
    masks, maps = noisy_maps[0], noisy_maps[1].astype(dtype)
    whole = tally_pixels(masks, maps).counts()
    monkeypatch.setattr(pixels, "blocks", lambda images, *_, **__: ([index] for index in images))
    blocks = tally_pixels(masks, maps, np.arange(len(masks))[::-1]).counts()
    np.testing.assert_array_equal(whole.true_positives, blocks.true_positives)
    np.testing.assert_array_equal(whole.false_positives, blocks.false_positives)
    np.testing.assert_allclose(whole.weighted_recall, blocks.weighted_recall, rtol=1e-12)


def test_only_the_images_asked_for_are_tallied(noisy_maps):
    masks, maps = noisy_maps
    some = tally_pixels(masks, maps, np.array([3, 30])).counts()
    assert some.positives == masks[[3, 30]].sum()
    assert some.positives + some.negatives == 2 * 64 * 64
    assert tally_pixels(masks, maps, np.zeros(0, int)).counts().negatives == 0


@QUICK
@given(st.integers(0, 10**6), st.sampled_from([0.5, 0.9, 0.999, 1.0]), st.sampled_from([np.float16, np.float32]))
def test_the_quantile_is_exact_whatever_the_blocks(seed, share, dtype):
    generator = np.random.default_rng(seed)
    maps = (generator.integers(-9, 9, (6, 5, 5)) / 4).astype(dtype)
    images = np.flatnonzero(generator.random(6) < 0.7)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(regions, "BLOCK", int(generator.choice([1, 60])))
        found = quantile(maps, images, share)
    scores = np.sort(maps[images], axis=None)
    rank = min(len(scores), math.ceil(round(share * (len(scores) + 1), 6)))
    expected = scores[rank - 1] if len(images) else np.nan
    np.testing.assert_equal(found, float(expected))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_pooled_negatives_change_no_figure(noisy_maps, monkeypatch, dtype):
    masks, maps = noisy_maps[0], noisy_maps[1].astype(dtype)
    maps *= np.random.default_rng(0).uniform(1, 1.001, maps.shape).astype(dtype)
    every = metrics.pixel_metrics(masks, maps)
    monkeypatch.setattr(counts, "FEW", 0)
    monkeypatch.setattr(counts, "TOO_FEW_TO_COMPILE", 0)
    assert len(tally_pixels(masks, maps).scores) < len(np.unique(maps))
    assert metrics.pixel_metrics(masks, maps) == pytest.approx(every, abs=1e-12)


def test_thresholds_asked_for_are_counted_exactly(noisy_maps, monkeypatch):
    masks, maps = noisy_maps[0], noisy_maps[1].astype(np.float32)
    monkeypatch.setattr(counts, "FEW", 0)
    asked = [2.0001, 3.3, float(maps.max()), 1e9, np.nan]
    counted = read_pixels(masks, maps, also=asked).tally(np.arange(len(maps))).counts()
    for threshold in asked[:3]:
        reached = np.count_nonzero(counted.thresholds >= threshold)
        found = maps >= np.float64(threshold)
        assert counted.true_positives[reached - 1] == (found & masks).sum()
        assert counted.false_positives[reached - 1] == (found & ~masks).sum()
