"""`evaluate`: evaluate a run on another test set."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from patchcore_core.cli.in_use import chosen_line
from patchcore_core.cli.mlflow_log import Log
from patchcore_core.cli.output import bars, print_answer, warn
from patchcore_core.cli.stored import finished
from patchcore_core.cli.tables.csv_file import refuse_existing, write_csv
from patchcore_core.cli.tables.figures import figure_table, published_table, region_table
from patchcore_core.cli.tables.layout import apart
from patchcore_core.cli.tables.rows import of_record
from patchcore_core.cli.wording import found_line, published_beside, trust_lines
from patchcore_core.codec import plain
from patchcore_core.data.dataset import load_dataset
from patchcore_core.errors import DataError
from patchcore_core.evaluation.badges.of_fit import Trained, of_training
from patchcore_core.evaluation.trim import Trim
from patchcore_core.fitting.feature_cache import feature_cache
from patchcore_core.fitting.good_images import proportions
from patchcore_core.fitting.good_scores import near_copies_left_out, read_held_out
from patchcore_core.fitting.judge import judge
from patchcore_core.model.methods import load_detector
from patchcore_core.reviews.chosen_thresholds import ChosenThresholdsOf
from patchcore_core.reviews.in_use import in_use
from patchcore_core.runs.contents import contents_then
from patchcore_core.runs.store import RunStore

MOST_SAID = 5  # most notes on a folder in one sentence


def evaluate(args: argparse.Namespace) -> int:
    """Score another dataset's test set with a run's memory bank."""
    store = RunStore(args.runs)
    refuse_existing(args)
    log, chosen = Log(args.mlflow), finished(store, args.run)
    dataset = load_dataset(args.dataset, args.category, needs_train=False)
    if not dataset.test:
        found = "".join(f"; {sentence}" for sentence in dataset.warnings[:MOST_SAID])
        raise DataError(f"{dataset.root}: holds no test images to evaluate the run on{found}")
    model = load_detector(store.bank_folder(chosen), args.device, feature_cache(store.root))
    held_out = read_held_out(store.curves(chosen).heldout, near_copies_left_out(chosen.heldout))
    paths, keys = model.training.paths, contents_then(model.training.paths, model.training.contents, chosen)
    trained = Trained(paths, keys=keys, badges=of_training(chosen.badges), shapes=proportions(model))
    with bars() as progress, TemporaryDirectory() as folder:
        judged = judge(model, dataset.test, Path(folder), progress, held_out, trained, Trim.read(chosen.trim))
    for path, cause in judged.unreadable:
        print(f"skipped: {path}: {cause}", file=sys.stderr)
    figures, counts = judged.figures(), dataset.counts()
    beside = published_beside(dataset.category, figures["metrics"], chosen.config, counts)
    record = {
        "run": args.run, "dataset": str(dataset.root), "category": dataset.category, "counts": plain(counts),
        **plain(figures), "found": plain(figures["found"]) or {}, "heldout": plain(chosen.heldout) or {},
        "trim": plain(chosen.trim) or {}, "unlike": judged.unlike, "published": beside, "seconds": judged.seconds,
        "unreadable": [list(entry) for entry in judged.unreadable],
        "warnings": [*dataset.warnings, *judged.warnings],
    }  # fmt: skip
    warn(dataset.category, record["warnings"])
    used, table = in_use(chosen, ChosenThresholdsOf(store.root).current(chosen.id)), judged.table()
    finds = [found_line(figures["found"]), *chosen_line(used, table["label"], table["image_score"])]
    log.evaluation(chosen, record)
    print_answer(args, record, [
        *figure_table(figures["metrics"], figures["intervals"], figures["reasons"], args.all), *finds,
        *trust_lines(figures, args.all), *apart(
            region_table(figures["region_recall"], figures["per_defect_region_recall"], args.all),
            published_table(beside, args.all),
        ),
    ])  # fmt: skip
    write_csv(args, [of_record({**record, "error": None})])
    return 2 * log.failed
