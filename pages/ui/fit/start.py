"""Fit: starting the jobs, and following those that the address names."""

from __future__ import annotations

import streamlit as st

from pages.ui import cache, states
from pages.ui.access import allowed_roots
from pages.ui.fit.plan import Plan
from pages.ui.format import below
from pages.ui.frame import go_to, link_to, say_on_the_next_page
from pages.ui.jobs.card import sweep_card, sweeps_of
from pages.ui.markdown import plain
from patchcore_core.data.samples import Dataset
from patchcore_core.errors import PatchCoreError
from patchcore_core.fitting.sweep.planned import planned
from patchcore_core.jobs import jobs
from patchcore_core.runs.store import Run, RunStore

MOST_SAID = 3  # notes in a toast


def start(plan: Plan) -> None:
    """Start a job, or a sweep of several, or reuse existing runs; a single finished one opens in Review."""
    store = cache.store()
    try:
        with st.spinner("Starting …"):
            ids = _asked(store, plan)
            runs = [store.get(name) for name in ids]
    except PatchCoreError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    if len(runs) == 1 and runs[0].status == "finished":
        say_on_the_next_page(reused(runs[0], plan[0][0]))
        go_to("review", run=runs[0].id)
    st.query_params["jobs"] = ",".join(dict.fromkeys(ids))
    st.rerun()


def _asked(store: RunStore, plan: Plan) -> list[str]:
    if len(plan) == 1:
        ((dataset, config),) = plan
        return [jobs.start(store, dataset.root, dataset.category, config, excluded=dataset.excluded,
                           within=allowed_roots())]  # fmt: skip
    runs = store.list()
    plans = [planned(dataset, config, runs) for dataset, config in plan]
    return [*jobs.start_sweep(store, plans, allowed_roots()).runs]


def reused(run: Run, dataset: Dataset) -> str:
    """The message for a reused run, as Markdown, with the notes on its data."""
    words = "These images were already fitted with these settings; this is that run"
    elsewhere = "" if run.dataset == str(dataset.root) else f", made from {plain(run.dataset)}"
    notes = [f"- {plain(below(dataset.root, sentence))}" for sentence in dataset.warnings[:MOST_SAID]]
    if len(dataset.warnings) > MOST_SAID:
        notes.append(f"- {len(dataset.warnings) - MOST_SAID} more notes on these images on Fit")
    return "\n".join([f"{words}{elsewhere}.", *notes])


def draw_started() -> None:
    """The jobs named in the address: live progress, then links to Review."""
    ids = [name for name in st.query_params.get("jobs", "").split(",") if name]
    if not ids:
        return
    with states.errors_in_place():
        runs = {name: run for name in ids if (run := states.known_run(name)) is not None}
        sweeps = sweeps_of(ids)
    st.subheader("Started", anchor=False)
    for name in sweeps:
        sweep_card(name)
    alone = [run for run in runs.values() if not any(run.id in named for named in sweeps.values())]
    states.job_list(alone)
    for name in ids:
        if name not in runs:
            states.unknown_run(name)
    finished = [name for name in ids if name in runs and runs[name].status == "finished"]
    if len(finished) > 1:
        link_to("compare", f"Compare these {len(finished)} runs", icon=":material/compare_arrows:",
                runs=",".join(finished))
