"""The second run whose map of the same photo is shown too."""

from __future__ import annotations

from typing import Any

from pages.ui import cache
from pages.ui.review.events import thresholds
from pages.ui.review.events.entry import Refused
from pages.ui.review.workspace import levels
from patchcore_core.errors import PatchCoreError
from patchcore_core.runs.store import Run

GONE = "The second run is not in this store, or not finished; it may have been deleted."


def level_of(run: Run, wanted: str) -> dict[str, Any]:
    """`Level` of the pixels of the run `wanted`, to be shown beside `run`; Refused where it cannot be."""
    if wanted == run.id:
        raise Refused("A run cannot be shown beside itself")
    try:
        other = cache.load_run(wanted)
    except PatchCoreError as error:
        raise Refused(GONE) from error
    if other.status != "finished":
        raise Refused(GONE)
    return levels.of_pixels(other, thresholds.stored(other)).sent()


def part(run: Run, wanted: str) -> dict[str, Any] | None:
    """`parts.beside` of views/web/workspace/data.js; None where no run is named or it cannot be shown."""
    if not wanted:
        return None
    try:
        return {"run": wanted, "level": level_of(run, wanted)}
    except PatchCoreError:
        return None  # asked for again by the workspace, it is refused with the reason
