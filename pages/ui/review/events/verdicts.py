"""Verdicts, notes and undo, as the workspace asks for them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import streamlit as st

from pages.ui import cache
from pages.ui.access import allowed
from pages.ui.review import data
from pages.ui.review.events.entry import Entry, Refused
from patchcore_core.reviews import verdict_file
from patchcore_core.reviews.standing import Standing
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


def held_open() -> AbstractContextManager[None]:
    """Meanwhile several questions and verdicts take one opening of the store's file."""
    return verdict_file.held_open(cache.store().root)


def latest(run: Run) -> dict[int, dict[str, Any]]:
    """`Judgement` of each image that has one, by its number."""
    return {number: judgement(given) for number, given in entries(run).items()}


def entries(run: Run) -> Mapping[int, Given]:
    """The verdict that counts of each image that has one, by its number."""
    return _standing(str(cache.store().root)).latest(_photos(run)[0])


def tags() -> list[str]:
    """All tags used in the store, the most frequent first."""
    return _standing(str(cache.store().root)).tags()


def history(run: Run, number: int) -> list[dict[str, Any]]:
    """All entries of the image in this row, the oldest first: `Judgement` with `id`."""
    return [judgement(given) | {"id": given.id} for given in _verdicts().history(_photos(run)[0][number])]


def judgement(given: Given) -> dict[str, Any]:
    """`Judgement` of data.js."""
    return {"verdict": given.verdict, "author": given.author, "given_at": given.given_at, "note": given.note,
            "tags": list(given.tags)}


def _words(entry: Entry, before: Given | None) -> tuple[str, tuple[str, ...]]:
    stored = ("", ()) if before is None else (before.note, before.tags)
    return (stored[0] if entry.note is None else entry.note), (stored[1] if entry.tags is None else entry.tags)


def _photo_of(run: Run, image: str) -> Photo:
    photos, places = _photos(run)
    if image not in places:
        raise Refused(f"The run has no image {image[:200]!r}")
    return photos[places[image]]


@cache.of_run(max_entries=16)
def _photos(run: Run) -> tuple[list[Photo], dict[str, int]]:
    """The photos in the rows of the run's table, and the row of each name; of equal ones the first."""
    rows = data.test_images(run).to_dict("records")
    return ([Photo(Path(row["path"]), int(row["label"]), str(row["defect_type"]), run.category, row["sha256"])
             for row in rows], {row["name"]: number for number, row in reversed(list(enumerate(rows)))})


@st.cache_resource(max_entries=8, show_spinner=False)
def _standing(root: str) -> Standing:
    return Standing(root)


def _verdicts() -> Verdicts:
    return Verdicts(cache.store().root)
