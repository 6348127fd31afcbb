"""A sweep while it waits, runs, or lacks some of its runs: how far it is, its jobs, and what can be done with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from pages.ui import cache, states
from pages.ui.access import read_only
from pages.ui.markdown import plain
from patchcore_core.errors import StoreError
from patchcore_core.jobs import jobs, queue
from patchcore_core.jobs.how_far import HowFar, how_far
from patchcore_core.jobs.job import ENDED_BADLY, FINISHED, OPEN, PAUSED, RUNNING, WAITING, Job
from patchcore_core.views.run_names import names_of

ROWS = 12  # jobs with a line of their own


def sweeps_of(runs: Sequence[str], *states_: str) -> dict[str, set[str]]:
    """The sweeps to which jobs in one of these states belong, the first to be computed first, with their runs; of
    `runs` if any. A queue that cannot be read is said, and hides no run."""
    try:
        found = queue.jobs_named(cache.store(), runs) if runs else queue.jobs_of(cache.store())
        sweeps = dict.fromkeys(job.sweep for job in found if job.sweep and (not states_ or job.state in states_))
        return {name: {job.run for job in queue.jobs_of(cache.store(), name)} for name in sweeps}
    except StoreError as error:
        st.warning(plain(str(error)), icon=":material/warning:")
        return {}


def sweep_card(sweep: str) -> None:
    """The card of a sweep, which redraws itself every second while it is computed; the page reruns when a run ends."""
    with states.errors_in_place():
        far = _far(sweep)
    draw = st.fragment(_draw, run_every=1.0) if far.open else _draw
    draw(sweep, dict(far.counts))


def _far(sweep: str) -> HowFar:
    return how_far(cache.store(), queue.jobs_of(cache.store(), sweep))


def _draw(sweep: str, before: Mapping[str, int]) -> None:
    with states.errors_in_place():
        far = _far(sweep)
        there = {job.run: run for job in _shown(far) if (run := states.known_run(job.run)) is not None}
        ahead = [job.run for job in queue.jobs_of(cache.store()) if job.state == WAITING]
    if any(far.counts[state] != before.get(state, 0) for state in (FINISHED, *ENDED_BADLY)):
        st.rerun()
    with st.container(border=True, key=f"sweep_{sweep}"):
        st.progress(far.counts[FINISHED] / max(1, len(far.jobs)), text=f"**Sweep {plain(sweep)}** · {far.words()}")
        if not read_only():
            _draw_actions(sweep, far, ahead)
        names = dict(zip(there, names_of([run.config for run in there.values()]), strict=True))
        for job in _shown(far):
            if job.run in there:
                states.job_row(there[job.run], names[job.run], _waits(job, ahead))
        if more := len(far.jobs) - len(_shown(far)):
            st.caption(f"{more} more that are waiting or have ended.")


def _draw_actions(sweep: str, far: HowFar, ahead: Sequence[str]) -> None:
    mine = [job.run for job in far.of(WAITING)]
    with st.container(horizontal=True):
        if mine != [*ahead[: len(mine)]]:
            _button("Compute first", "first", sweep, mine, queue.put_first, ":material/vertical_align_top:")
        if mine:
            _button("Pause", "pause", sweep, mine, queue.pause, ":material/pause:")
        if paused := [job.run for job in far.of(PAUSED)]:
            _button(f"Resume {len(paused)}", "resume", sweep, paused, jobs.retry, ":material/play_arrow:")
        if left := [job.run for job in far.of(*OPEN)]:
            _button(f"Cancel {len(left)}", "cancel", sweep, left, jobs.cancel_all, ":material/close:")
        if ended := [job.run for job in far.of(*ENDED_BADLY)]:
            _button(f"Retry {len(ended)}", "retry", sweep, ended, jobs.retry, ":material/replay:")


def _button(
    label: str, name: str, sweep: str, runs: Sequence[str], do: Callable[..., object], icon: str
) -> None:
    if st.button(label, key=f"{name}_{sweep}", icon=icon):
        with states.errors_in_place():
            do(cache.store(), runs)
        st.rerun()


def _shown(far: HowFar) -> list[Job]:
    """The jobs with a line of their own: all of a small sweep, else those that matter most."""
    if len(far.jobs) <= ROWS:
        return sorted(far.jobs, key=lambda job: job.number)
    return [*far.of(RUNNING), *far.of(*ENDED_BADLY), *far.of(PAUSED), *far.of(WAITING)][:ROWS]


def _waits(job: Job, ahead: Sequence[str]) -> str:
    if job.state == PAUSED:
        return f"paused: {plain(job.error)}" if job.error else "paused"
    place = ahead.index(job.run) if job.run in ahead else 0
    return f"waiting, {place} before it" if place else "waiting to start"
