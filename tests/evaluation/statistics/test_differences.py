"""Paired tests, rankings and spreads against published examples, slow implementations and simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2, rankdata
from sklearn.metrics import roc_auc_score

from patchcore_core.evaluation.statistics import differences as statistics
from patchcore_core.evaluation.statistics.differences import (
    delong_test,
    holm,
    rank_runs,
    repeats,
    spread,
)

QUICK = settings(deadline=None, max_examples=80)

# Ovarian cancer data of DeLong, DeLong and Clarke-Pearson (1988), the 43 patients without missing values:
# albumin, total protein, K-G score, outcome.
OVARIAN = np.fromstring("""
3.0 5.8 10 0 3.2 6.3 5 1 3.9 6.8 3 1 2.8 4.8 6 0 3.2 5.8 3 1 0.9 4.0 5 0 2.5 5.7 8 0 1.6 5.6 5 1 3.8 5.7 5 1 3.7 6.7 6 1
3.2 5.4 4 1 3.8 6.6 6 1 4.1 6.6 5 1 3.6 5.7 5 1 4.3 7.0 4 1 3.6 6.7 4 0 2.3 4.4 6 1 4.2 7.6 4 0 4.0 6.6 6 0 3.5 5.8 6 1
3.8 6.8 7 1 3.0 4.7 8 0 4.5 7.4 5 1 3.7 7.4 5 1 3.1 6.6 6 1 4.1 8.2 6 1 4.3 7.0 5 1 4.3 6.5 4 1 3.2 5.1 5 1 2.6 4.7 6 1
3.3 6.8 6 0 1.7 4.0 7 0 3.7 6.1 5 1 3.3 6.3 7 1 4.2 7.7 6 1 3.5 6.2 5 1 2.9 5.7 9 0 2.1 4.8 7 1 2.8 6.2 8 0 4.0 7.0 7 1
3.3 5.7 6 1 3.7 6.9 5 1 3.6 6.6 5 1""", sep=" ").reshape(-1, 4)
OUTCOME, ALBUMIN, PROTEIN, KG = OVARIAN[:, 3].astype(int), OVARIAN[:, 0], OVARIAN[:, 1], 10 - OVARIAN[:, 2]

# Demsar (2006), table 6: AUC of C4.5, with m, with cf, with both, on 14 data sets. The paper ranks the third run of
# `voting` before the fourth, whose rounded values are equal.
DEMSAR = np.fromstring("""
0.763 0.768 0.771 0.798  0.599 0.591 0.590 0.569  0.954 0.971 0.968 0.967  0.628 0.661 0.654 0.657
0.882 0.888 0.886 0.898  0.936 0.931 0.916 0.931  0.661 0.668 0.609 0.685  0.583 0.583 0.563 0.625
0.775 0.838 0.866 0.875  1.000 1.000 1.000 1.000  0.940 0.962 0.965 0.962  0.619 0.666 0.614 0.669
0.972 0.981 0.9751 0.975  0.957 0.978 0.946 0.970""", sep=" ").reshape(-1, 4)


def slow_components(labels, scores):
    """V10 and V01 by comparing every defective image with every good one."""
    kernel = np.array([[1.0 if x > y else 0.5 if x == y else 0.0 for y in scores[labels == 0]]
                       for x in scores[labels == 1]])
    return kernel.mean(axis=1), kernel.mean(axis=0)


def slow_covariance(labels, first, second):
    (v10, v01), (w10, w01) = slow_components(labels, first), slow_components(labels, second)
    return np.cov(v10, w10) / len(v10) + np.cov(v01, w01) / len(v01)


def auroc(labels, scores):
    """From the ranks of the defective (Mann and Whitney)."""
    goods, defectives = np.bincount(labels, minlength=2)
    return (rankdata(scores)[labels == 1].sum() - defectives * (defectives + 1) / 2) / goods / defectives


def drawn(seed, goods=15, defectives=9, levels=6):
    """Labels and the scores of two related runs, with ties."""
    rng = np.random.default_rng(seed)
    labels = np.r_[np.zeros(goods, int), np.ones(defectives, int)]
    base = labels + rng.normal(size=len(labels))
    first, second = (np.round((base + rng.normal(size=len(labels))) * levels / 6) for _ in range(2))
    return labels, first, second


@pytest.mark.parametrize(("scores", "difference", "low", "high", "p_value"), [
    (ALBUMIN, 0.0108, -0.1761, 0.1976, 0.9102), (PROTEIN, -0.0780, -0.2830, 0.1271, 0.4561),
])
def test_two_curves_of_the_published_example(scores, difference, low, high, p_value):
    found = delong_test(OUTCOME, KG, scores)
    assert [round(value, 4) for value in (found.difference, found.low, found.high, found.p_value)] == [
        difference, low, high, p_value]


@pytest.mark.parametrize("seed", range(20))
def test_delong_is_that_of_comparing_all_pairs(seed):
    labels, first, second = drawn(seed)
    covariance = slow_covariance(labels, first, second)
    found = delong_test(labels, first, second)
    error = np.sqrt(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    assert found.first == pytest.approx(roc_auc_score(labels, first))
    assert found.difference == pytest.approx(roc_auc_score(labels, second) - roc_auc_score(labels, first))
    assert (found.high - found.low) / 2 / 1.959964 == pytest.approx(error)


@QUICK
@given(st.integers(0, 10**6))
def test_delong_sees_only_ranks_and_turns_with_the_order_of_the_runs(seed):
    labels, first, second = drawn(seed, goods=6, defectives=5)
    found = delong_test(labels, first, second)
    other = delong_test(labels, np.exp(second / 3), 2 * first - 7)
    assert other.difference == pytest.approx(-found.difference)
    np.testing.assert_allclose([other.low, other.high, other.p_value], [-found.high, -found.low, found.p_value])


def test_the_p_values_of_delong_are_even_where_the_runs_are_equally_good():
    """2000 pairs of runs that differ by chance alone: the share below 5 % and 20 % is what it says."""
    p_values = np.array([delong_test(*drawn(seed, 60, 40, 600)).p_value for seed in range(2000)])
    assert abs((p_values < 0.05).mean() - 0.05) < 0.015
    assert abs((p_values < 0.20).mean() - 0.20) < 0.03


def test_delong_agrees_with_a_permutation_test_that_swaps_the_runs():
    labels, first, second = drawn(5, 40, 30, 600)
    a, b = rankdata(first), rankdata(second)
    observed = auroc(labels, b) - auroc(labels, a)
    rng, swapped = np.random.default_rng(1), []
    for _ in range(2000):
        swap = rng.random(len(labels)) < 0.5
        swapped.append(auroc(labels, np.where(swap, a, b)) - auroc(labels, np.where(swap, b, a)))
    assert (np.abs(swapped) >= abs(observed)).mean() == pytest.approx(delong_test(labels, first, second).p_value,
                                                                      abs=0.05)


@pytest.mark.parametrize(("labels", "first", "second", "reason"), [
    ([0, 0, 1, 1], [1, 3, 2, 4], [10, 30, 20, 40], statistics.SAME_RANKING),
    ([0, 0, 1, 1], [1, 1, 1, 1], [7, 7, 7, 7], statistics.SAME_RANKING),
    ([0, 0, 1, 1], [1, 2, 3, 4], [5, 5, 5, 5], statistics.NO_SPREAD),
    ([0, 1, 1], [1, 2, 3], [1, 3, 0], statistics.TOO_FEW),
    ([0, 0], [1, 2], [2, 1], "there is no defective image"),
    ([1, 1], [1, 2], [2, 1], "there is no good image"),
    ([], [], [], "there is no good image"),
])
def test_where_there_is_no_p_value_there_is_a_reason(labels, first, second, reason):
    found = delong_test(np.array(labels, int), np.array(first, float), np.array(second, float))
    assert found.reason == reason
    assert np.isnan([found.p_value, found.low, found.high]).all()


@pytest.mark.parametrize("scores", [[1.0, np.nan], [1.0, np.inf], [1.0]])
def test_scores_that_are_none_are_refused(scores):
    with pytest.raises(ValueError, match="must be"):
        delong_test([0, 1], [1.0, 2.0], scores)


def test_holm_by_hand():
    np.testing.assert_allclose(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])
    np.testing.assert_allclose(holm([0.02, np.nan, 0.9]), [0.04, np.nan, 0.9])
    assert holm([]).shape == (0,)


@QUICK
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.floats(0.001, 0.5))
def test_holm_rejects_what_the_step_down_procedure_rejects(p_values, level):
    rejected = np.zeros(len(p_values), bool)
    for step, place in enumerate(np.argsort(p_values, kind="stable")):
        if p_values[place] * (len(p_values) - step) > level:
            break
        rejected[place] = True
    assert ((holm(p_values) <= level) == rejected).all()


def test_the_ranking_of_demsar():
    found = rank_runs(DEMSAR)
    assert [round(rank, 3) for rank in found.ranks] == [3.143, 2.000, 2.893, 1.964]
    assert found.critical_difference == pytest.approx(1.25, abs=0.005)
    ties = 1 - (60 + 6 + 6 + 6) / (14 * 60)  # four equal in one row, two equal in three
    assert chi2.isf(found.p_value, 3) * ties == pytest.approx(9.28, abs=0.005)  # the paper does not correct for ties
    assert found.categories == 14


def test_the_critical_difference_is_that_of_the_published_table():
    """Demsar's table 5: q at 0.05 for 2 to 10 classifiers."""
    for runs, q in zip(range(3, 11), (2.343, 2.569, 2.728, 2.850, 2.949, 3.031, 3.102, 3.164), strict=True):
        values = np.random.default_rng(runs).normal(size=(12, runs))
        found = rank_runs(values)
        assert found.critical_difference == pytest.approx(q * np.sqrt(runs * (runs + 1) / 72), abs=0.002)


def test_categories_without_all_values_are_left_out_of_the_ranking():
    values = np.random.default_rng(0).random((6, 3))
    broken = np.vstack([values, [[1.0, np.nan, 0.0]]])
    assert rank_runs(broken).ranks == rank_runs(values).ranks
    assert rank_runs(-values, higher_is_better=False).ranks == rank_runs(values).ranks


@pytest.mark.parametrize("values", [np.ones((5, 3)), np.random.default_rng(0).random((5, 2)), np.ones((1, 3)),
                                    np.ones((0, 3)), np.full((4, 3), np.nan)])
def test_where_there_is_no_ranking_there_is_a_reason(values):
    found = rank_runs(values)
    assert found.reason
    assert np.isnan([found.p_value, found.critical_difference]).all()


def test_spread_by_hand():
    assert spread([1.0, 2.0, 3.0, np.nan]) == statistics.Spread(2.0, 1.0, 3)
    assert (spread([0.5]).mean, spread([0.5]).n) == (0.5, 1)
    assert spread([0.5]).reason == "one run has no spread"
    assert spread([]).reason == "no run has a value"


def test_repeats_differ_in_nothing_but_the_seed():
    quick, paper = {"config": "quick", "data": "bottle"}, {"config": "paper", "data": "bottle"}
    runs = [{**quick, "seed": 0}, {**paper, "seed": 0}, {**quick, "seed": 1}, {"seed": 2, **quick}]
    assert repeats(runs) == [(0, 2, 3), (1,)]
    assert repeats([]) == []
