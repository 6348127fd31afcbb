"""Questions of the workspace that need Python, each with the name that its key begins with.

A key is the name and what it is asked about, such as "overlap 12.5": an answer belongs to its key for good.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from pages.ui import cache
from pages.ui.review import data
from pages.ui.review import table as review_table
from pages.ui.review.events import thresholds, verdicts, views
from pages.ui.review.events.entry import Entry, Refused
from pages.ui.review.viewer import image_data
from patchcore_core.codec import plain
from patchcore_core.fitting.without import FIELDS, Without, figures_without
from patchcore_core.reviews.words import LABEL_WRONG
from patchcore_core.runs.store import Run
from patchcore_core.views.web.packed import packed


def is_slow(entry: Entry) -> bool:
    """Whether the answer may take seconds."""
    return entry.kind == "ask" and _name(entry) in SLOW


def answer(run: Run, entry: Entry) -> Any:
    """The answer to the question that the entry's key begins with."""
    name = _name(entry)
    if name not in QUESTIONS:
        raise Refused(f"{name[:40]!r} is no question; there are {', '.join(QUESTIONS)}")
    return QUESTIONS[name](run, entry)


def overlap(run: Run, entry: Entry) -> dict[str, Any]:
    """`Overlap` of data.js at `with.pixel`: of each image its IoU and the defect pixels below the threshold."""
    pixel = entry.number("pixel")
    if math.isnan(pixel):
        raise Refused("pixel must be a number")
    table = review_table.table(run, data.test_images(run), math.nan, pixel, {})
    return {"pixel": pixel, "iou": packed(table["iou"].to_numpy(float)),
            "overlooked": packed(table["overlooked"].to_numpy(float))}


def why(run: Run, entry: Entry) -> dict[str, str]:
    """Cause -> sentence, of the image `with.number` at the image threshold `with.threshold`."""
    number, images = entry.number("number"), data.test_images(run)
    if number not in range(len(images)):
        raise Refused(f"number must be that of an image, 0 to {len(images) - 1}")
    return review_table.causes_of(run, images, entry.number("threshold")).sentences(int(number))


def pixel(run: Run, entry: Entry) -> str:
    """Score and label of a pixel in words: `with.number`, `with.row` and `with.column`, in photo pixels."""
    number, row, column = (entry.number(name) for name in ("number", "row", "column"))
    if number not in range(len(data.test_images(run))) or not (row.is_integer() and column.is_integer()):
        raise Refused("number, row and column must be whole numbers of an image and a pixel")
    return image_data.pixel_words(run, int(number), int(row), int(column))


def without(run: Run, entry: Entry) -> dict[str, Any]:  # noqa: ARG001
    """The run's figures without the images that are marked as label wrong now, and how many these are."""
    images = data.test_images(run)
    judged = verdicts.latest(run, images)
    left_out = np.zeros(len(images), bool)
    left_out[[number for number, given in judged.items() if given["verdict"] == LABEL_WRONG]] = True
    found = _without(run, left_out.tobytes())
    return {"left_out": found.left_out, "unread": found.unread, "total": len(images),
            "figures": {name: plain(getattr(found.run, name)) for name in FIELDS}}


SLOW = {"without"}  # answered by a thread of its own
QUESTIONS: dict[str, Callable[[Run, Entry], Any]] = {
    "overlap": overlap, "why": why, "pixel": pixel, "without": without,
    "views": lambda run, _: views.listed(run), "used": lambda run, _: thresholds.in_use(run),
}  # fmt: skip


def _name(entry: Entry) -> str:
    return entry.key.split(" ", 1)[0]


@cache.of_run(max_entries=24)
def _without(run: Run, left_out: bytes) -> Without:
    return figures_without(cache.store(), run, np.frombuffer(left_out, bool), cache.read_masks)
