"""Decisions at a threshold, by hand and against scikit-learn."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix, f1_score, jaccard_score, precision_score, recall_score

from patchcore_core.evaluation.thresholds.decision import (
    confusion,
    default_rule,
    outcomes,
    predicted,
    recall_per_defect,
    segmentation,
)

QUICK = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])

LABELS = [0, 1, 1, 0, -1, 1]
SCORES = [0.1, 0.5, 0.4, 0.9, 0.7, 0.8]
PAIRS = st.lists(st.tuples(st.sampled_from([0, 1]), st.integers(0, 5)), min_size=1, max_size=40)


def test_outcomes_by_hand():
    assert outcomes(LABELS, SCORES, 0.5).tolist() == ["TN", "TP", "FN", "FP", "?", "TP"]


def test_a_score_equal_to_the_threshold_is_predicted_defective():
    assert predicted([0.5, np.nextafter(0.5, 0)], 0.5).tolist() == [True, False]


def test_scores_are_compared_in_float64():
    stored = np.array([0.1], np.float16)  # 0.0999756
    assert not predicted(stored, 0.1)[0]
    assert predicted(stored, float(stored[0]))[0]


def test_nothing_is_predicted_at_an_undefined_threshold():
    assert outcomes([0, 1], [1.0, 2.0], float("nan")).tolist() == ["TN", "FN"]


@QUICK
@given(PAIRS, st.integers(-1, 6))
def test_confusion_is_that_of_scikit_learn(pairs, threshold):
    labels, scores = np.array(pairs).T
    found = scores >= threshold
    result = confusion(labels, scores, threshold)
    tn, fp, fn, tp = confusion_matrix(labels, found, labels=[0, 1]).ravel()
    assert (result.tn, result.fp, result.fn, result.tp) == (tn, fp, fn, tp)
    for value, score in [(result.precision, precision_score), (result.recall, recall_score), (result.f1, f1_score)]:
        np.testing.assert_allclose(value, score(labels, found, zero_division=np.nan))
    if tp + fp + fn:
        assert result.iou == pytest.approx(jaccard_score(labels, found))


@QUICK
@given(PAIRS, st.integers(-1, 6))
def test_confusion_counts_the_outcomes(pairs, threshold):
    labels, scores = np.array(pairs).T
    named = outcomes(labels, scores, threshold).tolist()
    result = confusion(labels, scores, threshold)
    assert [result.tp, result.fp, result.fn, result.tn] == [named.count(name) for name in ("TP", "FP", "FN", "TN")]


def test_unknown_labels_are_left_out_of_the_confusion():
    result = confusion(LABELS, SCORES, 0.5)
    assert (result.tp, result.fp, result.fn, result.tn) == (2, 1, 1, 1)
    assert result.false_positive_rate == 0.5


def test_recall_per_defect_type():
    types = ["good", "hole", "scratch", "good", "", "hole"]
    assert recall_per_defect(types, LABELS, SCORES, 0.5) == {"hole": (2, 2), "scratch": (0, 1)}
    assert recall_per_defect([], [], [], 0.5) == {}


def test_segmentation_by_hand():
    masks = np.array([[[1, 1], [0, 0]], [[1, 0], [0, 0]]], bool)
    maps = np.array([[[3, 1], [3, 0]], [[2, 0], [0, 0]]], np.float16)
    result = segmentation(masks, maps, 2)
    assert (result.tp, result.fp, result.fn, result.tn) == (2, 1, 1, 4)
    assert (result.iou, result.precision, result.recall) == (0.5, 2 / 3, 2 / 3)


def test_shares_of_nothing_are_nan():
    result = segmentation(np.zeros((2, 2), bool), np.zeros((2, 2)), 1.0)
    assert np.isnan([result.precision, result.recall, result.f1, result.iou]).all()
    assert result.false_positive_rate == 0


@pytest.mark.parametrize("function", [confusion, outcomes, segmentation])
def test_shapes_that_differ_are_refused(function):
    with pytest.raises(ValueError, match="got \\(2,\\) and \\(3,\\)"):
        function([0, 1], [1, 2, 3], 0.5)


def test_defect_types_of_another_length_are_refused():
    with pytest.raises(ValueError, match="defect types and labels"):
        recall_per_defect(["hole"], [0, 1], [1, 2], 0.5)


@pytest.mark.parametrize(("thresholds", "rule"), [
    ({"f1_max": 2.0, "good_max": 3.0, "good_p99": 1.0}, "good_p99"),
    ({"f1_max": 2.0, "good_p99": 1.0, "heldout_p99": 4.0}, "heldout_p99"),
    ({"good_p99": 1.0, "heldout_p99": np.nan, "pixel_heldout_p999": 4.0}, "good_p99"),
    ({"f1_max": 2.0, "good_p99": np.nan}, "f1_max"),
    ({"good_p99": np.nan, "f1_max": np.nan, "pixel_good_p999": 1.0}, None),
    ({}, None),
])
def test_held_out_images_decide_else_good_test_images_else_f1_max_else_nothing(thresholds, rule):
    assert default_rule(thresholds) == rule
    assert default_rule({"pixel_f1_max": 1.0}, "pixel") == "pixel_f1_max"
    assert default_rule({"pixel_f1_max": 1.0, "pixel_good_p999": 2.0}, "pixel") == "pixel_good_p999"
    assert default_rule({"pixel_good_p999": 2.0, "pixel_heldout_p999": 3.0}, "pixel") == "pixel_heldout_p999"
