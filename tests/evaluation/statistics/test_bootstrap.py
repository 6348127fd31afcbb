"""Resampled figures against figures of images that are really drawn again, and what intervals must be."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patchcore_core.evaluation import counts, metrics
from patchcore_core.evaluation.counts import merge
from patchcore_core.evaluation.figures import PixelCounts, pixel_figures
from patchcore_core.evaluation.pixels import read_pixels
from patchcore_core.evaluation.statistics import bootstrap
from patchcore_core.evaluation.statistics.bootstrap import (
    bin_edges,
    image_bins,
    image_replicates,
    interval,
    intervals,
    kept_resamples,
    pixel_replicates,
    resamples,
)
from patchcore_core.evaluation.thresholds.decision import segmentation

QUICK = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
LABELS = np.repeat([0, 1], 20)


@pytest.fixture(autouse=True)
def _compiled(monkeypatch):
    """However few the bins are."""
    monkeypatch.setattr(bootstrap, "ENOUGH_TO_LOAD", 0)


@pytest.fixture
def tied_maps(noisy_maps):
    """The same with fewer distinct scores than there are bins."""
    return noisy_maps[0], np.round(noisy_maps[1] * 16) / 16


def binned(masks, maps, threshold=4.0):
    images = np.arange(len(maps))
    pixels = read_pixels(masks, maps, also=[threshold])
    anomalous = pixels.tally(np.flatnonzero(pixels.defective))
    whole = merge([anomalous, pixels.tally(np.flatnonzero(~pixels.defective))])
    counted = PixelCounts(whole.counts(), anomalous.counts(), threshold)
    return counted, image_bins(pixels, counted, images)


def drawn_again(drawn):
    """Indices of the images of one resample (N,), each as often as it is drawn."""
    return np.repeat(np.arange(len(drawn)), drawn.astype(int))


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@pytest.mark.parametrize("enough", [0, bootstrap.ENOUGH_TO_LOAD])
def test_pixel_replicates_are_the_figures_of_the_images_drawn(tied_maps, dtype, enough, monkeypatch):
    monkeypatch.setattr(bootstrap, "ENOUGH_TO_LOAD", enough)
    masks, maps = tied_maps[0], tied_maps[1].astype(dtype)
    drawn = resamples(LABELS, 5, seed=3)
    found = pixel_replicates(binned(masks, maps)[1], drawn)
    for row, times in enumerate(drawn):
        chosen = drawn_again(times)
        expected = metrics.pixel_metrics(masks[chosen], maps[chosen])
        at_4 = segmentation(masks[chosen], maps[chosen], 4.0)
        expected |= {"pixel_iou": at_4.iou, "pixel_f1": at_4.f1}
        assert {name: values[row] for name, values in found.items()} == pytest.approx(expected, abs=2e-6)


@pytest.mark.parametrize(("threshold", "defective", "marked"), [
    (4.0, 20, False), (np.nan, 20, False), (4.0, 20, True), (4.0, 0, False), (1e9, 1, False),
])  # fmt: skip
def test_one_pass_over_the_bins_gives_the_figures_of_cumulated_counts(tied_maps, threshold, defective, marked):
    masks, maps = tied_maps[0].copy(), tied_maps[1]
    masks[: len(masks) - defective] = False
    bins = replace(binned(masks, maps, 4.0)[1], threshold=threshold)
    bins = replace(bins, marked=np.arange(80).reshape(40, 2)) if marked else bins
    drawn = resamples(LABELS, bootstrap.BATCH, seed=3)  # others would be multiplied in another order
    drawn[0] = 0  # no image at all
    found, expected = pixel_replicates(bins, drawn), pixel_figures(bins.counts(drawn))
    assert list(found) == list(expected)
    for name, values in expected.items():
        assert found[name] == pytest.approx(values, rel=1e-12, nan_ok=True), name


@QUICK
@given(st.integers(0, 1000), st.booleans())
def test_image_replicates_are_the_figures_of_the_images_drawn(seed, ties):
    generator = np.random.default_rng(seed)
    labels = np.repeat([0, 1, -1], [4, 5, 2])
    scores = generator.integers(0, 4, 11).astype(np.float32) if ties else generator.normal(size=11)
    drawn = resamples(labels, 3, seed)
    found = image_replicates(labels, scores, drawn)
    for row, times in enumerate(drawn):
        chosen = drawn_again(np.where(labels < 0, 0, times))
        one = labels[chosen], scores[chosen]
        assert found["image_auroc"][row] == pytest.approx(metrics.image_auroc(*one), abs=1e-12)
        assert found["image_average_precision"][row] == pytest.approx(metrics.average_precision(*one), abs=1e-12)
        assert found["image_f1_max"][row] == pytest.approx(metrics.f1_max(*one), abs=1e-12)
        assert found["image_fpr_at_95_tpr"][row] == pytest.approx(metrics.fpr_at_tpr(*one), abs=1e-12)
        assert found["image_tpr_at_fpr_0"][row] == pytest.approx(metrics.tpr_at_fpr(*one), abs=1e-12)
        assert found["image_partial_auroc"][row] == pytest.approx(metrics.partial_auroc(*one), abs=1e-12)


def test_coarse_bins_move_no_figure_by_more_than_promised():
    generator = np.random.default_rng(2)
    masks = np.zeros((30, 128, 128), bool)
    masks[10:, 20:60, 30:50] = masks[10:20, 100:103, 90:99] = True
    maps = (generator.gamma(3.0, 1.0, masks.shape) + generator.uniform(0, 3, (30, 1, 1)) * masks).astype(np.float32)
    counted, bins = binned(masks, maps)
    assert len(bins.thresholds) <= bootstrap.BINS + 2 < len(counted.pixels.thresholds)
    drawn = resamples(np.repeat([0, 1], [10, 20]), 3)
    for coarse, bound in ((bins, 0.002), (bins.coarser(1024), 0.005)):
        found = pixel_replicates(coarse, drawn)
        assert found["pixel_iou"][0] == pytest.approx(pixel_replicates(bins, drawn)["pixel_iou"][0], abs=1e-12)
        for row, times in enumerate(drawn):
            expected = metrics.pixel_metrics(masks[drawn_again(times)], maps[drawn_again(times)])
            for name, value in expected.items():
                assert found[name][row] == pytest.approx(value, abs=bound), name
    assert len(bins.coarser(1024).thresholds) <= 1026


def test_every_image_once_gives_the_figures_themselves(tied_maps):
    counted, bins = binned(*tied_maps)
    once = pixel_replicates(bins, np.ones((1, 40), np.float32))
    assert {name: values[0] for name, values in once.items()} == pytest.approx(pixel_figures(counted), abs=1e-6)


def test_few_thresholds_are_all_bins(tied_maps):
    counted, bins = binned(*tied_maps)
    assert bins.thresholds.tolist() == counted.pixels.thresholds.tolist()
    assert (bin_edges(counted, bins=50)[[0, -1]] <= counted.pixels.thresholds[[0, -1]]).all()
    assert 4.0 in bin_edges(counted, bins=50)
    assert len(bin_edges(counted, bins=50)) <= 52


def test_resamples_draw_each_stratum_among_itself():
    strata = np.array(["a", "b", "a", "c", "a", "b"])
    drawn = resamples(strata, 200, seed=1)
    assert (drawn == drawn.astype(int)).all()
    for name, size in (("a", 3), ("b", 2), ("c", 1)):
        assert (drawn[:, strata == name].sum(axis=1) == size).all()
    assert drawn[:, 0].mean() == pytest.approx(1, abs=0.2)
    assert (drawn == resamples(strata, 200, seed=1)).all()
    assert (drawn != resamples(strata, 200, seed=2)).any()


def test_the_intervals_of_several_figures_are_those_of_each():
    random = np.random.default_rng(9)
    figures = {"one": random.normal(size=1000), "other": random.random(1000) ** 4, "same": np.ones(1000),
               "some": np.where(random.random(1000) < 0.1, np.nan, random.random(1000)), "none": np.full(1000, np.nan)}
    found = intervals(figures)
    for name, values in figures.items():
        assert repr(found[name]) == repr(interval(values))
    assert intervals({}) == {}


def test_resamples_are_kept_for_the_next_test_set_unless_they_are_many(monkeypatch):
    strata = np.array(["b", "a", "b", "a", "c", "b"], object)
    kept = kept_resamples(strata, 7, seed=1)
    assert kept.tolist() == resamples(strata, 7, seed=1).tolist() == kept_resamples(strata, 7, seed=1).tolist()
    assert kept_resamples(np.array([1, 0, 1, 0, 2, 1]), 7, seed=1) is kept
    assert not kept.flags.writeable
    assert (kept_resamples(strata, 7, seed=2) != kept).any()
    monkeypatch.setattr(bootstrap, "MOST_KEPT", 41)
    assert kept_resamples(strata, 7, seed=1) is not kept
    assert kept_resamples(strata, 7, seed=1).tolist() == kept.tolist()


def test_the_bins_of_some_images_are_those_images(tied_maps):
    masks, maps = tied_maps
    chosen = np.zeros(40, bool)
    chosen[[1, 4, 25, 30, 31]] = True
    found = pixel_replicates(binned(masks, maps)[1].of(chosen), np.ones((1, 5), np.float32))
    assert found["aupro"][0] == pytest.approx(metrics.aupro(masks[chosen], maps[chosen]), abs=1e-6)
    assert found["pixel_auroc_anomalous"][0] == pytest.approx(
        metrics.pixel_auroc_anomalous(masks[chosen], maps[chosen]), abs=1e-6)  # fmt: skip


def test_an_interval_is_that_of_the_percentiles():
    assert interval(np.r_[np.arange(1001), np.nan]) == pytest.approx((25, 975))
    assert np.isnan(interval(np.full(5, np.nan))).all()


def test_the_interval_of_auroc_covers_the_truth_about_as_often_as_it_says():
    generator, covered = np.random.default_rng(0), 0
    truth = 0.7602499  # of two unit normals one apart
    for trial in range(200):
        scores = generator.normal(size=100) + np.repeat([0, 1], 50)
        labels = np.repeat([0, 1], 50)
        low, high = interval(image_replicates(labels, scores, resamples(labels, 300, trial))["image_auroc"])
        covered += low <= truth <= high
    assert 175 <= covered <= 199


def test_float32_maps_are_counted_per_image_as_float64_ones_are(noisy_maps, monkeypatch):
    monkeypatch.setattr(counts, "FEW", 100)
    masks, maps = noisy_maps
    one, other = (binned(masks, maps.astype(kind))[1] for kind in (np.float32, np.float64))
    np.testing.assert_array_equal(one.negatives, other.negatives)
    np.testing.assert_array_equal(one.positives, other.positives)
