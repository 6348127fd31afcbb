"""Ranking configurations over several categories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from patchcore_core.evaluation.statistics.differences import Ranking, rank_runs


@dataclass(frozen=True)
class CategoryRanking:
    """K configurations ranked over C categories.

    places (K,): the index of one run per configuration, the newest given; categories (C,); values (C, K), the mean over
    repeated runs; ranking: Friedman and Nemenyi over `values`.
    """

    places: tuple[int, ...]
    categories: tuple[str, ...]
    values: NDArray[np.float64]
    ranking: Ranking


def rank_over_categories(
    configurations: Sequence[int], categories: Sequence[str], values: Sequence[float], first: int,
    higher_is_better: bool = True,
) -> CategoryRanking | None:
    """Rank the configurations with a value in every category of one of them, that of the run at index `first`.

    configurations, categories, values (N,) of N runs, the configurations as any numbers; runs of the same configuration
    and category are repeats and are averaged. None if fewer than three configurations share two categories.
    """
    cells: dict[int, dict[str, list[float]]] = {}
    place: dict[int, int] = {}
    for index, (configuration, category, value) in enumerate(zip(configurations, categories, values, strict=True)):
        if np.isfinite(value):
            cells.setdefault(configuration, {}).setdefault(category, []).append(value)
            place.setdefault(configuration, index)
    wanted = tuple(cells.get(configurations[first], {}))
    complete = [name for name, row in cells.items() if set(wanted) <= set(row)]
    if len(wanted) < 2 or len(complete) < 3:
        return None
    table = np.array([[np.mean(cells[name][category]) for name in complete] for category in wanted])
    return CategoryRanking(tuple(place[name] for name in complete), wanted, table,
                           rank_runs(table, higher_is_better=higher_is_better))
