"""Which run is called best, by hand and under chance alone."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from patchcore_core.evaluation.statistics.differences import PairedTest, delong_test
from patchcore_core.evaluation.statistics.many.leader import ALONE, BEST, TIED, UNTESTED, WORSE, leader


def given_p_values(p_values, values):
    """A test of two runs whose p value is that of the second."""
    return lambda first, second: PairedTest(values[first], values[second], values[second] - values[first], 0.0, 0.0,
                                            p_values[second])


@pytest.mark.parametrize(("values", "p_values", "higher", "first", "standings"), [
    ([0.9, 0.8, 0.7], [9, 0.01, 0.02], True, 0, [BEST, WORSE, WORSE]),  # Holm: 0.02, 0.02
    ([0.9, 0.8, 0.7], [9, 0.04, 0.04], True, 0, [TIED, TIED, TIED]),  # Holm: 0.08
    ([0.7, 0.9, 0.8], [0.01, 9, 0.3], True, 1, [WORSE, TIED, TIED]),
    ([0.9, 0.1, 0.2], [0.01, 9, 0.01], False, 1, [WORSE, BEST, WORSE]),
    ([0.9, 0.8], [9, np.nan], True, 0, [UNTESTED, UNTESTED]),
    ([0.9, 0.8, 0.7], [9, np.nan, 0.01], True, 0, [UNTESTED, UNTESTED, WORSE]),
    ([0.9, 0.9], [9, np.nan], True, 0, [TIED, TIED]),  # nothing to tell apart
    ([np.nan, 0.9, np.nan], [9, 9, 9], True, 1, ["", ALONE, ""]),
])
def test_by_hand(values, p_values, higher, first, standings):
    found = leader(values, given_p_values(p_values, values), higher)
    assert (found.first, list(found.standings)) == (first, standings)
    assert found.tests[first] is None


def test_without_a_figure_there_is_no_leader():
    assert leader([np.nan, np.nan], given_p_values([1, 1], [0, 0])) is None
    assert leader([], given_p_values([], [])) is None


def test_among_equally_good_runs_one_is_rarely_called_best():
    called = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        labels = np.repeat([0, 1], 25)
        common = rng.normal(size=50) + labels
        scores = [common + rng.normal(size=50) for _ in range(3)]
        found = leader([roc_auc_score(labels, one) for one in scores],
                       lambda a, b, of=scores, labels=labels: delong_test(labels, of[a], of[b]))
        called += BEST in found.standings
    assert called <= 0.05 * 200
