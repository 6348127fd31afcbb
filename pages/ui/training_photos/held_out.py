"""The held-out result of one training photo, computed when it is asked for and kept."""

from __future__ import annotations

from pages.ui import cache
from pages.ui.memory_bank.requests import photos_of
from patchcore_core.data.images import shown
from patchcore_core.errors import DataError
from patchcore_core.fitting.bank.suspects import Numbered, held_out_result
from patchcore_core.model.results import ImageResult
from patchcore_core.runs.store import Run


@cache.of_run(max_entries=64, spinner="Scoring the photo without its own rows …")
def result_of(run: Run, path: str) -> ImageResult:
    """The photo as the bank scores it without the photo's own rows and those of its near-copies.

    path: as the run recorded it. DataError if the photo is not there or has changed since the run.
    """
    photos = photos_of(cache.loaded_model(run), run)
    known = Numbered.of(run, photos.model.training.paths)
    if path not in known.names:
        raise DataError(f"{shown(path)}: is not among the training photos of this run")
    found = held_out_result(photos, known.names.index(path), known)
    if found is None:
        missing, cause = photos.missing[-1]
        raise DataError(f"{shown(missing)}: {cause}")
    return found
