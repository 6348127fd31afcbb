"""Examples with their pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from patchcore_core.errors import DataError
from patchcore_core.exports.present.photos import Photo, Reads, photo_of
from patchcore_core.exports.present.presented import Presented
from patchcore_core.exports.present.screens import name
from patchcore_core.views.overlay import jpeg_bytes
from patchcore_core.views.present.deck import Figure, Screen
from patchcore_core.views.present.examples import said_of

SIDE = 900  # pixels of the longer side of a picture
LEGEND = "Outlines: yellow is what it marks as defective, blue is the defect as drawn in by a person."
MARKED = "It marks a spot, but the score of the whole part stays below the limit."
NO_LIMIT = "Outline: blue is the defect as drawn in by a person. There is no limit from which it marks a pixel."
Put = Callable[[bytes, str], str]  # the bytes of a picture, where it stands -> its address


@dataclass(frozen=True)
class Example:
    """A test image of the first of the runs: its row there, and in each other run that has it (None where not)."""

    rows: tuple[int | None, ...]

    @property
    def row(self) -> int:
        """Its row in the first run."""
        assert self.rows[0] is not None
        return self.rows[0]


def example_of(runs: Sequence[Presented], row: int) -> Example:
    """The image in this row of the first run, looked up in the others by its name."""
    named = runs[0].names[row]
    return Example((row, *(one.row_of(named) for one in runs[1:])))


def example_screen(runs: Sequence[Presented], example: Example, put: Put, reads: Reads) -> Screen:
    """Photo, anomaly map and predicted segmentation of one image; of several runs, the last two of each."""
    said = [said_of(one.images, row, one.threshold) for one, row in zip(runs, example.rows, strict=True)
            if row is not None]
    heading = said[0][0] if len(runs) == 1 else said[0][0].split(":")[0]
    words = tuple(words for _, words in said) if len(runs) == 1 else tuple(
        f"{name(runs, place)}: {told.partition(': ')[2] or told}" for place, (told, _) in enumerate(said))
    known = f"example {runs[0].names[example.row]}"
    try:
        photos = [(place, photo_of(one, row, SIDE, reads), row) for place, (one, row)
                  in enumerate(zip(runs, example.rows, strict=True)) if row is not None]  # fmt: skip
        figures = [figure for place, photo, row in photos for figure in _figures(runs, place, photo, row, put)]
    except DataError as error:
        return Screen("example", known, heading, words, (str(error),))
    notes = [NO_LIMIT if np.isnan(runs[0].pixel_threshold) else LEGEND]
    passes = float(runs[0].images["image_score"].iloc[example.row]) < runs[0].threshold
    if len(runs) == 1 and passes and photos[0][1].marks:
        notes.append(MARKED)
    return Screen("example", known, heading, words, tuple(notes), figures=tuple(figures))


def _figures(runs: Sequence[Presented], place: int, photo: Photo, row: int, put: Put) -> list[Figure]:
    run = name(runs, place)
    drawn = [(photo.pixels, "Photo", "the photo"), (photo.overlay, "What looks unlike good parts", "the anomaly map"),
             (photo.outlined, "What it marks", "the predicted segmentation")]  # fmt: skip
    return [Figure(put(jpeg_bytes(picture), f"{row}.{place}.{alt}"), words, alt, run)
            for picture, words, alt in (drawn if place == 0 else drawn[1:])]
