"""The costs that quality is set against."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from patchcore_core.views.comparison.entries import Entry

ESTIMATED = ("≈: estimated for a fit alone. In a sweep fits share their work; each would have taken this time by what "
             "the sweep measured.")


@dataclass(frozen=True)
class Cost:
    """A cost by its name in `Entry.costs`, its title with the unit, and that unit in the recorded one."""

    name: str
    title: str
    unit: float = 1.0
    digits: int = 1

    def of(self, entry: Entry) -> float:
        """In this unit; NaN where the run recorded none."""
        return float(entry.costs.get(self.name, math.nan)) / self.unit

    def words(self, value: float, at_least: bool = False) -> str:
        """`3.2 ms per image`; a dash where unknown."""
        if math.isnan(value):
            return "—"
        unit = self.title.rpartition(", ")[2]
        return f"{'at least ' if at_least else ''}{value:,.{self.digits}f} {unit}".replace(",", " ")


COSTS: Mapping[str, Cost] = MappingProxyType({cost.name: cost for cost in (
    Cost("fit_seconds", "fit time, s"),
    Cost("image_ms", "scoring time, ms per image"),
    Cost("bank_bytes", "memory bank, MB", 1e6, 2),
    Cost("bank_rows", "memory bank, rows", 1.0, 0),
    Cost("peak_bytes", "peak memory of the fit, MB", 1e6, 0),
)})  # fmt: skip


def known_costs(entries: Sequence[Entry]) -> dict[str, str]:
    """The costs that some of these runs have, name -> title."""
    return {name: cost.title for name, cost in COSTS.items() if any(math.isfinite(cost.of(one)) for one in entries)}
