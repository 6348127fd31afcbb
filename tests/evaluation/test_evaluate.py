"""A whole test set: the same figures as one metric at a time, and sentences for what is undefined or left out."""

import math
import tracemalloc
import warnings

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from patchcore_core.evaluation import metrics
from patchcore_core.evaluation.evaluate import METRICS, evaluate
from patchcore_core.evaluation.kernels.counting import add_counts_below
from patchcore_core.evaluation.thresholds.decision import segmentation

LABELS = np.repeat([0, 1], 20)
TYPES = ["good"] * 20 + ["hole"] * 12 + ["scratch"] * 8
PIXEL = [name for name in METRICS if not name.startswith("image")]
ONE_AT_A_TIME = {
    "image_auroc": metrics.image_auroc, "image_average_precision": metrics.average_precision,
    "image_f1_max": metrics.f1_max, "pixel_auroc": metrics.pixel_auroc,
    "pixel_auroc_anomalous": metrics.pixel_auroc_anomalous,
    "pixel_average_precision": metrics.pixel_average_precision, "pixel_f1_max": metrics.pixel_f1_max,
    "pixel_iou": lambda masks, maps: segmentation(masks, maps, THRESHOLD).iou,
    "pixel_f1": lambda masks, maps: segmentation(masks, maps, THRESHOLD).f1,
    "aupro": metrics.aupro, "aupro_0.05": lambda masks, maps: metrics.aupro(masks, maps, 0.05),
    "image_fpr_at_95_tpr": metrics.fpr_at_tpr, "image_tpr_at_fpr_0": metrics.tpr_at_fpr,
    "image_tpr_at_fpr_1": lambda labels, scores: metrics.tpr_at_fpr(labels, scores, 0.01),
    "image_partial_auroc": metrics.partial_auroc,
    "image_recall": lambda labels, scores: np.mean(scores[labels == 1] >= above_share(scores[labels == 0], 0.99)),
    "image_false_alarm_rate": lambda labels, scores: np.mean(
        scores[labels == 0] >= above_share(scores[labels == 0], 0.99)),
}
THRESHOLD = 4.0  # of pixels


def above_share(scores, share):
    """Just above the ceil(share (n + 1))-th lowest of n scores."""
    rank = min(len(scores), math.ceil(round(share * (len(scores) + 1), 6)))
    return np.nextafter(float(np.sort(scores)[rank - 1]), np.inf)


def one_at_a_time(scores, masks, maps, images):
    return {
        name: function(LABELS[images], scores[images]) if name.startswith("image")
        else function(masks[images], maps[images])
        for name, function in ONE_AT_A_TIME.items()
    }


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_the_figures_are_those_of_one_metric_at_a_time(noisy_maps, scores, dtype):
    masks, maps = noisy_maps[0], noisy_maps[1].astype(dtype)
    evaluation = evaluate(LABELS, TYPES, scores, masks, maps, np.ones(40, bool), pixel_threshold=THRESHOLD)
    assert evaluation.metrics == pytest.approx(one_at_a_time(scores, masks, maps, np.arange(40)), abs=1e-12)
    assert tuple(evaluation.metrics) == METRICS
    assert (evaluation.reasons, evaluation.notes) == ({}, ())


def test_a_defect_type_is_judged_against_all_good_images(noisy_maps, scores):
    masks, maps = noisy_maps
    per_defect = evaluate(LABELS, TYPES, scores, masks, maps, np.ones(40, bool), pixel_threshold=THRESHOLD).per_defect
    assert list(per_defect) == ["hole", "scratch"]
    for name, images in [("hole", np.arange(32)), ("scratch", np.r_[0:20, 32:40])]:
        expected = {"count": len(images) - 20, **one_at_a_time(scores, masks, maps, images)}
        assert per_defect[name] == pytest.approx(expected, abs=1e-12)


def test_a_missing_mask_leaves_its_image_out_of_the_pixel_metrics(noisy_maps, scores):
    masks, maps = noisy_maps[0].copy(), noisy_maps[1]
    known = np.ones(40, bool)
    known[[25, 39]] = False
    masks[[25, 39]] = False
    evaluation = evaluate(LABELS, TYPES, scores, masks, maps, known, pixel_threshold=THRESHOLD)
    expected = one_at_a_time(scores, masks, maps, np.flatnonzero(known))
    assert {name: evaluation.metrics[name] for name in PIXEL} == pytest.approx(
        {name: expected[name] for name in PIXEL}, abs=1e-12
    )
    assert evaluation.metrics["image_auroc"] == metrics.image_auroc(LABELS, scores)
    assert evaluation.notes == ("2 of 40 test images have no known mask and are left out of the pixel metrics",)


def test_a_good_image_needs_no_mask(noisy_maps, scores):
    masks, maps = noisy_maps
    with_all = evaluate(LABELS, TYPES, scores, masks, maps, np.ones(40, bool))
    without = evaluate(LABELS, TYPES, scores, masks, maps, LABELS == 1)
    assert without.metrics == with_all.metrics
    assert without.notes == ()


def test_unknown_labels_are_left_out_of_the_image_metrics(noisy_maps, scores):
    masks, maps = noisy_maps
    labels = LABELS.copy()
    labels[[0, 30]] = -1
    known = labels != -1
    evaluation = evaluate(labels, TYPES, scores, masks, maps, known)
    assert evaluation.metrics["image_auroc"] == pytest.approx(roc_auc_score(labels[known], scores[known]))
    assert evaluation.metrics["pixel_auroc"] == metrics.pixel_auroc(masks[known], maps[known])
    assert evaluation.per_defect["hole"]["count"] == 11
    assert "2 of 40 test images have no label and are left out of the image metrics" in evaluation.notes


def test_without_any_mask_the_pixel_metrics_are_nan_with_a_reason(noisy_maps, scores):
    evaluation = evaluate(LABELS, TYPES, scores, None, noisy_maps[1], np.ones(40, bool))
    assert np.isnan([evaluation.metrics[name] for name in PIXEL]).all()
    assert {name: evaluation.reasons[name] for name in PIXEL} == dict.fromkeys(PIXEL, "no mask has a defect pixel")
    assert np.isfinite(evaluation.metrics["image_auroc"])
    assert evaluation.reasons["hole/aupro"] == "no mask has a defect pixel"
    assert evaluation.notes == ("20 of 40 test images have no known mask and are left out of the pixel metrics",)
    assert np.isfinite(evaluation.thresholds["pixel_good_p999"])
    assert len(evaluation.curves.pro.fpr) == 0


def test_good_images_only(noisy_maps, scores):
    masks, maps = noisy_maps
    evaluation = evaluate(LABELS[:20], TYPES[:20], scores[:20], masks[:20], maps[:20], np.ones(20, bool))
    defined = {name for name, value in evaluation.metrics.items() if not np.isnan(value)}
    assert defined == {"image_false_alarm_rate"}
    assert set(evaluation.reasons) == set(METRICS) - defined
    assert evaluation.reasons["image_auroc"] == evaluation.reasons["image_recall"] == "there is no defective image"
    assert evaluation.per_defect == {}
    assert np.isnan(evaluation.thresholds["f1_max"])
    assert evaluation.thresholds["good_max"] > scores[:20].max()


def test_defective_images_only(noisy_maps, scores):
    masks, maps = noisy_maps
    evaluation = evaluate(LABELS[20:], TYPES[20:], scores[20:], masks[20:], maps[20:], np.ones(20, bool))
    assert evaluation.reasons["image_auroc"] == "there is no good image"
    assert evaluation.metrics["aupro"] == metrics.aupro(masks[20:], maps[20:])
    assert np.isnan([evaluation.thresholds[name] for name in ("good_max", "good_p99", "pixel_good_p999")]).all()


def test_an_empty_test_set():
    evaluation = evaluate([], [], [], np.zeros((0, 4, 4), bool), np.zeros((0, 4, 4), np.float16), [])
    assert np.isnan(list(evaluation.metrics.values())).all()
    assert set(evaluation.reasons) == set(METRICS)


def test_nothing_undefined_is_warned_about_or_divided_by(noisy_maps, scores):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        evaluate(LABELS, TYPES, scores, None, noisy_maps[1], np.zeros(40, bool))
        evaluate([], [], [], None, np.zeros((0, 4, 4), np.float16), [])


def test_maps_are_read_from_a_mapped_file(noisy_maps, scores, tmp_path):
    masks, maps = noisy_maps
    for name, array in (("maps", maps), ("masks", masks)):
        np.save(tmp_path / f"{name}.npy", array)
    mapped = [np.load(tmp_path / f"{name}.npy", mmap_mode="r") for name in ("masks", "maps")]
    known = np.ones(40, bool)
    in_memory = evaluate(LABELS, TYPES, scores, masks, maps, known)
    found = evaluate(LABELS, TYPES, scores, *mapped, known)
    assert (found.metrics, found.intervals) == (in_memory.metrics, in_memory.intervals)


def test_defect_types_may_have_any_name(noisy_maps, scores):
    types = ["good"] * 20 + ["?"] * 10 + ["good"] * 10
    evaluation = evaluate(LABELS, types, scores, *noisy_maps, np.ones(40, bool))
    assert {name: values["count"] for name, values in evaluation.per_defect.items()} == {"?": 10, "good": 10}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"labels": LABELS[1:]}, "of one length"),
        ({"defect_types": TYPES[1:]}, "of one length"),
        ({"image_scores": np.zeros(39)}, "of one length"),
        ({"mask_known": np.ones(39, bool)}, "of one length"),
        ({"masks": np.zeros((40, 64, 63), bool)}, "masks and maps must both be"),
        ({"labels": LABELS + 1}, "labels must be 0, 1 or -1"),
        ({"image_scores": np.full(40, np.nan)}, "scores must be finite"),
        ({"anomaly_maps": np.full((40, 64, 64), np.nan, np.float16)}, "scores must be finite"),
    ],
)
def test_what_does_not_fit_together_is_refused(noisy_maps, scores, change, message):
    arguments = {"labels": LABELS, "defect_types": TYPES, "image_scores": scores, "masks": noisy_maps[0],
                 "anomaly_maps": noisy_maps[1], "mask_known": np.ones(40, bool)}
    with pytest.raises(ValueError, match=message):
        evaluate(**arguments | change)


def test_progress_counts_every_pass_over_the_images(noisy_maps, scores):
    seen = []
    evaluate(LABELS, TYPES, scores, *noisy_maps, np.ones(40, bool), report=lambda *step: seen.append(step))
    assert [total for _, total in seen] == [120] * len(seen)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1] == (120, 120)


@pytest.mark.parametrize(("dtype", "limit"), [(np.float16, 1.5), (np.float32, 2.5)])
def test_memory_stays_in_proportion_to_the_maps(dtype, limit):
    generator = np.random.default_rng(0)
    labels = np.repeat([0, 1], 150)
    masks = np.zeros((300, 224, 224), bool)
    masks[150:, 50:100, 80:120] = True
    maps = generator.gamma(4.0, 5.0, masks.shape).astype(dtype)
    image_scores = maps.max(axis=(1, 2)).astype(np.float32)
    arguments = labels, ["good"] * 150 + ["hole"] * 150, image_scores, masks, maps, np.ones(300, bool)
    add_counts_below(np.zeros(1, np.uint32), np.zeros(1, np.uint32), np.zeros(1, np.int64))  # loaded beforehand
    tracemalloc.start()
    evaluate(*arguments)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < limit * maps.nbytes
