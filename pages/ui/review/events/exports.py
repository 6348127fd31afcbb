"""What can be taken away: the images listed as a CSV table or as a ZIP of their pictures, and all verdicts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from pages.ui import cache
from pages.ui.access import allowed
from pages.ui.media.downloads import Download, Made, offer
from pages.ui.review import data, training
from pages.ui.review.events import verdicts
from pages.ui.review.events.entry import Entry, Refused
from patchcore_core.exports.of_run import Selection, read_file, to_csv, to_zip
from patchcore_core.exports.of_training import training_csv
from patchcore_core.reviews.verdicts import Verdicts
from patchcore_core.runs.store import Run

CSV, ZIP = "text/csv; charset=utf-8", "application/zip"


def export(run: Run, entry: Entry) -> dict[str, str]:
    """The address of a file of the form `with.form`, see `FORMS`."""
    form = entry.text("form")
    if form not in FORMS:
        raise Refused(f"the form of an export must be one of {', '.join(FORMS)}, got {form[:40]!r}")
    return offer(FORMS[form](run, entry))


def _table(run: Run, entry: Entry) -> Download:
    if entry.text("images") == "training":
        return _training_table(run, entry)
    return Download(f"{run.id}.csv", CSV, to_csv(_selection(run, entry)))


def _training_table(run: Run, entry: Entry) -> Download:
    """The training images `with.numbers`, judged at `with.threshold`."""
    images = training.training_images(run)
    if images is None:
        raise Refused("This run recorded no held-out scores of training images")
    chosen = images.iloc[entry.numbers(len(images))]
    return Download(f"{run.id} training.csv", CSV, training_csv(run.id, chosen, entry.number("threshold")))


def _pictures(run: Run, entry: Entry) -> Made:
    """Drawn while it is fetched, since all of it can be larger than the memory."""
    if entry.text("images") == "training":
        raise Refused("No pictures of training images are stored")
    selection = _selection(run, entry)

    def make() -> Iterator[bytes]:
        return to_zip(cache.store(), selection, _read)

    return Made(f"{run.id}.zip", ZIP, make)


def _verdicts(run: Run, entry: Entry) -> Download:  # noqa: ARG001  (of the whole store)
    return Download("verdicts.csv", CSV, Verdicts(cache.store().root).to_csv())


FORMS: dict[str, Callable[[Run, Entry], Download | Made]] = {
    "csv": _table, "zip": _pictures, "verdicts": _verdicts,
}  # fmt: skip


def _selection(run: Run, entry: Entry) -> Selection:
    """The images `with.numbers` in this order, judged at `with.threshold` and `with.pixel_threshold`; null predicts
    nothing."""
    images = data.test_images(run)
    return Selection(run, images, entry.numbers(len(images)), entry.number("threshold"),
                     entry.number("pixel_threshold"), verdicts.entries(run))


def _read(path: Path) -> bytes:
    return read_file(allowed(path))
