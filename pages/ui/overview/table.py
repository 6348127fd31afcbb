"""The tables of runs on Overview, one for each group, and what is ticked in them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import streamlit as st

from pages.ui import cache
from pages.ui.access import read_only
from pages.ui.format import lacks_nothing, taught_lines, tested_words
from pages.ui.frame import go_to, link_to
from pages.ui.markdown import plain
from pages.ui.overview import actions, filters, undo
from pages.ui.overview.columns import column_config, order_of, table_of
from pages.ui.overview.groups import Group, grouped
from pages.ui.overview.listed import Listed, listed
from pages.ui.used_thresholds import said
from patchcore_core.errors import StoreError
from patchcore_core.evaluation.thresholds.separable import separability_sentence
from patchcore_core.reviews.in_use import InUse
from patchcore_core.runs.store import Run

SHOWN = "overview_shown"  # the ids of the runs in the tables, and its number
MOST_TAUGHT = 5  # photos in a sentence
ALL_OPEN = 60  # runs up to which all groups are unfolded
ROW, TALLEST = 40, 640  # pixels


def draw(runs: Sequence[Run]) -> None:
    """The runs that the filters leave; a click into a row opens it in Review, ticked rows can be acted on."""
    st.subheader("Runs", anchor=False)
    undo.draw()
    every = listed(runs)
    chosen = filters.draw(every)
    found = filters.matching(every, chosen)
    groups = grouped(found, chosen.group)
    _say(every, found, chosen)
    if not found and chosen.narrows:
        filters.nothing_found(len(filters.matching(every, replace(chosen, archived=True))))
    serial = _serial([one.run.id for group in groups for one in group.runs])
    ticked = [one for number, group in enumerate(groups)
              for one in _draw_group(group, number, serial, groups, chosen.columns)]
    actions.draw(ticked)
    if len(ticked) == 1 and ticked[0].used is not None:
        _explain(ticked[0].run, ticked[0].used)


def _say(every: Sequence[Listed], found: Sequence[Listed], chosen: filters.Chosen) -> None:
    """How many runs are listed, what a click does, and the way to compare what the filters leave."""
    archived = 0 if chosen.archived else sum(bool(one.labels.archived) for one in every)
    count = f"{len(found)} of {len(every)} runs" if len(found) < len(every) else ""
    less = f"{archived} archived" if archived else ""
    what = "compare runs" if read_only() else "compare, label, export or delete runs"
    with st.container(horizontal=True, vertical_alignment="center"):
        words = f"Click into a row to review that run; tick rows to {what}." if found else ""
        st.caption(" · ".join(filter(None, [count, less, words])), width="content")
        finished = [one.run.id for one in found if one.run.status == "finished"]
        if chosen.narrows and len(finished) > 1:
            link_to("compare", f"Compare these {len(finished)} runs", icon=":material/compare_arrows:",
                    runs=",".join(finished))


def _draw_group(
    group: Group, number: int, serial: int | str, groups: Sequence[Group], columns: Sequence[str]
) -> list[Listed]:
    """The table of a group, folded away where there are many runs; returns what is ticked."""
    if len(groups) == 1:
        return _draw_table(group, number, serial, columns)
    few = sum(len(each.runs) for each in groups) <= ALL_OPEN
    panel = st.expander(group.title, expanded=few or number == 0, on_change="rerun",
                        key=f"overview_group_{group.category}_{group.sweep}_{few or number == 0}")
    if not panel.open:
        return []
    with panel:
        return _draw_table(group, number, serial, columns)


def _draw_table(group: Group, number: int, serial: int | str, columns: Sequence[str]) -> list[Listed]:
    table = table_of(group.runs, columns)
    event = st.dataframe(
        table, key=f"overview_runs{serial}{f'_{number}' if number else ''}", on_select="rerun",
        selection_mode=["multi-row", "single-cell"], hide_index=True, column_config=column_config(),
        column_order=order_of(table, columns), placeholder="—", alt=f"Runs: {group.category}" if group.category else
        "Runs in this store", row_height=ROW if "picture" in table else None,
        height="content" if len(group.runs) <= TALLEST // ROW else TALLEST,
    )  # fmt: skip
    cells = [row for row, _ in event.selection.cells if row < len(group.runs)]
    if cells:
        go_to("review", run=group.runs[cells[0]].run.id)
    return [group.runs[row] for row in event.selection.rows if row < len(group.runs)]


def _serial(ids: list[str]) -> int | str:
    """A number in the tables' keys that changes with their runs: the browser selects rows by position, so a table of
    other runs must start without a selection."""
    before, serial = st.session_state.get(SHOWN, (ids, 0))
    if before != ids:
        serial += 1
    st.session_state[SHOWN] = ids, serial
    return serial or ""


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
