"""The exact test of McNemar against scipy's binomial test."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binomtest

from patchcore_core.evaluation.statistics.paired_counts import paired_counts


@pytest.mark.parametrize(("only_first", "only_second"), [(0, 1), (5, 1), (10, 1), (3, 3), (0, 8), (7, 12)])
def test_the_p_value_is_that_of_a_coin(only_first, only_second):
    first = np.repeat([True, False, True], [only_first, only_second, 4])
    second = np.repeat([False, True, True], [only_first, only_second, 4])
    found = paired_counts(first, second)
    assert (found.only_first, found.only_second, found.total) == (only_first, only_second, len(first))
    assert found.p_value == pytest.approx(binomtest(only_first, only_first + only_second).pvalue)
    assert found.significant == (found.p_value < 0.05)


def test_equal_runs_and_no_images():
    assert paired_counts([True, False], [True, False]).p_value == 1
    assert math.isnan(paired_counts([], []).p_value)
    assert not paired_counts([], []).significant


def test_columns_must_have_one_length():
    with pytest.raises(ValueError, match="one length"):
        paired_counts([True], [True, False])
