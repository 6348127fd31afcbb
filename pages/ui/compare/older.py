"""Compare: what paired tests need, made for runs that lack it, in a thread for all visitors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from pages.ui import cache
from pages.ui.access import read_only
from pages.ui.compare.entries import forget_resampled
from pages.ui.markdown import plain
from patchcore_core.jobs.work import Work
from patchcore_core.progress import Progress
from patchcore_core.runs.store import Run, RunStore


def offer(runs: Sequence[Run]) -> None:
    """A button that makes them for these runs; its progress, and why it was not possible for some."""
    works = _works()
    root = str(cache.store().root)
    work = works.get(root)
    if work is not None and work.working:
        st.fragment(_progress, run_every=0.5)(work)
        return
    if work is not None:
        for reason in [*([work.error] if work.error else []), *(work.result or {}).values()]:
            st.caption(plain(f"{reason}."))
    left = [run for run in runs if work is None or run.id not in (work.result or {})]
    if left and not read_only() and st.button(
        f"Prepare {len(left)} older run{'' if len(left) == 1 else 's'} for tests", icon=":material/function:",
        help="Resamples their test images from stored maps and masks, about a second each; nothing is scored again."
    ):
        store = cache.store()
        works[root] = Work(lambda report: _make(store, left, report))
        st.rerun()


@st.cache_resource(show_spinner=False)
def _works() -> dict[str, Work[dict[str, str]]]:
    """By store."""
    return {}


def _make(store: RunStore, runs: Sequence[Run], report: Progress) -> dict[str, str]:
    from patchcore_core.fitting.replicates import make_replicates  # brings numba

    failed = make_replicates(store, runs, cache.read_masks, report)
    forget_resampled()
    return failed


def _progress(work: Work[Any]) -> None:
    if not work.working:
        st.rerun()
    st.progress(work.done / work.total if work.total else 0.0, text=f"Resampling: {work.done} of {work.total} runs")
