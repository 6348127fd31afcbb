"""Verdicts, notes and undo, as the workspace asks for them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from pages.ui import cache
from pages.ui.access import allowed
from pages.ui.review import data
from pages.ui.review.events.entry import Entry, Refused
from patchcore_core.reviews.verdicts import Entry as Given
from patchcore_core.reviews.verdicts import Photo, Verdicts
from patchcore_core.reviews.words import TAKEN_BACK
from patchcore_core.runs.store import Run


def give(run: Run, entry: Entry) -> dict[str, Any]:
    """Add the verdict, with the last note and tags where none are sent; the same once more adds nothing."""
    photo = _photo_of(run, entry.image)
    allowed(photo.path)
    before = next(reversed(_verdicts().history(photo)), None)
    note, tags = _words(entry, before)
    if before is not None and (before.verdict, before.author, before.note, before.tags) == (
            entry.verdict, entry.author.strip(), note.strip(), tags):
        return judgement(before)
    return judgement(_verdicts().give(photo, entry.verdict, entry.author, note, tags))


def note(run: Run, entry: Entry) -> dict[str, Any]:
    """Repeat the image's verdict with this note and these tags."""
    photo = _photo_of(run, entry.image)
    allowed(photo.path)
    before = next(reversed(_verdicts().history(photo)), None)
    if before is None or before.verdict == TAKEN_BACK:
        raise Refused("The image has no verdict that a note could belong to")
    words, tags = _words(entry, before)
    return judgement(_verdicts().give(photo, before.verdict, entry.author, words, tags))


def undo(run: Run, entry: Entry) -> dict[str, Any]:
    """Go back to what stood before the newest verdict on the image.

    `with.given_at`, where it is sent, names the verdict that was seen: another one, given since, is not undone.
    """
    history = _verdicts().history(_photo_of(run, entry.image))
    if not history:
        raise Refused("The image has no verdict to take back")
    seen = entry.text("given_at")
    if seen and seen != history[-1].given_at:
        raise Refused("Somebody has judged this image since; look at it again")
    return judgement(_verdicts().undo(history[-1], entry.author))


def latest(run: Run, images: pd.DataFrame) -> dict[int, dict[str, Any]]:
    """`Judgement` of each image that has one, by its number."""
    return {number: judgement(given) for number, given in entries(run, images).items()}


def entries(run: Run, images: pd.DataFrame) -> Mapping[int, Given]:
    """The verdict that counts of each image that has one, by its number."""
    return _latest(run, _verdicts().revision(), images)


def history(run: Run, number: int) -> list[dict[str, Any]]:
    """All entries of the image in this row, the oldest first: `Judgement` with `id`."""
    photo = _photo(run, data.test_images(run).iloc[number])
    return [judgement(given) | {"id": given.id} for given in _verdicts().history(photo)]


def judgement(given: Given) -> dict[str, Any]:
    """`Judgement` of data.js."""
    return {"verdict": given.verdict, "author": given.author, "given_at": given.given_at, "note": given.note,
            "tags": list(given.tags)}


def _words(entry: Entry, before: Given | None) -> tuple[str, tuple[str, ...]]:
    stored = ("", ()) if before is None else (before.note, before.tags)
    return (stored[0] if entry.note is None else entry.note), (stored[1] if entry.tags is None else entry.tags)


def _photo_of(run: Run, image: str) -> Photo:
    images = data.test_images(run)
    found = images[images["name"] == image]
    if found.empty:
        raise Refused(f"The run has no image {image[:200]!r}")
    return _photo(run, found.iloc[0])


def _photo(run: Run, row: Any) -> Photo:
    return Photo(Path(row["path"]), int(row["label"]), str(row["defect_type"]), run.category, row["sha256"])


@cache.of_run(max_entries=64, ttl=600)  # a photo out of reach may come back
def _latest(run: Run, revision: int, _images: pd.DataFrame) -> dict[int, Given]:  # noqa: ARG001  (the key)
    return _verdicts().latest([_photo(run, row) for row in _images.to_dict("records")])


def _verdicts() -> Verdicts:
    return Verdicts(cache.store().root)
