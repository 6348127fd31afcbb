"""Review, verdicts: the author, and the note and tags on the page until they are saved.

What a visitor typed is kept per image for the session, until it is saved. Setting a widget's value overwrites text that
is being typed, so values are set only when an image is opened or saved.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import streamlit as st

from pages.ui.markdown import plain
from patchcore_core.reviews.verdicts import Entry, Photo
from patchcore_core.reviews.words import LONGEST, MOST_TAGS

AUTHOR, GO_ON, DESK, REFUSED = "verdict_author", "verdict_go_on", "verdict_desk", "verdict_refused"
NOTE, TAGS, BEGUN = "verdict_note_", "verdict_tags_", "verdict_begun_"  # and the name of the case
STAY, NEXT = "stay here", "next image"
NOTE_HEIGHT = 90  # pixels


@dataclass(frozen=True)
class Case:
    """An image on the page: its unique `name`, and `newest`, its last entry that the page knows."""

    name: str
    photo: Photo
    newest: Entry | None


@dataclass
class Desk:
    """The image that a visitor reviews. Streamlit may end a run, callbacks too, at any access to the session state;
    changes of one object are not interrupted.
    """

    case: str = ""  # its name
    judged: str = ""  # the verdict just given, in words: the next image is due


def desk() -> Desk:
    """The desk of this visitor."""
    return st.session_state.setdefault(DESK, Desk())


def author() -> str:
    """The author: as typed, else PATCHCORE_AUTHOR, else the login name for a visitor on this machine, else ""."""
    if AUTHOR not in st.session_state:
        st.session_state[AUTHOR] = os.environ.get("PATCHCORE_AUTHOR", "") or _login()
    return str(st.session_state[AUTHOR]).strip()


def ask_author() -> None:
    """The field for the author, kept for the session."""
    st.text_input("Your name", key=AUTHOR, max_chars=LONGEST["author"], persist_state="session",
                  placeholder="Verdicts need a name",
                  help="Recorded with each verdict. Kept until you close or reload the page.")


def keep(case: Case) -> None:
    """Set note and tags before they are drawn: as this visitor left them, else as last saved."""
    state, now = st.session_state, desk()
    arrived = now.case != case.name
    now.case, now.judged = case.name, ""
    if arrived:
        state.pop(REFUSED, None)
    if not {NOTE + case.name, TAGS + case.name, BEGUN + case.name} <= set(state) or (arrived and not _edited(case)):
        _set(case, case.newest)


def ask_words(case: Case, used: Sequence[str]) -> None:
    """The fields for note and tags; `used` tags are offered."""
    left, right = st.columns([3, 2], gap="small")
    left.text_area("Note", key=NOTE + case.name, height=NOTE_HEIGHT, persist_state="session",
                   placeholder="For colleagues")
    right.multiselect("Tags", used, key=TAGS + case.name, accept_new_options=True, max_selections=MOST_TAGS,
                      persist_state="session", placeholder="Choose or type")


def of(case: Case, before: Entry | None) -> tuple[str, tuple[str, ...]]:
    """Note and tags to save: each as on the page if the visitor changed it, else as in `before`."""
    typed, begun = _on_page(case), st.session_state[BEGUN + case.name]
    stored = (before.note, before.tags) if before is not None else ("", ())
    return (typed[0] if typed[0] != begun[0] else stored[0]), (typed[1] if typed[1] != begun[1] else stored[1])


def saved(case: Case, entry: Entry) -> None:
    """After an entry was saved: show its note and tags, and no error."""
    _set(case, entry)
    st.session_state.pop(REFUSED, None)


def refused(case: Case, sentence: str) -> None:
    """Remember why saving failed, until something is saved or another image is opened."""
    st.session_state[REFUSED] = (case.name, sentence)


def error_of(case: Case) -> None:
    """Say why the last attempt failed, if it did."""
    name, sentence = st.session_state.get(REFUSED, ("", ""))
    if name == case.name:
        kept = " Your note is still here." if _on_page(case)[0] else ""
        st.error(f"Not saved: {plain(sentence)}.{kept}", icon=":material/error:")


def goes_on() -> bool:
    """Whether a verdict leads to the next image."""
    return st.session_state.get(GO_ON) == NEXT


def ask_to_go_on() -> None:
    """The choice of `goes_on`; buttons, since Streamlit ignores shortcut keys while a toggle has the focus."""
    st.caption("After a verdict", width="content")
    st.segmented_control("After a verdict", [STAY, NEXT], default=STAY, required=True, key=GO_ON,
                         persist_state="session", label_visibility="collapsed",
                         help="With *next image*, one key per image is enough.")


def _login() -> str:
    if st.context.ip_address is not None:  # the login name of this machine is not that of a visitor elsewhere
        return ""
    with suppress(OSError, KeyError, ImportError):
        return getpass.getuser()
    return ""


def _on_page(case: Case) -> tuple[str, tuple[str, ...]]:
    return str(st.session_state[NOTE + case.name] or ""), tuple(st.session_state[TAGS + case.name])


def _edited(case: Case) -> bool:
    return _on_page(case) != st.session_state[BEGUN + case.name]


def _set(case: Case, entry: Entry | None) -> None:
    note, tags = (entry.note, entry.tags) if entry is not None else ("", ())
    st.session_state[NOTE + case.name], st.session_state[TAGS + case.name] = note, list(tags)
    st.session_state[BEGUN + case.name] = (note, tags)
