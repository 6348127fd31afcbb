"""Which run is best: one row a run with its figure, how it stands, and what it cost."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from patchcore_core.evaluation.statistics.differences import PairedTest
from patchcore_core.evaluation.statistics.many.leader import ALONE, BEST, TIED, UNTESTED, WORSE, Leader, leader
from patchcore_core.evaluation.statistics.many.means import UNKNOWN, Limits
from patchcore_core.evaluation.statistics.paired import NOT_KEPT, RunImages, paired_test
from patchcore_core.views.comparison.costs import COSTS
from patchcore_core.views.comparison.entries import Entry

STANDINGS: Mapping[str, str] = MappingProxyType({
    BEST: "significantly better than every other run on these images",
    TIED: "may be as good as the best: no significant difference",
    WORSE: "significantly worse than the best",
    UNTESTED: "not tested",
    ALONE: "the only run on these images",
})


@dataclass(frozen=True, eq=False)
class Row:
    """A run among those on the same test images: its `standing` ("" without a figure), and the test of the leader
    against it, None for the leader; `p_value` after Holm."""

    entry: Entry
    value: float
    limits: Limits
    standing: str
    test: PairedTest | None = None
    p_value: float = math.nan

    @property
    def leads(self) -> bool:
        """Whether it has the best figure."""
        return bool(self.standing) and self.test is None

    @property
    def behind(self) -> float:
        """Its figure minus the leader's; NaN for the leader."""
        return math.nan if self.test is None else self.test.difference

    @property
    def behind_limits(self) -> Limits:
        """The interval of `behind`."""
        return UNKNOWN if self.test is None else (self.test.low, self.test.high)


def best_rows(
    entries: Sequence[Entry], tested: Mapping[str, RunImages], name: str, higher_is_better: bool = True
) -> list[Row]:
    """All runs, those on the same test images together with their best first; `tested` by id, for the figure `name`."""
    groups: dict[tuple[str, str], list[Entry]] = {}
    for one in entries:
        groups.setdefault((one.category, one.tests), []).append(one)
    return [row for key in sorted(groups) for row in _group(groups[key], tested, name, higher_is_better)]


def groups_of(rows: Sequence[Row]) -> list[list[Row]]:
    """The rows of each test set, in their order."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.entry.category, row.entry.tests), []).append(row)
    return list(groups.values())


def _group(entries: Sequence[Entry], tested: Mapping[str, RunImages], name: str, higher_is_better: bool) -> list[Row]:
    values = [one.metric(name) for one in entries]

    def test(first: int, second: int) -> PairedTest:
        return paired_test(name, (values[first], values[second]), tested[entries[first].id], tested[entries[second].id])

    found = leader(values, test, higher_is_better)
    rows = [_row(place, one, name, found) for place, one in enumerate(entries)]
    sign = -1 if higher_is_better else 1
    return sorted(rows, key=lambda row: (math.isnan(row.value), sign * row.value, not row.leads))


def _row(place: int, one: Entry, name: str, found: Leader | None) -> Row:
    if found is None:
        return Row(one, math.nan, UNKNOWN, "")
    return Row(one, one.metric(name), one.interval(name), found.standings[place], found.tests[place],
               found.corrected[place])  # fmt: skip


def answer(rows: Sequence[Row]) -> str:
    """Who is best among the rows of one test set, in a sentence without the runs' names; "" without a figure."""
    known = [row for row in rows if row.standing]
    counts = Counter(row.standing for row in known if not row.leads)
    if not known or len(known) == 1:
        return "Only one run has this figure, so there is nothing to compare it with." if known else ""
    total = len(known) - 1
    if known[0].standing == BEST:
        return f"significantly better than {'the other run' if total == 1 else f'each of the {total} other runs'}."
    parts = [f"significantly better than {counts[WORSE]} of {total} others"] if counts[WORSE] else []
    parts += [f"{counts[TIED]} may be as good"] if counts[TIED] else []
    parts += [f"{counts[UNTESTED]} could not be tested"] if counts[UNTESTED] else []
    return f"the best figure here, but not proved best: {'; '.join(parts)}."


def untested(rows: Sequence[Row]) -> dict[str, int]:
    """Why rows could not be tested: each reason with the number of rows."""
    return dict(Counter(row.test.reason for row in rows if row.standing == UNTESTED and row.test and row.test.reason))


def lacking(rows: Sequence[Row], tested: Mapping[str, RunImages]) -> set[str]:
    """The runs that could be tested if they kept figures of resampled images, by id."""
    wanted = {group[0].entry.id for group in groups_of(rows) if any(_not_kept(row) for row in group)}
    wanted |= {row.entry.id for row in rows if _not_kept(row)}
    return {one for one in wanted if tested[one].resampled is None}


def _not_kept(row: Row) -> bool:
    return row.test is not None and row.test.reason == NOT_KEPT


def cheapest(rows: Sequence[Row], cost: str) -> Row | None:
    """Among the rows that may be best, that of the lowest known cost; None where none is known."""
    able = [row for row in rows if row.standing in (BEST, TIED) and not math.isnan(COSTS[cost].of(row.entry))]
    return min(able, key=lambda row: COSTS[cost].of(row.entry), default=None)


def as_table(rows: Sequence[Row], names: Mapping[str, str], figures: Mapping[str, str], shown: str
             ) -> list[dict[str, Any]]:  # fmt: skip
    """The rows to take away: numbers as numbers, None where unknown.

    names: of the runs by id; figures: metric -> its name, of which `shown` is the one that is tested.
    """
    table = []
    for row in rows:
        one = row.entry
        line: dict[str, Any] = {"category": one.category, "run": names[one.id], "standing": row.standing}
        line |= _with_ends(figures[shown], row.value, row.limits)
        line |= _with_ends("difference to the best", row.behind, row.behind_limits)
        line["p (Holm)"] = row.p_value
        for name, title in figures.items():
            if name != shown:
                line |= _with_ends(title, one.metric(name), one.interval(name))
        line |= {cost.title: cost.of(one) for cost in COSTS.values()}
        line["less than of a fit alone"] = ", ".join(COSTS[name].title for name in sorted(one.shortened))
        line["estimated"] = ", ".join(COSTS[name].title for name in sorted(one.estimated))
        table.append({**line, "id": one.id})
    return table


def _with_ends(title: str, value: float, limits: Limits) -> dict[str, float]:
    return {title: value, f"{title}, low": limits[0], f"{title}, high": limits[1]}
