"""Scores, intervals and names as text."""

from __future__ import annotations

import math
from collections.abc import Sequence

MOST_DIGITS = 6


def score_text(score: float) -> str:
    """A score or threshold with five significant digits: `52.989`, `0.012346`."""
    return f"{score:#.5g}"


def short(name: str, length: int = 22) -> str:
    """A long name with its middle elided."""
    half = (length - 1) // 2
    return name if len(name) <= length else f"{name[:half]}…{name[-half:]}"


def interval_text(limits: Sequence[float | None] | None) -> str:
    """`[0.94, 0.98]`, in three digits if narrower than 0.02, in more if the ends would read the same; "" for none."""
    low, high = limits or (None, None)
    if low is None or high is None or math.isnan(low + high):
        return ""
    digits = 2 if high - low >= 0.02 else 3
    while digits < MOST_DIGITS and f"{low:.{digits}f}" == f"{high:.{digits}f}":
        digits += 1
    return f"[{low:.{digits}f}, {high:.{digits}f}]"
