"""Evidence for the score of one test image of a run."""

from __future__ import annotations

from collections.abc import Hashable
from functools import partial
from typing import Any

import pandas as pd

from pages.ui import cache
from pages.ui.changed import files_of, states
from pages.ui.evidence import kept
from pages.ui.evidence.album import ServerAlbum
from pages.ui.media import address
from pages.ui.review import data
from patchcore_core.data.files.content import stamp_of
from patchcore_core.data.transforms import transform_of
from patchcore_core.evaluation.statistics.good_patches import GoodPatches
from patchcore_core.runs.store import Run
from patchcore_core.views.widgets.evidence import PEAKS, Evidence, Known, image_data, patch_data


def of_image(run: Run, number: int) -> dict[str, Any]:
    """`Image` of views/web/evidence/data.js, of the image in this row of the run's table, with all hot patches."""
    row = data.test_images(run).iloc[number]
    found = image_data(_evidence(run, number, row), _known(run, row), _album(run, number), f"{run.id} {number}", PEAKS)
    kept.settle()
    return found


def of_patch(run: Run, number: int, row: int, column: int, k: int) -> dict[str, Any]:
    """`Patch` of data.js: a patch of that image and its k nearest bank rows; ConfigError for one outside the grid."""
    image = data.test_images(run).iloc[number]
    return patch_data(_evidence(run, number, image), _known(run, image), _album(run, number), row, column, k)


def is_quick(run: Run, number: int) -> bool:
    """Whether a patch can be answered at once: the model is loaded and the photo embedded."""
    return kept.is_ready(run, _key(number, data.test_images(run).iloc[number]))


def _evidence(run: Run, number: int, row: pd.Series) -> Evidence:
    return kept.evidence_of(run, _key(number, row), lambda: cache.photo(row["path"], run.bits))


def _key(number: int, row: pd.Series) -> Hashable:
    return number, stamp_of(row["path"])


def _known(run: Run, row: pd.Series) -> Known:
    size = int(row["height"]), int(row["width"])
    heldout = cache.load_curves(run).heldout
    return Known(size, transform_of(run.config, run.input_shape).box(*size), GoodPatches.stored(heldout),
                 None if heldout is None else heldout.scores, float(row["image_score"]),
                 tuple(states(run, files_of(row)).sentences))


def _album(run: Run, number: int) -> ServerAlbum:
    key = address.key(run, data.test_images(run), number)
    training = cache.loaded_model(run).training
    return ServerAlbum(run, training, address.picture(run.id, number, key, "photo"),
                       partial(address.patch, run.id, number, key))
