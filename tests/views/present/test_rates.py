"""Numbers of parts and their intervals against counts done by hand; Wilson's formula is written out anew."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchcore_core.views.present.rates import Rate, measured

LABELS = [0, 0, 0, 0, 1, 1, 1, -1]
KINDS = ["good", "good", "good", "good", "dent", "hole", "hole", ""]
SCORES = [1.0, 2.0, 3.0, 9.0, 2.5, 3.0, 8.0, 9.0]


def wilson(found: int, total: int) -> tuple[float, float]:
    """The roots of (p - q)^2 = z^2 q (1 - q) / n."""
    z, p, n = 1.959963984540054, found / total, total
    a, b, c = 1 + z * z / n, -(2 * p + z * z / n), p * p
    root = math.sqrt(b * b - 4 * a * c)
    return (-b - root) / (2 * a), (-b + root) / (2 * a)


def test_counts_at_a_threshold_and_in_a_review_zone():
    found = measured(LABELS, KINDS, SCORES, 3.0, 2.0)
    assert (found.found, found.stopped) == (Rate(2, 3), Rate(2, 4))
    assert found.by_type == (("dent", Rate(0, 1)), ("hole", Rate(2, 2)))
    assert (found.checked_defective, found.checked_good) == (Rate(1, 3), Rate(1, 4))
    assert (found.unlabelled, found.decides, found.zone) == (1, True, True)


def test_without_a_threshold_nothing_is_decided():
    found = measured(LABELS, KINDS, SCORES, math.nan)
    assert (found.found.count, found.stopped.count, found.decides, found.zone) == (0, 0, False, False)


def test_columns_must_have_one_length():
    with pytest.raises(ValueError, match="one length"):
        measured([0], ["good"], [1.0, 2.0], 1.0)


@pytest.mark.parametrize(("count", "total", "base", "number", "exact"), [
    (47, 50, 100, 94, True), (12, 1000, 1000, 12, True), (2, 191, 1000, 10, False), (0, 5, 100, 0, True),
    (5, 5, 100, 100, True), (399, 400, 100, 99, False), (1, 400, 100, 1, False), (1, 3, 100, 33, False),
])  # fmt: skip
def test_a_rate_as_a_number_of_parts_hides_no_error(count, total, base, number, exact):
    assert (Rate(count, total).per(base), Rate(count, total).exact(base)) == (number, exact)


@given(st.integers(1, 3000), st.data())
def test_the_ends_are_rounded_away_from_the_figure(total, data):
    rate = Rate(data.draw(st.integers(0, total)), total)
    low, high = wilson(rate.count, total)
    assert rate.at_least(100) <= 100 * low + 1e-6
    assert rate.at_most(100) >= 100 * high - 1e-6
    assert 100 * low - rate.at_least(100) < 1 + 1e-6
    assert rate.at_most(100) - 100 * high < 1 + 1e-6
    assert 0 <= rate.at_least(100) <= rate.per(100) <= rate.at_most(100) <= 100
