"""Confidence intervals of proportions."""

from __future__ import annotations

import math

from scipy.special import ndtri

LEVEL = 0.95


def wilson_interval(found: int, total: int, level: float = LEVEL) -> tuple[float, float]:
    """Wilson score interval (1927) of the proportion found / total, (low, high) within [0, 1].

    NaN where total is 0. Raises ValueError unless 0 <= found <= total.
    """
    if not 0 <= found <= total:
        raise ValueError(f"expected 0 <= found <= total, got {found} of {total}")
    if not total:
        return math.nan, math.nan
    z = float(ndtri((1 + level) / 2))
    share, weight = found / total, z * z / total
    middle = (share + weight / 2) / (1 + weight)
    reach = z / (1 + weight) * math.sqrt(share * (1 - share) / total + weight / (4 * total))
    low = 0.0 if found == 0 else middle - reach
    high = 1.0 if found == total else middle + reach
    return low, high
