"""What one field of the configuration does to a figure, everything else equal."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from patchcore_core.evaluation.statistics.many.means import Limits, Mean, on_the_same_images, over_categories


@dataclass(frozen=True)
class Trial:
    """One run: the `value` of the field, its `rest` (all else but the seed), its `category` and data, and its figure
    with the interval (NaN ends without one)."""

    value: Hashable
    rest: Hashable
    category: str
    figure: float
    limits: Limits


@dataclass(frozen=True)
class Line:
    """Runs that differ in nothing but the field and the seed: index of the first one (`run`), their category, and per
    value of the field the mean over seeds, None where there is no run, and the index of the first of them (`runs`)."""

    run: int
    category: str
    points: tuple[Mean | None, ...]
    runs: tuple[int | None, ...]

    @property
    def complete(self) -> bool:
        """Whether it has a run for every value."""
        return None not in self.points


@dataclass(frozen=True)
class FieldEffect:
    """values (V,) of the field in the order of first appearance; lines with a run for two values or more; mean (V,):
    over the complete lines, first within a category, then over the categories; () without one."""

    values: tuple[Hashable, ...]
    lines: tuple[Line, ...]
    mean: tuple[Mean, ...]

    @property
    def complete(self) -> tuple[Line, ...]:
        """The lines that the mean is over."""
        return tuple(line for line in self.lines if line.complete)


def field_effect(trials: Sequence[Trial], values: Sequence[Hashable]) -> FieldEffect:
    """The lines of these runs, with their points in the order of `values`; runs without a figure are left out.

    Values that no line has are left out.
    """
    groups: dict[tuple[Hashable, str], dict[Hashable, list[int]]] = {}
    for place, trial in enumerate(trials):
        if not math.isnan(trial.figure):
            groups.setdefault((trial.rest, trial.category), {}).setdefault(trial.value, []).append(place)
    several = [group for group in groups.values() if len(group) > 1]
    shown = tuple(value for value in values if any(value in group for group in several))
    lines = tuple(_line(trials, group, shown) for group in several)
    return FieldEffect(shown, lines, _mean([line for line in lines if line.complete], len(shown)))


def _line(trials: Sequence[Trial], group: dict[Hashable, list[int]], values: Sequence[Hashable]) -> Line:
    first = min(place for places in group.values() for place in places)
    points = [_point([trials[place] for place in group[value]]) if value in group else None for value in values]
    return Line(first, trials[first].category, tuple(points),
                tuple(group[value][0] if value in group else None for value in values))  # fmt: skip


def _point(repeated: Sequence[Trial]) -> Mean:
    return on_the_same_images([trial.figure for trial in repeated], [trial.limits for trial in repeated])


def _mean(lines: Sequence[Line], count: int) -> tuple[Mean, ...]:
    by_category: dict[str, list[Line]] = {}
    for line in lines:
        by_category.setdefault(line.category, []).append(line)
    if not lines:
        return ()
    return tuple(over_categories(*_columns([on_the_same_images(*_columns([line.points[place] for line in group]))
                                            for group in by_category.values()])) for place in range(count))


def _columns(points: Sequence[Mean | None]) -> tuple[list[float], list[Limits]]:
    known = [point for point in points if point is not None]
    return [point.value for point in known], [(point.low, point.high) for point in known]
