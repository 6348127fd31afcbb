"""Memory bank: where the rows come from, how well they cover, which are never used, what they cost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from pages.ui.format import size
from pages.ui.frame import page_header
from pages.ui.memory_bank import coverage, data, precision, rows
from pages.ui.memory_bank import map as bank_map
from pages.ui.memory_bank.data import Scale
from pages.ui.pickers import run_picker
from pages.ui.states import errors_in_place, say
from patchcore_core.errors import PatchCoreError
from patchcore_core.runs.store import Run
from patchcore_core.views.run_names import percent


def main() -> None:
    """The whole page."""
    page_header("Memory bank", "Patches of good photos that a run compares with: their origin, coverage, use and size.")
    run = run_picker(key="bank_run")
    with errors_in_place(run):
        scale = _choose_scale(run)
    st.caption(facts(scale))
    use = None
    with _in_place(run):
        use = rows.use_of(run)
    grid = st.grid(2, min_column_width=440, gap="large")
    with grid.cell(), _in_place(run):
        coverage.draw(scale)
    with grid.cell(), _in_place(run):
        bank_map.draw(scale, use)
    with grid.cell(), _in_place(run):
        rows.draw_photos(scale, use)
    with grid.cell():
        with _in_place(run):
            rows.draw_use(scale, use)
        with _in_place(run):
            precision.draw(scale)


@contextmanager
def _in_place(run: Run) -> Iterator[None]:
    """Show an error where it happened, and go on with the other parts of the page."""
    try:
        yield
    except PatchCoreError as error:
        say(error, run)


def _choose_scale(run: Run) -> Scale:
    sizes, number = data.banks(run).config.scales, 0
    if sizes:
        number = st.segmented_control("Scale", range(len(sizes)), default=0, required=True, key="bank_scale",
                                      format_func=lambda place: f"{sizes[place]} px")
    return data.scale_of(run, number)


def facts(scale: Scale) -> str:
    """The bank in a line."""
    rows, patches = scale.rows, scale.rows.patches
    return (f"{len(rows):,} rows of {patches.shape[1]} values · {patches.dtype} · {size(patches.nbytes)} · "
            f"{percent(len(rows) / scale.patches)} of the {scale.patches:,} patches of {len(scale.paths):,} training "
            f"photos · grid {scale.grid[0]} x {scale.grid[1]}")


main()
