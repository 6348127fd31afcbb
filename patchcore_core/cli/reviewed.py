"""`verdicts` and `thresholds`: reviewers' verdicts on a run, and the thresholds that they chose."""

from __future__ import annotations

import argparse
import dataclasses
import getpass
import os
from contextlib import suppress
from pathlib import Path

from patchcore_core.cli.output import print_answer
from patchcore_core.cli.stored import finished
from patchcore_core.codec import plain
from patchcore_core.data.images import shown
from patchcore_core.errors import ConfigError, StoreError
from patchcore_core.evaluation.thresholds.decision import Level
from patchcore_core.reviews.chosen_thresholds import ChosenThresholds, ChosenThresholdsOf
from patchcore_core.reviews.in_use import in_use
from patchcore_core.reviews.verdicts import Entry, Photo, Verdicts, csv_of
from patchcore_core.reviews.words import VERDICTS
from patchcore_core.runs.files import write_bytes, writing
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore
from patchcore_core.views.text import score_text


def verdicts(args: argparse.Namespace) -> int:
    """Print every entry on a run's images, oldest first, or write them to a CSV file."""
    store = RunStore(args.runs)
    run = finished(store, args.run)
    images = store.images(run)
    contents = images["sha256"] if "sha256" in images else [""] * len(images)
    photos = [Photo(Path(path), int(label), str(kind), run.category, str(content)) for path, label, kind, content in
              zip(images["path"], images["label"], images["defect_type"], contents, strict=True)]  # fmt: skip
    found = Verdicts(store.root).of(photos)
    lines = [_line(entry) for entry in found] or ["nobody has judged an image of this run"]
    if args.csv:
        place = Path(args.csv)
        if os.path.lexists(place):
            raise StoreError(f"{shown(place)}: exists already, and nothing is overwritten; name another file")
        with writing(place):
            write_bytes(place, csv_of(found))
        lines = [f"{len(found)} entries written to {shown(place)}"]
    print_answer(args, [dataclasses.asdict(entry) for entry in found], lines)
    return 0


def thresholds(args: argparse.Namespace) -> int:
    """Print the thresholds that a run is used with, after choosing others where some are given."""
    store = RunStore(args.runs)
    run, choices = finished(store, args.run), ChosenThresholdsOf(store.root)
    given = {"image": args.image, "pixel": args.pixel, "review_from": args.review_from}
    asked = {name: value for name, value in given.items() if value is not None}
    if args.held_out and asked:
        raise ConfigError("--held-out goes back to the run's own thresholds; it takes no other threshold")
    before = choices.current(run.id)
    if args.held_out:
        before = choices.back_to_held_out(run.id, author_of(args.author))
    elif asked:
        kept = {name: getattr(before, name) for name in given}
        _refuse_empty_zone(run, ChosenThresholds(**{**kept, **asked}))
        before = choices.use(run.id, author_of(args.author), **{**kept, **asked})
    record = {"run": run.id, "chosen": plain(before), "used": {
        "image": _used(run, before, "image"), "pixel": _used(run, before, "pixel"), "review_from": before.review_from}}
    print_answer(args, record, [*_words(run, before), *(_choice(entry) for entry in choices.history(run.id)[:-1])])
    return 0


def _refuse_empty_zone(run: Run, chosen: ChosenThresholds) -> None:
    """ConfigError where the review zone would not start below the image threshold that counts, the run's own too."""
    image = _used(run, chosen, "image")["value"]
    if chosen.review_from is not None and isinstance(image, float) and chosen.review_from >= image:
        raise ConfigError(f"the review zone must start below the image threshold {score_text(image)}, "
                          f"got {score_text(chosen.review_from)}")  # fmt: skip


def _used(run: Run, chosen: ChosenThresholds, level: Level) -> dict[str, object]:
    used = in_use(run, chosen, level)
    return {"value": None if used.rule is None else used.value, "rule": used.rule}


def _words(run: Run, chosen: ChosenThresholds) -> list[str]:
    levels: tuple[Level, ...] = ("image", "pixel")
    lines = [in_use(run, chosen, level).sentence for level in levels]
    if chosen.review_from is not None:
        lines.append(f"review zone from {score_text(chosen.review_from)} {chosen.by}")
    return [shown(line) for line in lines]


def _choice(entry: ChosenThresholds) -> str:
    values = {"image": entry.image, "pixel": entry.pixel, "review zone from": entry.review_from}
    what = ", ".join(f"{name} {score_text(value)}" for name, value in values.items() if value is not None)
    return shown(f"earlier: {entry.chosen_at} {entry.author}: {what or 'back to held-out'}")


def _line(entry: Entry) -> str:
    note = f"  {entry.note!r}" if entry.note else ""
    tags = f"  [{', '.join(entry.tags)}]" if entry.tags else ""
    return shown(f"{entry.given_at}  {entry.author}  {VERDICTS[entry.verdict]}  {entry.path}{tags}{note}")


def author_of(given: str | None) -> str:
    """As given, else PATCHCORE_AUTHOR, else the login name; ConfigError where none is known."""
    author = given or os.environ.get("PATCHCORE_AUTHOR", "")
    if not author:
        with suppress(OSError, KeyError, ImportError):
            author = getpass.getuser()
    if not author:
        raise ConfigError("who chooses is unknown; give --author")
    return author
