"""Review, verdicts: who speaks, and the note and tags as they stand on the page until they are saved.

What a visitor typed is kept for the whole session, image by image, and is only replaced by what was saved. Streamlit
overwrites text that is being typed when a page sets a widget's value, so a value is set when an image comes to the
page, or was saved, and at no other time.
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
    """An image on the page: `name` tells it from all others, `newest` is the last entry that the page knows of it."""

    name: str
    photo: Photo
    newest: Entry | None


@dataclass
class Desk:
    """Which image lies before a visitor. Streamlit may end a run, callbacks too, wherever the session's state is
    read or written; changes of one object are not ended half-way.
    """

    case: str = ""  # its name
    judged: str = ""  # it has its verdict, in these words, and shall give way to the next image


def desk() -> Desk:
    """That of this visitor."""
    return st.session_state.setdefault(DESK, Desk())


def author() -> str:
    """Who speaks: as typed, else PATCHCORE_AUTHOR, else the login name for a visitor on this machine, else ""."""
    if AUTHOR not in st.session_state:
        st.session_state[AUTHOR] = os.environ.get("PATCHCORE_AUTHOR", "") or _login()
    return str(st.session_state[AUTHOR]).strip()


def ask_author() -> None:
    """The field for it, kept while the visitor stays."""
    st.text_input("Your name", key=AUTHOR, max_chars=LONGEST["author"], persist_state="session",
                  placeholder="Verdicts are given under a name",
                  help="Stands beside every verdict that you give. It is kept until you close or reload the page.")


def keep(case: Case) -> None:
    """Make note and tags ready before they are drawn: as this visitor left them, else those that were saved last."""
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
                   placeholder="What a colleague should know")
    right.multiselect("Tags", used, key=TAGS + case.name, accept_new_options=True, max_selections=MOST_TAGS,
                      persist_state="session", placeholder="Choose or type")


def of(case: Case, before: Entry | None) -> tuple[str, tuple[str, ...]]:
    """Note and tags to save: each as it stands on the page if the visitor changed it, else that of `before`."""
    typed, begun = _on_page(case), st.session_state[BEGUN + case.name]
    stored = (before.note, before.tags) if before is not None else ("", ())
    return (typed[0] if typed[0] != begun[0] else stored[0]), (typed[1] if typed[1] != begun[1] else stored[1])


def saved(case: Case, entry: Entry) -> None:
    """After an entry: its words stand on the page, and no error does."""
    _set(case, entry)
    st.session_state.pop(REFUSED, None)


def refused(case: Case, sentence: str) -> None:
    """Remember why something could not be saved, until something is, or another image comes to the page."""
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
    """The choice of it: of buttons, since Streamlit hears no key while a switch has the focus."""
    st.caption("After a verdict", width="content")
    st.segmented_control("After a verdict", [STAY, NEXT], default=STAY, required=True, key=GO_ON,
                         persist_state="session", label_visibility="collapsed",
                         help="If the next image comes by itself, one key is enough for each.")


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
