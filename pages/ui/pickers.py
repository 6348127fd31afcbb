"""Choosing runs; the choice is in the address, so that a copied link opens the same view."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

import streamlit as st

from pages.ui import cache, states
from pages.ui.components.choice import choice
from pages.ui.format import run_labels
from patchcore_core.runs.store import Run

FORGET = ("image", "threshold", "pixel_threshold", "review_from", "zoom", "limits")  # mean nothing for another run


def finished_run() -> Run | None:
    """The finished run named by ?run=, the newest one where none is named; None where `run_picker` has to say why not.

    Ends the page with a sentence where the store cannot be read.
    """
    with states.errors_in_place():
        finished = [run for run in cache.load_runs() if run.status == "finished"]
    wanted = st.query_params.get("run")
    return next((run for run in finished if wanted in (None, "", run.id)), None)


def run_picker(*, key: str = "run_picker", forget: Sequence[str] = ()) -> Run:
    """The run named by ?run=, chosen from a list; always a finished run.

    Draws the empty, unknown, running or failed state and ends the page where there is no such run.
    Without ?run= the newest finished run is taken. Choosing another run drops the address parameters named in
    `forget` (an image of the old run, say; not those bound to a widget). The list appears where it is called.
    """
    with states.errors_in_place():
        runs = {run.id: run for run in cache.load_runs()}
    finished = [run.id for run in runs.values() if run.status == "finished"]
    wanted = st.query_params.get("run") or next(iter(finished), None)
    if wanted is None:
        _stop_without_run(tuple(runs.values()))
    options = finished if wanted in finished else [wanted, *finished]
    listed = [runs[name] for name in options if name in runs]
    known = dict(zip((run.id for run in listed), run_labels(listed, called=cache.run_names()), strict=True))
    labels = {name: known.get(name, f"{name} (unknown)") for name in options}
    choice("Run", labels, wanted, key=key, on_choose=lambda name: _to_address(name, forget))
    if wanted not in runs:
        states.unknown_run(wanted)
        st.stop()
    states.require_finished(runs[wanted])
    return runs[wanted]


def runs_picker(label: str = "Runs", *, key: str = "runs_picker") -> tuple[list[Run], list[str]]:
    """The finished runs named by ?runs=ID,ID in that order, and the named ids that cannot be compared.

    Draws the empty state and ends the page where no run is finished.
    """
    with states.errors_in_place():
        listed = cache.load_runs()
    runs = {run.id: run for run in listed if run.status == "finished"}
    if not runs:
        _stop_without_run(listed)
    named = [name for name in st.query_params.get("runs", "").split(",") if name]
    st.session_state[key] = [name for name in dict.fromkeys(named) if name in runs]
    labels = dict(zip(runs, run_labels(list(runs.values()), called=cache.run_names()), strict=True))
    chosen = st.multiselect(label, list(runs), key=key, on_change=_list_to_address, args=(key,),
                            format_func=lambda name: labels[name],
                            placeholder="Choose runs")
    return [runs[name] for name in chosen], [name for name in dict.fromkeys(named) if name not in runs]


def _stop_without_run(runs: Sequence[Run]) -> NoReturn:
    alive = [run for run in runs if run.alive]
    if alive:
        states.running(alive[-1])
    else:
        states.empty_store()
    st.stop()


def _to_address(run: str, forget: Sequence[str]) -> None:
    st.query_params["run"] = run
    for name in forget:
        st.query_params.pop(name, None)


def _list_to_address(key: str) -> None:
    st.query_params["runs"] = ",".join(st.session_state[key])
