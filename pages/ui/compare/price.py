"""Compare: what quality costs."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from pages.ui.charts import chart, clicked
from pages.ui.compare.address import one_of
from pages.ui.compare.entries import entries_of
from pages.ui.compare.metrics import choose_metric
from pages.ui.compare.take_away import take_away
from pages.ui.format import LOWER_IS_BETTER, METRIC_NAMES, number, with_interval
from pages.ui.frame import go_to
from patchcore_core.data.images import shown
from patchcore_core.runs.store import Run
from patchcore_core.views.comparison.costs import COSTS, ESTIMATED, Cost, known_costs
from patchcore_core.views.comparison.entries import Entry, sign
from patchcore_core.views.comparison.plots import Spot, price_plot
from patchcore_core.views.comparison.prices import gained, of_configurations, of_runs, price_table

MEAN = "mean"  # over all categories


def draw(runs: Sequence[Run]) -> None:
    """Figure and cost, their plot with the Pareto front, and the front as a table."""
    with st.container(horizontal=True):
        figure = choose_metric(runs)
        every = entries_of(runs)
        known = known_costs(every)
        cost = COSTS[one_of("Cost", "cost", known or {name: one.title for name, one in COSTS.items()})]
        entries, over = _of_category(every)
    if figure is None:
        st.info("None of these runs has accuracy figures: they need labelled test images.", icon=":material/labs:")
        return
    if not known:
        st.info("What these runs cost was not recorded.", icon=":material/savings:")
        return
    spots = (of_configurations if over else of_runs)(entries, figure, cost, figure not in LOWER_IS_BETTER)
    if not spots:
        st.info("No configuration has this figure and this cost in every category." if over else
                "None of these runs has both this figure and this cost.", icon=":material/savings:")
        return
    title = METRIC_NAMES[figure]
    event = chart(price_plot(spots, cost.title, title), key="compare_price_plot", on_click=True,
                  alt=f"{title} against {cost.title}")
    if run := clicked(event):
        go_to("review", run=run)
    _say(spots, len(entries), over)
    _front(gained(spots), title, cost)
    take_away(lambda: price_table(spots, title, cost), "prices", "compare_prices")


def _of_category(entries: Sequence[Entry]) -> tuple[list[Entry], bool]:
    """The runs of the category to show, or all of them for the means over the categories."""
    categories = sorted({one.category for one in entries})
    if len(categories) == 1:
        return list(entries), False
    chosen = one_of("Category", "of", {"": "mean over the categories", **{name: shown(name) for name in categories}})
    return [one for one in entries if chosen in ("", one.category)], not chosen


def _say(spots: Sequence[Spot], count: int, over: bool) -> None:
    what = "configurations" if over else "runs"
    lines = [f"{sum(spot.front for spot in spots)} of {len(spots)} {what} are on the Pareto front: no other is both "
             "cheaper and better. A click on a point opens its run."]
    if not over and len(spots) < count:
        lines.append(f"{count - len(spots)} runs lack the figure or the cost.")
    if any(spot.at_least for spot in spots):
        lines.append("Hollow points used work of earlier runs: a fit alone costs more.")
    if any(spot.estimated for spot in spots):
        lines.append(ESTIMATED)
    for line in lines:
        st.caption(line)


def _front(steps: Sequence[tuple[Spot, float | None]], title: str, cost: Cost) -> None:
    """The front, cheapest first: each step up in quality and what it costs."""
    rows = [{"Settings that differ": spot.name, title: with_interval(spot.value, spot.limits),
             cost.title.capitalize(): f"{sign(spot.at_least, spot.estimated)}{cost.words(spot.cost)}",
             "Gain over the one before": None if gain is None else number(gain)} for spot, gain in steps]
    event = st.dataframe(pd.DataFrame(rows), hide_index=True, on_select="rerun", selection_mode="single-cell",
                         key="compare_front", placeholder="—", alt="The Pareto front, cheapest first")
    if cells := [row for row, _ in event.selection.cells if row < len(steps)]:
        go_to("review", run=steps[cells[0]][0].run)
