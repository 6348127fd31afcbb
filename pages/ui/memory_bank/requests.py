"""Slow work that a page does when it is asked to, in a thread for all visitors, with progress."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import streamlit as st

from pages.ui import cache
from pages.ui.access import allowed
from pages.ui.markdown import plain
from pages.ui.states import stage_text
from patchcore_core.data.images import read_image
from patchcore_core.fitting.bank.photos import Photos
from patchcore_core.jobs.neighbour_map import STAGE as SECONDS
from patchcore_core.jobs.work import Work
from patchcore_core.progress import Progress
from patchcore_core.runs.store import Run

R = TypeVar("R")


@cache.of_run(max_entries=16)
def _works(run: Run) -> dict[str, Work[Any]]:  # noqa: ARG001  (one table for each state of the run)
    return {}


def result_of(run: Run, name: str) -> Any:
    """What the work of this name has found, None if nothing yet."""
    work = _works(run).get(name)
    return None if work is None else work.result


def on_request(
    run: Run, name: str, label: str, do: Callable[[Any, Progress], R], *, about: str, with_model: bool = True
) -> R | None:
    """The result of `do(model, progress)`, None until it is there: then a button with what it does (`about`), progress,
    or the error.

    One work for all visitors of a run. The model is loaded before, by the visitor who asks; None
    unless `with_model`.
    """
    works = _works(run)
    work = works.get(name)
    if work is not None and work.result is not None:
        return cast("R", work.result)
    if work is not None and work.working:
        st.fragment(_progress, run_every=0.5)(work, name, label)
        return None
    if work is not None and work.error:
        st.error(plain(work.error), icon=":material/error:")
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(label if work is None else f"{label} again", key=f"bank_ask_{name}"):
            model = cache.loaded_model(run) if with_model else None
            works[name] = Work(lambda report: do(model, report))
            st.rerun()
        st.caption(about, width="stretch")
    return None


def photos_of(model: Any, run: Run) -> Photos:
    """The run's photos in the folders that the dashboard may read; one after the other, so none is kept."""
    return Photos(model, run, lambda path, bits: read_image(allowed(path), bits))


def _progress(work: Work[Any], name: str, label: str) -> None:
    if not work.working:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(*_words(work, label))
        if st.button("Stop", key=f"bank_stop_{name}"):
            work.stop()


def _words(work: Work[Any], label: str) -> tuple[float, str]:
    if work.stage == SECONDS:
        return 0.0, f"{label} · {work.done} s so far"
    return stage_text(work.stage, work.done, work.total) if work.stage else (0.0, "loading the network")
