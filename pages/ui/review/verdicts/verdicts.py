"""Review: reviewers' verdicts on an image, given by mouse or key, and shown to all visitors of the store."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from pages.ui import cache
from pages.ui.access import allowed
from pages.ui.changed import photo_state
from pages.ui.components.mount import in_fragment
from pages.ui.format import when
from pages.ui.markdown import plain
from pages.ui.review.verdicts import words
from pages.ui.review.verdicts.words import Case
from patchcore_core.data.images import shown
from patchcore_core.errors import PatchCoreError, StoreError
from patchcore_core.reviews.verdicts import Entry, Photo, Verdicts, used_tags
from patchcore_core.reviews.words import AGREE, LABEL_WRONG, MASK_WRONG, TAKEN_BACK, UNCLEAR, VERDICTS
from patchcore_core.runs.contents import CHANGED
from patchcore_core.runs.store import Run

KEYS = {AGREE: "1", LABEL_WRONG: "2", MASK_WRONG: "3", UNCLEAR: "4"}  # verdict -> key
UNDO = "U"
BUTTONS = {key: f"verdict_{verdict}_" for verdict, key in KEYS.items()} | {UNDO: "verdict_undo_"}  # and their case
ANOTHER = "The photo has changed since it was scored, so it takes no verdict: restore the file, or fit again."
MEANINGS = {
    AGREE: "Label and mask are correct.",
    LABEL_WRONG: "Labelled good but defective, or the reverse.",
    MASK_WRONG: "The label is correct, but the mask misses the defect.",
    UNCLEAR: "Cannot be decided from this photo.",
}
GIVEN = "verdict_given"  # a toast for the next run: what a fragment's callback draws is not shown
EVERY = 3.0  # seconds between two looks for verdicts of others
MOST_SHOWN = 50  # entries of a history
LONGEST = 160  # characters of a note in one line
_ONE_AT_A_TIME = threading.Lock()  # Streamlit begins the run of the next key while that of the last one still writes


def revision() -> int:
    """A number that grows with each verdict in the store; 0 if there is none, or they cannot be read."""
    try:
        return _verdicts().revision()
    except StoreError:
        return 0


def latest(run: Run, images: pd.DataFrame) -> dict[int, Entry]:
    """The current verdict of each row of the images (columns path, label, defect_type) that has one.

    Empty if the verdicts cannot be read: the panel says why. The entries are shared with other visitors.
    """
    try:
        return dict(_latest(run, _verdicts().revision(), images))
    except StoreError:
        return {}


def panel(run: Run, images: pd.DataFrame, index: int, after: Callable[[], None]) -> None:
    """The verdict on the image in this row: give it, with note and tags; see its history; undo it.

    `after` shows the next image; called after a verdict if the reviewer chose so, twice if the next key interrupted
    the first call.
    """
    photo = photo_of(run, images.iloc[index])
    try:
        seen = _verdicts().revision()
        history = _history(run, seen, index, photo)
        tags = _used_tags(str(cache.store().root), seen)
    except StoreError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    changed = photo_state(run, str(photo.path), photo.content) == CHANGED
    if changed:
        st.caption(ANOTHER)
    case = Case(f"{run.id}_{index}", photo, history[-1] if history else None)
    words.keep(case)
    if given := st.session_state.pop(GIVEN, ""):
        st.toast(given)
    author = words.author()
    if not author:
        words.ask_author()
    st.markdown(_standing(case.newest))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for verdict in KEYS:
            _button(case, verdict, changed or not author, after)
        st.button("Undo", icon=":material/undo:", key=BUTTONS[UNDO] + case.name, shortcut=UNDO, type="tertiary",
                  disabled=not author or not history, on_click=_undo, args=(case,),
                  help="Restores the previous verdict; a second undo restores the last one. Both stay in the history.")
        _history_of(case.name, history)
        if author:
            with st.popover(f"as {plain(author)}", type="tertiary", icon=":material/person:", key="verdict_as"):
                words.ask_author()
    words.error_of(case)
    words.ask_words(case, tags)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        given = case.newest is not None and case.newest.verdict != TAKEN_BACK
        st.button("Save note", key=f"verdict_save_{case.name}", disabled=changed or not author or not given,
                  on_click=_save,
                  args=(case,), help="Note and tags are saved with each verdict. This saves them for the verdict that "
                                     "the image has.")
        words.ask_to_go_on()


@st.fragment(run_every=EVERY)
def watch(shown: int) -> None:
    """Rerun the page soon after anybody gives a verdict; `shown` is the revision that the page has read."""
    with in_fragment("review_watch"):
        if revision() != shown:
            st.rerun()


def export() -> None:
    """A button that downloads all verdicts ever given as a CSV file, written on the click."""
    st.download_button(
        "All verdicts as CSV", _verdicts().to_csv, "verdicts.csv", "text/csv", key="verdict_export", on_click="ignore",
        icon=":material/download:",
        help="All verdicts in this store with their history: author, time, note, tags, image and label.",
    )  # fmt: skip


def _button(case: Case, verdict: str, disabled: bool, after: Callable[[], None]) -> None:
    given = case.newest is not None and case.newest.verdict == verdict
    st.button(VERDICTS[verdict].capitalize(), key=BUTTONS[KEYS[verdict]] + case.name, shortcut=KEYS[verdict],
              type="primary" if given else "secondary", icon=":material/check:" if given else None, disabled=disabled,
              on_click=_give, args=(case, verdict, after), help=f"{MEANINGS[verdict]} Key: {KEYS[verdict]}.")


def _standing(newest: Entry | None) -> str:
    """One line: the current verdict, or that there is none."""
    if newest is None:
        return "No verdict yet."
    told = f"**{VERDICTS[newest.verdict].capitalize()}** · {plain(newest.author)} · {when(newest.given_at)}"
    note = " ".join(newest.note.split())
    note = f"{note[:LONGEST]} …" if len(note) > LONGEST else note
    parts = [told, *([f"“{plain(note)}”"] if note else []), *([plain(", ".join(newest.tags))] if newest.tags else [])]
    return " · ".join(parts)


def _history_of(name: str, history: tuple[Entry, ...]) -> None:
    with st.popover(f"History ({len(history)})", type="tertiary", icon=":material/history:", disabled=not history,
                    key=f"verdict_history_{name}"):
        for entry in reversed(history[-MOST_SHOWN:]):
            st.markdown(f"**{VERDICTS[entry.verdict].capitalize()}** · {plain(entry.author)} · {when(entry.given_at)}")
            if entry.note:
                st.text(entry.note)
            if entry.tags:
                st.caption(plain(", ".join(entry.tags)))
        if len(history) > MOST_SHOWN:
            st.caption(f"The newest {MOST_SHOWN} of {len(history)}; the CSV file has all.")


def _give(case: Case, verdict: str, after: Callable[[], None]) -> None:
    desk = words.desk()

    def give() -> Entry:
        allowed(case.photo.path)
        before = next(reversed(_verdicts().history(case.photo)), None)
        note, tags = words.of(case, before)
        author, goes_on = words.author(), words.goes_on()
        same = before is not None and (before.verdict, before.author, before.note, before.tags) == (
            verdict, author, note.strip(), tags
        )  # fmt: skip
        entry = before if before and same else _verdicts().give(case.photo, verdict, author, note, tags)
        desk.judged = f"{VERDICTS[verdict].capitalize()}: {plain(shown(case.photo.path.name))}" if goes_on else ""
        return entry

    with _ONE_AT_A_TIME:
        if desk.case != case.name:
            return  # a key pressed again before the next image came: it was not meant for this one
        if (desk.judged or _done(case, give)) and desk.judged:  # judged already: the next key ended that run early
            st.session_state[GIVEN] = desk.judged
            after()
            desk.case = desk.judged = ""


def _save(case: Case) -> None:
    """Repeat the current verdict with the note and tags on the page."""
    def give() -> Entry:
        before = _verdicts().history(case.photo)[-1]
        note, tags = words.of(case, before)
        return _verdicts().give(case.photo, before.verdict, words.author(), note, tags)

    _done(case, give)


def _undo(case: Case) -> None:
    newest = case.newest
    assert newest is not None
    _done(case, lambda: _verdicts().undo(newest, words.author()))


def _done(case: Case, act: Callable[[], Entry]) -> bool:
    """Whether `act` succeeded; otherwise the panel says why and keeps what was typed."""
    try:
        words.saved(case, act())
    except PatchCoreError as error:
        words.refused(case, str(error))
        return False
    return True


def _verdicts() -> Verdicts:
    return Verdicts(cache.store().root)


def photo_of(run: Run, row: Mapping[Hashable, Any]) -> Photo:
    """The photo of an image in one row of the run's table, as verdicts are kept for it."""
    return Photo(Path(row["path"]), int(row["label"]), str(row["defect_type"]), run.category, row.get("sha256", ""))


@cache.of_run(max_entries=64, ttl=600)  # a photo out of reach may come back
def _latest(run: Run, revision: int, _images: pd.DataFrame) -> dict[int, Entry]:  # noqa: ARG001  (the key)
    return _verdicts().latest([photo_of(run, row) for row in _images.to_dict("records")])


@cache.of_run(max_entries=512, ttl=600)
def _history(run: Run, revision: int, index: int, _photo: Photo) -> tuple[Entry, ...]:  # noqa: ARG001  (the key)
    return _verdicts().history(_photo)


@st.cache_resource(max_entries=8, show_spinner=False)
def _used_tags(root: str, revision: int) -> list[str]:  # noqa: ARG001
    return used_tags(Verdicts(root).entries())
