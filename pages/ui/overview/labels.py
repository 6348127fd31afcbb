"""Name, tags and note of the ticked runs, in a panel with one button."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.ui import cache, states
from pages.ui.overview import undo
from pages.ui.overview.listed import Listed
from patchcore_core.data.images import shown
from patchcore_core.reviews.run_labels import RunLabelsOf
from patchcore_core.reviews.words import LONGEST


def edit(ticked: Sequence[Listed]) -> None:
    """One run: name, tags, note. Several: tags that are given to all of them or taken away."""
    with st.popover("Label", icon=":material/label:"):
        if len(ticked) == 1:
            _edit_one(ticked[0])
        else:
            _edit_several(ticked)


def _edit_one(one: Listed) -> None:
    key = f"{one.run.id}_{one.labels.id}"  # filled anew where the labels are others
    with st.form(f"overview_label_{key}", border=False):
        name = st.text_input("Name", one.labels.name, max_chars=LONGEST["name"], key=f"overview_name_{key}",
                             placeholder="what the run is called")
        tags = st.multiselect("Tags", _known(one.labels.tagged), one.labels.tagged, accept_new_options=True,
                              format_func=shown, key=f"overview_tags_{key}", placeholder="type a tag and press Enter")
        note = st.text_area("Note", one.labels.note, max_chars=LONGEST["note"], key=f"overview_note_{key}")
        if st.form_submit_button("Keep", type="primary"):
            with states.errors_in_place():
                undo.relabel([(one.run.id, {"name": name, "tags": tags, "note": note})], f"label {one.name}")
            st.rerun()


def _edit_several(ticked: Sequence[Listed]) -> None:
    key = "_".join(str(one.labels.id) for one in ticked)
    held = tuple(dict.fromkeys(tag for one in ticked for tag in one.labels.tagged))
    with st.form(f"overview_tag_{key}", border=False):
        more = st.multiselect("Give all of them the tags", _known(held), accept_new_options=True, format_func=shown,
                              key=f"overview_more_{key}", placeholder="type a tag and press Enter")
        less = st.multiselect("Take away the tags", held, format_func=shown, key=f"overview_less_{key}")
        if st.form_submit_button("Keep", type="primary"):
            changes = [(one.run.id, {"tags": _tags(one, more, less)}) for one in ticked]
            with states.errors_in_place():
                undo.relabel(changes, f"tag {len(ticked)} runs")
            st.rerun()


def _tags(one: Listed, more: Sequence[str], less: Sequence[str]) -> list[str]:
    return [tag for tag in dict.fromkeys((*one.labels.tagged, *more)) if tag not in less]


def _known(held: Sequence[str]) -> list[str]:
    """The tags of this store, those that are held among them."""
    tags = (tag for labels in RunLabelsOf(cache.store().root).all().values() for tag in labels.tagged)
    return sorted({*tags, *held}, key=str.casefold)
