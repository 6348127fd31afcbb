"""The paired bootstrap against DeLong's test, against images that are really drawn again, and under chance alone."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from patchcore_core.evaluation.statistics import paired_bootstrap
from patchcore_core.evaluation.statistics.bootstrap import image_replicates, resamples
from patchcore_core.evaluation.statistics.differences import NO_SPREAD, delong_test
from patchcore_core.evaluation.statistics.paired_bootstrap import bootstrap_test


def two_runs(seed, goods=60, defectives=50, better=0.0):
    """Labels, and the scores of two runs that agree in part; the second separates better by `better`."""
    rng = np.random.default_rng(seed)
    labels = np.repeat([0, 1], [goods, defectives])
    common = rng.normal(size=len(labels)) + 1.5 * labels
    first, second = (common + rng.normal(size=len(labels)) for _ in range(2))
    return labels, first, second + better * labels


def test_it_agrees_with_delong_on_image_auroc():
    for seed, better in ((0, 0.0), (1, 0.6), (2, 1.5)):
        labels, first, second = two_runs(seed, better=better)
        exact = delong_test(labels, first, second)
        drawn = resamples(labels, 1000)
        of = [image_replicates(labels, scores, drawn)["image_auroc"] for scores in (first, second)]
        found = bootstrap_test(exact.first, exact.second, *of)
        assert found.difference == pytest.approx(exact.difference)
        assert found.high - found.low == pytest.approx(exact.high - exact.low, rel=0.12)
        assert (found.p_value < 0.05) == (exact.p_value < 0.05)


def test_it_agrees_with_drawing_the_images_again():
    """Average precision by scikit-learn, on images drawn with another generator."""
    labels, first, second = two_runs(3, better=0.4)
    drawn = resamples(labels, 1000)
    of = [image_replicates(labels, scores, drawn)["image_average_precision"] for scores in (first, second)]
    values = [average_precision_score(labels, scores) for scores in (first, second)]
    found = bootstrap_test(*values, *of)
    rng, apart = np.random.default_rng(9), []
    for _ in range(400):
        chosen = np.concatenate([rng.choice(np.flatnonzero(labels == label), (labels == label).sum())
                                 for label in (0, 1)])
        apart.append(average_precision_score(labels[chosen], second[chosen])
                     - average_precision_score(labels[chosen], first[chosen]))
    assert (found.high - found.low) / 2 / 1.96 == pytest.approx(np.std(apart), rel=0.15)


def test_equally_good_runs_differ_as_often_as_is_said():
    p_values = []
    for seed in range(300):
        labels, first, second = two_runs(seed)
        drawn = resamples(labels, 200, seed=seed)
        of = [image_replicates(labels, scores, drawn)["image_auroc"] for scores in (first, second)]
        exact = delong_test(labels, first, second)
        p_values.append(bootstrap_test(exact.first, exact.second, *of).p_value)
    assert abs(np.mean(np.array(p_values) < 0.05) - 0.05) < 0.035
    assert abs(np.mean(np.array(p_values) < 0.3) - 0.3) < 0.08


NOISE = np.random.default_rng(0).normal(size=200)


@pytest.mark.parametrize(("values", "first", "second", "reason"), [
    ((0.5, 0.5), NOISE, NOISE, paired_bootstrap.SAME_FIGURE),
    ((0.5, 0.75), np.full(200, 0.5), np.full(200, 0.75), NO_SPREAD),
    ((0.5, np.nan), NOISE, NOISE, paired_bootstrap.NO_FIGURE),
    ((0.5, 0.6), NOISE, np.full(200, np.nan), paired_bootstrap.TOO_FEW_RESAMPLES),
])
def test_where_there_is_no_p_value_there_is_a_reason(values, first, second, reason):
    found = bootstrap_test(*values, first, second)
    assert found.reason == reason
    assert np.isnan([found.p_value, found.low, found.high]).all()


def test_other_resamples_are_refused():
    with pytest.raises(ValueError, match="the same resamples"):
        bootstrap_test(0.5, 0.6, NOISE, NOISE[:100])
