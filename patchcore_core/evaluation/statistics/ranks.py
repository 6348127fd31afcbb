"""Ranking configurations over several categories."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from patchcore_core.evaluation.statistics.differences import Ranking, rank_runs
from patchcore_core.evaluation.statistics.many.means import Limits, Mean, on_the_same_images, over_categories


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


@dataclass(frozen=True, eq=False)
class Grid:
    """One figure of K configurations in C categories, repeated runs averaged.

    places (K,): index of the first run of each configuration; categories (C,); values, lows, highs (K, C): figure and
    ends of its interval, NaN where there is none.
    """

    places: tuple[int, ...]
    categories: tuple[str, ...]
    values: NDArray[np.float64]
    lows: NDArray[np.float64]
    highs: NDArray[np.float64]

    @property
    def complete(self) -> NDArray[np.int64]:
        """The configurations with a figure in every category, by their row."""
        return np.flatnonzero(np.isfinite(self.values).all(axis=1))

    def mean(self, row: int) -> Mean | None:
        """Of a configuration over all categories, each counting the same; None where it lacks one."""
        if not np.isfinite(self.values[row]).all():
            return None
        return over_categories(self.values[row].tolist(), list(zip(self.lows[row], self.highs[row], strict=True)))

    def ranking(self, higher_is_better: bool = True) -> Ranking:
        """Friedman and Nemenyi over the complete configurations, in the order of `complete`."""
        return rank_runs(self.values[self.complete].T, higher_is_better=higher_is_better)


def grid(
    configurations: Sequence[Hashable], categories: Sequence[str], values: Sequence[float], limits: Sequence[Limits]
) -> Grid:
    """The table of N runs with their configuration, category, figure and interval; NaN figures count as no run.

    Configurations and categories stand in the order of their first run with a figure.
    """
    cells: dict[Hashable, dict[str, list[int]]] = {}
    for place, (name, category, value) in enumerate(zip(configurations, categories, values, strict=True)):
        if np.isfinite(value):
            cells.setdefault(name, {}).setdefault(category, []).append(place)
    columns = tuple(dict.fromkeys(category for row in cells.values() for category in row))
    table = np.full((3, len(cells), len(columns)), np.nan)
    for row, of in enumerate(cells.values()):
        for category, runs in of.items():
            mean = on_the_same_images([values[run] for run in runs], [limits[run] for run in runs])
            table[:, row, columns.index(category)] = mean.value, mean.low, mean.high
    places = tuple(min(run for runs in of.values() for run in runs) for of in cells.values())
    return Grid(places, columns, *table)
