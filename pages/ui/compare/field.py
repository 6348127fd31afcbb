"""Compare: what one field of the configuration does to a figure, everything else equal."""

from __future__ import annotations

import math
from collections.abc import Sequence

import streamlit as st

from pages.ui.charts import chart, clicked
from pages.ui.compare.address import one_of
from pages.ui.compare.entries import entries_of
from pages.ui.compare.take_away import take_away
from pages.ui.format import METRIC_NAMES
from pages.ui.frame import go_to
from pages.ui.markdown import plain
from patchcore_core.runs.store import Run
from patchcore_core.views.comparison.costs import COSTS, ESTIMATED, known_costs
from patchcore_core.views.comparison.entries import fields_that_vary
from patchcore_core.views.comparison.field_table import effect_of, field_rows, in_words, line_names
from patchcore_core.views.comparison.names import value_words
from patchcore_core.views.comparison.plots import field_plot

FIRST = ("coreset_ratio", "network", "layers", "backbone", "image_size", "num_neighbors")


def draw(runs: Sequence[Run]) -> None:
    """The field, the figure or cost, their plot, and what was averaged."""
    entries = entries_of(runs)
    fields = fields_that_vary(entries)
    if not fields:
        st.info("No two of these runs are equal in all settings but one, so the effect of a single field cannot be "
                "seen. Choose more runs, or fit several values of one field.", icon=":material/tune:")
        return
    usual = next((name for name in FIRST if name in fields), fields[0])
    known = {name: title for name, title in METRIC_NAMES.items() if any(map(math.isfinite, _values(runs, name)))}
    offered = {**known, **known_costs(entries)}
    if not offered:
        st.info("None of these runs has accuracy figures, and what they cost was not recorded.",
                icon=":material/tune:")
        return
    with st.container(horizontal=True):
        field = one_of("Field", "field", {name: _title(name) for name in fields}, usual)
        figure = one_of("Figure or cost", "figure", offered)
    effect = effect_of(entries, field, figure)
    if not effect.lines:
        st.info("No two runs that differ in this field alone have this figure.", icon=":material/tune:")
        return
    names, words = line_names(effect, entries, field), [value_words(field, value) for value in effect.values]
    figure_name = known.get(figure) or COSTS[figure].title
    plot = field_plot(effect, words, names, [one.id for one in entries], _title(field), figure_name)
    event = chart(plot, key="compare_field_plot", on_click=True, alt=f"{figure_name} against {_title(field)}")
    if run := clicked(event):
        go_to("review", run=run)
    for sentence in in_words(effect, entries):
        st.caption(plain(sentence))
    st.caption("Bars: 95 % intervals, of the test images. A click on a point opens its run.")
    if figure in COSTS and any(figure in one.shortened for one in entries):
        st.caption("Some of these runs used work of earlier ones: a fit alone costs more than is drawn.")
    if figure in COSTS and any(figure in one.estimated for one in entries):
        st.caption(ESTIMATED)
    take_away(lambda: field_rows(effect, names, field), f"{field}", "compare_field_rows")


def _values(runs: Sequence[Run], name: str) -> list[float]:
    return [run.metrics.get(name, math.nan) for run in runs]


def _title(field: str) -> str:
    return "backbone and layers" if field == "network" else field.replace("_", " ")
