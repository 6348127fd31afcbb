"""The thresholds that a visitor has the run use from now on."""

from __future__ import annotations

import math
from typing import Any

from pages.ui import cache
from pages.ui.review.events.entry import Entry, Refused
from patchcore_core.data.images import shown
from patchcore_core.errors import StoreError
from patchcore_core.reviews.chosen_thresholds import ChosenThresholds, ChosenThresholdsOf
from patchcore_core.runs.store import Run


def use(run: Run, entry: Entry) -> dict[str, Any] | None:
    """Store `with.threshold`, `with.review_from` and `with.pixel_threshold` for the run; null: the run's own."""
    image, start, pixel = (entry.number(name) for name in ("threshold", "review_from", "pixel_threshold"))
    if math.isnan(image) and math.isnan(pixel):
        raise Refused("No threshold was given")
    given = (image, pixel, math.nan if start == image else start)
    return told(_all().use(run.id, entry.author, *(None if math.isnan(value) else value for value in given)))


def release(run: Run, entry: Entry) -> None:
    """The run's own thresholds again."""
    _all().back_to_held_out(run.id, entry.author)


def in_use(run: Run) -> dict[str, Any] | None:
    """What was chosen, with author and time; None where the run's own count."""
    return told(_all().current(run.id))


def stored(run: Run) -> ChosenThresholds:
    """What was chosen for the run; nothing where that cannot be read, which the desk says (`Desk.told`)."""
    try:
        return _all().current(run.id)
    except StoreError:
        return ChosenThresholds(run=run.id)


def told(of: ChosenThresholds) -> dict[str, Any] | None:
    """`parts.used` of views/web/workspace/data.js; None where nothing is chosen."""
    if not of.any:
        return None
    return {"threshold": of.image, "review_from": of.review_from, "pixel_threshold": of.pixel, "author": of.author,
            "at": of.chosen_at, "sentence": shown(f"{of.by[:1].upper()}{of.by[1:]}.")}


def _all() -> ChosenThresholdsOf:
    return ChosenThresholdsOf(cache.store().root)
