"""What the commands of the command line do; cli.py says what they are.

Reading images and computing is loaded by the commands that do it: a job that waits its turn must cost little.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tqdm import tqdm

from patchcore_core.config import PatchCoreConfig
from patchcore_core.errors import ConfigError, DataError, PatchCoreError, StoreError
from patchcore_core.runs.queue import fit_queued
from patchcore_core.runs.record import Progress, Run, json_numbers, to_json
from patchcore_core.runs.store import RunStore

_LOG = logging.getLogger(__name__)


def run(args: argparse.Namespace) -> int:
    """Do what the parsed arguments ask for; the exit code."""
    commands = {"fit": fit, "score": score, "evaluate": evaluate, "runs": runs, "show": show, "sample": sample}
    return commands[args.command](args)


def fit(args: argparse.Namespace) -> int:
    """Fit each category; one that fails is reported and the others go on."""
    store = RunStore(args.runs)
    if args.run_id is not None:
        with bars() as progress:
            done = fit_queued(args.run_id, store, progress)
        return _print_fits(args, [_fit_record(done, reused=False)], failed=0)
    if args.dataset is None:
        raise ConfigError("fit needs the folder of a dataset")
    from patchcore_core.data.dataset import list_categories, load_dataset
    from patchcore_core.runs.fit import fit_run

    fields = {field.name for field in dataclasses.fields(PatchCoreConfig)}
    changes = {name: value for name, value in vars(args).items() if name in fields}
    if "layers" in changes:
        changes["layers"] = tuple(name for text in changes["layers"] for name in text.split(",") if name)
    config = PatchCoreConfig.preset(args.preset, **changes)
    records, failed = [], 0
    for category in args.category or list_categories(args.dataset) or (None,):
        try:
            dataset = load_dataset(args.dataset, category)
            with bars(category) as progress:
                answer = fit_run(dataset, config, store, progress)
            records.append({**_fit_record(answer.run, answer.reused), "category": dataset.category})
        except Exception as error:  # whatever happened to one category, the others are still wanted
            failed += 1
            records.append({"run": None, "category": category, "error": _reported(error, category)})
    return _print_fits(args, records, failed)


def evaluate(args: argparse.Namespace) -> int:
    """Score another dataset's test set with a run's memory bank."""
    from patchcore_core.data.dataset import load_dataset
    from patchcore_core.runs.fit import judge

    store = RunStore(args.runs)
    bank = store.bank_folder(finished(store, args.run))
    dataset = load_dataset(args.dataset, args.category, needs_train=False)
    if not dataset.test:
        raise DataError(f"{dataset.root}: holds no test images to evaluate the run on")
    from patchcore_core.model.patchcore import PatchCore  # brings torch, so not before all else is known to be right

    with bars() as progress, TemporaryDirectory() as folder:
        judged = judge(PatchCore.load(bank, device=args.device), dataset.test, Path(folder), progress)
    for path, cause in judged.unreadable:
        print(f"skipped: {path}: {cause}", file=sys.stderr)
    evaluation = judged.evaluation
    record = {
        "run": args.run, "dataset": str(dataset.root), "category": dataset.category, "counts": dataset.counts(),
        "metrics": json_numbers(evaluation.metrics), "reasons": evaluation.reasons,
        "thresholds": json_numbers(evaluation.thresholds), "per_defect": json_numbers(evaluation.per_defect),
        "seconds": judged.seconds, "unreadable": [list(entry) for entry in judged.unreadable],
        "warnings": [*dataset.warnings, *judged.truth.warnings, *evaluation.notes],
    }  # fmt: skip
    _print(args, record, _lines(record["metrics"], evaluation.reasons))
    return 0


def score(args: argparse.Namespace) -> int:
    """Score single images; one that cannot be read is reported and the others go on."""
    store = RunStore(args.runs)
    chosen = finished(store, args.run)
    out = Path(args.out or Path("scores", chosen.id))
    from patchcore_core.score_files import score_images

    with bars() as progress:
        done = score_images(store, chosen, [Path(path) for path in args.images], out,
                            args.threshold, args.pixel_threshold, args.device, progress)
    for record in done:
        if record["error"]:
            print(f"error: {record['error']}", file=sys.stderr)
    verdicts = {True: "defective", False: "good", None: "no threshold known"}
    lines = [f"{r['image']}  {r['image_score']:.4f}  {verdicts[r['defective']]}" for r in done if not r["error"]]
    _print(args, done, [*lines, f"written to {out}"])
    return 2 if any(record["error"] for record in done) else 0


def runs(args: argparse.Namespace) -> int:
    """List all runs, newest first."""
    store = RunStore(args.runs)
    found = store.list()
    lines = [_row(entry) for entry in found] or [f"no runs in {store.root}; `fit DATASET` makes one"]
    _print(args, [to_json(entry) for entry in found], lines)
    return 0


def show(args: argparse.Namespace) -> int:
    """Show one run."""
    record = to_json(RunStore(args.runs).get(args.run))
    lines = [f"{name}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
             for name, value in record.items() if value not in (None, [], {}, "")]
    _print(args, record, lines)
    return 0


def sample(args: argparse.Namespace) -> int:
    """Write the built-in sample set."""
    from patchcore_core.data.sample import write_sample

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

    def progress(stage: str, done: int, total: int) -> None:
        if stage not in shown:
            for bar in shown.values():
                bar.close()
            label = f"{title} {stage}" if title else stage
            shown[stage] = tqdm(desc=label, total=total, file=sys.stderr, disable=not sys.stderr.isatty())
        bar = shown[stage]
        bar.total = total
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
        "reasons": done.reasons, "seconds": done.seconds, "bank": done.bank, "peak_rss_bytes": done.peak_rss_bytes,
        "unreadable": [list(entry) for entry in done.unreadable], "warnings": list(done.warnings), "error": None,
    }  # fmt: skip


def _print_fits(args: argparse.Namespace, records: list[dict[str, Any]], failed: int) -> int:
    lines = []
    for record in records:
        if record["run"]:
            figures = "  ".join(f"{name} {_figure(value)}" for name, value in record["metrics"].items())
            seconds = f"{record['seconds']['total']:.1f} s"
            taken = f"existing run of the same fit, which took {seconds}" if record["reused"] else seconds
            lines.append(f"{record['run']}  {figures}  ({taken})")
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


def _row(entry: Run) -> str:
    figures = (_figure(entry.metrics.get(name)) for name in ("image_auroc", "pixel_auroc", "aupro"))
    text = entry.error or f"image AUROC, pixel AUROC, AUPRO: {'  '.join(figures)}  {entry.config.backbone}"
    return f"{entry.id}  {entry.status:<9}  {text}"


def _lines(metrics: dict[str, float | None], reasons: dict[str, str]) -> list[str]:
    return [f"{name}: {_figure(value)}" + (f" ({reasons[name]})" if name in reasons else "")
            for name, value in metrics.items()]


def _figure(value: float | None) -> str:
    return "—" if value is None or value != value else f"{value:.4f}"


def _print(args: argparse.Namespace, record: Any, lines: list[str]) -> None:
    if args.json or lines:
        print(json.dumps(record, indent=1, ensure_ascii=False) if args.json else "\n".join(lines), flush=True)
