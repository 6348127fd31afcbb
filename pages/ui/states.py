"""What a page shows without a usable run (empty, unknown, running, failed): one sentence and the next step."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import streamlit as st

from pages.ui import cache
from pages.ui.access import read_only
from pages.ui.format import (
    METRIC_NAMES,
    count_of_warnings,
    duration,
    number,
    seconds_since,
    time_left,
    warnings_of,
    without,
)
from pages.ui.frame import link_to
from pages.ui.markdown import plain
from patchcore_core.errors import PatchCoreError, StoreError, UnknownRunError
from patchcore_core.jobs import jobs
from patchcore_core.runs.folder import damaged
from patchcore_core.runs.store import Run, RunStore
from patchcore_core.views.run_names import settings

STAGES = {
    "sample": "writing the built-in sample set",
    "network": "loading the network",
    "features": "reading images and computing features",
    "coreset": "selecting the coreset",
    "index": "building the index",
    "predict": "scoring the test images",
    "evaluate": "reading the ground truth",
    "metrics": "computing the metrics",
    "writing": "writing the run",
}
ENDS = {"failed": "failed", "cancelled": "was cancelled", "lost": "was lost"}


@contextmanager
def errors_in_place(*runs: Run) -> Iterator[None]:
    """Show a PatchCoreError where it happened, and stop the page or fragment.

    `runs`: the runs shown. If one was deleted, that is said instead, with a link to all runs, even where its data is
    still cached.
    """
    require_there(*runs)
    try:
        yield
    except PatchCoreError as error:
        say(error, *runs)
        st.stop()


def require_there(*runs: Run) -> None:
    """Stop the page or fragment with a message if one of these runs was deleted."""
    gone = _deleted(runs)
    for run in gone:
        unknown_run(run.id)
    if gone:
        st.stop()


def say(error: PatchCoreError, *runs: Run) -> None:
    """Show an error; if one of the `runs` shown was deleted, say that instead."""
    gone = _deleted(runs)
    for run in gone:
        unknown_run(run.id)
    if not gone:
        st.error(plain(str(error)), icon=":material/error:")
        if isinstance(error, StoreError):
            link_to("overview", "All runs", icon=":material/table_rows:")


def _deleted(runs: Sequence[Run]) -> list[Run]:
    return [run for run in runs if not run.folder.is_dir()]


def empty_store() -> None:
    """No run yet: Overview fits the sample set, Fit takes the user's images."""
    st.info("There is no finished run yet.", icon=":material/inventory_2:")
    if not read_only():
        link_to("overview", "Overview fits the built-in sample set", icon=":material/table_rows:")
        link_to("fit", "Fit your own images", icon=":material/play_circle:")


def unknown_run(run_id: str) -> None:
    """The address names a run that is not in the store."""
    st.warning(plain(unknown_words(run_id)), icon=":material/link_off:")
    link_to("overview", "All runs", icon=":material/table_rows:")


def unknown_words(run_id: str) -> str:
    """That there is no such run, as plain text."""
    return f"There is no run {run_id[:100]} in this store; it may have been deleted, or be in another store."


def running(run: Run) -> None:
    """Live card of a running job: stage, done of total, cancel. The page reruns when it ends."""
    job_list([run])


def ended_badly(run: Run) -> None:
    """A failed, cancelled or lost run: the reason, its log, and a link to fit again."""
    show = st.error if run.status == "failed" else st.warning
    show(_end_sentence(run), icon=":material/error:")
    again = {"path": run.dataset, "exclude": run.excluded} if run.dataset else {}
    if not read_only():
        link_to("fit", "Fit again", icon=":material/play_circle:",
                **{name: told for name, told in again.items() if told})
    with st.expander("Log"):
        st.code(_log(run) or "The log is empty.", language=None)


def require_finished(run: Run) -> None:
    """Return only for a finished run; otherwise draw its state and stop the page."""
    if run.status == "finished":
        return
    if run.alive:
        running(run)
    else:
        ended_badly(run)
    st.stop()


def job_list(runs: Sequence[Run]) -> None:
    """One line per run: progress and cancel while it runs, a link to Review when finished, else what happened.

    Redraws itself every second while a job runs; the page reruns when one ends.
    """
    alive = [run.id for run in runs if run.alive]
    ids = [run.id for run in runs]
    if alive:
        st.fragment(_job_rows, run_every=1.0)(ids, alive)
    else:
        _job_rows(ids, alive)


def progress_text(run: Run, store: RunStore | None = None) -> tuple[float, str]:
    """Progress of the current stage in [0, 1], and its text; of a run in another store where one is given."""
    try:
        progress = (store or cache.store()).progress(run.id)
    except StoreError:
        return 0.0, "deleted"
    if progress is None:
        return 0.0, "waiting to start"
    age = seconds_since(progress.updated_at)
    stage, whole = ((math.nan if left is None else left - age)
                    for left in (progress.seconds_left, progress.run_seconds_left))
    return stage_text(progress.stage, progress.done, progress.total, stage, whole)


def stage_text(
    stage: str, done: int, total: int, seconds_left: float = math.nan, run_seconds_left: float = math.nan
) -> tuple[float, str]:
    """Progress in [0, 1] and `stage · done of total · time left`, without the count for a stage of one step."""
    words = STAGES.get(stage, stage)
    if total > 1:
        words += f" · {done:,} of {total:,}"
    stage_left = time_left(seconds_left) if seconds_left > 0 and done < total else ""
    run_left = time_left(run_seconds_left) if run_seconds_left > 0 else ""
    run_left = f"{run_left} of the run" if run_left != stage_left else ""
    return min(done / total, 1.0) if total else 0.0, " · ".join(filter(None, [words, stage_left, run_left]))


def _job_rows(ids: Sequence[str], alive: Sequence[str]) -> None:
    with errors_in_place():
        runs = {name: run for name in ids if (run := known_run(name)) is not None}
    if [name for name in ids if name in runs and runs[name].alive] != list(alive):
        st.rerun()
    for name in ids:
        if name in runs:
            job_row(runs[name], settings(runs[name].config))
        else:
            unknown_run(name)


def known_run(run_id: str) -> Run | None:
    """The run as it stands on disk now; None if there is none."""
    try:
        return cache.load_run(run_id)
    except UnknownRunError:
        return None


def job_row(run: Run, name: str, waits: str = "") -> None:
    """One line for a job, with this name; `waits`: what is said of one whose turn has not come."""
    with st.container(border=True):
        what, state, action = st.columns([4, 5, 1.4], vertical_alignment="center")
        less = f" · {without(run)}" if run.excluded else ""
        what.markdown(f"**{plain(run.category)}** · {plain(name)}{less}")
        if run.alive:
            share, words = (0.0, waits) if run.waits and waits else progress_text(run)
            state.progress(share, text=f"{words} · {duration(seconds_since(run.created_at))} so far")
            if not read_only() and action.button("Cancel", key=f"cancel_{run.id}", width="stretch"):
                with errors_in_place():
                    jobs.cancel(cache.store(), run.id)
                st.rerun()
        elif run.status == "finished":
            count = warnings_of(run)
            warned = f" · :orange[:material/warning: {count_of_warnings(count)}]" if count else ""
            state.markdown(f"finished · {METRIC_NAMES['image_auroc']} {number(run.metrics.get('image_auroc'))}"
                           f"{_found(run)}{warned}",
                           help="Review lists the warnings." if warned else None)
            with action:
                link_to("review", "Review", icon=":material/troubleshoot:", run=run.id)
        else:
            state.markdown(_end_sentence(run))
            with action:
                link_to("review", "Log", icon=":material/article:", run=run.id)


def _found(run: Run) -> str:
    """What the default threshold finds, if recorded and if there are defective images."""
    counts = run.found
    if counts is None or not counts.method or not counts.defective:
        return ""
    alarms = f", false alarms {counts.false_alarms} of {counts.good}" if counts.good else ""
    return f" · found {counts.found} of {counts.defective}{alarms}"


def _end_sentence(run: Run) -> str:
    """What became of the run and why, as Markdown."""
    reason = plain(run.error or "")
    if damaged(run):
        return f"This run cannot be read: {reason}"
    if run.status == "cancelled" and reason.startswith("cancelled"):
        return f"This run was {reason}."
    return f"This run {ENDS.get(run.status, 'did not finish')}{': ' if reason else '.'}{reason}"


def _log(run: Run) -> str:
    try:
        return cache.store().log(run)
    except PatchCoreError as error:
        return str(error)
