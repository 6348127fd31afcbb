"""All screens of one run, or of several of one category, in their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from patchcore_core.errors import DataError
from patchcore_core.exports.present.evidence import MOST_EVIDENCE, Explains, evidence_screen
from patchcore_core.exports.present.examples import Put, example_of, example_screen
from patchcore_core.exports.present.photos import Reads
from patchcore_core.exports.present.presented import Presented
from patchcore_core.exports.present.screens import (
    cost_screen,
    found_screen,
    limits_screen,
    opening,
    stopped_screen,
    types_screen,
)
from patchcore_core.views.present.deck import Screen
from patchcore_core.views.present.examples import best_and_worst

MOST_RUNS = 6


def chosen_rows(one: Presented, names: Sequence[str]) -> list[int]:
    """The rows of the images with these names, in their order; without any that exists, the best and the worst."""
    rows = [row for name in dict.fromkeys(names) if (row := one.row_of(name)) is not None]
    return rows or best_and_worst(one.images, one.threshold)


def screens(
    runs: Sequence[Presented], rows: Sequence[int], put: Put, reads: Reads | None = None, model: Explains | None = None
) -> tuple[Screen, ...]:
    """What is shown of the runs with these images of the first one as examples.

    put: keeps a picture and gives its address. model: of the first run, for the evidence of the first three examples;
    None leaves it out. DataError for no run, more than six, or runs of several categories.
    """
    if not 1 <= len(runs) <= MOST_RUNS:
        raise DataError(f"1 to {MOST_RUNS} runs can be presented together, got {len(runs)}")
    if len({one.run.category for one in runs}) > 1:
        raise DataError("runs of several categories cannot be presented together")
    reading = reads or Reads()
    counts = [found_screen(runs), stopped_screen(runs), types_screen(runs), cost_screen(runs)]
    examples = [example_of(runs, row) for row in rows]
    shown: list[Screen | None] = []
    for place, example in enumerate(examples):
        shown.append(example_screen(runs, example, put, reading))
        if model is not None and place < MOST_EVIDENCE:
            shown.append(evidence_screen(runs[0], example, model, put, reading))
    return tuple(screen for screen in (_illustrated(opening(runs), shown), *counts, *shown, limits_screen(runs))
                 if screen)


def _illustrated(first: Screen, shown: Sequence[Screen | None]) -> Screen:
    """The opening with the photo and the map of the first example that has them."""
    drawn = next((screen for screen in shown if screen and screen.kind == "example" and screen.figures), None)
    return first if drawn is None else replace(first, figures=tuple(replace(one, run="") for one in drawn.figures[:2]))
