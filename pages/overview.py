"""Overview: all runs, running jobs, and the first start."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.ui import cache, states
from pages.ui.access import why_unchanged
from pages.ui.frame import go_to, page_header
from pages.ui.jobs.card import sweep_card, sweeps_of
from pages.ui.markdown import plain
from pages.ui.overview import store as overview_store
from pages.ui.overview import table as overview_table
from pages.ui.overview import trials
from patchcore_core.data.sample.sample_set import sample_root
from patchcore_core.jobs.first_start import FirstStart
from patchcore_core.jobs.job import ENDED_BADLY
from patchcore_core.runs.folder import damaged
from patchcore_core.runs.store import Run, RunStore

WAITING = "overview_waiting"  # this visitor waits for the first finished run
LATEST_ENDED = 3
MOST_DAMAGED = 20


def main() -> None:
    """The whole page."""
    page_header("Overview", f"Runs in {plain(str(cache.store().root))}")
    with states.errors_in_place():
        runs = cache.load_runs()
    finished = [run for run in runs if run.status == "finished"]
    if finished and st.session_state.pop(WAITING, False):
        go_to("review", run=finished[-1].id)
    if not runs:
        draw_first_start()
        return
    alive = [run for run in runs if run.alive]
    if alive:
        draw_work(alive, first=not finished)
    trials.draw()
    overview_table.draw(runs)
    if not alive:
        draw_ended(runs)
    overview_store.draw()


@st.cache_resource(max_entries=4, show_spinner=False)
def first_start(root: str) -> FirstStart:
    """One per server and store, however many visitors come at once."""
    return FirstStart(RunStore(root))


def draw_first_start() -> None:
    """The empty store: write and fit the sample set."""
    if words := why_unchanged("There are no runs in this store, and none can be fitted"):
        st.info(plain(f"{words}."), icon=":material/inventory_2:")
        return
    start = first_start(str(cache.store().root))
    if start.working:
        st.session_state[WAITING] = True
        st.info("The store is empty: the built-in sample set is being written and fitted. The first finished run opens "
                "here.", icon=":material/hourglass_top:")
        st.fragment(draw_writing, run_every=0.5)(start)
        return
    if start.error:
        st.error(plain(start.error), icon=":material/error:")
    else:
        states.empty_store()
    if st.button("Fit the built-in sample set", type="primary"):
        first_start.clear()
        st.rerun()


def draw_writing(start: FirstStart) -> None:
    """Progress of writing the sample set; the page reruns once its jobs have started."""
    if not start.working:
        st.rerun()
    share, words = states.stage_text("sample", start.done, start.total)
    st.progress(share, text=words)


def draw_work(alive: Sequence[Run], first: bool) -> None:
    """The running jobs; before the first run is finished, also what happens next."""
    if first:
        st.session_state[WAITING] = True
        st.info(f"{_whose(alive)} The first finished run opens here.",
                icon=":material/hourglass_top:")
    with states.errors_in_place():
        sweeps = sweeps_of([run.id for run in alive])
    within = set[str]().union(*sweeps.values())
    st.subheader("Running", anchor=False)
    for name in sweeps:
        sweep_card(name)
    states.job_list([run for run in alive if run.id not in within])


def draw_ended(runs: Sequence[Run]) -> None:
    """Damaged runs and the latest unfinished jobs, with their reasons."""
    if unread := [run for run in runs if damaged(run)]:
        with st.expander(f"Damaged runs: {len(unread)}", expanded=True):
            st.markdown("\n".join(f"- {plain(run.error or '')}" for run in unread[:MOST_DAMAGED]))
    ended = [run for run in runs if run.status in states.ENDS and not damaged(run)]
    if ended:
        with states.errors_in_place():
            sweeps = sweeps_of([run.id for run in ended], *ENDED_BADLY)
        within = set[str]().union(*sweeps.values())
        with st.expander(f"Jobs that did not finish: {len(ended)}"):
            for name in [*sweeps][:LATEST_ENDED]:
                sweep_card(name)
            states.job_list([run for run in ended if run.id not in within][:LATEST_ENDED])


def _whose(alive: Sequence[Run]) -> str:
    if any(run.dataset.startswith(str(sample_root().resolve())) for run in alive):
        return "The store was empty: the built-in sample set is being fitted."
    return "No run is finished yet."


main()
