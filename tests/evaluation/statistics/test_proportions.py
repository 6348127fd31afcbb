"""Wilson's interval against its defining equation and a published value."""

import math

import pytest

from patchcore_core.evaluation.statistics.proportions import wilson_interval


@pytest.mark.parametrize(("found", "total"), [(1, 4), (3, 4), (20, 20), (0, 9), (57, 80)])
def test_the_ends_solve_the_score_equation(found, total):
    share = found / total
    for end in wilson_interval(found, total):
        assert (end - share) ** 2 == pytest.approx(1.959964**2 * end * (1 - end) / total, abs=1e-6)


def test_a_known_value():
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)  # Newcombe 1998, table I


def test_nothing_of_nothing_and_no_share():
    assert all(math.isnan(end) for end in wilson_interval(0, 0))
    with pytest.raises(ValueError, match="found <= total"):
        wilson_interval(3, 2)
