"""What stands at the addresses of pictures: encoded photos, packed masks and maps of a run's test images.

Every function takes the run and the row of its table, and raises DataError or StoreError with the reason where there is
nothing to show. Files are read only in the folders that the pages may read (pages/ui/access.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from pages.ui.access import allowed
from pages.ui.changed import files_of, states
from pages.ui.review import data
from pages.ui.review.image_data import image_data
from patchcore_core.errors import DataError
from patchcore_core.runs.contents import CHANGED
from patchcore_core.runs.store import Run
from patchcore_core.views.widgets.packing import BYTES, media_type, packed_least, packed_map, packed_mask


@dataclass(frozen=True)
class Served:
    """A file for the browser. `lasting`: it will always be what stands at its address; `note`: a few words on it."""

    content: bytes
    kind: str
    lasting: bool = True
    note: str = ""


def thumbnail(run: Run, number: int) -> Served:
    """A JPEG of at most 128 x 128 pixels, noting whether photo or masks have changed since the run."""
    row: pd.Series = data.test_images(run).iloc[number]
    made, note = data.thumbnail(allowed(row["path"]), run.bits), states(run, files_of(row)).on_card
    return Served(made, "image/jpeg", lasting=not note, note=note)


def photo(run: Run, number: int) -> Served:
    """The photo at its full size; a grey one where it cannot be shown. Only the photo that was scored lasts."""
    here = image_data(run, number)
    return Served(here.photo, media_type(here.photo), here.photo_shown and here.changed.photo != CHANGED)


def truth(run: Run, number: int) -> Served:
    """The ground truth as `packed_mask` has it; DataError where it is unknown."""
    here = image_data(run, number)
    if here.truth is None:
        raise DataError(" ".join(here.notes) or "This image has no ground truth.")
    return Served(packed_mask(here.truth), BYTES, here.changed.masks != CHANGED)


def anomaly_map(run: Run, number: int) -> Served:
    """The anomaly map as `packed_map` has it."""
    return Served(packed_map(image_data(run, number).scores)[0], BYTES)


def least(run: Run, number: int) -> Served:
    """What region trim keeps, as `packed_least` has it; DataError where the run does not trim."""
    here = image_data(run, number)
    if here.trim is None:
        raise DataError("This run does not trim predicted regions.")
    return Served(packed_least(here.trim.least(here.scores)), BYTES)


def standing(run: Run) -> Served:
    """The table of the run's good test pixels by score; DataError where it has none."""
    known = data.standing(run)
    if known is None:
        raise DataError("This run has no good test pixels.")
    return Served(known.packed(), BYTES)


MAKERS: dict[str, Callable[[Run, int], Served]] = {
    "thumbnail": thumbnail, "photo": photo, "truth": truth, "map": anomaly_map, "least": least,
}  # fmt: skip
