"""What every page shares: the page list, the header, and links from one page to another."""

from __future__ import annotations

import gc
from typing import Any, NoReturn
from urllib.parse import urlencode

import streamlit as st
from PIL import Image
from streamlit.delta_generator import DeltaGenerator

from pages.ui.media.address import prefix
from pages.ui.server import answer_at_once
from pages.ui.sign_in import visitor
from patchcore_core.views.colours import rgb

# name -> (file, title, help); the file's stem is the page's address. No icons here and none by name in the browser
# tab: Streamlit would fetch those from a server on the internet.
PAGES: dict[str, tuple[str, str, str]] = {
    "overview": ("pages/overview.py", "Overview", "All runs and jobs in one table."),
    "fit": ("pages/fit.py", "Fit", "Fit memory banks on folders of images."),
    "review": ("pages/review.py", "Review", "Review one run: curves, thresholds, images."),
    "compare": ("pages/compare.py", "Compare", "Which run is best, what a setting does, what quality costs."),
    "inspect_image": ("pages/inspect_image.py", "Inspect", "Score a new image with a run."),
    "memory_bank": ("pages/memory_bank.py", "Memory bank", "The patches that a run compares with."),
    "training_photos": ("pages/training_photos.py", "Training photos", "Good photos that may not be good."),
    "present": ("pages/present.py", "Present", "A run in plain words, for a projector."),
}
SAID = "frame_said"  # a toast for the next page
LONGEST_NAME = 24  # characters of a visitor's name in the menu


def navigation() -> st.Page:
    """Declare the pages to Streamlit and return the one that the address asks for.

    With a sign-in the last one is the visitor's account; before it there is no menu.
    """
    pages = [st.Page(file, title=title, help=note) for file, title, note in PAGES.values()]
    if name := visitor.name():
        short = name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
        pages.append(st.Page(_account, title=short, url_path="account", help="Sign out"))
    return st.navigation(pages, position="top" if visitor.may_enter() else "hidden")


def _account() -> None:
    page_header("Account")
    visitor.draw_account()


def page_header(title: str, subtitle: str = "") -> DeltaGenerator:
    """First call of every page: browser title, wide layout, and the header line, which is returned. It ends the page
    for a visitor who has to sign in first.

    Declares the pages again: on a server where app.py has not run yet, Streamlit answers a deep link with the page's
    file alone, and this call brings the menu.
    """
    navigation()
    _settle(title)
    st.set_page_config(
        page_title=f"{title} · PatchCore Explorer",
        page_icon=_tab_icon(),
        layout="wide",
        initial_sidebar_state="collapsed",
    )
    visitor.require()
    line = st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="page_header")
    with line:
        st.title(title, anchor=False, width="content")
        if subtitle:
            st.caption(subtitle, width="content")
    if said := st.session_state.pop(SAID, None):
        st.toast(said, icon=":material/history:", duration="long")
    return line


def say_on_the_next_page(markdown: str) -> None:
    """Show a toast on the next page; drawn before `go_to`, it would often be lost."""
    st.session_state[SAID] = markdown


def go_to(page: str, **query: Any) -> NoReturn:
    """Leave for another page by its name in `PAGES`, e.g. `go_to("review", run=run.id)`."""
    st.switch_page(PAGES[page][0], query_params=_address(query))


def link_to(page: str, label: str, *, icon: str | None = None, **query: Any) -> None:
    """A link to another page by its name in `PAGES`, e.g. `link_to("review", "Open", run=run.id)`."""
    st.page_link(PAGES[page][0], label=label, icon=icon, query_params=_address(query))


def address_of(page: str, **query: Any) -> str:
    """The address of a page by its name in `PAGES`, from the root of the server, for links in our own widgets."""
    return f"{prefix()}/{page}?{urlencode(_address(query), doseq=True)}"


def _address(query: dict[str, Any]) -> dict[str, str | list[str]]:
    """Parameters of an address; a list or tuple names its parameter once for each value."""
    return {name: [str(one) for one in value] if isinstance(value, list | tuple) else str(value)
            for name, value in query.items()}


@st.cache_resource(show_spinner=False)
def _settle(title: str) -> None:  # noqa: ARG001  (once for each page of a server)
    """Set TCP_NODELAY, and freeze what the page has loaded for the garbage collector.

    Streamlit collects garbage after every run; traversing all loaded modules takes several times as long as the run.
    """
    answer_at_once(st.get_option("server.port"))
    gc.collect()
    gc.freeze()


def _tab_icon() -> Image.Image:
    """Nine patches, one of them defective."""
    icon = Image.new("RGBA", (32, 32))
    for row in (0, 11, 22):
        for column in (0, 11, 22):
            icon.paste(rgb("defective" if (row, column) == (11, 22) else "good"), (column, row, column + 10, row + 10))
    return icon
