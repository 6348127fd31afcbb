"""What one pass over the maps keeps, held against looking at every pixel."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage
from sklearn.metrics import roc_auc_score

from patchcore_core.data.masks import Outline, Truth
from patchcore_core.evaluation.kernels import bins
from patchcore_core.evaluation.map_summary import MapSummary, score_edges, summarise

LEVEL = 4.0


@pytest.fixture(params=["float16", "float32"])
def tests_of(request, noisy_maps):
    masks, maps = noisy_maps
    labels = np.r_[np.zeros(20, int), np.ones(20, int)]
    maps = maps.astype(request.param)
    return labels, masks, maps, summarise(maps, labels, lambda image: masks[image], LEVEL)


def bounds(kept, maps, masks, threshold):
    """The least and the highest intersection over union (N,) that pixels of the threshold's bin allow."""
    place = np.searchsorted(kept.edges, threshold)
    scores = maps.astype(float)
    sure = scores >= np.append(kept.edges, np.inf)[place]
    perhaps = sure if threshold in kept.edges else scores >= kept.edges[place - 1]
    with np.errstate(invalid="ignore"):
        return tuple((found & masks).sum((1, 2)) / (masks | wrong).sum((1, 2))
                     for found, wrong in ((sure, perhaps), (perhaps, sure)))


def test_a_map_made_by_hand():
    scores = np.zeros((2, 8, 8), np.float16)
    mask = np.zeros((8, 8), bool)
    mask[1:3, 1:3] = mask[3, 3] = mask[7, 0] = True  # a region of 5, joined at a corner, and one of 1
    scores[0, 2, 2], scores[0, 5, 5:7], scores[0, 6, 5] = 3, 5, 4
    scores[1, 0, 7] = 2
    kept = summarise(scores, [1, 0], lambda _: mask, level=4.0, edges=np.array([-np.inf, 2.5, 4, 5]))
    assert kept.defect.tolist() == [[5, 1, 0, 0], [0, 0, 0, 0]]
    assert kept.rest.tolist() == [[55, 0, 1, 2], [64, 0, 0, 0]]
    assert (kept.row[0], kept.column[0], kept.peak[0], kept.defect_peak[0]) == (5, 5, 5, 3)
    assert kept.peak_distance[0] == pytest.approx(np.hypot(2, 2))
    assert kept.mask_box[0].tolist() == [1, 0, 8, 4]
    assert (kept.region_area[0], kept.region_side[0]) == (5, 3)
    assert (kept.hot_area[0], kept.hot_fill[0]) == (3, 0.75)
    assert (kept.row[1], kept.column[1], kept.hot_area[1]) == (0, 7, 0)
    assert np.isnan([kept.peak_distance[1], kept.defect_peak[1], kept.hot_fill[1]]).all()
    assert kept.iou(4.0).tolist()[0] == 0
    assert kept.iou(2.5).tolist()[0] == 1 / 9
    assert np.isnan(kept.iou(4.0)[1])
    assert kept.overlooked(2.5).tolist() == [5, 0]


def test_a_peak_just_below_the_level_is_not_hot():
    """The level may lie between two values of float16, and is not rounded to one of them."""
    scores = np.full((1, 8, 8), 1, np.float16)
    scores[0, 2, 2] = 4
    level = float(np.nextafter(np.float64(4), 5))
    kept = summarise(scores, [0], lambda _: None, level)
    assert kept.hot_area.tolist() == [0]
    assert np.isnan(kept.hot_fill).all()


def test_exact_at_the_named_thresholds(tests_of):
    _, masks, maps, _ = tests_of
    named = [0.3, 2.71828, 4.0, 6.5]
    labels = np.r_[np.zeros(20, int), np.ones(20, int)]
    kept = summarise(maps, labels, lambda image: masks[image], LEVEL, score_edges(maps, [*named, np.nan]))
    for threshold in named:
        found = maps >= np.float64(threshold)
        expected = (found & masks).sum((1, 2)) / (found | masks).sum((1, 2))
        np.testing.assert_array_equal(kept.iou(threshold), expected)
        np.testing.assert_array_equal(kept.overlooked(threshold), (masks & ~found).sum((1, 2)))


def test_between_edges_within_the_bounds(tests_of):
    _, masks, maps, kept = tests_of
    for threshold in np.linspace(-0.1, float(maps.max()) + 0.1, 60):
        found = maps >= threshold
        union = (found | masks).sum((1, 2))
        expected = np.where(union > 0, (found & masks).sum((1, 2)) / np.maximum(union, 1), np.nan)
        low, high = bounds(kept, maps, masks, threshold)
        known = np.isfinite(low) & np.isfinite(high) & (union > 0)
        assert known[20:].all()
        assert (low[known] <= expected[known] + 1e-12).all()
        assert (expected[known] <= high[known] + 1e-12).all()
        guess = kept.iou(threshold)
        assert (low[known] <= guess[known] + 1e-12).all()
        assert (guess[known] <= high[known] + 1e-12).all()
        np.testing.assert_allclose(guess[20:], expected[20:], atol=0.02)


@given(st.lists(st.floats(-8, 8, width=16), min_size=16, max_size=16), st.integers(0, 2**16 - 1),
       st.floats(-9, 9), st.lists(st.floats(-8, 8), max_size=5))  # fmt: skip
def test_bounds_hold_for_any_map_mask_threshold_and_edges(values, bits, threshold, edges):
    scores = np.array(values, np.float16).reshape(1, 4, 4)
    mask = np.array([bits >> n & 1 for n in range(16)], bool).reshape(4, 4)
    kept = summarise(scores, [1], lambda _: mask, 0.0, np.unique([-np.inf, *edges]))
    assert scores[0, kept.row[0], kept.column[0]] == scores.max() == kept.peak[0]
    assert kept.defect[0].sum() == mask.sum()
    (low,), (high,) = bounds(kept, scores, mask[None], threshold)
    if mask.any():
        assert low <= kept.iou(threshold)[0] <= high
        assert 0 <= kept.overlooked(threshold)[0] <= mask.sum()
        edt = ndimage.distance_transform_edt(~mask)
        assert kept.peak_distance[0] == pytest.approx(edt[kept.row[0], kept.column[0]])
        assert kept.defect_peak[0] == scores[0][mask].max()


def test_own_auroc_is_that_of_the_pixels(tests_of):
    _, masks, maps, kept = tests_of
    expected = [roc_auc_score(mask.ravel(), scores.ravel()) for mask, scores in zip(masks[20:], maps[20:], strict=True)]
    np.testing.assert_allclose(kept.own_auroc()[20:], expected, atol=2e-3)
    assert np.isnan(kept.own_auroc()[:20]).all()


@pytest.mark.parametrize("share", [0.5, 0.9, 0.99, 0.999])
def test_quantiles_of_good_pixels_to_within_a_bin(tests_of, share):
    labels, _, maps, kept = tests_of
    expected = np.quantile(maps[:20].astype(float), share)
    place = np.searchsorted(kept.edges, expected)
    width = np.diff(kept.edges[max(place - 2, 1):place + 3]).max()
    assert abs(kept.quantile(labels == 0, share) - expected) <= width
    assert np.isnan(kept.quantile(labels == 7, share))


def test_the_hot_region_is_the_one_around_the_peak(tests_of):
    _, masks, maps, kept = tests_of
    for image in range(40):
        peak = (kept.row[image], kept.column[image])
        numbered, _ = ndimage.label(maps[image] >= LEVEL, structure=np.ones((3, 3)))
        expected = (numbered == numbered[peak]).sum() if numbered[peak] and not masks[image][peak] else 0
        assert kept.hot_area[image] == expected


def test_a_mask_that_nobody_knows():
    kept = summarise(np.ones((2, 4, 4), np.float16), [1, -1], lambda _: None, 0.5)
    assert not kept.mask_known.any()
    assert np.isnan([kept.iou(0.5), kept.overlooked(0.5), kept.own_auroc()]).all()


def test_a_threshold_that_nobody_knows(tests_of):
    *_, kept = tests_of
    for values in (kept.iou(np.nan), kept.overlooked(np.nan)):
        assert np.isnan(values).all()


def test_masks_of_good_images_are_not_asked_for(noisy_maps):
    def refuse(image):
        raise AssertionError(image)

    assert summarise(noisy_maps[1], np.zeros(40, int), refuse, LEVEL).mask_known.all()


def test_a_mask_of_another_size_is_refused():
    with pytest.raises(ValueError, match=r"mask of image 0 must be \(4, 4\) as its map, got \(5, 4\)"):
        summarise(np.ones((1, 4, 4), np.float16), [1], lambda _: np.zeros((5, 4), bool), 1.0)


def test_no_images():
    kept = summarise(np.zeros((0, 8, 8), np.float16), [], lambda _: None, 1.0)
    assert kept.iou(1.0).shape == (0,)
    assert kept.defect.shape == (0, 1)


def test_machine_code_and_numpy_count_alike(tests_of, monkeypatch):
    labels, masks, maps, kept = tests_of
    monkeypatch.setattr(bins, "machine_code", lambda _: False)
    again = summarise(maps, labels, lambda image: masks[image], LEVEL)
    for name, values in kept.arrays().items():
        np.testing.assert_array_equal(again.arrays()[name], values)
        assert again.arrays()[name].dtype == values.dtype


def test_an_outline_that_is_known_changes_nothing(tests_of):
    labels, masks, maps, kept = tests_of
    again = summarise(maps, labels, lambda image: Truth(masks[image], outline=Outline.of(masks[image])), LEVEL)
    for name, values in kept.arrays().items():
        np.testing.assert_array_equal(again.arrays()[name], values)


def test_a_mapped_file_gives_the_same(tests_of, tmp_path):
    labels, masks, maps, kept = tests_of
    np.save(tmp_path / "maps.npy", maps)
    told = []
    mapped = np.load(tmp_path / "maps.npy", mmap_mode="r")
    same = summarise(mapped, labels, lambda image: masks[image], LEVEL, advance=told.append)
    assert sum(told) == 40
    for field in fields(MapSummary):
        np.testing.assert_array_equal(getattr(same, field.name), getattr(kept, field.name))


def test_it_goes_into_a_file_and_back(tests_of, tmp_path):
    *_, kept = tests_of
    np.savez_compressed(tmp_path / "summary.npz", **kept.arrays())
    with np.load(tmp_path / "summary.npz", allow_pickle=False) as arrays:
        back = MapSummary.of(dict(arrays))
    np.testing.assert_array_equal(back.iou(3.3), kept.iou(3.3))
    assert (back.height, back.width, back.level) == (64, 64, LEVEL)
