"""Examples with their pictures, and for some of them the evidence: the spot that counts beside the most similar good
one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from PIL import Image, ImageDraw

from patchcore_core.data.images import read_photo_bytes
from patchcore_core.data.transforms import Transform
from patchcore_core.errors import DataError
from patchcore_core.exports.present.photos import RGB, Reads, photo_as_scored, photo_of, shrunk
from patchcore_core.exports.present.presented import Presented
from patchcore_core.exports.present.screens import name
from patchcore_core.views.colours import COLOURS
from patchcore_core.views.overlay import jpeg_bytes
from patchcore_core.views.patches import Box, close_up, hottest_patches, patch_box
from patchcore_core.views.present.deck import Figure, Screen
from patchcore_core.views.present.examples import said_of

SIDE = 900  # pixels of the longer side of a picture
CLOSE, CELLS, CONTEXT = 480, 3, 4.0  # pixels of a close-up, its outlined patches, its width in outlines
MOST_EVIDENCE = 3
LEGEND = "Outlines: yellow is what it marks as defective, blue is the defect as drawn in by a person."
NO_LIMIT = "Outline: blue is the defect as drawn in by a person. There is no limit from which it marks a pixel."
EVIDENCE = ("It compares each spot with those of good photos. Left, the spot that looks least like any of them; right, "
            "the good spot that is nearest to it.")  # fmt: skip
Put = Callable[[bytes, str], str]  # the bytes of a picture, where it stands -> its address


class Nearest(Protocol):
    """The training patches nearest to those of a photo; `model.results.Nearest` is one."""

    @property
    def origin(self) -> np.ndarray | None: ...

    @property
    def grids(self) -> tuple[tuple[int, int], ...]: ...

    def at(self, row: int, column: int) -> tuple[int, tuple[int, int]]: ...


class Scored(Protocol):
    """A photo that a model has scored; `model.results.ImageResult` is one."""

    @property
    def patch_scores(self) -> np.ndarray: ...

    @property
    def nearest(self) -> Nearest | None: ...


class Training(Protocol):
    """The photos that a model was fitted on; `model.detector.TrainingSet` is one."""

    @property
    def paths(self) -> tuple[str, ...]: ...

    @property
    def contents(self) -> tuple[str, ...]: ...


class Explains(Protocol):
    """A model that says which training patch is nearest; every `model.detector.Detector` is one."""

    @property
    def training(self) -> Training: ...

    @property
    def transform(self) -> Transform: ...

    def score_image(self, rgb: np.ndarray) -> Scored: ...


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
        figures = [figure for place, (one, row) in enumerate(zip(runs, example.rows, strict=True)) if row is not None
                   for figure in _figures(runs, place, one, row, put, reads)]  # fmt: skip
    except DataError as error:
        return Screen("example", known, heading, words, (str(error),))
    legend = NO_LIMIT if np.isnan(runs[0].pixel_threshold) else LEGEND
    return Screen("example", known, heading, words, (legend,), figures=tuple(figures))


def _figures(runs: Sequence[Presented], place: int, one: Presented, row: int, put: Put, reads: Reads) -> list[Figure]:
    photo, run = photo_of(one, row, SIDE, reads), name(runs, place)
    drawn = [(photo.pixels, "Photo", "the photo"), (photo.overlay, "What looks unlike good parts", "the anomaly map"),
             (photo.outlined, "What it marks", "the predicted segmentation")]  # fmt: skip
    return [Figure(put(jpeg_bytes(picture), f"{row}.{place}.{alt}"), words, alt, run)
            for picture, words, alt in (drawn if place == 0 else drawn[1:])]


def evidence_screen(one: Presented, example: Example, model: Explains, put: Put, reads: Reads) -> Screen | None:
    """The hottest patch of an image of the run beside its nearest training patch; None where the photo is gone or the
    model keeps no training patches."""
    try:
        photo = photo_as_scored(one, example.row, reads)
    except DataError:
        return None
    result = model.score_image(photo)
    if result.nearest is None or result.nearest.origin is None:
        return None
    heading, _ = said_of(one.images, example.row, one.threshold)
    (row, column), = hottest_patches(result.patch_scores)
    scale, cell = result.nearest.at(row, column)
    grid, (image, *place) = result.nearest.grids[scale], result.nearest.origin[row, column].tolist()
    box = patch_box(model.transform.box(*photo.shape[:2]), grid, *cell, CELLS)
    figures = [_figure(put, _marked(photo, box), "The part", "photo, marked", example),
               _figure(put, close_up(photo, box, CONTEXT, CLOSE, COLOURS["miss"]), "This spot", "close-up", example)]
    try:
        good = _training_photo(one, model, image, reads)
        there = patch_box(model.transform.box(*good.shape[:2]), grid, place[0], place[1], CELLS)
        figures.append(_figure(put, close_up(good, there, CONTEXT, CLOSE, COLOURS["good"]),
                               "The most similar spot of all good photos", "good close-up", example))
        notes: tuple[str, ...] = ()
    except DataError as error:
        notes = (str(error),)
    named = f"why {one.names[example.row]}"
    return Screen("evidence", named, f"Why? {heading}", (EVIDENCE,), notes, figures=tuple(figures))


def _figure(put: Put, picture: RGB, words: str, alt: str, example: Example) -> Figure:
    return Figure(put(jpeg_bytes(picture), f"{example.row}.{alt}"), words, alt)


def _marked(photo: RGB, box: Box) -> RGB:
    """The whole photo with a frame around the box."""
    small = Image.fromarray(shrunk(photo, SIDE))
    scale = small.height / photo.shape[0]
    top, left, bottom, right = (side * scale for side in box)
    edge = max(3, small.height // 120)
    frame = [max(left - edge, 0), max(top - edge, 0), min(right + edge, small.width - 1),
             min(bottom + edge, small.height - 1)]
    ImageDraw.Draw(small).rectangle(frame, outline=COLOURS["miss"], width=edge)
    return np.asarray(small)


def _training_photo(one: Presented, model: Explains, image: int, reads: Reads) -> RGB:
    """The training photo with this number; DataError, without a path, if it is gone or another one now."""
    path, known = model.training.paths[image], model.training.contents[image] if model.training.contents else ""
    try:
        content = reads.file(Path(path))
        photo = read_photo_bytes(content, path, one.run.bits).pixels
    except DataError as error:
        raise DataError("The good photo is gone, so the most similar spot cannot be shown.") from error
    if known and hashlib.sha256(content).hexdigest() != known:
        raise DataError("The good photo has changed since the run, so the most similar spot cannot be shown.")
    return photo
