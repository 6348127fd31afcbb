"""Questions of the workspace that need Python, each with the name that its key begins with.

A key is the name and what it is asked about, such as "overlap 12.5": an answer belongs to its key for good. What the
answers are is in patchcore_core/views/web/workspace/data.js.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from pages.ui import cache
from pages.ui.evidence import tested
from pages.ui.review import data, image_data
from pages.ui.review import table as review_table
from pages.ui.review.events import teaching, thresholds, verdicts, views
from pages.ui.review.events.entry import Entry, Refused
from pages.ui.review.workspace import beside, columns, figures, levels
from pages.ui.review.workspace import checks as review_checks
from pages.ui.review.workspace import costs as review_costs
from pages.ui.review.workspace import regions as review_regions
from patchcore_core.fitting.without import Without, figures_without
from patchcore_core.runs.store import Run
from patchcore_core.views.widgets import curves, tally
from patchcore_core.views.widgets.evidence import MOST_K


def is_slow(run: Run, entry: Entry) -> bool:
    """Whether the answer may take long."""
    if entry.kind != "ask":
        return False
    if _name(entry) == "patch":  # of an image that was asked about before it is quick
        return not tested.is_quick(run, entry.image_number(_count(run)))
    return _name(entry) in SLOW


def answer(run: Run, entry: Entry) -> Any:
    """The answer to the question that the entry's key begins with."""
    name = _name(entry)
    if name not in QUESTIONS:
        raise Refused(f"{name[:40]!r} is no question; there are {', '.join(QUESTIONS)}")
    return QUESTIONS[name](run, entry)


def overlap(run: Run, entry: Entry) -> dict[str, Any] | None:
    """At `with.pixel`: of each image its IoU and the defect pixels below the threshold."""
    pixel = entry.number("pixel")
    if math.isnan(pixel):
        raise Refused("pixel must be a number")
    return columns.overlap(run, data.test_images(run), pixel)


def why(run: Run, entry: Entry) -> dict[str, str]:
    """Cause -> sentence, of the image `with.number` at the image threshold `with.threshold`."""
    images = data.test_images(run)
    number = entry.image_number(len(images))
    return review_table.causes_of(run, images, entry.number("threshold")).sentences(number)


def pixel(run: Run, entry: Entry) -> str:
    """Score and label of a pixel in words: `with.number`, `with.row` and `with.column`, in photo pixels."""
    number, row, column = entry.image_number(_count(run)), entry.number("row"), entry.number("column")
    if not (row.is_integer() and column.is_integer()):
        raise Refused("row and column must be whole numbers of a pixel")
    return image_data.pixel_words(run, number, int(row), int(column))


def without(run: Run, entry: Entry) -> dict[str, Any]:
    """The figures without the images `with.numbers`, whose labels reviewers marked as wrong."""
    images = data.test_images(run)
    left_out = np.zeros(len(images), bool)
    left_out[entry.numbers(len(images))] = True
    found = _without(run, left_out.tobytes())
    return {"sentence": _without_words(found, len(images)), "figures": figures.headlines(found.run, images[~left_out]),
            "tables": figures.tables(found.run)["tables"]}


def checks(run: Run, entry: Entry) -> dict[str, Any]:
    """The data checks at the image threshold `with.threshold`, named `with.name` where it has a name."""
    images = data.test_images(run)
    points = levels.of_images(run, images, review_costs.parameters(entry))
    return review_checks.checks(run, images, points.at(entry.number("threshold"), entry.text("name")))


def costs(run: Run, entry: Entry) -> dict[str, Any]:
    """The thresholds that parameters give, and what the zones cost."""
    return review_costs.costs(run, data.test_images(run), entry, thresholds.stored(run))


def found_and_missed(run: Run, entry: Entry) -> dict[str, Any]:
    """Scores by class, defect type and region size; intervals of region recall at `with.pixel`."""
    images = data.test_images(run)
    usual = levels.of_images(run, images, used=thresholds.stored(run)).value
    return tally.tally(images["image_score"], images["label"], images["defect_type"].tolist(), usual,
                       data.regions(run), entry.number("pixel"))


def all_curves(run: Run, entry: Entry) -> dict[str, Any]:  # noqa: ARG001
    """The four curves of the run."""
    panels = curves.run_panels(data.curves(run), run.reasons)
    return {"panels": [panel.data() for panel in panels], "limit": curves.AUPRO_LIMIT}


def regions(run: Run, entry: Entry) -> dict[str, Any]:
    """The regions of the image `with.number` at the pixel threshold `with.pixel`."""
    number, threshold = entry.image_number(_count(run)), entry.number("pixel")
    if math.isnan(threshold):
        raise Refused("pixel must be a number")
    return review_regions.regions(run, number, threshold)


def evidence(run: Run, entry: Entry) -> dict[str, Any]:
    """Why the image `with.number` scores what it does, without its other patches."""
    return tested.of_image(run, entry.image_number(_count(run)))


def patch(run: Run, entry: Entry) -> dict[str, Any]:
    """The patch `with.row`, `with.column` of the image `with.number`, and its `with.k` nearest bank rows."""
    place = [entry.number(name) for name in ("row", "column", "k")]
    if not all(value.is_integer() and 0 <= value < 10**6 for value in place) or not 1 <= place[2] <= MOST_K:
        raise Refused(f"row, column and k must be whole numbers, k from 1 to {MOST_K}")
    return tested.of_patch(run, entry.image_number(_count(run)), *map(int, place))


def listed(run: Run, entry: Entry) -> dict[str, Any]:
    """The figures of the images `with.numbers` alone, at `with.threshold` and `with.pixel`."""
    images, threshold = data.test_images(run), entry.number("threshold")
    table = review_table.table(run, images, threshold, entry.number("pixel"), {})
    return {"tables": [figures.listed(table.iloc[entry.numbers(len(images))], threshold, len(images))]}


SLOW = {"without", "evidence"}  # answered by a thread of its own
QUESTIONS: dict[str, Callable[[Run, Entry], Any]] = {
    "overlap": overlap, "why": why, "pixel": pixel, "without": without, "checks": checks, "costs": costs,
    "evidence": evidence, "patch": patch, "curves": all_curves, "tally": found_and_missed, "regions": regions,
    "listed": listed, "figures": lambda run, _: figures.tables(cache.with_found(run)),
    "history": lambda run, entry: verdicts.history(run, entry.image_number(_count(run))),
    "beside": lambda run, entry: {"level": beside.level_of(run, entry.text("run"))},
    "trials": lambda run, _: teaching.told(run), "views": lambda run, _: views.listed(run),
    "used": lambda run, _: thresholds.in_use(run),
}  # fmt: skip


def _name(entry: Entry) -> str:
    return entry.key.split(" ", 1)[0]


def _count(run: Run) -> int:
    return len(data.test_images(run))


def _without_words(found: Without, total: int) -> str:
    words = (f"Figures on {total - found.left_out} of {total} test images: {found.left_out} wrong "
             f"{'label' if found.left_out == 1 else 'labels'} excluded.")
    if found.unread:
        masks = "mask is" if found.unread == 1 else "masks are"
        words += f" {found.unread} {masks} unreadable or changed since the run, and not in the pixel figures."
    return words


@cache.of_run(max_entries=24)
def _without(run: Run, left_out: bytes) -> Without:
    return figures_without(cache.store(), run, np.frombuffer(left_out, bool), cache.read_masks)
