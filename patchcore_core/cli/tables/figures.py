"""The figures of one run as tables: with intervals, by region size, beside published ones."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from patchcore_core.cli.tables.layout import Column, table, terminal_width
from patchcore_core.cli.tables.rows import Limits, defined
from patchcore_core.cli.tables.runs import MAIN, value_text
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


def region_table(
    rows: Sequence[SizeRecall], per_type: Mapping[str, Sequence[SizeRecall]], every: bool = False
) -> list[str]:
    """What is found of the defect regions of each size; every: of each defect type, too."""
    kinds = [("all", row) for row in rows]
    kinds += [(kind, row) for kind, some in per_type.items() for row in some] if every else []
    columns = [Column("Regions of"), Column("Pixels", right=True), Column("Number", right=True),
               Column("Found"), Column("Covered")]  # fmt: skip
    return table(columns, [
        [shown(kind), f"{row.area_from:.0f} to {row.area_to:.0f}", f"{row.regions:.0f}",
         value_text(row.found, (row.found_low, row.found_high)),
         value_text(row.overlap, (row.overlap_low, row.overlap_high))] for kind, row in kinds
    ], terminal_width())  # fmt: skip


def published_table(rows: Sequence[Mapping[str, Any]], every: bool = False) -> list[str]:
    """Published figures of the same category, a line for each protocol, with what ours are more or less than them and
    which settings differ; every: all figures, not only the main ones."""
    names = [name for name in METRIC_NAMES if any(row["metric"] == name for row in rows) and (every or name in MAIN)]
    kinds: dict[tuple[str, str], dict[str, Mapping[str, Any]]] = {}
    for row in rows:
        kinds.setdefault((row["source"], row["protocol"]), {})[row["metric"]] = row
    columns = [Column("Published by"), Column("Protocol"), *(Column({**METRIC_NAMES, **MAIN}[name]) for name in names),
               Column("What differs", cut=True)]  # fmt: skip
    return table(columns, [
        [source, protocol, *(_beside(found.get(name)) for name in names), _differs(next(iter(found.values())))]
        for (source, protocol), found in kinds.items() if any(name in found for name in names)
    ], terminal_width())  # fmt: skip


def _beside(row: Mapping[str, Any] | None) -> str:
    """A published figure, and ours less it."""
    if row is None:
        return ""
    difference = "" if row["difference"] is None else f" (ours {row['difference']:+.3f})"
    return f"{value_text(row['value'])}{difference}"


def _differs(row: Mapping[str, Any]) -> str:
    names = [setting["name"] for setting in row["differs"]]
    unknown = f"; not stated: {', '.join(row['not_stated'])}" if row["not_stated"] else ""
    return (", ".join(names) if names else "nothing") + unknown
