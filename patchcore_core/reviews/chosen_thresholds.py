"""The thresholds that somebody chose for a run, kept in its folder with author and time.

Append-only: the newest entry counts, and one without thresholds goes back to the run's own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from patchcore_core.codec import plain, reader_of
from patchcore_core.errors import ConfigError, StoreError
from patchcore_core.reviews.words import checked
from patchcore_core.runs.files import read_json, reading, write_json, writing
from patchcore_core.runs.folder import now
from patchcore_core.runs.store import Run, RunStore

FILE = "chosen_thresholds.json"


@dataclass(frozen=True)
class Chosen:
    """One entry: thresholds in score units, NaN where the run's own counts.

    image: of images. review_from: where the review zone starts, NaN for none. pixel: of pixels. `given_at` is ISO time
    in UTC.
    """

    author: str
    given_at: str
    image: float = math.nan
    review_from: float = math.nan
    pixel: float = math.nan

    @property
    def any(self) -> bool:
        """Whether a threshold was chosen, as opposed to going back to the run's own."""
        return not (math.isnan(self.image) and math.isnan(self.pixel))


def history(run: Run) -> tuple[Chosen, ...]:
    """All entries of a run, oldest first; StoreError where their file cannot be read."""
    path = run.folder / FILE
    if not path.exists():
        return ()
    values = read_json(path)
    with reading(path):
        return reader_of(tuple[Chosen, ...])(values.get("chosen"), "chosen")


def chosen(run: Run) -> Chosen | None:
    """The thresholds in use in place of the run's own; None where nobody chose any, or somebody went back."""
    newest = next(reversed(history(run)), None)
    return newest if newest is not None and newest.any else None


def choose(store: RunStore, run_id: str, author: str, image: float = math.nan, review_from: float = math.nan,
           pixel: float = math.nan) -> Chosen:
    """Use these thresholds for a finished run from now on; without any, the run's own again.

    ConfigError for no author, infinite thresholds, or a review zone that does not start below `image`. StoreError where
    the run is not finished, or its folder cannot be written.
    """
    who = checked("author", author)
    if any(math.isinf(value) for value in (image, review_from, pixel)):
        raise ConfigError("a threshold must be a finite number")
    if not math.isnan(review_from) and not review_from <= image:
        raise ConfigError(f"the review zone must start below the image threshold {image:g}, got {review_from:g}")
    with store.locked():
        run = store.get(run_id)
        if run.status != "finished":
            raise StoreError(f"the run {run_id} is {run.status}, so no thresholds can be chosen for it")
        entry, path = Chosen(who, now(), image, review_from, pixel), run.folder / FILE
        with writing(path):
            write_json(path, {"chosen": [plain(one) for one in (*history(run), entry)]})
        return entry
