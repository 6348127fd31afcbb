"""A table of runs: a row for each, and the means over categories."""

from __future__ import annotations

import math
from collections.abc import Sequence

from patchcore_core.cli.tables.layout import Column, table, terminal_width
from patchcore_core.cli.tables.rows import UNLABELLED, Row, defined, figures_in, means
from patchcore_core.data.images import shown
from patchcore_core.runs.record import Run
from patchcore_core.views.figure_names import METRIC_NAMES
from patchcore_core.views.text import interval_text

MAIN = {"image_auroc": "Image AUROC", "pixel_auroc": "Pixel AUROC", "aupro": "AUPRO"}
UNDEFINED = "—"


def run_table(rows: Sequence[Row], every: bool = False, status: bool = False) -> list[str]:
    """The rows and their means as lines for the terminal; every: all figures, not only the main ones."""
    names = {name: METRIC_NAMES.get(name, name) for name in figures_in(rows)} if every else MAIN
    columns = [*map(Column, ("Category", "Star", "Name", "Tags", "Settings", *(["Status"] if status else []))),
               *(Column(title) for title in names.values()), Column("Seconds", right=True), Column("Run"),
               Column("Note", cut=True)]  # fmt: skip
    averages = means(rows)
    lines = table(columns, [_cells(row, list(names), status) for row in (*rows, *averages)], terminal_width())
    return [*lines, *_undefined(averages, names)]


def shared_line(runs: Sequence[Run]) -> list[str]:
    """A line that tells how the seconds of runs are to be read of whose work other fits had done a part."""
    less = sum(bool(run.shortened) for run in runs)
    return [f"the seconds of {less} of {len(runs)} runs, and means of them, are less than those of a fit alone: what "
            "fits share is in the seconds of the first of them"] if less else []  # fmt: skip


def value_text(value: float | None, limits: Sequence[float | None] | None = None) -> str:
    """`0.963 [0.94, 0.98]`; an em dash where undefined."""
    known = defined(value)
    return UNDEFINED if math.isnan(known) else f"{known:.3f} {interval_text(limits)}".rstrip()


def _cells(row: Row, names: Sequence[str], status: bool) -> list[str]:
    figures = [value_text(row.metrics.get(name), row.intervals.get(name)) if row.finished else "" for name in names]
    seconds, labels = "" if math.isnan(row.seconds) else f"{row.seconds:.1f}", row.labels or UNLABELLED
    return [shown(row.category), "★" if labels.star else "", shown(labels.name), shown(labels.tags), shown(row.apart),
            *([row.status if row.run else ""] if status else []),
            *figures, seconds, row.run, shown(row.note)]  # fmt: skip


def _undefined(averages: Sequence[Row], names: dict[str, str]) -> list[str]:
    """A line on figures that have no mean, since a category lacks them."""
    lacking = [title for name, title in names.items()
               if any(math.isnan(defined(mean.metrics.get(name))) for mean in averages)]  # fmt: skip
    return [f"no mean where a category lacks the figure: {', '.join(lacking)}"] if lacking else []
