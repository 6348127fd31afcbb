"""The Pareto front against comparing every pair."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchcore_core.evaluation.statistics.many.pareto import front

FEW = st.sampled_from([0.0, 1.0, 2.0, 3.0, np.nan])


@settings(deadline=None, max_examples=150)
@given(st.lists(st.tuples(FEW, FEW), max_size=8), st.booleans())
def test_nobody_beats_those_on_the_front(pairs, higher):
    costs, values = [pair[0] for pair in pairs], [pair[1] for pair in pairs]

    def beats(other, one):
        better = other[1] > one[1] if higher else other[1] < one[1]
        as_good = better or other[1] == one[1]
        return other[0] <= one[0] and as_good and (other[0] < one[0] or better)

    expected = [not np.isnan(one).any() and not any(beats(other, one) for other in pairs) for one in pairs]
    assert front(costs, values, higher).tolist() == expected


def test_a_cost_for_each_value():
    with pytest.raises(ValueError, match="a cost and a value"):
        front([1.0], [1.0, 2.0])
