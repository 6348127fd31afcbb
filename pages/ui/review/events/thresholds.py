"""The thresholds that a visitor has the run use from now on."""

from __future__ import annotations

import math
from typing import Any

from pages.ui import cache
from pages.ui.review.events.entry import Entry, Refused
from patchcore_core.reviews.chosen_thresholds import Chosen, choose, chosen
from patchcore_core.runs.store import Run


def use(run: Run, entry: Entry) -> dict[str, Any]:
    """Store `with.threshold`, `with.review_from` and `with.pixel_threshold` with the run; null: the run's own."""
    image, start, pixel = (entry.number(name) for name in ("threshold", "review_from", "pixel_threshold"))
    if math.isnan(image) and math.isnan(pixel):
        raise Refused("No threshold was given")
    return _sent(choose(cache.store(), run.id, entry.author, image, math.nan if start == image else start, pixel))


def release(run: Run, entry: Entry) -> None:
    """The run's own thresholds again."""
    choose(cache.store(), run.id, entry.author)


def in_use(run: Run) -> dict[str, Any] | None:
    """What was chosen, with author and time; None where the run's own count."""
    found = chosen(run)
    return None if found is None else _sent(found)


def _sent(of: Chosen) -> dict[str, Any]:
    values = {"threshold": of.image, "review_from": of.review_from, "pixel_threshold": of.pixel}
    numbers = {name: None if math.isnan(value) else value for name, value in values.items()}
    return {**numbers, "author": of.author, "given_at": of.given_at}
