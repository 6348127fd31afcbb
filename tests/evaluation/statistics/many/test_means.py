"""Means with intervals: by hand, and how often they hold the truth."""

import numpy as np
import pytest

from patchcore_core.evaluation.statistics.many.means import on_the_same_images, over_categories


def test_by_hand():
    same = on_the_same_images([0.8, 0.6], [(0.7, 0.9), (0.5, 0.8)])
    assert (same.value, same.low, same.high, same.n) == pytest.approx((0.7, 0.6, 0.85, 2))
    apart = over_categories([0.8, 0.6], [(0.5, 0.9), (0.2, 0.9)])
    assert (apart.low, apart.high) == pytest.approx((0.7 - 0.25, 0.7 + np.hypot(0.1, 0.3) / 2))
    one = over_categories([0.8], [(0.7, 0.9)])
    assert (one.low, one.value, one.high) == pytest.approx((0.7, 0.8, 0.9))


def test_an_unknown_interval_makes_that_of_the_mean_unknown():
    for mean in (on_the_same_images, over_categories):
        found = mean([0.8, 0.6], [(0.7, 0.9), (np.nan, np.nan)])
        assert found.value == pytest.approx(0.7)
        assert np.isnan([found.low, found.high]).all()


@pytest.mark.parametrize(("mean", "common"), [(on_the_same_images, 1.0), (on_the_same_images, 0.0),
                                              (over_categories, 0.0)])
def test_the_truth_lies_within_at_least_as_often_as_is_said(mean, common):
    """Of normal figures around 0 that are the same (`common` 1) or independent (0)."""
    rng = np.random.default_rng(0)
    drawn = common * rng.normal(size=(2000, 1)) + (1 - common) * rng.normal(size=(2000, 4))
    found = [mean(row, [(value - 1.96, value + 1.96) for value in row]) for row in drawn]
    assert np.mean([one.low <= 0 <= one.high for one in found]) > 0.94
