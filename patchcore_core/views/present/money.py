"""What the errors of a run cost per million parts, from two prices and a defect rate."""

from __future__ import annotations

import math
from dataclasses import dataclass

from patchcore_core.evaluation.thresholds.costs import Costs
from patchcore_core.views.present.rates import Rate

MILLION = 1_000_000


@dataclass(frozen=True)
class Prices:
    """What a missed defective part and a good part that is stopped cost, and defective parts in percent; by default
    examples, to be typed over."""

    escape: float = 100.0
    overkill: float = 5.0
    rate: float = 1.0

    def __post_init__(self) -> None:
        for name, most in (("escape", math.inf), ("overkill", math.inf), ("rate", 100)):
            value = getattr(self, name)
            if not (0 <= value <= most and math.isfinite(value)):
                raise ValueError(f"{name} must be a number from 0 to {most}, got {value}")


@dataclass(frozen=True)
class Million:
    """Per million parts: missed defective ones, good ones stopped, their cost together, and its least and most.

    low and high take both rates at the favourable, or the unfavourable, end of their 95 % intervals: that both are so
    far off at once is rare, so the range is a cautious one. NaN where a class that occurs was not tested.
    """

    missed: float
    stopped: float
    cost: float
    low: float
    high: float


def per_million(found: Rate, stopped: Rate, costs: Costs) -> Million:
    """found: of defective parts; stopped: of good ones; manual checks are not priced."""
    bad, good = MILLION * costs.defect_rate, MILLION * (1 - costs.defect_rate)
    (found_low, found_high), (stopped_low, stopped_high) = found.interval, stopped.interval
    missed, wrongly = _times(bad, 1 - found.share), _times(good, stopped.share)

    def cost(miss: float, stop: float) -> float:
        return _times(costs.escape, _times(bad, miss)) + _times(costs.overkill, _times(good, stop))

    return Million(missed, wrongly, cost(1 - found.share, stopped.share), cost(1 - found_high, stopped_low),
                   cost(1 - found_low, stopped_high))


def _times(count: float, share: float) -> float:
    """0 where the count is 0, whatever the share; NaN where the share is unknown."""
    return 0.0 if count == 0 else math.nan if math.isnan(share) else count * share
