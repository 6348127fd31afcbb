"""What quality costs: runs, or configurations over their categories, at their cost, with the Pareto front marked."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import Any

from patchcore_core.evaluation.statistics.many.means import Mean, on_the_same_images, over_categories
from patchcore_core.evaluation.statistics.many.pareto import front
from patchcore_core.views.comparison.costs import Cost
from patchcore_core.views.comparison.entries import Entry, names_of
from patchcore_core.views.comparison.names import short_names
from patchcore_core.views.comparison.plots import Spot


def of_runs(entries: Sequence[Entry], figure: str, cost: Cost, higher_is_better: bool = True) -> list[Spot]:
    """One spot a run that has both; all of one category."""
    names = names_of(entries)
    spots = [Spot(one.id, names[one.id], cost.of(one), one.metric(figure), one.interval(figure),
                  cost.name in one.shortened, cost.name in one.estimated) for one in entries]
    return _marked(spots, higher_is_better)


def of_configurations(entries: Sequence[Entry], figure: str, cost: Cost, higher_is_better: bool = True) -> list[Spot]:
    """One spot a configuration that has both in every category: means over the categories, each counting the same."""
    groups: dict[Hashable, dict[str, list[Entry]]] = {}
    for one in entries:
        if not math.isnan(one.metric(figure) + cost.of(one)):
            groups.setdefault(one.rest(), {}).setdefault(one.category, []).append(one)
    wanted = {one.category for one in entries}
    complete = [group for group in groups.values() if set(group) == wanted]
    firsts = [next(iter(group.values()))[0] for group in complete]
    names = short_names([one.config for one in firsts]) if firsts else []
    return _marked([_mean_spot(group, first, name, figure, cost)
                    for group, first, name in zip(complete, firsts, names, strict=True)], higher_is_better)


def price_table(spots: Sequence[Spot], figure_name: str, cost: Cost) -> list[dict[str, Any]]:
    """A row for each, cheapest first; on the front with the gain over the cheaper one before it."""
    gains = dict(gained(spots))
    return [{"run": spot.name, "Pareto front": "yes" if spot.front else "no", figure_name: spot.value,
             "low": spot.limits[0], "high": spot.limits[1], cost.title: spot.cost,
             "gain over the one before": gains.get(spot),
             "a fit alone costs more": "yes" if spot.at_least else "no",
             "estimated": "yes" if spot.estimated else "no", "id": spot.run}
            for spot in sorted(spots, key=lambda one: one.cost)]


def gained(spots: Sequence[Spot]) -> list[tuple[Spot, float | None]]:
    """Those on the front, cheapest first, each with how much better it is than the one before; None for the first."""
    steps = sorted((spot for spot in spots if spot.front), key=lambda one: one.cost)
    return [(spot, None if before is None else abs(spot.value - before.value))
            for before, spot in zip((None, *steps), steps, strict=False)]


def _mean_spot(group: dict[str, list[Entry]], first: Entry, name: str, figure: str, cost: Cost) -> Spot:
    of_category: list[Mean] = [on_the_same_images([one.metric(figure) for one in runs],
                                                  [one.interval(figure) for one in runs]) for runs in group.values()]
    mean = over_categories([one.value for one in of_category], [(one.low, one.high) for one in of_category])
    prices = [math.fsum(map(cost.of, runs)) / len(runs) for runs in group.values()]
    every = [one for runs in group.values() for one in runs]
    at_least, estimated = (any(cost.name in of(one) for one in every)
                           for of in (lambda one: one.shortened, lambda one: one.estimated))  # fmt: skip
    return Spot(first.id, name, math.fsum(prices) / len(prices), mean.value, (mean.low, mean.high), at_least, estimated)


def _marked(spots: Sequence[Spot], higher_is_better: bool) -> list[Spot]:
    known = [spot for spot in spots if not math.isnan(spot.cost + spot.value)]
    marks = front([spot.cost for spot in known], [spot.value for spot in known], higher_is_better)
    return [replace(spot, front=bool(mark)) for spot, mark in zip(known, marks, strict=True)]
