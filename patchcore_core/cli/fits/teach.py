"""`teach`: add good photos to a run's memory bank, as a new run."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from patchcore_core.cli.fits.fit import fit_record, say_doubts
from patchcore_core.cli.output import bars, print_answer
from patchcore_core.cli.stored import finished
from patchcore_core.cli.wording import figure
from patchcore_core.codec import plain
from patchcore_core.data.images import shown
from patchcore_core.fitting.teach import Change, Changes, changes
from patchcore_core.fitting.teach import teach as teach_run
from patchcore_core.reviews.chosen_thresholds import ChosenThresholdsOf
from patchcore_core.reviews.in_use import in_use
from patchcore_core.runs.found import with_found
from patchcore_core.runs.store import RunStore
from patchcore_core.views.text import score_text

MOST_SAID = 20  # flips, one a line


def teach(args: argparse.Namespace) -> int:
    """Teach photos to a run, and print the record of the new run, as `fit` does, with what changes."""
    store = RunStore(args.runs)
    before = finished(store, args.run)
    photos = [_photo(path, before.dataset) for path in args.images]
    with TemporaryDirectory() as folder:
        kept = RunStore(folder) if args.dry_run else store
        with bars(before.category) as progress:
            made = teach_run(before, photos, kept, progress)
        after = with_found(kept, made.run)
        chosen = ChosenThresholdsOf(store.root)
        limits = in_use(before, chosen.current(before.id)).value, in_use(after, chosen.current(after.id)).value
        told = changes(before, after, store, limits)
        record = fit_record(after, made.reused) | {"parent": before.id, "changes": plain(told)}
    if args.dry_run:
        record["run"] = None
    say_doubts(record)
    name = "nothing was kept (--dry-run)" if args.dry_run else f"{after.id}: {before.id} with {_photos(told.taught)}"
    print_answer(args, [record], [name, *lines(told)])
    return 0


def lines(told: Changes) -> list[str]:
    """What changes, for people."""
    said = [f"memory bank: {told.rows_before} → {told.rows} rows; "
            f"image threshold: {score_text(told.threshold_before)} → {score_text(told.threshold)}"]  # fmt: skip
    said += [_line(change) for change in told.taught]
    said.append(f"Image AUROC of the other test images: {figure(told.image_auroc_before)} → {figure(told.image_auroc)}")
    said.append(f"{len(told.flips)} of the {told.others} other test images change their outcome")
    said += [_line(change) for change in told.flips[:MOST_SAID]]
    if len(told.flips) > MOST_SAID:
        said.append(f"  and {len(told.flips) - MOST_SAID} more; --json lists all")
    return said


def _line(change: Change) -> str:
    return (f"  {shown(change.path)}: {score_text(change.score_before)} ({change.outcome_before}) → "
            f"{score_text(change.score)} ({change.outcome})")  # fmt: skip


def _photo(text: str, dataset: str) -> Path:
    """A photo as it is named from here, else below the dataset."""
    here = Path(text).expanduser().absolute()
    below = Path(dataset, text)
    return below if below.is_file() and not here.is_file() else here


def _photos(taught: Sequence[Change]) -> str:
    return "1 photo more" if len(taught) == 1 else f"{len(taught)} photos more"
