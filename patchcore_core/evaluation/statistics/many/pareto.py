"""What quality costs: the runs that none beats in both."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def front(costs: Sequence[float], values: Sequence[float], higher_is_better: bool = True) -> NDArray[np.bool_]:
    """Whether each of N runs is on the Pareto front: no other has at most its cost and at least its value, and one of
    the two better. (N,); False where cost or value is NaN."""
    cost, value = np.asarray(costs, np.float64), np.asarray(values, np.float64)
    if cost.shape != value.shape or cost.ndim != 1:
        raise ValueError(f"expected a cost and a value of each run, got {cost.shape} and {value.shape}")
    value = value if higher_is_better else -value
    kept, highest, at = np.zeros(len(cost), bool), -np.inf, np.nan
    known = np.flatnonzero(~np.isnan(cost) & ~np.isnan(value))
    for place in known[np.lexsort((-value[known], cost[known]))]:  # cheapest first, of equal cost the best first
        if value[place] > highest or (value[place] == highest and cost[place] == at):
            kept[place], highest, at = True, value[place], cost[place]
    return kept
