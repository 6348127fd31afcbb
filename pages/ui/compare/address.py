"""Choices on Compare that stand in the address: copied, it shows the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import streamlit as st

from patchcore_core.data.images import shown


def one_of(label: str, name: str, options: Mapping[str, str], default: str = "", *, buttons: bool = False,
           help: str | None = None, width: int | Literal["stretch"] = 320, forget: Sequence[str] = ()) -> str:
    """One of the options, value -> words (plain text, with `buttons` Markdown), in the address as `name` unless it is
    the default (that of no default is the first). As a list of this width, or with `buttons` as a row of them. What
    means nothing with another choice is taken out of the address: `forget`."""
    usual = default if default in options else next(iter(options))
    key = f"compare_{name}"
    wanted = st.query_params.get(name, usual)
    st.session_state[key] = wanted if wanted in options else usual
    told: dict[str, Any] = {"key": key, "on_change": _tell_one, "args": (name, usual, forget),
                            "help": help, "format_func": options.__getitem__}  # fmt: skip
    if buttons:
        return st.segmented_control(label, list(options), required=True, label_visibility="collapsed", wrap=True,
                                    **told)
    return st.selectbox(label, list(options), width=width, **told)


def some_of(label: str, name: str, options: Sequence[str]) -> list[str]:
    """Any number of the options, in the address as `name`, once for each."""
    key = f"compare_{name}"
    st.session_state[key] = [value for value in dict.fromkeys(st.query_params.get_all(name)) if value in options]
    return st.multiselect(label, options, key=key, on_change=_tell_some, args=(name,), placeholder="all",
                          format_func=shown)


def text(label: str, name: str, placeholder: str = "") -> str:
    """Free text, in the address as `name`."""
    key = f"compare_{name}"
    st.session_state[key] = st.query_params.get(name, "")
    return st.text_input(label, key=key, on_change=_tell_one, args=(name, "", ()), placeholder=placeholder)


def _tell_one(name: str, usual: str, forget: Sequence[str]) -> None:
    value = st.session_state[f"compare_{name}"]
    if value in (None, usual):
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = value
    for other in forget:
        st.query_params.pop(other, None)


def _tell_some(name: str) -> None:
    st.query_params[name] = st.session_state[f"compare_{name}"]
    if not st.session_state[f"compare_{name}"]:
        st.query_params.pop(name, None)
