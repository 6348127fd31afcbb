"""Thresholds, intervals, curves and regions of a whole test set."""


import numpy as np
import pytest

from patchcore_core.evaluation import counts, metrics
from patchcore_core.evaluation.evaluate import METRICS, evaluate
from patchcore_core.evaluation.thresholds.decision import default_rule, segmentation
from patchcore_core.evaluation.thresholds.found import FOUND_FIGURES
from patchcore_core.evaluation.thresholds.operating_point import GoodScores, quantile
from tests.evaluation.test_evaluate import LABELS, TYPES, above_share


def test_thresholds_mean_what_they_say(noisy_maps, scores):
    masks, maps = noisy_maps
    thresholds = evaluate(LABELS, TYPES, scores, masks, maps, np.ones(40, bool)).thresholds
    good, pixels = scores[:20], maps[:20].ravel()
    assert thresholds["f1_max"] == metrics.f1_max_threshold(LABELS, scores)
    assert not (good >= np.float32(thresholds["good_max"])).any()
    assert thresholds["good_max"] == pytest.approx(good.max(), rel=1e-6)
    assert thresholds["good_p99"] == np.nextafter(float(good.max()), np.inf)  # 99 % of 20 is more than all but one
    assert thresholds["pixel_f1_max"] == metrics.f1_max_threshold(masks.ravel(), maps.ravel())
    assert thresholds["pixel_good_p999"] == above_share(pixels, 0.999)


def test_held_out_scores_of_good_images_decide_before_those_of_the_test_set(noisy_maps, scores):
    masks, maps = noisy_maps
    image = GoodScores.of(np.linspace(0, 1, 200), "held-out", leave_one_out=True)
    pixel = GoodScores.of_pixels(*np.unique(maps[:5], return_counts=True), 5, "held-out", leave_one_out=True)
    found = evaluate(LABELS, TYPES, scores, masks, maps, np.ones(40, bool), held_out=(image, pixel))
    thresholds = found.thresholds
    assert thresholds["heldout_p99"] == quantile(image).value
    assert thresholds["pixel_heldout_p999"] == above_share(maps[:5].ravel(), 0.999)
    assert (default_rule(thresholds), default_rule(thresholds, "pixel")) == ("heldout_p99", "pixel_heldout_p999")
    assert found.pixel_threshold == thresholds["pixel_heldout_p999"]
    assert found.metrics["pixel_iou"] == pytest.approx(segmentation(masks, maps, found.pixel_threshold).iou)
    assert {point.method: point.value for point in found.operating_points} == {
        name: value for name, value in thresholds.items() if name != "good_max"}  # fmt: skip


def test_every_threshold_says_what_it_has_seen(noisy_maps, scores):
    points = evaluate(LABELS, TYPES, scores, *noisy_maps, np.ones(40, bool)).operating_points
    assert {point.method: point.source for point in points} == {
        "good_p99": "test good", "good_mean_3sd": "test good", "good_fpr_1": "test good",
        "pixel_good_p999": "test good", "f1_max": "oracle", "youden": "oracle", "pixel_f1_max": "oracle",
        "pixel_youden": "oracle",
    }  # fmt: skip
    assert all(point.sentence and point.level == ("pixel" if "pixel" in point.method else "image") for point in points)


def test_image_curves_hold_every_threshold(noisy_maps, scores):
    curves = evaluate(LABELS, TYPES, scores, *noisy_maps, np.ones(40, bool)).curves
    assert curves.image.thresholds.tolist() == sorted(set(scores.tolist()), reverse=True)
    assert (curves.image.positives, curves.image.negatives) == (20, 20)
    assert (curves.image.tp[-1], curves.image.fp[-1]) == (20, 20)


def test_pixel_curves_are_thinned_but_each_point_is_exact(scores):
    rng = np.random.default_rng(5)
    masks = rng.random((40, 32, 32)) < 0.05 * LABELS[:, None, None]
    maps = (rng.normal(size=masks.shape) + masks).astype(np.float32)  # 40960 distinct scores
    curves = evaluate(LABELS, TYPES, scores, masks, maps, np.ones(40, bool)).curves
    thresholds = curves.pixel.thresholds
    assert 1000 < len(thresholds) <= 2000
    assert (thresholds[0], thresholds[-1]) == (maps.max(), maps.min())
    for i in rng.integers(0, len(thresholds), 20):
        found = maps >= thresholds[i]
        assert (curves.pixel.tp[i], curves.pixel.fp[i]) == ((found & masks).sum(), (found & ~masks).sum())
    assert (curves.pixel.positives, curves.pixel.negatives) == (masks.sum(), (~masks).sum())
    assert len(curves.pro.fpr) == len(curves.pro.overlap) == len(curves.pro.thresholds) <= 2000


def test_the_areas_under_the_thinned_curves_are_the_figures(noisy_maps, scores):
    evaluation = evaluate(LABELS, TYPES, scores, *noisy_maps, np.ones(40, bool))
    curves = evaluation.curves
    tpr = np.r_[0, curves.pixel.tp / curves.pixel.positives]
    fpr = np.r_[0, curves.pixel.fp / curves.pixel.negatives]
    assert np.trapezoid(tpr, fpr) == pytest.approx(evaluation.metrics["pixel_auroc"], abs=1e-4)
    grid = np.linspace(0, 0.3, 30001)
    area = np.trapezoid(np.interp(grid, curves.pro.fpr, curves.pro.overlap), grid) / 0.3
    assert area == pytest.approx(evaluation.metrics["aupro"], abs=1e-3)


def test_intervals_surround_their_figures(noisy_maps, scores):
    evaluation = evaluate(LABELS, TYPES, scores, *noisy_maps, np.ones(40, bool))
    assert tuple(evaluation.intervals) == METRICS
    for name in set(METRICS) - {"image_f1_max", "pixel_f1_max"}:  # the best of all thresholds is biased upwards
        low, high = evaluation.intervals[name]
        assert low <= evaluation.metrics[name] <= high, name
        assert low < high, name
    assert list(evaluation.per_defect_intervals) == ["hole", "scratch"]
    for name, intervals in evaluation.per_defect_intervals.items():
        low, high = intervals["aupro"]
        assert low < evaluation.per_defect[name]["aupro"] < high
    again = evaluate(LABELS, TYPES, scores, *noisy_maps, np.ones(40, bool), seed=1)
    assert again.intervals["aupro"] == pytest.approx(evaluation.intervals["aupro"], abs=0.01)
    assert again.intervals["aupro"] != evaluation.intervals["aupro"]


def test_without_resamples_there_are_no_intervals(noisy_maps, scores):
    evaluation = evaluate(LABELS, TYPES, scores, *noisy_maps, np.ones(40, bool), replicates=0)
    assert (evaluation.intervals, evaluation.per_defect_intervals) == ({}, {})
    assert np.isnan(evaluation.region_recall[0].overlap_low)


def test_one_defective_image_has_figures_but_no_interval(noisy_maps, scores):
    masks, maps = noisy_maps
    evaluation = evaluate(LABELS[:21], TYPES[:21], scores[:21], masks[:21], maps[:21], np.ones(21, bool))
    assert np.isfinite(list(evaluation.metrics.values())).all()
    assert np.isnan([ends for name, ends in evaluation.intervals.items() if name not in FOUND_FIGURES]).all()
    assert evaluation.reasons["image_auroc/interval"] == "an interval needs at least two good and two defective images"
    assert evaluation.reasons["aupro/interval"] == "an interval needs at least two images with a defect pixel"


def test_the_operating_point_is_the_default_rules_unless_one_is_given(noisy_maps, scores):
    masks, maps = noisy_maps
    found = evaluate(LABELS, TYPES, scores, masks, maps, np.ones(40, bool))
    assert found.pixel_threshold == found.thresholds["pixel_good_p999"]
    assert found.metrics["pixel_iou"] == pytest.approx(segmentation(masks, maps, found.pixel_threshold).iou)
    defective = evaluate(LABELS[20:], TYPES[20:], scores[20:], masks[20:], maps[20:], np.ones(20, bool))
    assert defective.pixel_threshold == defective.thresholds["pixel_f1_max"]
    assert evaluate(LABELS, TYPES, scores, masks, maps, np.ones(40, bool), pixel_threshold=3.5).pixel_threshold == 3.5


def test_the_operating_point_of_wide_maps_is_exact_too(noisy_maps, scores, monkeypatch):
    monkeypatch.setattr(counts, "FEW", 100)
    masks, maps = noisy_maps[0], noisy_maps[1].astype(np.float32)
    found = evaluate(LABELS, TYPES, scores, masks, maps, np.ones(40, bool))
    assert found.thresholds["pixel_good_p999"] == above_share(maps[:20].ravel(), 0.999)
    assert found.metrics["pixel_iou"] == pytest.approx(segmentation(masks, maps, found.pixel_threshold).iou, abs=1e-12)
    assert found.curves.pixel.thresholds[0] == maps.max()


def test_any_other_fpr_limit_can_be_asked_for(noisy_maps, scores):
    found = evaluate(LABELS, TYPES, scores, *noisy_maps, np.ones(40, bool), fpr_limits=(0.3, 0.1))
    assert found.metrics["aupro_0.1"] == pytest.approx(metrics.aupro(*noisy_maps, 0.1), abs=1e-12)
    assert "aupro_0.05" not in found.metrics
    assert "aupro_0.1" in found.intervals


def test_regions_are_told_one_by_one_and_by_size(noisy_maps, scores):
    masks, maps = noisy_maps
    found = evaluate(LABELS, TYPES, scores, masks, maps, np.ones(40, bool))
    table = found.curves.regions
    assert np.bincount(table.image, table.area, 40).tolist() == masks.sum(axis=(1, 2)).tolist()
    assert [table.peak[table.image == i].max() for i in range(20, 40)] == [
        maps[i][masks[i]].max() for i in range(20, 40)]  # fmt: skip
    assert sum(row.regions for row in found.region_recall) == len(table.area)
    mean = sum(row.regions * row.overlap for row in found.region_recall) / len(table.area)
    assert mean == pytest.approx(table.overlap.mean())
    assert all(row.overlap_low <= row.overlap <= row.overlap_high for row in found.region_recall)
    by_type = [row.regions for rows in found.per_defect_region_recall.values() for row in rows]
    assert sum(by_type) == len(table.area)
