"""What Python does for the workspace: the entries of its outbox in their order, each once, and the answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import pandas as pd
import streamlit as st

from pages.ui import cache
from pages.ui.access import allowed
from pages.ui.changed import photo_state
from pages.ui.components.mount import in_fragment
from pages.ui.review import data
from pages.ui.review.verdicts import verdicts as review_verdicts
from pages.ui.review.verdicts import words
from pages.ui.review.verdicts.verdicts import ANOTHER
from pages.ui.review.workspace import face
from patchcore_core.errors import DataError, PatchCoreError
from patchcore_core.reviews.verdicts import Entry, Photo, Verdicts, used_tags
from patchcore_core.reviews.words import TAKEN_BACK
from patchcore_core.runs.contents import CHANGED
from patchcore_core.runs.store import Run

EVERY = 3.0  # seconds between two looks for verdicts of others
KEY = "review_desk"  # in the session's state


@dataclass
class Desk:
    """What this session has done for one mount of the workspace. One object, which no rerun interrupts."""

    run: str = ""
    outbox: str = ""
    acked: int = 0
    refused: dict[int, str] = field(default_factory=dict)
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    author: str = ""
    lock: Any = field(default_factory=Lock)

    def read(self, run: str, outbox: str) -> None:
        """From now on this is the outbox that is read; another one begins anew."""
        if (run, outbox) != (self.run, self.outbox):
            self.run, self.outbox, self.acked = run, outbox, 0
            self.refused, self.answers = {}, {}


@st.fragment(run_every=EVERY)
def post(run: Run, key: str) -> None:
    """Apply what the workspace of this key asked for, and answer; looks again every few seconds."""
    with in_fragment(f"{key}_post"):
        desk = st.session_state.setdefault(KEY, Desk())
        if not desk.author:
            desk.author = words.author()
        outbox, entries = face.outbox(key)
        with desk.lock:
            desk.read(run.id, outbox)
            for entry in entries:
                if entry["seq"] > desk.acked:
                    apply(desk, run, entry)
        face.post(told(desk, run), key=key)


def apply(desk: Desk, run: Run, entry: dict[str, Any]) -> None:
    """Do what one entry asks for; what is refused is said with its reason."""
    act = ACTS.get(entry["kind"])
    try:
        if act is None:
            raise DataError(f"the workspace asked for {entry['kind'][:40]!r}, which this version does not know")
        act(desk, run, entry)
    except (PatchCoreError, KeyError, TypeError, ValueError) as error:
        desk.refused[entry["seq"]] = str(error)
    desk.acked = entry["seq"]


def told(desk: Desk, run: Run) -> dict[str, Any]:
    """`Told` of data.js."""
    images = data.test_images(run)
    latest = review_verdicts.latest(run, images)
    return {"id": desk.outbox, "acked": desk.acked, "refused": desk.refused, "answers": desk.answers,
            "judged": {number: judgement(entry) for number, entry in latest.items()},
            "tags": used_tags(_store().entries()), "author": desk.author}


def judgement(entry: Entry) -> dict[str, Any]:
    """`Judgement` of data.js."""
    return {"verdict": entry.verdict, "author": entry.author, "given_at": str(entry.given_at), "note": entry.note,
            "tags": list(entry.tags)}


def _give(desk: Desk, run: Run, entry: dict[str, Any]) -> None:
    photo = _unchanged(run, entry)
    _store().give(photo, str(entry["verdict"]), _author(desk, entry), _note(entry), _tags(entry))


def _note_of(desk: Desk, run: Run, entry: dict[str, Any]) -> None:
    photo = _unchanged(run, entry)
    history = _store().history(photo)
    if not history or history[-1].verdict == TAKEN_BACK:
        raise DataError("the image has no verdict that a note could belong to")
    _store().give(photo, history[-1].verdict, _author(desk, entry), _note(entry), _tags(entry))


def _undo(desk: Desk, run: Run, entry: dict[str, Any]) -> None:
    history = _store().history(_photo(run, entry))
    if not history:
        raise DataError("the image has no verdict to take back")
    _store().undo(history[-1], _author(desk, entry))


def _set_author(desk: Desk, run: Run, entry: dict[str, Any]) -> None:  # noqa: ARG001
    desk.author = str(entry["author"]).strip()


ACTS: dict[str, Callable[[Desk, Run, dict[str, Any]], None]] = {
    "verdict": _give, "note": _note_of, "undo": _undo, "author": _set_author,
}  # fmt: skip


def _photo(run: Run, entry: dict[str, Any]) -> Photo:
    images = data.test_images(run)
    found = images[images["name"] == entry["image"]]
    if found.empty:
        raise DataError("the run has no image of this name")
    row: pd.Series = found.iloc[0]
    return review_verdicts.photo_of(run, row)


def _unchanged(run: Run, entry: dict[str, Any]) -> Photo:
    photo = _photo(run, entry)
    allowed(photo.path)
    if photo_state(run, str(photo.path), photo.content) == CHANGED:
        raise DataError(ANOTHER)
    return photo


def _author(desk: Desk, entry: dict[str, Any]) -> str:
    return str(entry.get("author") or desk.author)


def _note(entry: dict[str, Any]) -> str:
    return str(entry.get("note", ""))


def _tags(entry: dict[str, Any]) -> tuple[str, ...]:
    tags = entry.get("tags", [])
    return tuple(str(tag) for tag in tags) if isinstance(tags, list) else ()


def _store() -> Verdicts:
    return Verdicts(cache.store().root)
