"""Configurations over several categories: their order, a table to take away, and the ranking in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from patchcore_core.evaluation.statistics.differences import Ranking
from patchcore_core.evaluation.statistics.ranks import Grid


def ordered(grid: Grid, higher_is_better: bool = True) -> list[int]:
    """The configurations, best mean first; those that lack categories follow, most categories first."""
    sign = -1 if higher_is_better else 1

    def key(row: int) -> tuple[int, float]:
        known = grid.values[row][np.isfinite(grid.values[row])]
        return len(grid.categories) - len(known), sign * float(known.mean())

    return sorted(range(len(grid.places)), key=key)


def grid_table(grid: Grid, names: Sequence[str], order: Sequence[int]) -> list[dict[str, Any]]:
    """A row for each configuration with mean, its interval and the figure in each category; NaN where there is none.
    A category that is called like a column of the table is in one called `category NAME`."""
    table = []
    for row in order:
        mean = grid.mean(row)
        line: dict[str, Any] = {"configuration": names[row]}
        line |= {"mean": math.nan if mean is None else mean.value, "mean, low": math.nan if mean is None else mean.low,
                 "mean, high": math.nan if mean is None else mean.high}  # fmt: skip
        titles = [f"category {name}" if name in line else name for name in grid.categories]
        table.append(line | dict(zip(titles, grid.values[row].tolist(), strict=True)))
    return table


def in_words(ranking: Ranking, complete: int) -> str:
    """What the ranks of the `complete` configurations say."""
    if ranking.reason is not None:
        return f"No ranking; configurations with a run in every category: {complete}. The reason: {ranking.reason}."
    p_value = "below 0.001" if ranking.p_value < 0.001 else f"{ranking.p_value:.3f}"
    over = f"over {ranking.categories} categories (Friedman, p {p_value})"
    if not ranking.significant:
        return (f"No significant difference between the {complete} configurations {over}; few categories show only "
                "large ones.")
    return (f"The {complete} configurations differ significantly {over}; so do two whose average ranks are at least "
            f"{ranking.critical_difference:.2f} apart (Nemenyi).")
