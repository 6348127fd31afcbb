"""Thresholds by every method, against brute force over all thresholds and against simulation."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from patchcore_core.evaluation.counts import counts_by_threshold
from patchcore_core.evaluation.curves import best_f1
from patchcore_core.evaluation.thresholds.costs import Costs, expected_cost
from patchcore_core.evaluation.thresholds.operating_point import (
    GoodScores,
    cost_weighted,
    f1_max,
    fixed_fpr,
    images_needed,
    manual,
    mean_plus_sd,
    quantile,
    youden,
)

QUICK = settings(deadline=None, max_examples=100)
PAIRS = st.lists(st.tuples(st.sampled_from([0, 1]), st.integers(0, 6)), min_size=2, max_size=30).filter(
    lambda pairs: len({label for label, _ in pairs}) == 2)
SCORES = st.lists(st.integers(0, 9), min_size=1, max_size=60)
SHARES = st.floats(0.01, 0.99)
COSTS = st.builds(Costs, st.floats(0, 100), st.floats(0, 100), st.floats(0, 1))


def at(pairs, threshold):
    """Recall and share of false alarms, by the definition."""
    labels, scores = np.array(pairs).T
    return (scores[labels == 1] >= threshold).mean(), (scores[labels == 0] >= threshold).mean()


def thresholds_of(pairs):
    scores = sorted({score for _, score in pairs})
    return [*scores, np.nextafter(scores[-1], np.inf)]


def counts_of(pairs):
    return counts_by_threshold(*np.array(pairs).T)


@QUICK
@given(PAIRS)
def test_youden_by_brute_force(pairs):
    gains = {threshold: np.subtract(*at(pairs, threshold)) for threshold in thresholds_of(pairs)}
    best = max(gains.values())
    chosen = youden(counts_of(pairs)).value
    assert gains[chosen] == pytest.approx(best)
    assert chosen == max(threshold for threshold, gain in gains.items() if gain > best - 1e-12)


@QUICK
@given(PAIRS, COSTS)
def test_the_cost_weighted_threshold_costs_least_by_brute_force(pairs, costs):
    def cost(threshold):
        recall, alarms = at(pairs, threshold)
        return costs.defect_rate * (1 - recall) * costs.escape + (1 - costs.defect_rate) * alarms * costs.overkill

    chosen = cost_weighted(counts_of(pairs), costs).value
    assert cost(chosen) == pytest.approx(min(cost(threshold) for threshold in thresholds_of(pairs)))
    counts = counts_of(pairs)
    np.testing.assert_allclose(expected_cost(counts, costs, counts.true_positives, counts.false_positives),
                               [cost(threshold) for threshold in counts.thresholds], atol=1e-9)


@QUICK
@given(PAIRS, COSTS, st.floats(1, 10))
def test_a_dearer_escape_never_raises_the_threshold(pairs, costs, factor):
    dearer = Costs(costs.escape * factor, costs.overkill, costs.defect_rate)
    assert cost_weighted(counts_of(pairs), dearer).value <= cost_weighted(counts_of(pairs), costs).value


@QUICK
@given(PAIRS)
def test_f1_max_by_brute_force(pairs):
    labels, scores = np.array(pairs).T
    chosen = f1_max(counts_of(pairs))
    best = max(f1_score(labels, scores >= threshold) for threshold in set(scores.tolist()))
    assert f1_score(labels, scores >= chosen.value) == pytest.approx(best)
    assert chosen.value == best_f1(counts_of(pairs)).threshold
    assert chosen.source == "oracle"
    assert "Oracle" in chosen.sentence


@QUICK
@given(SCORES, st.floats(0, 1))
def test_a_fixed_fpr_is_never_exceeded_and_the_threshold_is_the_lowest_such(scores, limit):
    scores = np.array(scores, float)
    chosen = fixed_fpr(GoodScores.of(scores, "test good"), limit).value
    assert (scores >= chosen).mean() <= limit + 1e-9
    lower = scores[scores < chosen]
    assert not len(lower) or (scores >= lower.max()).mean() > limit


@QUICK
@given(SCORES, SHARES)
def test_the_quantile_by_its_definition(scores, share):
    scores = np.array(scores, float)
    chosen = quantile(GoodScores.of(scores, "held-out"), share)
    if math.ceil(share * (len(scores) + 1) - 1e-9) <= len(scores):
        below = np.sort(scores)[math.ceil(share * (len(scores) + 1) - 1e-9) - 1]
        assert (scores < chosen.value).mean() >= share - 1e-9
    else:
        below = scores.max()
        assert "the maximum is used" in chosen.sentence
    assert chosen.value == np.nextafter(below, np.inf)


@QUICK
@given(SCORES, SHARES, SHARES)
def test_more_asked_of_the_good_raises_the_threshold(scores, one, other):
    good, (less, more) = GoodScores.of(scores, "held-out"), sorted([one, other])
    assert quantile(good, less).value <= quantile(good, more).value
    assert fixed_fpr(good, more).value <= fixed_fpr(good, less).value
    if len(scores) > 1:
        assert mean_plus_sd(good, less).value <= mean_plus_sd(good, more).value


@pytest.mark.parametrize(("images", "share"), [(20, 0.99), (99, 0.99), (300, 0.99), (40, 0.9)])
def test_the_false_alarms_of_a_quantile_are_what_the_sentence_says(images, share):
    """Scores of an exponential distribution, whose false alarms at each threshold are known."""
    rng = np.random.default_rng(0)
    points = [quantile(GoodScores.of(rng.exponential(size=images), "held-out"), share) for _ in range(3000)]
    alarms = np.exp([-point.value for point in points])
    assert alarms.mean() == pytest.approx(points[0].false_alarms, rel=0.06)
    assert (alarms > points[0].false_alarms_bound).mean() == pytest.approx(0.05, abs=0.013)
    if images >= 99:
        assert points[0].false_alarms <= 1 - share + 1e-9


def test_the_99th_percentile_of_20_images_is_the_highest_and_says_so():
    found = quantile(GoodScores.of(np.arange(20.0), "held-out"))
    assert found.method == "heldout_p99"
    assert found.value == np.nextafter(19.0, np.inf)
    assert found.sentence == (
        "Above 20 of 20 held-out good images: about 4.8 % of new good images are false alarms, with "
        "95 % confidence at most 14 %. 99 % needs 99 good images; the maximum is used.")
    assert found.false_alarms_bound == pytest.approx(1 - 0.05 ** (1 / 20))
    assert [images_needed(share) for share in (0.99, 0.95, 0.999, 0.5)] == [99, 19, 999, 1]
    assert "the maximum is used" not in quantile(GoodScores.of(np.arange(99.0), "held-out")).sentence
    assert "the maximum is used" in quantile(GoodScores.of(np.arange(98.0), "held-out")).sentence


def capped(scores):
    return dataclasses.replace(GoodScores.of(scores, "held-out", leave_one_out=True), capped=True)


@QUICK
@given(st.lists(st.floats(1, 4), min_size=4, max_size=130), st.lists(st.floats(0, 1e6), min_size=1, max_size=3))
def test_three_further_images_raise_a_capped_threshold_by_a_tenth_at_most(scores, others):
    together = max(1, min(3, len(scores) // 4))
    others = others[:together]
    lower = np.sort(scores)[::-1]
    steps = 1.1 ** np.ceil(np.arange(len(scores)) / together) * lower
    assume(np.argmin(steps[: len(scores) // 2 + 1]) + len(others) <= len(scores) // 2)  # else half of them are high
    before, after = quantile(capped(scores)).value, quantile(capped(scores + others)).value
    assert after <= before * 1.1 * (1 + 1e-12)


@QUICK
@given(st.lists(st.floats(1, 3), min_size=1, max_size=130))
def test_the_cap_by_its_definition(scores):
    """Take the highest 0, 1, 2, … away: what is left may be exceeded by a tenth for each three of those."""
    together = 3 if len(scores) >= 12 else 2 if len(scores) >= 8 else 1
    rank = min(math.ceil(0.99 * (len(scores) + 1) - 1e-9), len(scores))
    allowed = [sorted(scores)[rank - 1 - gone] * 1.1 ** math.ceil(gone / together) for gone in range(rank // 2 + 1)
               if rank - 1 - gone >= 0]  # fmt: skip
    found = quantile(capped(scores))
    assert found.value == pytest.approx(min(allowed), rel=1e-12)
    below = sum(score < found.value for score in scores)
    if min(allowed) < allowed[0]:
        assert f"Above {below} of {len(scores)} good" in found.sentence
        assert f"a few images alone would set it to {allowed[0]:.4g}" in found.sentence
        assert found.false_alarms == pytest.approx((len(scores) + 1 - below) / (len(scores) + 1))
    else:
        assert found == quantile(dataclasses.replace(capped(scores), capped=False))


def test_pixels_are_capped_at_their_own_share_alone_and_odd_images_stand_above_them():
    good = dataclasses.replace(
        GoodScores.of_pixels([1.0, 9.0], [900, 100], 12, "held-out", leave_one_out=True),
        capped=True, without=(9.0, 4.0, 4.0, 2.0), without_share=0.999,
        odd=GoodScores.of_pixels([50.0], [9], 1, "held-out"),
    )
    assert quantile(good, 0.999).value == pytest.approx(2.2)  # three maps, one step
    assert quantile(good, 0.9995).value == np.nextafter(9.0, np.inf)
    assert "90 % of the pixels of 12 good" in quantile(good, 0.999).sentence
    assert "a few images alone would set it to 9" in quantile(good, 0.999).sentence
    assert quantile(good.with_odd(), 0.999).value == pytest.approx(2.0 * 1.1**2)  # the odd one is a fourth


def test_mean_and_standard_deviation_by_hand():
    scores = np.array([1.0, 1.0, 2.0, 4.0, 7.0])
    found = mean_plus_sd(GoodScores.of(scores, "held-out"), 2.0)
    assert found.value == pytest.approx(scores.mean() + 2 * scores.std(ddof=1))
    assert found.method == "heldout_mean_2sd"
    assert "extrapolation" in found.sentence


def test_pixels_are_told_from_images():
    good = GoodScores.of_pixels([1.0, 2.0, 3.0], [900, 0, 100], 12, "held-out", leave_one_out=True)
    assert quantile(good, 0.9).value == np.nextafter(3.0, np.inf)
    assert quantile(good, 0.899).value == np.nextafter(1.0, np.inf)
    found = quantile(good, 0.999)
    assert (found.method, found.level) == ("pixel_heldout_p999", "pixel")
    assert math.isnan(found.false_alarms)
    assert "the pixels of 12 good training images (leave-one-out scores)" in found.sentence
    counts = counts_by_threshold([0, 1], [1, 2])
    assert [point.method for point in (youden(counts, "pixel"), manual(1.0, "pixel"))] == [
        "pixel_youden", "pixel_manual"]
    with pytest.raises(ValueError, match="ascending"):
        GoodScores.of_pixels([2.0, 1.0], [1, 1], 1, "held-out")


@pytest.mark.parametrize("choose", [quantile, mean_plus_sd, fixed_fpr])
@pytest.mark.parametrize("source", ["held-out", "test good"])
def test_without_good_images_there_is_a_reason(choose, source):
    found = choose(GoodScores.of([math.nan], source))
    assert math.isnan(found.value)
    assert found.reason
    assert found.method.startswith("heldout_" if source == "held-out" else "good_")


@pytest.mark.parametrize("choose", [f1_max, youden, lambda counts: cost_weighted(counts, Costs(1, 1, 0.1))])
def test_oracles_need_both_classes(choose):
    assert choose(counts_by_threshold([0, 0], [1, 2])).reason == "the test set has no defective image"
    assert choose(counts_by_threshold([1], [1])).reason == "the test set has no good image"
    assert math.isnan(choose(counts_by_threshold([], [])).value)


def test_one_value_for_all():
    assert quantile(GoodScores.of([2, 2, 2], "held-out")).value == np.nextafter(2.0, np.inf)
    assert mean_plus_sd(GoodScores.of([2, 2, 2], "held-out")).value == 2.0
    assert math.isnan(mean_plus_sd(GoodScores.of([2], "held-out")).value)
    assert youden(counts_by_threshold([0, 1], [2, 2])).value == np.nextafter(2.0, np.inf)


def test_a_threshold_by_hand():
    assert (manual(2.5).value, manual(2.5).source, manual(2.5).method) == (2.5, "manual", "manual")
    assert manual(math.nan).reason


@pytest.mark.parametrize("wrong", [
    lambda good: quantile(good, 1.0), lambda good: quantile(good, 0.0), lambda good: fixed_fpr(good, 1.1),
    lambda good: fixed_fpr(good, math.nan), lambda good: mean_plus_sd(good, -1.0),
    lambda good: mean_plus_sd(good, math.nan),
])
def test_parameters_out_of_range_are_refused(wrong):
    with pytest.raises(ValueError, match="must be"):
        wrong(GoodScores.of([1, 2], "held-out"))
