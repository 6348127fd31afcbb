"""`runs` and `show`: the runs in the store."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence

from patchcore_core.cli.in_use import threshold_lines
from patchcore_core.cli.output import print_answer
from patchcore_core.cli.wording import (
    figure,
    figure_lines,
    published_beside,
    published_lines,
    trust_lines,
)
from patchcore_core.codec import plain
from patchcore_core.errors import StoreError
from patchcore_core.reviews.chosen_thresholds import ChosenThresholdsOf
from patchcore_core.runs.found import with_found
from patchcore_core.runs.record import Run, to_json
from patchcore_core.runs.store import RunStore
from patchcore_core.views.run_names import names_of

IN_WORDS = ("metrics", "intervals", "reasons", "operating_points", "region_recall", "per_defect_region_recall",
            "per_defect_intervals", "badges", "published", "found", "data_warnings", "chosen_thresholds")  # fmt: skip


def runs(args: argparse.Namespace) -> int:
    """List all runs, newest first."""
    store = RunStore(args.runs)
    found = store.list()
    names = _names(found)
    lines = [_row(entry, names.get(entry.id, "")) for entry in found]
    lines = lines or [f"no runs in {store.root}; `fit DATASET` makes one"]
    print_answer(args, [to_json(entry) for entry in found], lines)
    return 0


def show(args: argparse.Namespace) -> int:
    """Show one run; a finished one with published figures of the same category."""
    store = RunStore(args.runs)
    found = with_found(store, store.get(args.run))
    beside = [] if found.broken else published_beside(found.category, found.metrics, found.config, found.counts)
    chosen = ChosenThresholdsOf(store.root).current(found.id)
    record = to_json(found) | {"published": beside, "chosen_thresholds": plain(chosen) if chosen.any else None}
    lines = [f"{name}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
             for name, value in record.items() if name not in IN_WORDS and value not in (None, [], {}, "")]
    figures = figure_lines(found.metrics, found.intervals, found.reasons)
    trust = trust_lines({name: getattr(found, name) for name in IN_WORDS if hasattr(found, name)})
    if found.status == "finished" and not found.broken:
        figures += threshold_lines(store, found, chosen)
    if args.json:  # long, so not among the lines
        record["training_images"] = plain(None if found.broken else store.training_images(found))
    print_answer(args, record, [*lines, *figures, *trust, *published_lines(beside)])
    return 0


def finished(store: RunStore, run_id: str) -> Run:
    """The run of this id; StoreError unless it is finished."""
    found = store.get(run_id)
    if found.status != "finished":
        raise StoreError(f"run {run_id} is {found.status}" + (f": {found.error}" if found.error else ""))
    return found


def _names(runs: Sequence[Run]) -> dict[str, str]:
    """The settings of each run that can be read, and what tells it from like ones of its category."""
    names: dict[str, str] = {}
    for category in {run.category for run in runs}:
        group = [run for run in runs if run.category == category and not run.broken]
        names |= dict(zip((run.id for run in group), names_of([run.config for run in group]), strict=True))
    return names


def _row(entry: Run, name: str) -> str:
    text = entry.error or f"{_figures(entry)}  {name}"
    return f"{entry.id}  {entry.status:<9}  {text}"


def _figures(entry: Run) -> str:
    """The main figures, or why there are none and the threshold that the run has all the same."""
    names = ("image_auroc", "pixel_auroc", "aupro")
    counts = entry.counts
    if entry.status != "finished" or not counts.train or counts.test_good or counts.test_defective:
        return f"image AUROC, pixel AUROC, AUPRO: {'  '.join(figure(entry.metrics.get(name)) for name in names)}"
    from patchcore_core.evaluation.thresholds.decision import default_rule  # brings numpy

    rule = default_rule(entry.thresholds)
    known = f"; image threshold {figure(entry.thresholds[rule])}" if rule else ""
    return ("no labelled test images" if counts.test_unknown else "no test images") + known
