"""Compare: configurations over several categories, their means, ranks and critical difference."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.ui.charts import chart
from pages.ui.compare.take_away import take_away
from pages.ui.format import LOWER_IS_BETTER, METRIC_NAMES
from pages.ui.markdown import plain
from patchcore_core.evaluation.explain import explain_figure
from patchcore_core.evaluation.statistics.ranks import Grid, grid
from patchcore_core.views.compare_plots import rank_diagram
from patchcore_core.views.comparison.category_table import grid_table, in_words, ordered
from patchcore_core.views.comparison.entries import Entry
from patchcore_core.views.comparison.names import short_names
from patchcore_core.views.comparison.plots import heat_map

MOST_ROWS = 40


def draw(entries: Sequence[Entry], figure: str) -> None:
    """Heat map of category and configuration, and which configurations differ over the categories."""
    entries = sorted(entries, key=lambda one: one.category)
    found = grid([one.rest() for one in entries], [one.category for one in entries],
                 [one.metric(figure) for one in entries], [one.interval(figure) for one in entries])
    if len(found.categories) < 2:
        return
    names = short_names([entries[place].config for place in found.places])
    higher = figure not in LOWER_IS_BETTER
    order = ordered(found, higher)
    st.subheader("Over the categories", anchor=False)
    chart(heat_map(found, names, order[:MOST_ROWS], higher), key="compare_heat_map",
          alt=f"{METRIC_NAMES[figure]} of each configuration in each category, and its mean")
    if len(order) > MOST_ROWS:
        st.caption(f"The first {MOST_ROWS} of {len(order)} configurations.")
    st.caption("Darker: nearer to the best of the column, which need not be significantly best. Runs that differ only "
               "in the seed are averaged. Mean: over all categories, each counting the same; only for configurations "
               "with a run in each.")
    take_away(lambda: grid_table(found, names, order), "categories", "compare_categories")
    _ranks(found, names, higher)


def _ranks(found: Grid, names: Sequence[str], higher: bool) -> None:
    ranking = found.ranking(higher)
    st.markdown(plain(in_words(ranking, found)), help=explain_figure("critical_difference"))
    if ranking.reason is None:
        chart(rank_diagram(ranking.ranks, [names[row] for row in found.complete], ranking.critical_difference),
              key="compare_rank_diagram", alt="Average rank of each configuration over the categories")
