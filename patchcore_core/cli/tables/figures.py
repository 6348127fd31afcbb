"""The figures of one run as tables: with intervals, by region size, beside published ones."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from patchcore_core.cli.tables.layout import Column, table, terminal_width
from patchcore_core.cli.tables.rows import Limits, defined
from patchcore_core.cli.tables.runs import value_text
from patchcore_core.data.images import shown
from patchcore_core.evaluation.values import SizeRecall
from patchcore_core.views.figure_names import METRIC_NAMES
from patchcore_core.views.text import interval_text

SHORT = ("image_auroc", "image_recall", "image_false_alarm_rate", "pixel_auroc", "aupro")


def figure_table(
    metrics: Mapping[str, float | None], intervals: Mapping[str, Limits], reasons: Mapping[str, str],
    every: bool = False,
) -> list[str]:
    """A line for each figure, with its 95 % interval or why it has none, and one for each reason why figures are
    undefined; every: all of them, not only the main ones."""
    lacking: dict[str, list[str]] = {}
    rows = []
    for name in [name for name in (*METRIC_NAMES, *(set(metrics) - METRIC_NAMES.keys())) if name in metrics]:
        title = METRIC_NAMES.get(name, name)
        if not every and name not in SHORT:
            continue
        if math.isnan(defined(metrics[name])):
            lacking.setdefault(reasons.get(name, "unknown why"), []).append(title)
            continue
        why = reasons.get(f"{name}/interval", "")
        rows.append([title, value_text(metrics[name]), interval_text(intervals.get(name)) or why])
    lines = table([Column("Figure"), Column("Value"), Column("95 % interval")], rows, terminal_width())
    return lines + [f"not defined, since {reason}: {', '.join(titles)}" for reason, titles in lacking.items()]


def region_table(rows: Sequence[SizeRecall], per_type: Mapping[str, Sequence[SizeRecall]]) -> list[str]:
    """What is found of the defect regions of each size, of all and of each defect type."""
    every = [("all", row) for row in rows] + [(kind, row) for kind, some in per_type.items() for row in some]
    columns = [Column("Regions of"), Column("Pixels", right=True), Column("Number", right=True),
               Column("Found"), Column("Covered")]  # fmt: skip
    return table(columns, [
        [shown(kind), f"{row.area_from:.0f} to {row.area_to:.0f}", f"{row.regions:.0f}",
         value_text(row.found, (row.found_low, row.found_high)),
         value_text(row.overlap, (row.overlap_low, row.overlap_high))] for kind, row in every
    ], terminal_width())  # fmt: skip


def published_table(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Published figures of the same category, ours less them, and which settings differ."""
    columns = [Column("Published"), Column("Value"), Column("Ours less it", right=True), Column("Source"),
               Column("Protocol"), Column("What differs", cut=True)]  # fmt: skip
    return table(columns, [
        [METRIC_NAMES.get(row["metric"], row["metric"]), value_text(row["value"]), _signed(row["difference"]),
         row["source"], row["protocol"], _differs(row)] for row in rows
    ], terminal_width())  # fmt: skip


def _signed(difference: float | None) -> str:
    return "—" if difference is None else f"{difference:+.3f}"


def _differs(row: Mapping[str, Any]) -> str:
    names = [setting["name"] for setting in row["differs"]]
    unknown = f"; not stated: {', '.join(row['not_stated'])}" if row["not_stated"] else ""
    return (", ".join(names) if names else "nothing") + unknown
