"""Pictures of a run's training images, and what the viewer needs to know of one, as JSON (see about.py).

No anomaly map of them is stored: where one is asked for it is computed, without the photo's own rows and those of its
near-copies, as on Training photos.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from pages.ui import cache
from pages.ui.access import allowed
from pages.ui.changed import files_of, states
from pages.ui.format import run_label
from pages.ui.media import address
from pages.ui.media.pictures import Served
from pages.ui.review import data, training
from pages.ui.training_photos import held_out
from patchcore_core.data.images import image_size, plain_file
from patchcore_core.data.transforms import transform_of
from patchcore_core.errors import DataError, PatchCoreError
from patchcore_core.evaluation.trim import Trim
from patchcore_core.exports.pictures import colour_limits
from patchcore_core.runs.contents import CHANGED
from patchcore_core.runs.store import Run
from patchcore_core.views import overlay
from patchcore_core.views.ranking import threshold_scale
from patchcore_core.views.widgets.packing import BYTES, media_type, packed_least
from patchcore_core.views.widgets.picture import Layer
from patchcore_core.views.widgets.placing import Placing

PHOTO = {"photo": "Photo"}
PANES = PHOTO | {"map": "Anomaly map without its own rows", "prediction": "Predicted segmentation without its own rows"}
USUAL = ["photo"]  # what panes show until a map is asked for
GREY = (256, 256)  # height and width of what stands for a photo that cannot be shown
NO_ROWS = "the bank has too few rows of other photos"


def about(run: Run, number: int, with_map: bool) -> dict[str, Any]:
    """Of the training image in this row; its map, or a note why there is none, where it is wanted."""
    row = row_of(run, number)
    _, size, note = _photo(run, row)
    layers, panes = list[dict[str, Any]](), PHOTO if note else PANES
    if with_map and not note:
        try:
            layers = [_sent(_layer(run, row), run, number)]
        except PatchCoreError as error:
            note, panes = f"There is no anomaly map: {error}.", PHOTO
    picture = {"id": f"{run.id} {row['name']}", "name": row["name"], "height": size[0], "width": size[1],
               "photo": _at(run, number, "photo"), "truth": None, "layers": layers}  # fmt: skip
    return {"picture": picture, "panes": panes, "usual": USUAL, "masks_changed": False, "locked": "",
            "changed": list(states(run, files_of(row)).sentences), "notes": [note] if note else []}  # fmt: skip


def row_of(run: Run, number: int) -> pd.Series:
    """The training image of this number; DataError where there is none."""
    images = training.training_images(run)
    if images is None or number >= len(images):
        raise DataError(f"There is no training image {number} with a held-out score.")
    row: pd.Series = images.iloc[number]
    return row


def key_of(run: Run, number: int) -> str:
    """The KEY in the addresses of the training image of this number; DataError where there is none."""
    return address.keys(run, row_of(run, number).to_frame().T)[0]


def thumbnail(run: Run, number: int) -> Served:
    """A JPEG of at most 128 x 128 pixels, noting whether the photo has changed since the run."""
    row = row_of(run, number)
    made, note = data.thumbnail(allowed(row["path"]), run.bits), states(run, files_of(row)).on_card
    return Served(made, "image/jpeg", lasting=not note, note=note)


def photo(run: Run, number: int) -> Served:
    """The photo at its full size; a grey one where it cannot be shown. Only the photo that was fitted on lasts."""
    row = row_of(run, number)
    content, _, note = _photo(run, row)
    return Served(content, media_type(content), lasting=not note and states(run, files_of(row)).photo != CHANGED)


def anomaly_map(run: Run, number: int) -> Served:
    """The held-out anomaly map as `packed_map` has it."""
    return Served(_layer(run, row_of(run, number)).packed()[0], BYTES)


def least(run: Run, number: int) -> Served:
    """What region trim keeps, as `packed_least` has it; DataError where the run does not trim."""
    kept = _layer(run, row_of(run, number)).least
    if kept is None:
        raise DataError("This run does not trim predicted regions.")
    return Served(packed_least(kept), BYTES)


MAKERS: dict[str, Callable[[Run, int], Served]] = {
    "thumbnail": thumbnail, "photo": photo, "map": anomaly_map, "least": least,
}  # fmt: skip


def _photo(run: Run, row: pd.Series) -> tuple[bytes, tuple[int, int], str]:
    """The photo for a browser with its height and width, or a grey one and the reason."""
    try:
        place = allowed(row["path"])
        return plain_file(place) or overlay.screen_bytes(cache.photo(place, run.bits)), image_size(place), ""
    except DataError as error:
        return overlay.png_bytes(np.full(GREY, 128, np.uint8)), GREY, f"The photo cannot be shown: {error}"


def _layer(run: Run, row: pd.Series) -> Layer:
    """The held-out map of a training image; DataError where there is none."""
    result, transform = held_out.result_of(run, row["recorded"]), transform_of(run.config, run.input_shape)
    values, size = result.anomaly_map, image_size(allowed(row["path"]))
    if not np.isfinite(values).all():
        raise DataError(NO_ROWS)
    limits = colour_limits(cache.store(), run) or overlay.score_limits(values[None], np.ones(1, bool))
    placing, trim = Placing.of(transform, *size), Trim.read(run.trim)
    scale = threshold_scale(np.append(cache.load_curves(run).pixel.thresholds, limits))
    return Layer(run_label(run), values, placing, limits, (scale.low, scale.high), data.standing(run),
                 placing.peak(values, *size), None if trim is None else trim.least(values))


def _sent(layer: Layer, run: Run, number: int) -> dict[str, Any]:
    """`Layer` of views/web/viewer/payload.js."""
    return {
        "name": layer.name, "values": _at(run, number, "map"), "half": layer.packed()[1], "shape": layer.values.shape,
        "placing": asdict(layer.placing), "limits": layer.limits, "span": layer.span,
        "good": layer.good and address.standing(run), "peak": layer.peak,
        "least": None if layer.least is None else _at(run, number, "least"),
    }  # fmt: skip


def _at(run: Run, number: int, kind: str) -> str:
    return address.picture(run.id, number, key_of(run, number), kind, "training")
