"""Why an example scores what it does: the spot that counts beside the most similar good one, in plain pictures, and all
of the evidence to look into."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from PIL import Image, ImageDraw

from patchcore_core.data.transforms import Transform
from patchcore_core.errors import DataError
from patchcore_core.evaluation.statistics.good_patches import GoodPatches
from patchcore_core.exports.present.album import CELLS, FileAlbum, Training
from patchcore_core.exports.present.examples import SIDE, Example, Put
from patchcore_core.exports.present.photos import RGB, Reads, photo_as_scored, shrunk
from patchcore_core.exports.present.presented import Presented
from patchcore_core.views.colours import COLOURS
from patchcore_core.views.overlay import jpeg_bytes
from patchcore_core.views.patches import Box, close_up, hottest_patches, patch_box
from patchcore_core.views.present.deck import Figure, Screen
from patchcore_core.views.present.examples import said_of
from patchcore_core.views.widgets.evidence import Evidence, Known, image_data
from patchcore_core.views.widgets.receipt import zone_words

CLOSE, CONTEXT = 480, 4.0  # pixels of a large close-up, its width in outlines
MOST_EVIDENCE, SPOTS = 3, 4  # examples with evidence; hottest patches of each that come with their neighbours
EVIDENCE = ("It compares each spot with those of good photos. Left and enlarged beside it, framed: the spot that looks "
            "least like any of them. Right, the good spot that is nearest to it.")  # fmt: skip


class Explains(Protocol):
    """A model that is asked why; `model.evidence.evidence.Explainer` is one."""

    @property
    def training(self) -> Training: ...

    @property
    def transform(self) -> Transform: ...

    def evidence(self, rgb: RGB) -> Evidence: ...


def evidence_screen(one: Presented, example: Example, model: Explains, put: Put, reads: Reads) -> Screen | None:
    """The hottest patch of an image of the run beside its nearest training patch; None where the photo is gone or the
    memory bank does not record where its rows come from."""
    try:
        photo = photo_as_scored(one, example.row, reads)
    except DataError:
        return None
    evidence = model.evidence(photo)
    (place,) = hottest_patches(evidence.patch_scores)
    near = evidence.nearest(*place, 1)
    if near.rows[0].image < 0:
        return None
    album = FileAlbum(one, example.row, photo, model.training, model.transform, evidence.grids, put, reads)
    heading, _ = said_of(one.images, example.row, one.threshold)
    box, grid = patch_box(model.transform.box(*photo.shape[:2]), evidence.grids[near.scale], *near.cell, CELLS), \
        evidence.grids[near.scale]
    figures = [_figure(put, _marked(photo, box), "The part", "photo, marked", example),
               _figure(put, close_up(photo, box, CONTEXT, CLOSE, COLOURS["miss"]), "This spot", "close-up", example)]
    try:
        good, first = album.original(near.rows[0].image), near.rows[0]
        there = patch_box(model.transform.box(*good.shape[:2]), grid, first.row, first.column, CELLS)
        figures.append(_figure(put, close_up(good, there, CONTEXT, CLOSE, COLOURS["good"]),
                               "The most similar spot of all good photos", "good close-up", example))
        notes: tuple[str, ...] = ()
    except DataError as error:
        notes = (str(error),)
    return Screen("evidence", f"why {one.names[example.row]}", f"Why? {heading}", (EVIDENCE,), notes,
                  figures=tuple(figures), evidence=_details(one, example, evidence, photo, album, model.transform))


def _details(
    one: Presented, example: Example, evidence: Evidence, photo: RGB, album: FileAlbum, transform: Transform
) -> dict[str, Any]:
    """`Data` of views/web/evidence: nothing more can be asked for."""
    size, heldout = (photo.shape[0], photo.shape[1]), one.store.curves(one.run).heldout
    score = float(one.images["image_score"].iloc[example.row])
    known = Known(size, transform.box(*size), GoodPatches.stored(heldout), None if heldout is None else heldout.scores,
                  score)
    return {
        "image": image_data(evidence, known, album, one.names[example.row], SPOTS), "patches": [], "asks": False,
        "keys": False, "zooms": False, "zone": zone_words(score, one.threshold, one.chosen.review_from), "error": "",
    }  # fmt: skip


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
