"""`runs` and `show`: the runs in the store."""

from __future__ import annotations

import argparse
import difflib
import json
import math
from collections.abc import Callable, Sequence
from typing import Any

from patchcore_core.cli.in_use import threshold_lines
from patchcore_core.cli.output import print_answer
from patchcore_core.cli.tables.csv_file import refuse_existing, write_csv
from patchcore_core.cli.tables.figures import figure_table, published_table, region_table
from patchcore_core.cli.tables.labels import all_labels, label_facts, label_record
from patchcore_core.cli.tables.layout import apart, facts
from patchcore_core.cli.tables.rows import UNLABELLED, defined, of_run
from patchcore_core.cli.tables.runs import run_table, shared_line
from patchcore_core.cli.wording import figure, published_beside, trust_lines
from patchcore_core.codec import plain
from patchcore_core.data.images import shown
from patchcore_core.errors import ConfigError, StoreError
from patchcore_core.reviews.chosen_thresholds import ChosenThresholdsOf
from patchcore_core.reviews.run_labels import RunLabelsOf
from patchcore_core.runs.found import with_found
from patchcore_core.runs.record import Run, to_json
from patchcore_core.runs.store import RunStore
from patchcore_core.views.figure_names import LOWER_IS_BETTER, METRIC_NAMES
from patchcore_core.views.run_names import names_of

IN_WORDS = ("metrics", "intervals", "reasons", "operating_points", "region_recall", "per_defect_region_recall",
            "per_defect_intervals", "badges", "published", "found", "data_warnings", "chosen_thresholds",
            "labels")  # fmt: skip
ORDERS: dict[str, Callable[[Run], Any]] = {
    "created": lambda run: run.created_at,
    "category": lambda run: run.category,
    "status": lambda run: run.status,
    "seconds": lambda run: run.seconds.get("total", math.nan),
}
NEWEST_FIRST = ("created",)
SEPARATOR = " · "  # between the parts of a run's name


def runs(args: argparse.Namespace) -> int:
    """List the runs that are asked for, newest first or as --sort says; archived ones only with --archived."""
    store = RunStore(args.runs)
    refuse_existing(args)
    every, labels = store.list(), all_labels(store)
    labelled = {run.id: labels.get(run.id, UNLABELLED) for run in every}
    asked = [run for run in every if _asked(run, args)]
    left_out = [] if args.archived else [run.id for run in asked if labelled[run.id].archived]
    found = in_order([with_found(store, run) for run in asked if run.id not in left_out], args.sort)
    common, apart = told_apart(found)
    rows = [of_run(run, apart[run.id], _lacks(run), labelled[run.id]) for run in found]
    write_csv(args, rows)
    lines = [*([f"in all runs: {common}"] if common else []), *run_table(rows, args.all, status=True),
             *shared_line(found)]  # fmt: skip
    more = [f"{len(left_out)} archived {'run is' if len(left_out) == 1 else 'runs are'} left out; --archived lists "
            f"{'it' if len(left_out) == 1 else 'them'}"] if left_out else []  # fmt: skip
    print_answer(args, [to_json(run) | {"labels": label_record(labelled[run.id])} for run in found],
                 [*lines, *more] or [_none(store, every)])  # fmt: skip
    return 0


def show(args: argparse.Namespace) -> int:
    """Show one run; a finished one with published figures of the same category."""
    store = RunStore(args.runs)
    refuse_existing(args)
    found = with_found(store, store.get(args.run))
    beside = [] if found.broken else published_beside(found.category, found.metrics, found.config, found.counts)
    chosen = ChosenThresholdsOf(store.root).current(found.id)
    labels = RunLabelsOf(store.root).current(found.id)
    record = to_json(found) | {"published": beside, "chosen_thresholds": plain(chosen) if chosen.any else None,
                               "labels": label_record(labels)}  # fmt: skip
    write_csv(args, [of_run(found, "", labels=labels)])
    first, *others = _facts(found)
    lines = facts([first, *label_facts(labels), *others])
    if found.status == "finished" and not found.broken:
        lines += ["", *figure_table(found.metrics, found.intervals, found.reasons, args.all), "",
                  *threshold_lines(store, found, chosen)]  # fmt: skip
    lines += [*trust_lines(vars(found), args.all), *apart(
        region_table(found.region_recall, found.per_defect_region_recall, args.all), published_table(beside, args.all)
    )]  # fmt: skip
    if args.all:
        lines += ["", *facts(_fields(record))]
    if args.json:  # long, so not among the lines
        record["training_images"] = plain(None if found.broken else store.training_images(found))
    print_answer(args, record, lines)
    return 0


def finished(store: RunStore, run_id: str) -> Run:
    """The run of this id; StoreError unless it is finished."""
    found = store.get(run_id)
    if found.status != "finished":
        raise StoreError(f"run {run_id} is {found.status}" + (f": {found.error}" if found.error else ""))
    return found


def in_order(runs: Sequence[Run], order: str | None) -> list[Run]:
    """The runs as `--sort` says: by a figure the best first, by seconds the least; those without it last.

    ConfigError for an unknown order.
    """
    if order is None:
        return list(runs)
    name = order.replace("-", "_")
    if name not in (*ORDERS, *METRIC_NAMES):
        near = difflib.get_close_matches(name, (*ORDERS, *METRIC_NAMES), n=1)
        more = f"did you mean {near[0]}?" if near else f"there are {', '.join((*ORDERS, *METRIC_NAMES))}"
        raise ConfigError(f"--sort {order}: runs have no such figure; {more}")
    if name in ORDERS and name != "seconds":
        return sorted(runs, key=ORDERS[name], reverse=name in NEWEST_FIRST)
    sign = 1 if name in ("seconds", *LOWER_IS_BETTER) else -1

    def place(run: Run) -> tuple[bool, float]:
        value = ORDERS[name](run) if name in ORDERS else defined(run.metrics.get(name))
        return math.isnan(value), 0.0 if math.isnan(value) else sign * value

    return sorted(runs, key=place)


def told_apart(runs: Sequence[Run]) -> tuple[str, dict[str, str]]:
    """The settings that all runs have, and of each run those that not all have; "" for one that cannot be read."""
    names = {run: name.split(SEPARATOR) for run, name in _names(runs).items()}
    first = next(iter(names.values())) if len(names) > 1 else []
    common = [part for part in first if all(part in name for name in names.values())]
    apart = {run: SEPARATOR.join(part for part in name if part not in common) for run, name in names.items()}
    return SEPARATOR.join(common), {run.id: apart.get(run.id, "") for run in runs}


def _names(runs: Sequence[Run]) -> dict[str, str]:
    """The settings of each run that can be read, and what tells it from like ones of its category."""
    names: dict[str, str] = {}
    for category in {run.category for run in runs}:
        group = [run for run in runs if run.category == category and not run.broken]
        names |= dict(zip((run.id for run in group), names_of([run.config for run in group]), strict=True))
    return names


def _asked(run: Run, args: argparse.Namespace) -> bool:
    return run.category in (args.category or [run.category]) and run.status in (args.status or [run.status])


def _none(store: RunStore, every: Sequence[Run]) -> str:
    """Why no run is listed."""
    if not every:
        return f"no runs in {store.root}; `fit DATASET` makes one"
    categories = ", ".join(shown(name) for name in sorted({run.category for run in every}))
    return f"none of the {len(every)} runs in {store.root} is of this kind; their categories are {categories}"


def _facts(run: Run) -> list[tuple[str, str]]:
    """What a run is, in words."""
    if run.broken:
        return [("run", run.id), ("status", run.status), ("error", run.error or "")]
    counts, bank = run.counts, run.bank
    tested = [f"{counts.test_good} good", f"{counts.test_defective} defective",
              *([f"{counts.test_unknown} without labels"] if counts.test_unknown else [])]  # fmt: skip
    stages = ", ".join(f"{name} {value:.1f}" for name, value in run.seconds.items() if name != "total")
    return [
        ("run", run.id), ("category", shown(run.category)), ("dataset", shown(run.dataset)), ("status", run.status),
        ("error", shown(run.error or "")), ("settings", names_of([run.config])[0]),
        ("photos", f"{counts.train} to learn from; test images: {', '.join(tested)}"),
        ("input", "{} x {} pixels, height x width".format(*run.input_shape)),
        ("bank", f"{bank['rows']:,} rows of {bank['dim']} values, {bank['bytes'] / 1e6:.1f} MB"
         if {"rows", "dim", "bytes"} <= bank.keys() else ""),
        ("seconds", f"{run.seconds['total']:.1f}: {stages}" if "total" in run.seconds else ""),
        ("created", run.created_at), ("goes on from", run.parent),
        *(("excluded", shown(path)) for path in run.excluded), *(("taught", shown(path)) for path in run.taught),
        *(("warning", sentence) for sentence in run.warnings),
    ]  # fmt: skip


def _fields(record: dict[str, Any]) -> list[tuple[str, str]]:
    """The fields of the record that are not said in words."""
    return [(name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
            for name, value in record.items() if name not in IN_WORDS and value not in (None, [], {}, "")]  # fmt: skip


def _lacks(run: Run) -> str:
    """Why a finished run has no figures, and the threshold that it has all the same; "" where it has some."""
    counts = run.counts
    if run.broken or run.status != "finished" or not counts.train or counts.test_good or counts.test_defective:
        return ""
    from patchcore_core.evaluation.thresholds.decision import default_rule  # brings numpy

    rule = default_rule(run.thresholds)
    known = f"; image threshold {figure(run.thresholds[rule])}" if rule else ""
    return ("no labelled test images" if counts.test_unknown else "no test images") + known
