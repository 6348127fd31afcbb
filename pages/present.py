"""Present: one run, or several of one category, in plain words for a projector."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui import cache, states
from pages.ui.format import run_label
from pages.ui.frame import page_header
from pages.ui.markdown import plain
from pages.ui.pickers import run_picker
from pages.ui.present import address
from pages.ui.present import shown as present_shown
from pages.ui.present.face import present
from patchcore_core.exports.names import safe
from patchcore_core.exports.present.show import MOST_RUNS, chosen_rows
from patchcore_core.runs.store import Run

READY = "present_ready"  # in the session: the key of what has its evidence


def main() -> None:
    header = page_header("Present")
    with header:
        run = run_picker(key="present_run", forget=address.FORGET)
        address.set_run(run.id)  # a copied link names its run
        others = _others(run)
    with states.errors_in_place(run, *others):
        _present([run, *others], header)


def _others(run: Run) -> list[Run]:
    """The further runs of the address, finished ones of this category, and the field to choose them."""
    with states.errors_in_place():
        runs = {one.id: one for one in cache.load_runs()
                if one.status == "finished" and one.category == run.category and one.id != run.id}
    wanted = [name for name in dict.fromkeys(address.others()) if name in runs][:MOST_RUNS - 1]
    if runs:
        st.session_state["present_with"] = wanted
        st.multiselect("Compare with", list(runs), key="present_with", max_selections=MOST_RUNS - 1,
                       format_func=lambda name: run_label(runs[name], tuple(runs.values())),
                       on_change=lambda: address.set_others(st.session_state["present_with"]),
                       placeholder="Compare with", label_visibility="collapsed")
    return [runs[name] for name in wanted]


def _present(chosen: Sequence[Run], header: DeltaGenerator) -> None:
    runs = [present_shown.presented(run) for run in chosen]
    rows = chosen_rows(runs[0], address.examples())
    key = present_shown.key_of(runs, rows)
    ready = st.session_state.get(READY) == key
    found = present_shown.shown(key, runs, rows, evidence=ready)
    names = runs[0].names
    with header:
        st.download_button(
            "Report", lambda: present_shown.report(runs, [names[row] for row in rows], address.prices()),
            f"{safe(runs[0].run.category)}-report.html", "text/html", on_click="ignore", icon=":material/download:",
            help="All of this as one file that opens without a network, with the images to look into.",
        )  # fmt: skip
    present(
        found.served(), address.screen(), address.prices(), present_shown.candidates(runs[0]),
        [names[row] for row in rows], key="present", label="Presentation", on_at=address.set_screen,
        on_prices=address.set_prices, on_chosen=address.set_examples,
    )  # fmt: skip
    if found.lacking:
        st.caption(plain(f"The evidence is left out: {found.lacking}"))
    if not ready:
        with st.spinner("Looking for the most similar spots of good photos …"):
            present_shown.shown(key, runs, rows, evidence=True)
        st.session_state[READY] = key
        st.rerun()


main()
