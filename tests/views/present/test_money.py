"""Costs against sums done by hand."""

from __future__ import annotations

import math

import pytest

from patchcore_core.evaluation.thresholds.costs import Costs
from patchcore_core.views.present.money import per_million
from patchcore_core.views.present.rates import Rate


def test_a_million_parts_at_two_prices():
    found = per_million(Rate(94, 100), Rate(12, 1000), Costs(escape=500, overkill=4, defect_rate=0.01))
    assert (round(found.missed), round(found.stopped)) == (600, 11880)  # 6 % of 10,000; 1.2 % of 990,000
    assert found.cost == pytest.approx(600 * 500 + 11880 * 4)
    # Wilson's ends: 94 of 100 0.87521 to 0.97220; 12 of 1000 0.00687 to 0.02087
    assert found.low == pytest.approx(10_000 * (1 - 0.97220) * 500 + 990_000 * 0.00687 * 4, rel=1e-3)
    assert found.high == pytest.approx(10_000 * (1 - 0.87521) * 500 + 990_000 * 0.02087 * 4, rel=1e-3)


def test_what_was_not_tested_has_no_cost():
    nobody = per_million(Rate(0, 0), Rate(1, 10), Costs(1, 1, 0.5))
    assert all(math.isnan(one) for one in (nobody.missed, nobody.cost, nobody.low, nobody.high))


@pytest.mark.parametrize("costs", [Costs(1, 2, 0.0), Costs(0, 2, 0.0)])
def test_what_does_not_occur_or_costs_nothing_need_not_be_known(costs):
    assert per_million(Rate(0, 0), Rate(1, 10), costs).cost == pytest.approx(200_000)
    assert per_million(Rate(0, 0), Rate(1, 10), Costs(0, 2, 0.5)).cost == pytest.approx(100_000)
