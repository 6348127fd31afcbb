"""What the commands of the command line do; cli/main.py says what they are.

Reading images and computing is loaded by the commands that do it: a job that waits its turn must cost little.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import logging
import math
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tqdm import tqdm

from patchcore_core.cli.wording import (
    excluded_lines,
    figure,
    figure_lines,
    found_line,
    published_beside,
    published_lines,
    trust_lines,
)
from patchcore_core.config import PatchCoreConfig
from patchcore_core.errors import ConfigError, DataError, PatchCoreError, StoreError
from patchcore_core.jobs.queue import fit_queued
from patchcore_core.progress import Progress
from patchcore_core.runs.found import with_found
from patchcore_core.runs.record import Run, json_numbers, to_json
from patchcore_core.runs.store import RunStore
from patchcore_core.runs.time_left import TimeLeft, rough

_LOG = logging.getLogger(__name__)
IN_WORDS = ("metrics", "intervals", "reasons", "operating_points", "region_recall", "per_defect_region_recall",
            "per_defect_intervals", "badges", "published", "found", "data_warnings")  # fmt: skip
MOST_SAID = 5  # notes on a folder in one sentence
BAR = "{l_bar}{bar}| {n_fmt}/{total_fmt} [{elapsed}{postfix}]"  # tqdm's own guess at the time left swings


def run(args: argparse.Namespace) -> int:
    """Do what the parsed arguments ask for; the exit code."""
    commands = {"fit": fit, "score": score, "evaluate": evaluate, "runs": runs, "show": show, "sample": sample}
    return commands[args.command](args)


def fit(args: argparse.Namespace) -> int:
    """Fit each category; one that fails is reported and the others go on."""
    store = RunStore(args.runs)
    if args.run_id is not None:
        with bars() as progress:
            done = fit_queued(args.run_id, store, progress, args.within)
        return _print_fits(args, [_fit_record(done, reused=False)], failed=0)
    if args.dataset is None:
        raise ConfigError("fit needs the folder of a dataset")
    config = _configuration(args)
    asked = _asked(args)
    if args.dry_run:
        return _dry_run(args, asked, config, store)
    from patchcore_core.fitting.fit import fit_run

    records: list[dict[str, Any]] = []
    for category, dataset in asked:
        with bars(category) as progress:
            made = dataset if isinstance(dataset, str) else _tried(category, fit_run, dataset, config, store, progress)
        if isinstance(made, str):
            records.append({"run": None, "category": category, "error": made})
        else:
            records.append(_fit_record(with_found(store, made.run), made.reused) | {"category": dataset.category})
    return _print_fits(args, records, failed=sum(record["run"] is None for record in records))


def _configuration(args: argparse.Namespace) -> PatchCoreConfig:
    fields = {field.name for field in dataclasses.fields(PatchCoreConfig)}
    changes = {name: value for name, value in vars(args).items() if name in fields}
    if "layers" in changes:
        changes["layers"] = tuple(name for text in changes["layers"] for name in text.split(",") if name)
    if "scales" in changes:
        changes["scales"] = tuple(size for sizes in changes["scales"] for size in sizes)
    return PatchCoreConfig.preset(args.preset, **changes)


def _asked(args: argparse.Namespace) -> list[tuple[str | None, Any]]:
    """Each category that is asked for with its Dataset, or with the reason, reported by now, why it has none.

    They are all read before anything is computed, since a path to exclude may be of any of them.
    """
    from patchcore_core.data.dataset import list_categories, load_dataset
    from patchcore_core.data.exclude import exclude

    names = tuple(dict.fromkeys(args.category or ())) or list_categories(args.dataset) or (None,)
    asked = [(name, _tried(name, load_dataset, args.dataset, name, True, args.within)) for name in names]
    usable = [dataset for _, dataset in asked if not isinstance(dataset, str)]
    left = iter(exclude(usable, args.exclude) if usable else ())
    return [(name, dataset if isinstance(dataset, str) else next(left)) for name, dataset in asked]


def _tried(category: str | None, work: Callable[..., Any], *arguments: Any) -> Any:
    """What the work gives, or the sentence of its error, reported: what happens to one category stops no other."""
    try:
        return work(*arguments)
    except Exception as error:
        return _reported(error, category)


def _dry_run(
    args: argparse.Namespace, asked: list[tuple[str | None, Any]], config: PatchCoreConfig, store: RunStore
) -> int:
    """Print the forecast of each category."""
    from patchcore_core.cli.dry_run import foresee, lines

    records: list[dict[str, Any]] = []
    for category, dataset in asked:
        found = dataset if isinstance(dataset, str) else _tried(category, foresee, dataset, config, store)
        records.append({"category": category, "error": found} if isinstance(found, str) else found)
    fits = [record for record in records if record["error"] is None]
    for record in fits:
        _warn(record["category"], record["warnings"])
    _print(args, records, [line for record in fits for line in lines(record)])
    return 0 if len(fits) == len(records) else 2


def evaluate(args: argparse.Namespace) -> int:
    """Score another dataset's test set with a run's memory bank."""
    from patchcore_core.data.dataset import load_dataset
    from patchcore_core.evaluation.badges.of_fit import Trained, of_training
    from patchcore_core.evaluation.badges.photo_shapes import Proportions
    from patchcore_core.evaluation.trim import Trim
    from patchcore_core.fitting.fit import judge
    from patchcore_core.fitting.good_scores import near_copies_left_out, read_held_out
    from patchcore_core.runs.contents import contents_then

    store = RunStore(args.runs)
    chosen = finished(store, args.run)
    dataset = load_dataset(args.dataset, args.category, needs_train=False)
    if not dataset.test:
        found = "".join(f"; {sentence}" for sentence in dataset.warnings[:MOST_SAID])
        raise DataError(f"{dataset.root}: holds no test images to evaluate the run on{found}")
    from patchcore_core.model.patchcore import PatchCore  # brings torch, so not before all else is known to be right

    model = PatchCore.load(store.bank_folder(chosen), device=args.device)
    held_out = read_held_out(store.curves(chosen), near_copies_left_out(chosen.heldout))
    keys = contents_then(model.train_paths, model.train_contents, chosen)
    shapes = Proportions.of(model.config, model.transform.shape, model.aspects)
    with bars() as progress, TemporaryDirectory() as folder:
        trained = Trained(model.train_paths, keys=keys, badges=of_training(chosen.badges), shapes=shapes)
        judged = judge(model, dataset.test, Path(folder), progress, held_out, trained, Trim.read(chosen.trim))
    for path, cause in judged.unreadable:
        print(f"skipped: {path}: {cause}", file=sys.stderr)
    figures, counts = judged.figures(), dataset.counts()
    beside = published_beside(dataset.category, figures["metrics"], chosen.config, counts)
    record = {
        "run": args.run, "dataset": str(dataset.root), "category": dataset.category, "counts": counts,
        **{name: json_numbers(value) for name, value in figures.items()}, "heldout": chosen.heldout,
        "trim": chosen.trim, "published": beside, "seconds": judged.seconds,
        "unreadable": [list(entry) for entry in judged.unreadable],
        "warnings": [*dataset.warnings, *judged.warnings],
    }  # fmt: skip
    _warn(dataset.category, record["warnings"])
    lines = figure_lines(figures["metrics"], figures["intervals"], figures["reasons"])
    _print(args, record, [*lines, found_line(figures["found"]), *trust_lines(figures), *published_lines(beside)])
    return 0


def score(args: argparse.Namespace) -> int:
    """Score single images; one that cannot be read is reported and the others go on."""
    store = RunStore(args.runs)
    chosen = finished(store, args.run)
    from patchcore_core.cli.score_files import plan_scores, score_images
    from patchcore_core.data.images import shown

    task = plan_scores(chosen, [Path(path) for path in args.images], Path(args.out) if args.out else None,
                       args.overwrite, args.threshold, args.pixel_threshold)  # fmt: skip
    for note in task.inputs.notes:
        print(f"warning: {note}", file=sys.stderr)
    with bars() as progress:
        done = score_images(store, chosen, task, args.device, progress)
    for record in done:
        if record["error"]:
            print(f"error: {record['error']}", file=sys.stderr)
        elif record["note"]:
            print(f"warning: {record['image']}: {record['note']}", file=sys.stderr)
    verdicts = {True: "defective", False: "good", None: "no threshold known"}
    lines = [f"{record['image']}  {record['image_score']:.4f}  {verdicts[record['defective']]}" for record in done
             if record["image_score"] is not None]
    _print(args, done, [*lines, f"written to {shown(task.output.folder)}"])
    return 2 if any(record["error"] for record in done) else 0


def runs(args: argparse.Namespace) -> int:
    """List all runs, newest first."""
    store = RunStore(args.runs)
    found = store.list()
    lines = [_row(entry) for entry in found] or [f"no runs in {store.root}; `fit DATASET` makes one"]
    _print(args, [to_json(entry) for entry in found], lines)
    return 0


def show(args: argparse.Namespace) -> int:
    """Show one run, where it is finished with published figures of the same category beside its own."""
    store = RunStore(args.runs)
    found = with_found(store, store.get(args.run))
    beside = [] if found.broken else published_beside(found.category, found.metrics, found.config, found.counts)
    record = to_json(found) | {"published": beside}
    lines = [f"{name}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
             for name, value in record.items() if name not in IN_WORDS and value not in (None, [], {}, "")]
    figures = figure_lines(found.metrics, found.intervals, found.reasons)
    trust = trust_lines({name: getattr(found, name) for name in IN_WORDS if hasattr(found, name)})
    finds = [found_line(found.found)] if found.found else []
    _print(args, record, [*lines, *figures, *finds, *trust, *published_lines(beside)])
    return 0


def sample(args: argparse.Namespace) -> int:
    """Write the built-in sample set."""
    from patchcore_core.data.sample.sample_set import write_sample

    with bars() as progress:
        folders = [str(folder) for folder in write_sample(Path(args.folder), progress)]
    _print(args, {"categories": folders}, folders)
    return 0


def finished(store: RunStore, run_id: str) -> Run:
    """The run of this id, which must be one to work with."""
    found = store.get(run_id)
    if found.status != "finished":
        raise StoreError(f"run {run_id} is {found.status}" + (f": {found.error}" if found.error else ""))
    return found


@contextmanager
def bars(title: str | None = None) -> Iterator[Progress]:
    """A progress bar for each stage on standard error, where that is a terminal."""
    shown: dict[str, tqdm] = {}
    time_left = TimeLeft()

    def progress(stage: str, done: int, total: int) -> None:
        if stage not in shown:
            for bar in shown.values():
                bar.close()
            label = f"{title} {stage}" if title else stage
            shown[stage] = tqdm(
                desc=label, total=total, file=sys.stderr, disable=not sys.stderr.isatty(), bar_format=BAR
            )
        bar, left = shown[stage], time_left.note(stage, done, total, time.monotonic())
        bar.total = total
        bar.set_postfix_str("" if math.isnan(left) or left <= 0 else f"about {rough(left)} left", refresh=False)
        bar.update(done - bar.n)

    try:
        yield progress
    finally:
        for bar in shown.values():
            bar.close()


def _fit_record(done: Run, reused: bool) -> dict[str, Any]:
    """The answer to one fit; of a run that was there already the seconds and memory are those of its own time."""
    return {
        "run": done.id, "category": done.category, "reused": reused, "metrics": json_numbers(done.metrics),
        "shape": list(done.input_shape),
        "intervals": json_numbers(done.intervals), "found": json_numbers(done.found),
        "badges": json_numbers(done.badges), "reasons": done.reasons, "seconds": done.seconds,
        "bank": done.bank, "peak_rss_bytes": done.peak_rss_bytes,
        "unreadable": [list(entry) for entry in done.unreadable], "excluded": list(done.excluded),
        "warnings": list(done.warnings), "error": None,
    }  # fmt: skip


def _print_fits(args: argparse.Namespace, records: list[dict[str, Any]], failed: int) -> int:
    lines = []
    for record in records:
        if record["run"]:
            figures = "  ".join(f"{name} {figure(value, record['intervals'].get(name))}"
                                for name, value in record["metrics"].items())  # fmt: skip
            seconds = f"{record['seconds']['total']:.1f} s"
            taken = f"existing run of the same fit, which took {seconds}" if record["reused"] else seconds
            found = f"{found_line(record['found'])}  " if record["found"] else ""
            lines.append(f"{record['run']}  {figures}  {found}({taken})")
            lines += excluded_lines(record["excluded"])
            doubtful = [f"{badge['label']}. {badge['sentence']}" for badge in record["badges"]
                        if badge["level"] == "warning" and badge["sentence"] not in record["warnings"]]
            _warn(record["category"], [*record["warnings"], *doubtful])
    _print(args, records, lines)
    if failed and len(records) > 1:
        print(f"error: {failed} of {len(records)} categories failed", file=sys.stderr)
    return 2 if failed else 0


def _reported(error: Exception, category: str | None) -> str:
    """The error as one sentence, printed at once; what nobody foresaw with its traceback."""
    if not isinstance(error, PatchCoreError):
        _LOG.error("unforeseen", exc_info=error)
    sentence = str(error) if isinstance(error, PatchCoreError) else f"{type(error).__name__}: {error}"
    print(f"error: {category}: {sentence}" if category else f"error: {sentence}", file=sys.stderr)
    return sentence


def _warn(category: str, sentences: Sequence[str]) -> None:
    """Each sentence on a line of its own on standard error, with or without --json."""
    for sentence in dict.fromkeys(sentences):
        print(f"warning: {category}: {sentence}", file=sys.stderr)


def _row(entry: Run) -> str:
    figures = (figure(entry.metrics.get(name)) for name in ("image_auroc", "pixel_auroc", "aupro"))
    text = entry.error or f"image AUROC, pixel AUROC, AUPRO: {'  '.join(figures)}  {entry.config.backbone}"
    return f"{entry.id}  {entry.status:<9}  {text}"


def _print(args: argparse.Namespace, record: Any, lines: list[str]) -> None:
    if args.json or lines:
        print(json.dumps(record, indent=1, ensure_ascii=False) if args.json else "\n".join(lines), flush=True)
