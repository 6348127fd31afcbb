"""The table of runs on Overview, and what can be done with its rows."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import streamlit as st

from pages.ui import cache, states
from pages.ui.access import read_only, why_unchanged
from pages.ui.format import lacks_nothing, run_label, runs_table, taught_lines, tested_words
from pages.ui.frame import go_to, link_to
from pages.ui.markdown import plain
from pages.ui.used_thresholds import choices, chosen, said, with_found
from patchcore_core.errors import StoreError, UnknownRunError
from patchcore_core.evaluation.thresholds.separable import separability_sentence
from patchcore_core.reviews.in_use import InUse, in_use
from patchcore_core.runs.store import Run

SHOWN = "overview_shown"  # the ids of the runs in the table, and its number
FOUND = "Recall: defective test images at or above the threshold in use"
ALARMS = "False positive rate: good test images at or above the threshold in use"
MOST_TAUGHT = 5  # photos in a sentence
DELETING = "overview_deleting"  # ids of the runs whose deletion waits for a yes


def draw(runs: Sequence[Run]) -> None:
    """All runs; a click into a row opens it in Review, ticked rows go to Compare."""
    st.subheader("Runs", anchor=False)
    key = f"overview_runs{_serial([run.id for run in runs])}"
    among = choices()
    used = {run.id: in_use(run, chosen(run, among)) for run in runs if run.status == "finished" and not run.broken}
    table = runs_table([with_found(run, among) for run in runs], {run: one.short for run, one in used.items()})
    event = st.dataframe(
        table, key=key, on_select="rerun", selection_mode=["multi-row", "single-cell"], hide_index=True,
        column_config=columns(), placeholder="—", alt="Runs in this store",
        height="content" if len(runs) <= 20 else 640,
    )
    rows = [row for row in event.selection.rows if row < len(runs)]
    cells = [row for row, _ in event.selection.cells if row < len(runs)]
    if cells:
        go_to("review", run=runs[cells[0]].id)
    draw_actions([runs[row] for row in rows])
    if len(rows) == 1 and runs[rows[0]].id in used:
        _explain(runs[rows[0]], used[runs[rows[0]].id])
    if doomed := [run for run in runs if run.id in st.session_state.get(DELETING, ())]:
        confirm_deletion(doomed)


def _serial(ids: list[str]) -> int | str:
    """A number in the table's key that changes with its runs: the browser selects rows by position, so a table of other
    runs must start without a selection."""
    before, serial = st.session_state.get(SHOWN, (ids, 0))
    if before != ids:
        serial += 1
    st.session_state[SHOWN] = ids, serial
    return serial or ""


def draw_actions(chosen: Sequence[Run]) -> None:
    """What can be done with the ticked rows."""
    finished = [run.id for run in chosen if run.status == "finished"]
    if not chosen:
        st.caption("Click into a row to review that run; tick rows to compare or delete runs." if not read_only() else
                   "Click into a row to review that run; tick rows to compare runs.")
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
        unchanged = why_unchanged("No run can be deleted")
        why_not = unchanged or ("" if ended else "A running job can be deleted once it is cancelled or has ended.")
        if st.button("Delete", icon=":material/delete:", disabled=bool(why_not), help=why_not or None):
            st.session_state[DELETING] = ended


def _explain(run: Run, used: InUse) -> None:
    """The run's threshold and who chose it, whether others would separate its test images, and what it lacks."""
    lines = [said(used)]
    with suppress(StoreError):
        images = cache.load_images(run)
        apart = separability_sentence(images["label"], images["image_score"], used.value, used.set_by)
        lines += [plain(f"{apart}.")] if apart else []
    if not lacks_nothing(run):
        held_out = run.heldout.images if run.heldout else 0
        scored = f" {held_out} good training images have held-out scores." if held_out else ""
        lines.append(f"Test images: {tested_words(run)}, so figures that need good and defective ones are unknown (—)."
                     f"{scored}")  # fmt: skip
    if run.parent:
        lines.append(plain(f"Goes on from the memory bank of run {run.parent}, with "
                           f"{'; '.join(taught_lines(run)[:MOST_TAUGHT])}"
                           f"{' and more' * (len(run.taught) > MOST_TAUGHT)}."))
    for line in lines:
        st.caption(line)


def keep_all() -> None:
    """The answer no."""
    st.session_state.pop(DELETING, None)


@st.dialog("Delete for good?", width="medium", on_dismiss=keep_all)
def confirm_deletion(runs: Sequence[Run]) -> None:
    """Names what will go, and removes it from the store after a yes."""
    st.markdown("\n".join(f"- {plain(run_label(run))}" for run in runs))
    st.caption("Memory banks, scores and logs are deleted; the images stay.")
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
                                        help="Warnings about data and figures; Review lists them"),
        "backbone": column.TextColumn("Backbone"),
        "layers": column.TextColumn("Layers"),
        "image_size": column.NumberColumn("Image size", format="%d px", width="small"),
        "scales": column.TextColumn("Scales, px", width="small",
                                    help="Image sizes with a memory bank each; Image size and Input are those of the "
                                         "combined maps"),
        "input": column.TextColumn("Input", width="small",
                                   help="Height x width of the network input, pixels"),
        "left_out": column.NumberColumn("Excluded", format="%d", width="small",
                                        help="Photos excluded from the fit on request; Review names them"),
        "taught": column.NumberColumn("Taught", format="%d", width="small",
                                      help="Photos added to the memory bank of an earlier run; Review names them"),
        "differs": column.TextColumn("Also differs", help="Other settings in which runs of a category differ, and an "
                                                         "unusual patch size or seed"),
        "tested": column.TextColumn("Test images", help="Figures need good and defective ones; without them the "
                                                        "threshold is that of held-out good images"),
        "threshold": column.TextColumn("Threshold", help="Image threshold in use and how it was set"),
        "coreset": column.NumberColumn("Coreset", format="%.4g %%", width="small"),
        "image_auroc": column.NumberColumn("Image AUROC", format="%.3f", width=105),
        "image_recall": column.NumberColumn("Recall", format="percent", width="small", help=FOUND),
        "image_false_alarm_rate": column.NumberColumn("False alarms", format="percent", width="small", help=ALARMS),
        "pixel_auroc": column.NumberColumn("Pixel AUROC", format="%.3f", width=100),
        "aupro": column.NumberColumn("AUPRO", format="%.3f", width=75, help="False positive rate up to 0.3"),
        "fit_seconds": column.NumberColumn("Fit time", format="%.1f s", width="small",
                                           help="Time to build the memory bank, without scoring the test images"),
        "bank_rows": column.NumberColumn("Bank rows", format="localized", width="small"),
        "bank_bytes": column.NumberColumn("Bank size", format="bytes", width="small"),
        "created": column.DatetimeColumn("Created", format="YYYY-MM-DD HH:mm"),
        "run": column.TextColumn("Run", width=260, help="Its folder in the store"),
    }
