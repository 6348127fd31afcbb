"""The table of runs on Overview, and what can be done with its rows."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import streamlit as st

from pages.ui import cache, states
from pages.ui.format import run_label, runs_table
from pages.ui.frame import go_to, link_to
from pages.ui.markdown import plain
from patchcore_core.errors import UnknownRunError
from patchcore_core.runs.store import Run

SHOWN = "overview_shown"  # the ids of the runs in the table, and its number
FOUND = "Share of the defective test images that the run's default threshold finds"
ALARMS = "Share of the good test images that the run's default threshold calls defective"
DELETING = "overview_deleting"  # ids of the runs whose deletion waits for a yes


def draw(runs: Sequence[Run]) -> None:
    """All runs; a click into a row opens it in Review, ticked rows go to Compare."""
    st.subheader("Runs", anchor=False)
    key = f"overview_runs{_serial([run.id for run in runs])}"
    event = st.dataframe(
        runs_table([cache.with_found(run) for run in runs]), key=key, on_select="rerun",
        selection_mode=["multi-row", "single-cell"], hide_index=True, column_config=columns(), placeholder="—",
        alt="Runs in this store", height="content" if len(runs) <= 20 else 640,
    )
    rows = [row for row in event.selection.rows if row < len(runs)]
    cells = [row for row, _ in event.selection.cells if row < len(runs)]
    if cells:
        go_to("review", run=runs[cells[0]].id)
    draw_actions([runs[row] for row in rows])
    if doomed := [run for run in runs if run.id in st.session_state.get(DELETING, ())]:
        confirm_deletion(doomed)


def _serial(ids: list[str]) -> int | str:
    """A number for the table: another one, with nothing ticked, once it shows other runs, since the browser ticks
    places and not runs."""
    before, serial = st.session_state.get(SHOWN, (ids, 0))
    if before != ids:
        serial += 1
    st.session_state[SHOWN] = ids, serial
    return serial or ""


def draw_actions(chosen: Sequence[Run]) -> None:
    """What can be done with the ticked rows."""
    finished = [run.id for run in chosen if run.status == "finished"]
    if not chosen:
        st.caption("Click into a row to review that run; tick rows to compare or delete runs.")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if len(chosen) == 1:
            link_to("review", f"Review {plain(chosen[0].category)}", icon=":material/troubleshoot:", run=chosen[0].id)
        elif len(finished) > 1:
            link_to("compare", f"Compare {len(finished)} runs", icon=":material/compare_arrows:",
                    runs=",".join(finished))
        else:
            st.caption("Only finished runs can be compared.")
        ended = [run.id for run in chosen if not run.alive]
        if st.button("Delete", icon=":material/delete:", disabled=not ended,
                     help=None if ended else "A run at work can be deleted once it is cancelled or has ended."):
            st.session_state[DELETING] = ended


def keep_all() -> None:
    """The answer no."""
    st.session_state.pop(DELETING, None)


@st.dialog("Delete for good?", width="medium", on_dismiss=keep_all)
def confirm_deletion(runs: Sequence[Run]) -> None:
    """Names what will go, and removes it from the store after a yes."""
    st.markdown("\n".join(f"- {plain(run_label(run))}" for run in runs))
    st.caption("Their memory banks, scores and logs are removed from the store; the images they were fitted on stay.")
    yes, no = st.columns(2)
    if yes.button("Delete 1 run" if len(runs) == 1 else f"Delete {len(runs)} runs", type="primary", width="stretch"):
        with states.errors_in_place():
            for run in runs:
                with suppress(UnknownRunError):  # somebody else was quicker
                    cache.store().delete(run.id)
        keep_all()
        st.rerun()
    if no.button("Keep", width="stretch"):
        keep_all()
        st.rerun()


def columns() -> dict[str, Any]:
    """How the columns of `runs_table` are shown."""
    column = st.column_config
    return {
        "category": column.TextColumn("Category", pinned=True),
        "status": column.TextColumn("Status", width="small"),
        "warnings": column.NumberColumn("Warnings", format="%d", width="small",
                                        help="What a reader of the figures should know first; Review lists them"),
        "backbone": column.TextColumn("Backbone"),
        "layers": column.TextColumn("Layers"),
        "image_size": column.NumberColumn("Image size", format="%d px", width="small"),
        "scales": column.TextColumn("Scales, px", width="small",
                                    help="Image sizes that have a memory bank each; Image size and Input are then "
                                         "those of the maps that they give together"),
        "input": column.TextColumn("Input", width="small",
                                   help="Height x width that the network sees, pixels"),
        "left_out": column.NumberColumn("Left out", format="%d", width="small",
                                        help="Photos that were left out of the fit on request; Review names them"),
        "coreset": column.NumberColumn("Coreset", format="%.4g %%", width="small"),
        "image_auroc": column.NumberColumn("Image AUROC", format="%.3f", width=105),
        "image_recall": column.NumberColumn("Found", format="percent", width="small", help=FOUND),
        "image_false_alarm_rate": column.NumberColumn("False alarms", format="percent", width="small", help=ALARMS),
        "pixel_auroc": column.NumberColumn("Pixel AUROC", format="%.3f", width=100),
        "aupro": column.NumberColumn("AUPRO", format="%.3f", width=75, help="Up to a false positive rate of 0.3"),
        "fit_seconds": column.NumberColumn("Fit time", format="%.1f s", width="small",
                                           help="Until the memory bank was there, without scoring the test images"),
        "bank_rows": column.NumberColumn("Bank rows", format="localized", width="small"),
        "bank_bytes": column.NumberColumn("Bank size", format="bytes", width="small"),
        "created": column.DatetimeColumn("Created", format="YYYY-MM-DD HH:mm"),
        "run": column.TextColumn("Run", width=260, help="Its folder in the store"),
    }
