"""The images listed as a CSV table, in the order in which they are listed."""

from __future__ import annotations

import csv
import io
from typing import Any

from pages.ui import cache
from pages.ui.media.downloads import Download, offer
from pages.ui.review import data
from pages.ui.review.events import verdicts
from pages.ui.review.events.entry import Entry, Refused
from patchcore_core.data.images import shown
from patchcore_core.evaluation.thresholds.decision import outcomes
from patchcore_core.reviews.verdicts import Verdicts
from patchcore_core.reviews.words import VERDICTS
from patchcore_core.runs.files import for_spreadsheet
from patchcore_core.runs.store import Run
from patchcore_core.views.ranking import OUTCOMES

CSV = "text/csv; charset=utf-8"
COLUMNS = ("image", "score", "outcome", "image_threshold", "defect_type", "verdict", "author", "note", "tags", "run",
           "path")  # fmt: skip


def export(run: Run, entry: Entry) -> dict[str, Any]:
    """The address of the file of `with.form`: the images `with.numbers` judged at `with.threshold`, or all verdicts of
    the store with their history."""
    form = entry.text("form")
    if form == "verdicts":
        return offer(Download("verdicts.csv", CSV, Verdicts(cache.store().root).to_csv()))
    if form != "csv":
        raise Refused(f"the form of an export must be csv or verdicts, got {form[:40]!r}")
    table = to_csv(run, entry.numbers(len(data.test_images(run))), entry.number("threshold"))
    return offer(Download(f"{run.id}.csv", CSV, table))


def to_csv(run: Run, numbers: list[int], threshold: float) -> bytes:
    """A row for each image, UTF-8, safe from formula injection; NaN predicts nothing, and outcomes are empty."""
    images = data.test_images(run)
    judged, out = verdicts.latest(run, images), io.StringIO(newline="")
    called = outcomes(images["label"], images["image_score"], threshold) if threshold == threshold else None
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for number in numbers:
        row, given = images.iloc[number], judged.get(number, {})
        outcome = "" if called is None else OUTCOMES[str(called[number])]
        values = [row["name"], row["image_score"], outcome, "" if called is None else threshold, row["defect_type"],
                  VERDICTS[given["verdict"]] if given else "", given.get("author", ""), given.get("note", ""),
                  ", ".join(given.get("tags", [])), run.id, shown(row["path"])]
        writer.writerow(for_spreadsheet(value) if isinstance(value, str) else value for value in values)
    return out.getvalue().encode()
