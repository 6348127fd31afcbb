"""The sentence on a threshold outside the range that would separate all test images."""

import math

import pytest

from patchcore_core.evaluation.thresholds.separable import separability_sentence

LABELS, SCORES = [0, 0, 0, 1, 1, 1, -1], [20.0, 30.0, 36.5, 42.0, 50.0, 60.0, 99.0]
RULE = "the held-out rule"


@pytest.mark.parametrize("threshold", [45.0, 60.5, 30.0])
def test_a_threshold_far_outside_the_range_is_said(threshold):
    said = separability_sentence(LABELS, SCORES, threshold, RULE)
    assert said == f"36.5 to 42.0 would separate all 6 images; the held-out rule sets {threshold}"


@pytest.mark.parametrize("threshold", [36.6, 42.0, 43.0, 35.5, math.nan])
def test_one_that_separates_or_nearly_does_is_not(threshold):
    assert separability_sentence(LABELS, SCORES, threshold, RULE) is None


@pytest.mark.parametrize(("labels", "scores"), [
    ([0, 1, 1], [2.0, 2.0, 9.0]), ([0, 1, 0, 1], [1.0, 2.0, 3.0, 4.0]), ([0, 0], [1.0, 2.0]), ([1], [1.0]), ([], []),
])  # fmt: skip
def test_where_no_threshold_separates_there_is_nothing_to_say(labels, scores):
    assert separability_sentence(labels, scores, 50.0, RULE) is None


def test_a_narrow_range_has_the_digits_that_tell_its_ends_apart():
    said = separability_sentence([0, 0, 1], [0.0, 1.501, 1.504], 0.4, RULE)
    assert said == "1.501 to 1.504 would separate all 3 images; the held-out rule sets 0.400"
