"""One row for each run: what it is of, what tells it from the others, its figures; and means over categories."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from patchcore_core.jobs.job import CANCELLED
from patchcore_core.jobs.sweep import said
from patchcore_core.reviews.run_labels import RunLabels
from patchcore_core.runs.record import Run
from patchcore_core.views.figure_names import METRIC_NAMES

Limits = Sequence[float | None]
UNLABELLED = RunLabels()


@dataclass(frozen=True)
class Row:
    """A run, or one that failed (`run` ""), or a mean.

    `apart`: the settings that differ from the other rows. `alike`: the same in the rows of which a mean over categories
    means something. NaN and None are undefined figures. `note`: what else there is to say. `labels`: what people call a
    run that is listed.
    """

    category: str
    apart: str = ""
    alike: Hashable = ()
    metrics: Mapping[str, float | None] = field(default_factory=dict)
    intervals: Mapping[str, Limits] = field(default_factory=dict)
    seconds: float = math.nan
    status: str = "finished"
    run: str = ""
    note: str = ""
    labels: RunLabels | None = None

    @property
    def finished(self) -> bool:
        """Whether there are figures."""
        return self.status == "finished"


def of_record(record: Mapping[str, Any]) -> Row:
    """The row of a record that `fit`, `sweep` or `evaluate` prints."""
    apart, category = said(record.get("settings", {})), record["category"] or ""
    if record["error"] is not None:
        status = CANCELLED if record["error"] == CANCELLED else "left out" if record.get("impossible") else "failed"
        return Row(category, apart, apart, status=status, note=status)
    seconds = record["seconds"].get("total", math.fsum(record["seconds"].values()))
    return Row(category, apart, apart, record["metrics"], record["intervals"], seconds, run=record["run"],
               note="existing run" if record.get("reused") else "")  # fmt: skip


def of_run(run: Run, apart: str, note: str = "", labels: RunLabels = UNLABELLED) -> Row:
    """The row of a stored run with its labels."""
    also = "; ".join(filter(None, ["archived" if labels.archived else "", run.error or note]))
    if run.broken:
        return Row(run.category, apart, run.id, status=run.status, run=run.id, note=also, labels=labels)
    return Row(run.category, apart, run.config, run.metrics, run.intervals, run.seconds.get("total", math.nan),
               run.status, run.id, also, labels)  # fmt: skip


def means(rows: Sequence[Row]) -> list[Row]:
    """A row with the means over categories for each kind of rows that are alike and finished in two or more of them.

    Of a category with several such runs their mean counts. A figure that one of the categories lacks has no mean.
    """
    kinds: dict[Hashable, list[Row]] = {}
    for row in rows:
        kinds.setdefault(row.alike, []).append(row)
    return [_mean(some) for some in kinds.values() if len({row.category for row in some if row.finished}) > 1]


def figures_in(rows: Sequence[Row]) -> list[str]:
    """The names of all figures that one of the rows has, known ones in their order first."""
    there = dict.fromkeys(name for row in rows for name in row.metrics)
    return [*(name for name in METRIC_NAMES if name in there), *(name for name in there if name not in METRIC_NAMES)]


def defined(value: float | None) -> float:
    """The value, NaN for None."""
    return math.nan if value is None else value


def _mean(rows: Sequence[Row]) -> Row:
    finished: dict[str, list[Row]] = {}
    for row in rows:
        if row.finished:
            finished.setdefault(row.category, []).append(row)
    without = dict.fromkeys(row.category for row in rows if not row.finished and row.category not in finished)
    return Row(
        f"mean of {len(finished)}", rows[0].apart, rows[0].alike,
        {name: _average([_average([defined(row.metrics.get(name)) for row in some]) for some in finished.values()])
         for name in figures_in(rows)},
        seconds=_average([_average([row.seconds for row in some]) for some in finished.values()]),
        note=f"without {', '.join(without)}" if without else "",
    )  # fmt: skip


def _average(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)
