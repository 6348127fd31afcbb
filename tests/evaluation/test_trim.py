"""The trimmed segmentation against a slow second implementation, and what it promises of every region."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage

from patchcore_core.data.masks import Truth
from patchcore_core.data.transforms import Transform
from patchcore_core.evaluation import metrics
from patchcore_core.evaluation.evaluate import evaluate
from patchcore_core.evaluation.image_regions import regions_of_image
from patchcore_core.evaluation.map_summary import score_edges, summarise
from patchcore_core.evaluation.thresholds.decision import predicted, segmentation
from patchcore_core.evaluation.trim import Trim, kept_of, kept_on_photo, segment

QUICK = settings(max_examples=60, deadline=None)
GOOD = 10.0
TRIM = Trim(GOOD, ((0.7, 1), (0.5, 3)))
EIGHT = np.ones((3, 3), bool)
LEVELS = st.sampled_from([0, 8, 9, 10, 10.5, 11, 12, 14, 17, 20, 30])
maps = st.tuples(st.integers(1, 11), st.integers(1, 9)).flatmap(
    lambda shape: arrays(np.float16, shape, elements=LEVELS, fill=st.sampled_from([9, 11, 14]))
)


def slowly_kept(scores, trim):
    """Pixel by pixel: what reaches its share of the way to each peak near by, and the tops of regions in a halo."""
    rows, columns = scores.shape
    wide = scores.astype(np.float32)
    least = np.array([[max((_least(wide, row, column, share, reach, trim.good) for share, reach in trim.halo))
                       for column in range(columns)] for row in range(rows)], np.float32)  # fmt: skip
    trimmed = wide < least
    kept = ~trimmed
    for top in _tops(wide, trimmed & (wide > np.float32(trim.good))):
        kept |= ndimage.binary_dilation(top, EIGHT)
    return np.where(kept, scores, -np.inf)


def _least(wide, row, column, share, reach, good):
    peak = wide[max(0, row - reach):row + reach + 1, max(0, column - reach):column + reach + 1].max()
    good = np.float32(good)
    return good + np.float32(share) * (peak - good) if peak > good else np.float32(-np.inf)


def _tops(wide, among):
    """Plateaus wholly among these pixels of which no neighbour is as high."""
    for level in np.unique(wide[among]).tolist():
        plateaus, count = ndimage.label(wide == level, EIGHT)
        for number in range(1, count + 1):
            plateau = plateaus == number
            around = ndimage.binary_dilation(plateau, EIGHT) & ~plateau
            if among[plateau].all() and (wide[around] < level).all():
                yield plateau


@QUICK
@given(maps)
def test_what_is_kept_is_that_of_a_slow_second_implementation(scores):
    np.testing.assert_array_equal(TRIM.kept(scores), slowly_kept(scores, TRIM))


@QUICK
@given(maps, st.sampled_from([9, 10, 10.5, 11, 14, 20, np.nan]))
def test_no_region_above_the_good_level_loses_its_peak_and_nothing_below_the_threshold_is_marked(scores, threshold):
    found, plain = segment(scores, threshold, GOOD, patch=1), predicted(scores, threshold)
    assert not (found & ~plain).any()
    regions, count = ndimage.label(plain, EIGHT)
    for number in range(1, count + 1):
        region = regions == number
        if scores[region].max() > GOOD:
            assert scores[region & found].max() == scores[region].max()


@QUICK
@given(maps, st.sampled_from([9, 10.5, 14, np.nan]), st.sampled_from([np.float16, np.float32, np.float64]))
def test_what_reaches_a_threshold_is_what_of_the_kept_does(scores, threshold, dtype):
    scores = scores.astype(dtype)
    kept = TRIM.kept(scores)
    assert kept.dtype == dtype
    np.testing.assert_array_equal(TRIM.reaching(scores, threshold), predicted(kept, threshold))


@QUICK
@given(maps, st.sampled_from([-1.0, 0.0, 9.3, GOOD]), st.sampled_from([-1, 0, 1]))
def test_bits_of_float16_and_float32_trim_alike(scores, good, sign):
    """Without a sign the bits are compared, of which a table says what each peak asks for."""
    trim = Trim(good, TRIM.halo)
    scores = scores * np.float16(sign)
    np.testing.assert_array_equal(trim.trimmed(scores), trim.trimmed(scores.astype(np.float32)))


def test_a_blurred_spot_is_cut_near_the_spot():
    scores = np.full((60, 90), GOOD)
    scores[28:32, 40:44] += 300
    blurred = ndimage.gaussian_filter(scores, 6)
    found = segment(blurred, GOOD + 0.5, GOOD)
    assert predicted(blurred, GOOD + 0.5).sum() > 3 * found.sum()
    np.testing.assert_array_equal(found, blurred >= GOOD + 0.7 * (blurred.max() - GOOD))


def test_a_wide_region_far_from_its_peak_stays():
    scores = np.full((40, 200), 14.0)
    scores[18:22, 3:7] = 40.0
    found = segment(scores, 12.0, GOOD)
    assert found[18:22, 3:7].all()
    assert not found[:, 7:30].any()
    assert found[:, 40:].all()  # no peak is near


def test_two_lobes_of_one_region_may_part():
    scores = np.full((9, 30), 12.0)
    scores[3:6, 3:6] = scores[3:6, 20:23] = 30.0
    assert ndimage.label(predicted(scores, 11.0), EIGHT)[1] == 1
    found = segment(scores, 11.0, GOOD)
    assert ndimage.label(found, EIGHT)[1] == 2
    regions = regions_of_image(scores, None, 11.0, trim=Trim.of(GOOD, 8))
    assert [(region.kind, region.area, region.peak) for region in regions] == [("predicted", 9, 30.0)] * 2


def test_a_small_region_beside_a_strong_one_keeps_its_peak():
    scores = np.full((20, 20), 9.0)
    scores[8:12, 8:12], scores[10, 15] = 40.0, 14.0
    regions = regions_of_image(scores, None, 12.0, trim=Trim.of(GOOD, 8))
    assert [(region.area, region.peak) for region in regions] == [(16, 40.0), (1, 14.0)]


@pytest.mark.parametrize("shape", [(1, 1), (2, 50), (50, 2)])
def test_a_reach_beyond_the_map_is_the_whole_map(shape):
    scores = np.linspace(11, 30, shape[0] * shape[1]).reshape(shape)
    wanted = scores >= max(12.0, GOOD + 0.7 * (scores.max() - GOOD)) - 1e-5
    np.testing.assert_array_equal(Trim(GOOD, ((0.7, 1000),)).reaching(scores, 12.0), wanted)


def test_on_a_photo_of_its_own_size_the_map_is_trimmed_as_it_is():
    scores = np.random.default_rng(0).uniform(8, 30, (24, 24)).astype(np.float32)
    whole = Transform(24, None, (0, 0, 0), (1, 1, 1))
    np.testing.assert_array_equal(kept_on_photo(whole, scores, 24, 24, TRIM), TRIM.kept(scores))
    np.testing.assert_array_equal(kept_on_photo(whole, scores, 24, 24, None), kept_of(scores, None))


def test_outside_the_crop_nothing_is_known_and_inside_some_is_trimmed():
    scores = ndimage.gaussian_filter(np.random.default_rng(1).uniform(0, 40, (32, 32)), 2).astype(np.float16)
    cropped = Transform(40, 32, (0, 0, 0), (1, 1, 1))
    plain, kept = (kept_on_photo(cropped, scores, 90, 150, trim) for trim in (None, Trim.of(19.0, 2)))
    assert np.isnan(plain).any()
    np.testing.assert_array_equal(np.isnan(kept), np.isnan(plain))
    trimmed = np.isneginf(kept)
    assert 0.1 < trimmed.mean() < 0.9
    np.testing.assert_array_equal(kept[~trimmed], plain[~trimmed])


def test_a_trim_is_read_as_it_was_recorded():
    trim = Trim.of(20.5, 14)
    assert trim == Trim(20.5, ((0.7, 14), (0.4, 56)))
    assert Trim.read(trim.settings()) == trim
    assert Trim.read(None) is None
    assert Trim.of(np.nan, 8) is None
    with pytest.raises(ValueError, match="the good level must be a number"):
        segment(np.zeros((2, 2)), 1.0, np.nan)


# ---- what follows from it --------------------------------------------------------------------------------------------

LABELS = np.repeat([0, 1], 6)
TYPES = ["good"] * 6 + ["hole"] * 4 + ["scratch"] * 2


@pytest.fixture(scope="module")
def halos():
    """Masks and maps (12, 30, 40): spots of 2 x 3 pixels with a halo, in masks a little larger than they are."""
    random = np.random.default_rng(4)
    spots = np.zeros((12, 30, 40), bool)
    for image in range(6, 12):
        row, column = random.integers(4, 24), random.integers(4, 30)
        spots[image, row:row + 2, column:column + 3] = True
    noise = random.normal(GOOD, 0.5, spots.shape)
    masks = ndimage.binary_dilation(spots, np.ones((1, 3, 3)))
    return masks, ndimage.gaussian_filter(noise + 250 * spots, (0, 2, 2)).astype(np.float16)


@pytest.fixture(scope="module")
def judged(halos):
    """With a trim and without one."""
    masks, found = halos
    scores = found.max(axis=(1, 2))
    return [evaluate(LABELS, TYPES, scores, masks, found, np.ones(12, bool), pixel_threshold=12.0, trim=trim)
            for trim in (TRIM, None)]  # fmt: skip


def trimmed_maps(found, trim=TRIM):
    return np.stack([trim.kept(one) for one in found])


def test_iou_and_f1_are_those_of_the_trimmed_segmentation_of_all_images_and_of_each_type(halos, judged):
    masks, found = halos
    kept = trimmed_maps(found)
    for name, images in (("", np.arange(12)), ("hole", np.arange(10)), ("scratch", np.r_[:6, 10, 11])):
        figures = judged[0].per_defect[name] if name else judged[0].metrics
        expected = segmentation(masks[images], kept[images], 12.0)
        assert (figures["pixel_iou"], figures["pixel_f1"]) == pytest.approx((expected.iou, expected.f1))
    assert judged[0].metrics["pixel_f1"] > judged[1].metrics["pixel_f1"] + 0.2


def test_all_other_figures_curves_and_thresholds_are_those_of_the_maps_as_they_are(judged):
    trimmed, plain = judged
    differing = {name for name, value in trimmed.metrics.items() if value != plain.metrics[name]}
    assert differing == {"pixel_iou", "pixel_f1"}
    assert trimmed.thresholds == plain.thresholds
    found, expected = (replace(one.curves, regions=None).arrays() for one in judged)
    for name, curve in expected.items():
        np.testing.assert_array_equal(found[name], curve)


def test_intervals_hold_the_figures_of_the_trimmed_segmentation(halos):
    masks, found = halos[0].copy(), halos[1]
    masks[[7, 11]] = ndimage.binary_erosion(masks[[7, 11]], np.ones((1, 1, 3)))
    for trim in (TRIM, None):
        of = evaluate(LABELS, TYPES, found.max(axis=(1, 2)), masks, found, np.ones(12, bool), pixel_threshold=12.0,
                      trim=trim)  # fmt: skip
        for name in ("pixel_iou", "pixel_f1"):
            low, high = of.intervals[name]
            assert low <= of.metrics[name] <= high
            assert 0 < high - low < 0.4
            assert of.per_defect_intervals["hole"][name][0] <= of.per_defect["hole"][name]


def test_spots_that_are_all_found_to_the_same_part_tell_no_interval(judged):
    assert judged[0].metrics["pixel_iou"] == 0.8
    assert np.isnan(judged[0].intervals["pixel_iou"]).all()
    assert "all resamples of the test images give the same value" in judged[0].reasons["pixel_iou/interval"]


def test_regions_are_found_by_the_trimmed_segmentation(halos, judged):
    masks, found = halos
    kept, table = trimmed_maps(found), judged[0].curves.regions
    shares = [predicted(kept[image][masks[image]], 12.0).mean() for image in range(6, 12)]
    assert table.overlap.tolist() == pytest.approx(shares)
    assert [row.overlap for row in judged[0].region_recall] != [row.overlap for row in judged[1].region_recall]


def test_pixels_of_which_nobody_knows_do_not_count(halos):
    masks, found = halos
    ignored = np.zeros(masks.shape, bool)
    ignored[6:, :, ::2] = True
    known = masks & ~ignored
    judged = evaluate(LABELS, TYPES, found.max(axis=(1, 2)), known, found, np.ones(12, bool), pixel_threshold=12.0,
                      ignored=ignored, trim=TRIM, replicates=0)  # fmt: skip
    expected = segmentation(known[~ignored], trimmed_maps(found)[~ignored], 12.0)
    assert judged.metrics["pixel_f1"] == pytest.approx(expected.f1)


def test_one_metric_at_a_time_knows_no_threshold(halos):
    assert not {"pixel_iou", "pixel_f1"} & set(metrics.pixel_metrics(*halos))


def test_a_summary_tells_iou_and_overlooked_pixels_of_the_trimmed_segmentation_at_any_threshold(halos):
    masks, found = halos
    ignored = np.zeros((30, 40), bool)
    ignored[:, :20] = True
    known = [Truth(mask & ~ignored, ignored) for mask in masks]
    summary = summarise(found, LABELS, known.__getitem__, 12.0, score_edges(found, [11.0, 12.0, 20.0]), trim=TRIM)
    plain = summarise(found, LABELS, known.__getitem__, 12.0, summary.edges)
    kept = trimmed_maps(found)
    for threshold in (11.0, 12.0, 20.0):
        for image, mask in enumerate(masks):
            counted = ~ignored if LABELS[image] else np.ones_like(ignored)
            judged = segmentation((mask & counted)[counted], kept[image][counted], threshold)
            assert summary.iou(threshold)[image] == pytest.approx(judged.iou, nan_ok=True)
            assert summary.overlooked(threshold)[image] == judged.fn
    np.testing.assert_array_equal(summary.own_auroc(), plain.own_auroc())
    np.testing.assert_array_equal(summary.defect_area, plain.defect_area)
