"""What a field does, everything else equal: its runs, the names of its lines, what is averaged, and a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from typing import Any

from patchcore_core.evaluation.statistics.many.field_effect import FieldEffect, Trial, field_effect
from patchcore_core.evaluation.statistics.many.means import Limits
from patchcore_core.views.comparison.costs import COSTS
from patchcore_core.views.comparison.entries import Entry
from patchcore_core.views.comparison.names import short_names, value_words

NO_LIMITS: Limits = (float("nan"), float("nan"))


def effect_of(entries: Sequence[Entry], field: str, figure: str) -> FieldEffect:
    """Of a field on a figure, or on a cost of `COSTS`, in these runs; values in their order."""
    trials = [Trial(one.value(field), (one.rest(field), one.tests), one.category, *_figure(one, figure))
              for one in entries]
    return field_effect(trials, sorted({trial.value for trial in trials}, key=_order))


def line_names(effect: FieldEffect, entries: Sequence[Entry], field: str) -> list[str]:
    """What tells the lines apart: category and settings, without the field itself."""
    firsts = [entries[line.run] for line in effect.lines]
    if not firsts:
        return []
    settings = short_names([one.config for one in firsts], without=made_of(field))
    several = len({one.category for one in firsts}) > 1
    alike = len(set(settings)) == 1
    return [" · ".join([*([one.category] if several else []), *([] if alike and several else [name])])
            for one, name in zip(firsts, settings, strict=True)]


def made_of(field: str) -> tuple[str, ...]:
    """The fields of the configuration behind it."""
    return ("backbone", "layers") if field == "network" else (field,)


def in_words(effect: FieldEffect, entries: Sequence[Entry]) -> list[str]:
    """What the lines and the mean are averages over, in sentences."""
    repeated = max((point.n for line in effect.lines for point in line.points if point is not None), default=1)
    sentences = [f"{len(effect.lines)} line{'' if len(effect.lines) == 1 else 's'}, each of runs that are equal in all "
                 f"other settings and in the data{', averaged over seeds' if repeated > 1 else ''}."]
    if len(effect.complete) > 1:
        categories = Counter(line.category for line in effect.complete)
        per = sorted(set(categories.values()))
        settings = f"{per[0]}" if len(per) == 1 else f"{per[0]} to {per[-1]}"
        sentences.append(
            f"The mean is over the {len(effect.complete)} lines with a run for every value: first over {settings} "
            f"combination{'' if per == [1] else 's'} of other settings within a category, then over "
            f"{len(categories)} categor{'y' if len(categories) == 1 else 'ies'} ({', '.join(sorted(categories))}).")
    elif len(effect.lines) > 1:
        sentences.append("No mean: fewer than two lines have a run for every value.")
    runs = sum(point.n for line in effect.lines for point in line.points if point is not None)
    if left := len(entries) - runs:
        sentences.append(f"{left} of the {len(entries)} runs are in no line: no other run differs from them in this "
                         "field alone, or they lack the figure.")  # fmt: skip
    return sentences


def field_rows(effect: FieldEffect, names: Sequence[str], field: str) -> list[dict[str, Any]]:
    """A row for each line and value, then those of the mean."""
    rows = []
    for name, points in [*zip(names, (line.points for line in effect.lines), strict=True), ("mean", effect.mean)]:
        rows += [{"line": name, field: value_words(field, value), "value": point.value, "low": point.low,
                  "high": point.high, "n": point.n}
                 for value, point in zip(effect.values, points, strict=False) if point is not None]
    return rows


def _figure(one: Entry, figure: str) -> tuple[float, Limits]:
    if figure in COSTS:
        return COSTS[figure].of(one), NO_LIMITS
    return one.metric(figure), one.interval(figure)


def _order(value: Hashable) -> tuple[int, float, str]:
    """None first, then numbers, then words."""
    if value is None:
        return 0, 0.0, ""
    if isinstance(value, bool | int | float):
        return 1, float(value), ""
    return 2, 0.0, str(value)
