"""What the default threshold finds, by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchcore_core.evaluation.thresholds.found import (
    FALSE_ALARMS,
    RECALL,
    Found,
    found_at_default,
    found_words,
    per_type,
)

LABELS = [0, 1, 1, 0, -1, 1, 0]
SCORES = [0.1, 0.5, 0.4, 0.9, 0.7, 0.8, 0.2]
TYPES = ["good", "hole", "scratch", "good", "", "scratch", "good"]
THRESHOLDS = {"heldout_p99": 0.5, "good_p99": 0.95, "f1_max": 0.4}


def test_the_default_threshold_decides_by_hand():
    found = found_at_default(LABELS, SCORES, THRESHOLDS)
    assert found == Found("heldout_p99", 0.5, found=2, defective=3, false_alarms=1, good=3)
    assert found.figures() == pytest.approx({RECALL: 2 / 3, FALSE_ALARMS: 1 / 3})
    assert found.reasons() == {}


def test_of_a_type_its_own_images_count_and_all_good_ones():
    found = per_type(["hole", "scratch"], TYPES, LABELS, SCORES, THRESHOLDS)
    assert {name: (one.found, one.defective, one.false_alarms, one.good) for name, one in found.items()} == {
        "hole": (1, 1, 1, 3), "scratch": (1, 2, 1, 3)}  # fmt: skip


@pytest.mark.parametrize(("labels", "thresholds", "undefined"), [
    ([0, 0], THRESHOLDS, {RECALL: "there is no defective image"}),
    ([1, 1], THRESHOLDS, {FALSE_ALARMS: "there is no good image"}),
    ([-1, -1], THRESHOLDS, {RECALL: "there is no defective image", FALSE_ALARMS: "there is no good image"}),
    ([0, 1], {"f1_max": math.nan}, {RECALL: "there is no threshold", FALSE_ALARMS: "there is no threshold"}),
])  # fmt: skip
def test_what_cannot_be_known_is_nan_with_a_reason(labels, thresholds, undefined):
    found = found_at_default(labels, [0.1, 0.9], thresholds)
    assert found.reasons() == undefined
    for name in undefined:
        assert math.isnan(found.figures()[name])
        assert all(math.isnan(end) for end in found.intervals()[name])


def test_counts_are_said_with_wilson_intervals():
    said = found_words(Found("heldout_p99", 1.0, 81, 263, 0, 29))  # Newcombe 1998, table I
    assert said == ("found 81 of 263 defective (30.8 %, 25.5 % to 36.6 %), "
                    "0 of 29 good predicted defective (0.0 %, 0.0 % to 11.7 %)")


@pytest.mark.parametrize(("found", "said"), [
    (Found("", math.nan, 0, 3, 0, 3), "recall unknown: there is no threshold"),
    (Found("good_p99", 1.0, 0, 0, 0, 2), "no defective image to find, 0 of 2 good predicted defective"),
    (Found("f1_max", 1.0, 1, 2, 0, 0), "found 1 of 2 defective (50.0 %, 9.5 % to 90.5 %), no good image to test"),
])  # fmt: skip
def test_what_there_is_not_is_said_in_place_of_a_zero(found, said):
    assert found_words(found).startswith(said)


@given(st.lists(st.tuples(st.sampled_from([-1, 0, 1]), st.floats(0, 1, width=32)), max_size=30), st.floats(0, 1))
def test_counts_are_those_of_one_image_at_a_time(images, threshold):
    labels, scores = np.array([label for label, _ in images], int), np.array([score for _, score in images], np.float32)
    found = found_at_default(labels, scores, {"good_p99": threshold})
    assert found.found == sum(label == 1 and float(score) >= threshold for label, score in images)
    assert found.false_alarms == sum(label == 0 and float(score) >= threshold for label, score in images)
    assert (found.defective, found.good) == (labels.tolist().count(1), labels.tolist().count(0))
