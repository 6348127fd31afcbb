"""Significantly best: against tests made one by one, and cases known by hand."""

from __future__ import annotations

import numpy as np
import pytest

from patchcore_core.evaluation.statistics.best import significantly_best
from patchcore_core.evaluation.statistics.differences import delong_test

LABELS = np.repeat([0, 1], 60)
RNG = np.random.default_rng(3)


def scores(shift: float) -> np.ndarray:
    return RNG.normal(LABELS * shift, 1.0)


def test_a_run_far_above_the_others_is_best_wherever_it_stands():
    weak, strong = [scores(0.2), scores(0.5)], scores(4.0)
    assert significantly_best(LABELS, [*weak, strong]) == 2
    assert significantly_best(LABELS, [strong, *weak]) == 0


def test_runs_within_chance_have_no_best():
    one = scores(2.0)
    assert significantly_best(LABELS, [one, one + RNG.normal(0, 0.01, len(one))]) is None
    assert significantly_best(LABELS, [one, one]) is None
    assert significantly_best(LABELS, [one]) is None


def test_many_comparisons_ask_for_more_than_one():
    """Bonferroni's bound holds for Holm's method, too: with p just below 5 % against one run, others take it away."""
    for _ in range(200):
        leader, other = scores(1.5), scores(1.1)
        near = 0.02 < delong_test(LABELS, other, leader).p_value < 0.05
        if near and significantly_best(LABELS, [leader, other]) == 0:
            break
    else:
        pytest.fail("no such pair in 200")
    assert significantly_best(LABELS, [leader, *[other + 0.0] * 3]) is None


def test_images_without_label_do_not_count_and_one_class_has_no_best():
    strong, weak = scores(4.0), scores(0.2)
    labels = np.append(LABELS, -1)
    assert significantly_best(labels, [np.append(strong, 0), np.append(weak, 99)]) == 0
    assert significantly_best(np.zeros(120), [strong, weak]) is None
    with pytest.raises(ValueError, match="expected labels"):
        significantly_best(LABELS, [strong[:5]])
