"""Configurations over several categories: their order, a table to take away, and the ranking in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from patchcore_core.evaluation.statistics.differences import Ranking
from patchcore_core.evaluation.statistics.ranks import Grid

FEWEST = 3  # configurations that can be ranked


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


def in_words(ranking: Ranking, grid: Grid) -> str:
    """What the ranks of the complete configurations say, or what a ranking would need."""
    complete, every = len(grid.complete), len(grid.places)
    if complete < FEWEST:
        return f"No ranking over the categories. {_lacking(grid)}"
    if ranking.reason is not None:
        return f"No ranking of the {complete} configurations with a run in every category: {ranking.reason}."
    p_value = "below 0.001" if ranking.p_value < 0.001 else f"{ranking.p_value:.3f}"
    over = f"over {ranking.categories} categories (Friedman, p {p_value})"
    left = {0: "", 1: " 1 that lacks a category is not ranked."}.get(
        every - complete, f" {every - complete} that lack a category are not ranked.")  # fmt: skip
    if not ranking.significant:
        return (f"No significant difference between the {complete} configurations {over}; few categories show only "
                f"large ones.{left}")
    return (f"The {complete} configurations differ significantly {over}; so do two whose average ranks are at least "
            f"{ranking.critical_difference:.2f} apart (Nemenyi).{left}")


def _lacking(grid: Grid) -> str:
    """What a ranking would need, what there is, and what can be done."""
    categories, complete = len(grid.categories), len(grid.complete)
    missing = np.sort(np.isnan(grid.values).sum(axis=1))[:FEWEST]
    there = {0: "none has", 1: "one has", 2: "two have"}[complete]
    if not complete:
        there += f" (the fullest has them in {categories - int(missing[0])})"
    needs = f"It needs {FEWEST} configurations with this figure in each of the {categories} categories; {there}."
    if len(missing) < FEWEST:
        return f"{needs} Fit {FEWEST - len(missing)} more on all of these categories, for example by a sweep."
    fits = int(missing.sum())
    return (f"{needs} {fits} more {'fit' if fits == 1 else 'fits'} would complete {FEWEST}; or choose fewer categories "
            "above, those in which the same configurations were fitted.")
