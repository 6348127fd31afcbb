"""Zones of scores and what they cost, by hand and by brute force."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchcore_core.evaluation.counts import counts_by_threshold
from patchcore_core.evaluation.thresholds.costs import Costs, cheapest_review, expected_cost, zones

QUICK = settings(deadline=None, max_examples=100)
LABELS = [0, 0, 0, 0, 1, 1, -1]
SCORES = [1.0, 2.0, 3.0, 5.0, 2.0, 6.0, 3.0]
PAIRS = st.lists(st.tuples(st.sampled_from([0, 1]), st.integers(0, 5)), min_size=2, max_size=15).filter(
    lambda pairs: len({label for label, _ in pairs}) == 2)
COSTS = st.builds(Costs, st.floats(0, 100), st.floats(0, 100), st.floats(0, 1), st.floats(0, 20))


def test_zones_by_hand():
    found = zones(LABELS, SCORES, 2.0, 5.0, Costs(escape=100, overkill=10, defect_rate=0.1, review=1))
    assert [(zone.name, zone.good, zone.defective, zone.unknown) for zone in (found.ok, found.review, found.ng)] == [
        ("OK", 1, 0, 0), ("review", 2, 1, 1), ("NG", 1, 1, 0)]
    assert [zone.share for zone in (found.ok, found.review, found.ng)] == [1 / 7, 4 / 7, 2 / 7]
    assert found.ok.expected == pytest.approx(0.9 / 4)
    assert found.review.expected == pytest.approx(0.9 / 2 + 0.1 / 2)
    assert [zone.cost for zone in (found.ok, found.review, found.ng)] == pytest.approx([0, 0.5, 0.9 / 4 * 10])
    assert found.cost == pytest.approx(2.75)
    assert found.reason is None


def test_an_escape_costs_what_it_costs():
    assert zones(LABELS, SCORES, 3.0, 3.0, Costs(100, 0, 0.1)).ok.cost == pytest.approx(0.1 / 2 * 100)


@QUICK
@given(PAIRS, COSTS, st.integers(-1, 7))
def test_with_one_threshold_the_zones_cost_what_the_threshold_costs(pairs, costs, threshold):
    labels, scores = np.array(pairs).T
    found = zones(labels, scores, threshold, threshold, costs)
    counts = counts_by_threshold(labels, scores)
    tp, fp = ((scores[labels == label] >= threshold).sum() for label in (1, 0))
    assert found.cost == pytest.approx(float(expected_cost(counts, costs, tp, fp)))
    assert found.review.good + found.review.defective == 0


def test_good_images_alone_cost_no_escapes_but_leave_them_unknown():
    found = zones([0, 0, 0, 0], [1, 2, 3, 4], 2, 4, Costs(100, 10, 0.1, 1))
    assert found.ng.cost == pytest.approx(0.9 / 4 * 10)
    assert math.isnan(found.ok.cost)
    assert math.isnan(found.cost)
    assert found.reason == "there is no defective test image"
    assert [zone.share for zone in (found.ok, found.review, found.ng)] == [0.25, 0.5, 0.25]
    assert zones([0, 0], [1, 2], 2, 2, Costs(100, 10, 0.0)).cost == 5.0


def test_without_costs_the_zones_are_only_counted():
    found = zones(LABELS, SCORES, 2.0, 5.0)
    assert found.review.share == 4 / 7
    assert np.isnan([found.ok.cost, found.ok.expected, found.cost]).all()
    assert found.reason == "no costs were given"


def test_no_images_no_shares():
    found = zones([], [], 1.0, 2.0, Costs(1, 1, 0.5))
    assert math.isnan(found.ok.share)
    assert found.reason == "there is no good and no defective test image"


@pytest.mark.parametrize("ends", [(2.0, 1.0), (math.nan, 1.0), (1.0, math.nan)])
def test_thresholds_in_the_wrong_order_are_refused(ends):
    with pytest.raises(ValueError, match="must not be above"):
        zones(LABELS, SCORES, *ends)


@pytest.mark.parametrize("values", [(-1, 1, 0.1), (1, math.nan, 0.1), (1, 1, 1.5), (1, 1, math.nan), (math.inf, 1, 0)])
def test_costs_that_are_none_are_refused(values):
    with pytest.raises(ValueError, match="must be"):
        Costs(*values)


def test_the_cheapest_review_zone_is_that_of_all_thresholds_tried():
    rng = np.random.default_rng(3)
    labels = np.r_[np.zeros(20, int), np.ones(15, int)]
    scores = np.round(np.r_[rng.normal(0, 1, 20), rng.normal(1.5, 1, 15)], 1)
    counts = counts_by_threshold(labels, scores)
    for high in (2.05, 1.5, 9.0):
        costs = Costs(escape=40, overkill=5, defect_rate=0.1, review=1)
        tried = {low: zones(labels, scores, low, high, costs).cost for low in (high, *np.unique(scores[scores < high]))}
        low = cheapest_review(counts, costs, high)
        assert low <= high
        assert zones(labels, scores, low, high, costs).cost == pytest.approx(min(tried.values()))
