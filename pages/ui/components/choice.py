"""One of several values, chosen from a list that opens or from buttons in a row.

The browser's own fields, since a page cannot be painted before Streamlit's select box has been loaded, which takes
longer than all that Review shows first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from pages.ui.components.mount import component

_mount = component("choice")


def choice(
    label: str, options: Mapping[str, str], chosen: str | None, *, key: str, on_choose: Callable[[str], None],
    unchosen: str = "", buttons: bool = False,
) -> None:
    """Draw the field under its label; `on_choose(value)` is called when another value is chosen.

    `options`: value -> words, which are shown as plain text. `chosen`: the value that stands there; None shows
    `unchosen`. With `buttons` the options stand in a row, as wide as they are, and the label is only read out.
    """  # fmt: skip
    data = {"label": label, "options": list(options.items()), "chosen": chosen or "", "unchosen": unchosen,
            "buttons": buttons}  # fmt: skip
    _mount(key=key, data=data, width="content" if buttons else "stretch",
           on_chosen_change=lambda: _choose(key, frozenset(options), on_choose))


def _choose(key: str, known: frozenset[str], on_choose: Callable[[str], None]) -> None:
    value = st.session_state[key].chosen
    if isinstance(value, str) and value in known:
        on_choose(value)
