"""Choices on a page of their own: a list, and a row of buttons, beside a button of Streamlit's with a key.

In the address: what is `chosen` at first, nothing where it is missing. What Python has been told stands in the element
of the key `told`, as JSON.
"""

from __future__ import annotations

import json

import streamlit as st

from pages.ui.components.choice import choice

HOSTILE = "<img src=x onerror=document.body.dataset.harmed=1> **b** \u05d0\u202egnp.exe " + "u\u0301\u0302" * 90
WORDS = {"b": "beta", "1": "one", "hostile": HOSTILE, "a": "alpha"}

state, query = st.session_state, st.query_params
state.setdefault("list", query.get("chosen"))
state.setdefault("row", "images")
choice("Greek", WORDS, state["list"], key="greek", unchosen="by hand", on_choose=lambda name: state.update(list=name))
choice("Level", {"images": "images", "pixels": "pixels"}, state["row"], key="level", buttons=True,
       on_choose=lambda name: state.update(row=name))
if st.button("Agree", shortcut="b"):
    state["agreed"] = state.get("agreed", 0) + 1
state["reruns"] = state.get("reruns", 0) + 1
with st.container(key="told"):
    st.text(json.dumps({name: state.get(name) for name in ("list", "row", "agreed", "reruns")}))
