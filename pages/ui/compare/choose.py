"""Compare: which runs, by name or by what they are; the choice is in the address."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from pages.ui.compare import address
from pages.ui.compare.entries import archived, entries_of
from pages.ui.compare.runs import MOST_RUNS, named_runs, suggest
from pages.ui.markdown import plain
from patchcore_core.runs.store import Run
from patchcore_core.views.comparison.entries import FACTS, choices, passing

BY = {"name": "by name", "filter": "by filter"}
TITLES = {"category": "Category", "backbone": "Backbone", "layers": "Layers", "coreset": "Coreset",
          "size": "Image size", "k": "Neighbours", "sweep": "Sweep", "tag": "Tag"}  # fmt: skip


def choose(stored: Sequence[Run]) -> list[Run]:
    """Two finished runs or more; draws the state and ends the page where there are fewer.

    Without a choice in the address: the two newest of one dataset in a small store, else all of the newest category
    that has several.
    """
    finished = [run for run in stored if run.status == "finished"]
    if not any(name in st.query_params for name in ("runs", "text", *FACTS, "by")):
        _begin(finished)
    by = "name" if "runs" in st.query_params or len(finished) < 2 else "filter"
    if len(finished) > 1:
        _switch(by, finished)
    if by == "name":
        return named_runs()
    chosen = _filtered(finished)
    if len(chosen) < 2:
        st.info(f"{len(chosen) or 'No'} finished run{'' if len(chosen) == 1 else 's'} with these properties; a "
                "comparison needs two.", icon=":material/compare_arrows:")
        st.stop()
    return chosen


def _begin(finished: Sequence[Run]) -> None:
    if len(finished) <= MOST_RUNS:
        suggest(finished)
        return
    hidden = archived()
    counts = Counter(run.category for run in finished if run.id not in hidden)
    several = next((run.category for run in finished if counts[run.category] > 1), None)
    st.query_params.update({"by": "filter"} if several is None else {"category": several})


def _switch(by: str, finished: Sequence[Run]) -> None:
    """The row of buttons that turns the choice by name into one by filter, and back."""
    st.session_state["compare_by"] = by
    st.segmented_control("Runs", list(BY), key="compare_by", required=True, format_func=BY.__getitem__,
                         label_visibility="collapsed", on_change=_change, args=(tuple(finished),))


def _change(finished: tuple[Run, ...]) -> None:
    if st.session_state["compare_by"] == "filter":
        named = st.query_params.pop("runs", "").split(",")
        st.query_params["by"] = "filter"
        st.query_params["category"] = sorted({run.category for run in finished if run.id in named})
        return
    shown = passing(entries_of(finished), _in_address(), st.query_params.get("text", ""))
    for name in ("by", "text", *FACTS):
        st.query_params.pop(name, None)
    st.query_params["runs"] = ",".join(one.id for one in shown[:MOST_RUNS])


def _in_address() -> dict[str, list[str]]:
    return {name: st.query_params.get_all(name) for name in FACTS}


def _filtered(finished: Sequence[Run]) -> list[Run]:
    hidden = archived()
    entries = [one for one in entries_of(finished) if one.id not in hidden]
    words = choices(entries)
    with st.grid(len(words) + 1, min_column_width=170, gap="small") as grid:
        for name, options in words.items():
            with grid.cell():
                address.some_of(TITLES[name], name, options)
        with grid.cell():
            text = address.text("Text", "text", "name, tag, setting, id")
    kept = {one.id for one in passing(entries, _in_address(), text)}
    unknown = [f"{TITLES[name]} {plain(word)}" for name, wanted in _in_address().items() for word in wanted
               if word not in words.get(name, [])]
    said = f"{len(kept)} of {len(entries)} finished runs"
    if put_away := len(finished) - len(entries):
        said += f" ({put_away} archived, not counted)"
    st.caption(f"{said}; unknown here: {', '.join(unknown)}" if unknown else said)
    return [run for run in finished if run.id in kept]
