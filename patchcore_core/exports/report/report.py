"""Runs of one category as one HTML file."""

from __future__ import annotations

import base64
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from patchcore_core.data.images import shown
from patchcore_core.exports.present.evidence import Explains
from patchcore_core.exports.present.photos import Reads
from patchcore_core.exports.present.presented import Presented
from patchcore_core.exports.present.screens import name
from patchcore_core.exports.present.show import chosen_rows, screens
from patchcore_core.exports.report.explorer import Explorer, rows_of
from patchcore_core.exports.report.page import page
from patchcore_core.exports.report.pictures import Parts
from patchcore_core.progress import Progress
from patchcore_core.views import web
from patchcore_core.views.present.deck import as_data
from patchcore_core.views.present.money import Prices

LARGEST = 15_000_000  # bytes
SIDES = (900, 640, 480, 320)  # pixels of a photo's longer side, the first that the file has room for
MOST, LEAST = 60, 5  # images
STYLED = ("operating_point", "tally", "gallery", "viewer", "curves", "evidence")


@dataclass(frozen=True)
class Report:
    """The file, how many images of each run it holds, and their longest side in pixels."""

    content: bytes
    images: int
    side: int


def report(
    runs: Sequence[Presented], examples: Sequence[str] = (), *, model: Explains | None = None,
    reads: Reads | None = None, prices: Prices | None = None, most: int = MOST, progress: Progress | None = None,
) -> Report:  # fmt: skip
    """The report of these runs, the first one leading; below 15 MB, by smaller photos where they are large, then fewer.

    examples: names of images to present, by default the best and the worst. model: of the first run, for its evidence.
    most: images of each run that can be looked into. DataError for runs that cannot be presented together, StoreError
    for one whose maps cannot be read.
    """
    for one in runs:
        one.store.anomaly_maps(one.run)  # refuses a run whose maps were removed
    reading, rows = reads or Reads(), chosen_rows(runs[0], examples) if runs else []
    first = as_data(screens(runs, rows, _inline, reading, model))
    explorers = [Explorer(one, name(runs, place), reading) for place, one in enumerate(runs)]
    while True:
        for side in SIDES:
            parts = Parts()
            held = [rows_of(each.one, rows if each is explorers[0] else [], most) for each in explorers]
            advance = _advance(progress, sum(map(len, held)))
            explored = [each.data(chosen, side, parts, advance) for each, chosen in zip(explorers, held, strict=True)]
            content = _page(runs, prices or Prices(), {"screens": first, "explored": explored, "parts": parts.texts})
            if len(content) < LARGEST or (most <= LEAST and side == SIDES[-1]):
                return Report(content, max(len(each["pictures"]) for each in explored), side)
        most = max(LEAST, most // 2)


def _advance(progress: Progress | None, total: int) -> Callable[[], None]:
    count = itertools.count(1)
    return lambda: progress("pictures", next(count), total) if progress else None


def _page(runs: Sequence[Presented], prices: Prices, shows: dict[str, Any]) -> bytes:
    category = shown(runs[0].run.category)
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    made = f"PatchCore Explorer, {now}. Runs: {', '.join(one.run.id for one in runs)}."
    data = {**shows, "costs": vars(prices), "made": made, "styles": {widget: web.css(widget) for widget in STYLED}}
    return page(f"{category} · report", "report", web.css("report"), data)


def _inline(picture: bytes, place: str) -> str:  # noqa: ARG001
    return f"data:image/jpeg;base64,{base64.b64encode(picture).decode('ascii')}"
