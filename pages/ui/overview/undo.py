"""What a visitor did last to runs on Overview, and the button that takes it back by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import streamlit as st

from pages.ui import cache
from pages.ui.markdown import plain
from pages.ui.review.events import author
from pages.ui.sign_in import visitor
from patchcore_core.errors import PatchCoreError, UnknownRunError
from patchcore_core.reviews.run_labels import RunLabels, RunLabelsOf
from patchcore_core.runs.keeping.trash import KEPT_DAYS, delete_run, restore_run

DONE, TROUBLE = "overview_done", "overview_trouble"


@dataclass(frozen=True)
class Done:
    """What was done, as in `Undo: delete tile`: runs that were deleted, or labels that were changed."""

    words: str
    deleted: tuple[str, ...] = ()
    labels: tuple[RunLabels, ...] = ()


def who() -> str:
    """Under which name labels of this visitor are stored."""
    return visitor.name() or author.of_visitor() or "a visitor"


def delete(run_ids: Sequence[str], words: str) -> None:
    """Move these runs into the trash; what was moved before one could not be stays undoable."""
    gone: list[str] = []
    try:
        for run_id in run_ids:
            with suppress(UnknownRunError):  # somebody else was quicker
                gone.append(delete_run(cache.store().root, run_id).id)
    finally:
        if gone:
            st.session_state[DONE] = Done(words, deleted=tuple(gone))


def relabel(changes: Sequence[tuple[str, Mapping[str, object]]], words: str) -> None:
    """Change the labels of runs by id."""
    labels, made = RunLabelsOf(cache.store().root), list[RunLabels]()
    try:
        for run_id, change in changes:
            made.append(labels.change(run_id, who(), **change))
    finally:
        if made:
            st.session_state[DONE] = Done(words, labels=tuple(made))


def draw() -> None:
    """The button for what was done last; nothing where nothing was. What could not be taken back is said once."""
    if trouble := st.session_state.pop(TROUBLE, None):
        st.error(plain(trouble), icon=":material/error:")
    done: Done | None = st.session_state.get(DONE)
    if done is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="overview_undo"):
        if st.button(f"Undo: {plain(done.words)}", icon=":material/undo:"):
            st.session_state.pop(DONE)
            try:
                _take_back(done)
            except PatchCoreError as error:
                st.session_state[TROUBLE] = str(error)
            st.rerun()
        if done.deleted:
            st.caption(f"The trash below keeps deleted runs for {KEPT_DAYS} days.")


def _take_back(done: Done) -> None:
    """Take back all that can be; the first error is raised afterwards."""
    root, failed = cache.store().root, list[PatchCoreError]()
    back: list[Callable[[], object]] = [partial(restore_run, root, run_id) for run_id in done.deleted]
    back += [partial(RunLabelsOf(root).undo, entry, who()) for entry in done.labels]
    for take in back:
        try:
            take()
        except PatchCoreError as error:
            failed.append(error)
    if failed:
        raise failed[0]
