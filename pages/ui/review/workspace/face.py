"""Review as one widget, and the one beside it that carries what Python must do.

What both exchange with Python is in patchcore_core/views/web/workspace/data.js.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from pages.ui.components.mount import component
from patchcore_core.views import web
from patchcore_core.views.colours import COLOURS, INFERNO

CHILDREN = ("cost_form", "curves", "drawers", "evidence", "figure_table", "filter_bar", "findings", "first_line",
            "gallery", "operating_point", "region_table", "tally", "teaching", "threshold_strip", "verdict_panel",
            "view_list", "viewer")
# Fills the window below Streamlit's menu, whose own style of a component's host has a height of 100 %.
PLACE = ":host { position: fixed; inset: 3.75rem 0 0 0; height: auto !important; z-index: 1; }"
_mount = component("workspace", css=PLACE)
_mount_post = component("workspace/post", states=("outbox",))


@dataclass(frozen=True)
class Outbox:
    """The id of an outbox, the run that it is about, its entries that are well formed, in order, the state of the
    verdicts that the browser has (`Told` of data.js), and the numbers of the questions whose answers it has heard."""

    id: str
    run: str
    entries: Sequence[Mapping[str, Any]]
    known: str = ""
    heard: frozenset[int] = frozenset()


def workspace(data: Mapping[str, Any], *, key: str) -> None:
    """Draw the workspace; data: as `Data` of data.js, without colours and styles. What a person does there comes by
    `post` of the same key."""
    looks = {"colours": COLOURS, "inferno": INFERNO.tobytes().hex(),
             "styles": {child: web.css(child) for child in CHILDREN}}
    _mount(key=key, data={**looks, **data, "channel": key})


def outbox(key: str) -> Outbox:
    """What the workspace of this key wants done."""
    raw = _told(f"{key}_post")
    entries = raw.get("entries")
    known = [one for one in entries if _is_entry(one)] if isinstance(entries, list) else []
    heard = raw.get("heard")
    numbers = frozenset(seq for seq in heard if isinstance(seq, int)) if isinstance(heard, list) else frozenset()
    return Outbox(str(raw.get("id", "")), str(raw.get("run", "")), sorted(known, key=lambda one: one["seq"]),
                  str(raw.get("known", "")), numbers)


def post(told: Mapping[str, Any], *, key: str) -> None:
    """Answer the workspace of this key; told: as `Told` of data.js."""
    _mount_post(key=f"{key}_post", data={**told, "channel": key}, on_outbox_change=lambda: None)


def _told(key: str) -> dict[str, Any]:
    state = st.session_state.get(key)
    raw = state.get("outbox") if state else None
    return raw if isinstance(raw, dict) else {}


def _is_entry(one: object) -> bool:
    return (isinstance(one, dict) and isinstance(one.get("kind"), str) and isinstance(one.get("seq"), int)
            and not isinstance(one["seq"], bool) and one["seq"] > 0)
