"""A choice of one value, as a drop-down list or as a row of buttons.

Uses the browser's own fields: Streamlit's select box takes longer to load than all that Review shows first, and a page
is not painted before.
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
    """Draw the field with its label; `on_choose(value)` is called when another value is chosen.

    `options`: value -> plain text. `chosen`: the current value; None shows `unchosen`. With `buttons` the options form
    a row, and the label is only for screen readers.
    """  # fmt: skip
    data = {"label": label, "options": list(options.items()), "chosen": chosen or "", "unchosen": unchosen,
            "buttons": buttons}  # fmt: skip
    _mount(key=key, data=data, width="content" if buttons else "stretch",
           on_chosen_change=lambda: _choose(key, frozenset(options), on_choose))


def _choose(key: str, known: frozenset[str], on_choose: Callable[[str], None]) -> None:
    value = st.session_state[key].chosen
    if isinstance(value, str) and value in known:
        on_choose(value)
