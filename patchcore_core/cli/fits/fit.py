"""`fit`: fit the categories, or forecast their cost.

Modules for reading images and computing are loaded on demand: a queued job must be cheap.
"""

from __future__ import annotations

import argparse
import dataclasses
import math
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from patchcore_core.cli.mlflow_log import Log
from patchcore_core.cli.output import bars, finished_words, print_answer, report_error, say_ended, warn
from patchcore_core.cli.wording import excluded_lines, found_line
from patchcore_core.codec import plain, reader_of
from patchcore_core.config import PatchCoreConfig
from patchcore_core.errors import ConfigError
from patchcore_core.evaluation.values import Found
from patchcore_core.jobs.job import CANCELLED
from patchcore_core.jobs.worker import fit_queued
from patchcore_core.runs.found import with_found
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore
from patchcore_core.runs.time_left import left_of_several, rough


def fit(args: argparse.Namespace) -> int:
    """Fit each category; failures are reported, and the others continue."""
    store = RunStore(args.runs)
    if args.run_id is not None:
        with bars() as progress:
            done = fit_queued(args.run_id, store, progress, args.within)
        return print_fits(args, [fit_record(done, reused=False)], failed=0)
    if args.dataset is None:
        raise ConfigError("fit needs the folder of a dataset")
    config = configuration(args)
    log = log_and_file(args)
    asked = asked_datasets([args.dataset], args.category, args.exclude, args.within)
    if args.dry_run:
        return _dry_run(args, asked, config, store)
    from patchcore_core.fitting.fit import fit_run

    records: list[dict[str, Any]] = []
    whole = _Whole([0 if isinstance(dataset, str) else dataset.counts().train for _, dataset in asked])
    for category, dataset in asked:
        began = time.monotonic()
        with bars(whole.title(category)) as progress:
            made = dataset if isinstance(dataset, str) else tried(category, fit_run, dataset, config, store, progress)
        whole.ended(time.monotonic() - began, computed=not isinstance(made, str) and not made.reused)
        if isinstance(made, str):
            records.append({"run": None, "category": category, "error": made})
        else:
            log.fit(run := with_found(store, made.run))
            whole.say(dataset.category, "there already" if made.reused else finished_words(run))
            records.append(fit_record(run, made.reused) | {"category": dataset.category})
    return max(print_fits(args, records, failed=sum(record["run"] is None for record in records)), 2 * log.failed)


def log_and_file(args: argparse.Namespace) -> Log:
    """Where finished runs are logged; refuses a file of --csv that is there, before anything is computed."""
    from patchcore_core.cli.tables.csv_file import refuse_existing  # loads numpy

    refuse_existing(args)
    return Log(None if args.dry_run else args.mlflow)


class _Whole:
    """How far the fits of several categories are, with so many `photos` each."""

    def __init__(self, photos: Sequence[int]) -> None:
        self._left, self._total = [*map(float, photos)], len(photos)
        self._done: list[tuple[float, float]] = []

    def ended(self, seconds: float, computed: bool) -> None:
        """The next one has ended."""
        photos = self._left.pop(0)
        if computed:
            self._done.append((photos, seconds))

    def say(self, category: str, words: str) -> None:
        """A line on the fit that has ended last, where there are several and no bars."""
        if self._total > 1:
            say_ended(self._total - len(self._left), self._total, category, f"{words}{self._after()}")

    def _after(self) -> str:
        seconds = left_of_several(self._done, self._left, []) if self._done and self._left else math.nan
        return "" if math.isnan(seconds) else f"; about {rough(seconds)} left"

    def title(self, category: str | None) -> str | None:
        """`tile, 2 of 3, about 5 min for all that are left`: the time by that of the photos so far."""
        if self._total < 2:
            return category
        seconds = left_of_several(self._done, self._left, []) if self._done else math.nan
        words = "" if math.isnan(seconds) else f", about {rough(seconds)} for all that are left"
        return f"{category}, {self._total - len(self._left) + 1} of {self._total}{words}:"


def configuration(args: argparse.Namespace) -> PatchCoreConfig:
    """The preset with the fields that the arguments change."""
    return PatchCoreConfig.preset(args.preset, **changes(args))


def changes(args: argparse.Namespace) -> dict[str, Any]:
    """The fields of the configuration that the arguments set."""
    fields = {field.name for field in dataclasses.fields(PatchCoreConfig)}
    found = {name: value for name, value in vars(args).items() if name in fields}
    if "layers" in found:
        found["layers"] = tuple(name for text in found["layers"] for name in text.split(",") if name)
    if "scales" in found:
        found["scales"] = tuple(size for sizes in found["scales"] for size in sizes)
    return found


def asked_datasets(
    roots: Sequence[str], categories: Sequence[str] | None, excluded: Sequence[str], within: Sequence[str] | None
) -> list[tuple[str | None, Any]]:
    """Each requested category of these folders with its Dataset, or with its error, already reported.

    All are read before anything is computed, since a path to exclude may belong to any of them.
    """
    from patchcore_core.data.dataset import list_categories, load_dataset
    from patchcore_core.data.samples import exclude

    wanted = tuple(dict.fromkeys(categories or ()))
    asked = [(name, tried(name, load_dataset, root, name, True, within))
             for root in roots for name in wanted or list_categories(root) or (None,)]  # fmt: skip
    usable = [dataset for _, dataset in asked if not isinstance(dataset, str)]
    left = iter(exclude(usable, excluded) if usable else ())
    return [(name, dataset if isinstance(dataset, str) else next(left)) for name, dataset in asked]


def tried(category: str | None, work: Callable[..., Any], *arguments: Any) -> Any:
    """The result of the work, or its error as a sentence, already reported: one category's failure does not stop the
    others."""
    try:
        return work(*arguments)
    except Exception as error:
        return report_error(error, category)


def _dry_run(
    args: argparse.Namespace, asked: list[tuple[str | None, Any]], config: PatchCoreConfig, store: RunStore
) -> int:
    """Print the forecast of each category."""
    from patchcore_core.cli.fits.dry_run import foresee, lines

    records: list[dict[str, Any]] = []
    for category, dataset in asked:
        found = dataset if isinstance(dataset, str) else tried(category, foresee, dataset, config, store)
        records.append({"category": category, "error": found} if isinstance(found, str) else found)
    fits = [record for record in records if record["error"] is None]
    for record in fits:
        warn(record["category"], record["warnings"])
    print_answer(args, records, [line for record in fits for line in lines(record)])
    return 0 if len(fits) == len(records) else 2


def fit_record(done: Run, reused: bool) -> dict[str, Any]:
    """The result of one fit; for a reused run, seconds and memory are those of its own fit."""
    return {
        "run": done.id, "category": done.category, "reused": reused, "metrics": plain(done.metrics),
        "shape": list(done.input_shape),
        "intervals": plain(done.intervals), "found": plain(done.found) or {},
        "badges": plain(done.badges), "reasons": done.reasons, "seconds": done.seconds,
        "bank": done.bank, "peak_rss_bytes": done.peak_rss_bytes,
        "unreadable": [list(entry) for entry in done.unreadable], "excluded": list(done.excluded),
        "warnings": list(done.warnings), "error": None,
    }  # fmt: skip


def print_fits(
    args: argparse.Namespace, records: list[dict[str, Any]], failed: int, what: str = "categories",
    below: Sequence[str] = (),
) -> int:
    """Print the records of fits, their warnings on standard error, and write them where --csv says; the exit code.

    below: lines on the table of those that are done.
    """
    from patchcore_core.cli.tables.csv_file import write_csv
    from patchcore_core.cli.tables.rows import of_record
    from patchcore_core.cli.tables.runs import run_table

    done, rows = [record for record in records if record["run"]], [of_record(record) for record in records]
    for record in done:
        say_doubts(record)
    print_answer(args, records, [*run_table(rows, args.all), *below, *_found(done), *_left_out(done)] if done else [])
    write_csv(args, rows)  # after what was computed for so long is said, since there may be no room for it
    cancelled = sum(record["error"] == CANCELLED for record in records)
    counts = {"failed": failed - cancelled, "were cancelled": cancelled}
    if failed and len(records) > 1:
        said = [f"{count} of {len(records)} {what} {how}" for how, count in counts.items() if count]
        print(f"error: {', '.join(said)}", file=sys.stderr)
    return 2 if failed else 0


def _found(records: Sequence[dict[str, Any]]) -> list[str]:
    """What the default threshold finds, if there is one run; of several the table says it with --all."""
    found = [reader_of(Found)(record["found"], "found") for record in records if record["found"]]
    return [found_line(found[0])] if len(records) == len(found) == 1 else []


def _left_out(records: Sequence[dict[str, Any]]) -> list[str]:
    """The photos that were excluded, once for each category."""
    from patchcore_core.data.images import shown

    excluded = dict.fromkeys((record["category"], tuple(record["excluded"])) for record in records)
    return [f"{shown(category)}{line}" for category, paths in excluded for line in excluded_lines(paths)]


def say_doubts(record: dict[str, Any]) -> None:
    """The warnings of a fit and its doubtful badges, on standard error."""
    doubtful = [f"{badge['label']}. {badge['sentence']}" for badge in record["badges"]
                if badge["level"] == "warning" and badge["sentence"] not in record["warnings"]]
    warn(record["category"], [*record["warnings"], *doubtful])
