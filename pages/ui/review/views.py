"""Review, header: views saved under a name, shared by all visitors of the store, and the link to what is shown."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlencode

import streamlit as st

from pages.ui import cache
from pages.ui.components.copy_link import copy_link
from pages.ui.components.mount import in_fragment
from pages.ui.components.view_list import ViewLink, view_list
from pages.ui.markdown import plain
from patchcore_core.errors import PatchCoreError
from patchcore_core.reviews.saved_views import LONGEST, SavedView, SavedViews
from patchcore_core.runs.store import Run

POPOVER, NAME, AUTHOR = "review_views", "review_view_name", "review_view_author"
DONE, REFUSED = "review_view_done", "review_view_refused"
SEEN = "review_view_seen"  # the address when the page was drawn last
NOBODY = "unnamed visitor"
MINE, OTHERS = "Views of this run", "Views of other runs"


def saved_views(run: Run, author: str = "") -> None:
    """A popover with the saved views, those of this run first: open, save what is shown, delete, undo.

    `author` is who saves; without one the popover asks for a name. The file is read only while the popover is open,
    and what is done there redraws nothing else.
    """
    _close_where_opened(run)
    with st.container(width="content"):  # a fragment alone would take the whole row
        _popover(run, author)


def copy_link_button() -> None:
    """A button that copies the browser's address."""
    copy_link(key="review_copy_link")


def address() -> str:
    """What the page has in its address, all of it, repeated parameters too."""
    return urlencode([(name, value) for name in st.query_params for value in st.query_params.get_all(name)])


def _close_where_opened(run: Run) -> None:
    """Close the popover where the address has just become that of a saved view, which the browser does by itself."""
    now, before = address(), st.session_state.get(SEEN)
    st.session_state[SEEN] = now
    if before in (None, now) or not st.session_state.get(POPOVER):
        return
    with suppress(PatchCoreError):  # the popover says it
        if now in {view.query for view in SavedViews(cache.store().root).list(run.id)}:
            st.session_state[POPOVER] = False


@st.fragment
def _popover(run: Run, author: str) -> None:
    popover = st.popover("Saved views", icon=":material/bookmarks:", key=POPOVER, on_change="rerun")
    if not popover.open:
        return
    with in_fragment(POPOVER), popover, st.container(width=360):
        _outcome(author)
        try:
            views = SavedViews(cache.store().root).list(run.id)
            _listed(run, views, author)
        except PatchCoreError as error:
            st.error(plain(str(error)), icon=":material/error:")
            return
        _form(author)


def _listed(run: Run, views: tuple[SavedView, ...], author: str) -> None:
    here = {run.id, *(one.id for one in cache.load_runs())}
    links = {view.name: _link(view, here) for view in views}
    if not views:
        st.caption("Nothing is saved yet. A saved view brings back the run, the image, the thresholds, the filters and "
                   "the zoom, for everybody who works with this store.")
        return
    groups = {MINE: [links[view.name] for view in views if view.run == run.id],
              OTHERS: [links[view.name] for view in views if view.run != run.id]}
    view_list(groups, key="review_view_list", on_delete=lambda name: _delete(name, author))


def _link(view: SavedView, here: set[str]) -> ViewLink:
    notes = ("its run is gone",) if view.run and view.run not in here else ()
    return ViewLink(view.name, view.query, view.author, view.saved_at, notes)


def _form(author: str) -> None:
    with st.form("review_save_view", border=False, enter_to_submit=True):
        st.text_input("Name of the view", key=NAME, max_chars=LONGEST["name"], placeholder="Missed scratches")
        if not author:
            st.text_input("Your name", key=AUTHOR, max_chars=LONGEST["author"])
        st.form_submit_button("Save this view", icon=":material/bookmark_add:", on_click=_save, args=(author,))


def _outcome(author: str) -> None:
    """What the last click did, with a way back, or why it was refused."""
    refused: str = st.session_state.pop(REFUSED, "")
    if refused:
        st.error(plain(refused), icon=":material/error:")
    done: SavedView | None = st.session_state.get(DONE)
    if done is not None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.text(f"{'Saved' if done.query else 'Deleted'}: \u2068{done.name}\u2069", width="stretch")
            st.button("Undo", key="review_view_undo", on_click=_undo, args=(done, author))


def _save(author: str) -> None:
    name, who = st.session_state[NAME], author or st.session_state[AUTHOR]
    if _tried(lambda views: views.save(name, address(), who)):
        st.session_state[NAME] = ""


def _delete(name: str, author: str) -> None:
    _tried(lambda views: views.delete(name, _who(author)))


def _undo(entry: SavedView, author: str) -> None:
    if _tried(lambda views: views.undo(entry, _who(author))):
        del st.session_state[DONE]


def _who(author: str) -> str:
    return author or st.session_state.get(AUTHOR, "").strip() or NOBODY


def _tried(change: Callable[[SavedViews], SavedView]) -> bool:
    """Make a change and keep what it did, or why it could not be, to be said in the next run."""
    try:
        st.session_state[DONE] = change(SavedViews(cache.store().root))
    except PatchCoreError as error:
        st.session_state[REFUSED] = str(error)
        return False
    return True
