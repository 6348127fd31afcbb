"""The states in which a page has nothing of its own to show: one sentence and the next step."""

from __future__ import annotations

import streamlit as st

from pages.ui import cache
from pages.ui.format import run_label, when
from pages.ui.frame import link_to
from patchcore_core.errors import PatchCoreError
from patchcore_core.runs import jobs
from patchcore_core.runs.store import Run

ALIVE = ("queued", "running")
STAGES = {
    "features": "reading images and computing features",
    "coreset": "choosing the coreset",
    "index": "building the index",
    "predict": "scoring the test images",
    "evaluate": "computing the metrics",
}


def empty_store() -> None:
    """No run yet: Overview fits the sample by itself, Fit takes one's own images."""
    st.info("There is no finished run yet.", icon=":material/inventory_2:")
    link_to("overview", "Overview fits the built-in sample set by itself", icon=":material/table_rows:")
    link_to("fit", "Fit your own images", icon=":material/play_circle:")


def unknown_run(run_id: str) -> None:
    """The address names a run that is not in the store."""
    st.warning(f"There is no run `{run_id}` in this store; it may have been deleted or live in another store.",
               icon=":material/link_off:")
    link_to("overview", "All runs", icon=":material/table_rows:")


def running(run: Run) -> None:
    """Live card of a run at work: stage, done of total, cancel. When the run ends, the page is drawn again."""
    st.fragment(_live_card, run_every=1.0)(run.id)


def ended_badly(run: Run) -> None:
    """A failed, cancelled or lost run: what happened, its log, and the way to fit again."""
    words = {"failed": "This run failed", "cancelled": "This run was cancelled", "lost": "This run was lost"}
    reason = f": {run.error}" if run.error else "."
    show = st.error if run.status == "failed" else st.warning
    show(f"{words.get(run.status, 'This run did not finish')}{reason}", icon=":material/error:")
    link_to("fit", "Fit again", icon=":material/play_circle:")
    with st.expander("Log"):
        st.code(_log(run) or "The log is empty.", language=None)


def require_finished(run: Run) -> None:
    """Return only for a finished run; otherwise draw its state and end the page."""
    if run.status == "finished":
        return
    if run.status in ALIVE:
        running(run)
    else:
        ended_badly(run)
    st.stop()


def progress_text(run: Run) -> tuple[float, str]:
    """Share of the present stage and the words beside it."""
    progress = cache.store().progress(run.id)
    if progress is None:
        return 0.0, "waiting to start"
    share = min(progress.done / progress.total, 1.0) if progress.total else 0.0
    stage = STAGES.get(progress.stage, progress.stage)
    return share, f"{stage} · {progress.done} of {progress.total}"


def _live_card(run_id: str) -> None:
    try:
        run = cache.load_run(run_id)
    except PatchCoreError as error:
        st.error(str(error))
        return
    if run.status not in ALIVE:
        st.rerun()
    with st.container(border=True):
        st.markdown(f"**{run_label(run)}**")
        share, words = progress_text(run)
        st.progress(share, text=words)
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button("Cancel", key=f"cancel_{run.id}", icon=":material/cancel:"):
                jobs.cancel(cache.store(), run.id)
                st.rerun()
            st.caption(f"started {when(run.created_at)}")


def _log(run: Run) -> str:
    try:
        return cache.store().log(run.id)
    except PatchCoreError as error:
        return str(error)
