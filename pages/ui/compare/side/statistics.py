"""Compare: statistical significance. Paired tests, repeated seeds, ranks over categories."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from pages.ui import cache
from pages.ui.charts import chart
from pages.ui.compare.address import one_of
from pages.ui.compare.runs import Shared
from pages.ui.compare.take_away import take_away
from pages.ui.format import LOWER_IS_BETTER, METRIC_NAMES, interval, number
from pages.ui.markdown import plain
from patchcore_core.data.images import shown
from patchcore_core.evaluation.explain import explain_figure
from patchcore_core.evaluation.statistics.compare import Comparison, compare_auroc
from patchcore_core.evaluation.statistics.differences import Ranking, Spread, repeats, spread
from patchcore_core.evaluation.statistics.ranks import rank_over_categories
from patchcore_core.exports.names import unique
from patchcore_core.runs.store import Run
from patchcore_core.views.compare_plots import rank_diagram
from patchcore_core.views.comparison.names import short_names
from patchcore_core.views.comparison.side_tables import LETTERS, rank_rows, seed_rows, tested_rows

FIGURES = ("image_auroc", "pixel_auroc", "aupro")
TEST_HELP = "DeLong's test of the image AUROC, paired: both runs scored the same photos. "


def statistics(runs: Sequence[Run], names: Sequence[str], shared: Shared) -> None:
    """Significance of the differences, spread over seeds, and ranks over categories."""
    stored = [run for run in cache.load_runs() if run.status == "finished"]
    with st.grid(2, min_column_width=480, gap="large") as grid:
        with grid.cell():
            st.subheader("Statistical significance", anchor=False)
            _tests(runs, shared)
        with grid.cell():
            st.subheader("Repeated seeds", anchor=False)
            _seeds(runs, names, stored)
    _ranking(runs[0], stored)


def _tests(runs: Sequence[Run], shared: Shared) -> None:
    """DeLong's test of each run against A on the common photos."""
    if not shared.names:
        st.caption("The runs share no test photo, so their difference cannot be tested.")
        return
    labels = shared.column(runs, "label")[0]
    found = compare_auroc(labels, shared.column(runs, "image_score"))
    for comparison in found:
        st.markdown(_conclusion(comparison), help=TEST_HELP + explain_figure("p_value"))
    rows = {f"{LETTERS[each.second]} against A": _row(each) for each in found}
    columns = ["AUROC of A", "of the other", "difference", "95 % interval", "p", "p (Holm)"]
    st.table(pd.DataFrame.from_dict(rows, orient="index", columns=columns), border="horizontal",
             alt="DeLong's test of each run against A")
    count = int(np.count_nonzero(labels >= 0))
    st.caption(f"Image AUROC on {count} common test photos.", help=explain_figure("corrected_p_value"))
    take_away(lambda: tested_rows(found, METRIC_NAMES["image_auroc"], count, [run.id for run in runs]), "tests",
              "compare_tests")


def _conclusion(comparison: Comparison) -> str:
    test, other = comparison.test, LETTERS[comparison.second]
    if test.reason is not None:
        return f"**A and {other}**: {plain(test.reason)}."
    if not comparison.significant:
        return (f"**A and {other}**: no significant difference in Image AUROC; {_signed(test.difference)} on these "
                "photos is within chance.")
    better, worse = (other, "A") if test.difference > 0 else ("A", other)
    return (f"**{better} is significantly better than {worse}** in Image AUROC, by {number(abs(test.difference))}.")


def _row(comparison: Comparison) -> list[str]:
    test = comparison.test
    return [number(test.first), number(test.second), _signed(test.difference),
            interval((test.low, test.high)).replace("-", "−") or "—", _p(test.p_value), _p(comparison.corrected)]


def _seeds(runs: Sequence[Run], names: Sequence[str], stored: Sequence[Run]) -> None:
    """Mean ± sd of every compared configuration that was fitted with several seeds on the same data."""
    groups = repeats([{**_configuration(run), "data": run.fingerprint} for run in stored])
    shown = {run.id: place for place, run in enumerate(runs)}
    found: dict[str, dict[str, Spread]] = {}
    counts: dict[str, str] = {}
    for group in groups:
        letters = ", ".join(sorted(LETTERS[shown[stored[place].id]] for place in group if stored[place].id in shown))
        if letters and len(group) > 1:
            counts[letters] = str(len(group))
            found[letters] = {METRIC_NAMES[name]: spread([stored[place].metrics.get(name, math.nan) for place in group])
                              for name in FIGURES}
    if not found:
        st.caption(f"None of the {len(names)} configurations was fitted with several seeds. Fit one with other seeds "
                   "to see the spread.")
        return
    found = dict(sorted(found.items()))
    table = pd.DataFrame.from_dict({letters: [counts[letters], *map(_spread, of.values())]
                                    for letters, of in found.items()}, orient="index",
                                   columns=["seeds", *(METRIC_NAMES[name] for name in FIGURES)])
    st.table(table, border="horizontal", alt="Mean and standard deviation over repeated seeds")
    st.caption("All finished runs that differ from the compared one only in the seed.",
               help=explain_figure("spread"))
    take_away(lambda: seed_rows(found, [run.id for run in runs]), "seeds", "compare_seeds")


def _ranking(first: Run, stored: Sequence[Run]) -> None:
    """Friedman and Nemenyi tests over the categories of A's configuration, if there are enough."""
    groups = repeats([_configuration(run) for run in stored])
    of_run = {place: group for group, places in enumerate(groups) for place in places}
    configurations = [of_run[place] for place in range(len(stored))]
    data = [f"{run.category}/{run.fingerprint}" for run in stored]
    place = next((place for place, run in enumerate(stored) if run.id == first.id), None)
    values = {name: [run.metrics.get(name, math.nan) for run in stored] for name in FIGURES}
    found = {} if place is None else {name: rank_over_categories(configurations, data, column, place,
                                                                 name not in LOWER_IS_BETTER)
                                      for name, column in values.items()}
    known = {name: ranked for name, ranked in found.items() if ranked is not None}
    if not known:
        return
    st.subheader("Over several categories", anchor=False)
    name = one_of("Figure", "ranked", {name: METRIC_NAMES[name] for name in known}, buttons=True)
    ranked = known[name]
    labels = short_names([stored[place].config for place in ranked.places])
    categories = unique([category.rsplit("/", 1)[0] for category in ranked.categories])  # two may be of other photos
    with st.grid(2, min_column_width=480, gap="large") as grid:
        with grid.cell():
            chart(rank_diagram(ranked.ranking.ranks, labels, ranked.ranking.critical_difference),
                  key="compare_ranks",
                  alt="Average rank of each configuration over the categories")
        with grid.cell():
            st.markdown(_in_words(ranked.ranking), help=explain_figure("critical_difference"))
            table = pd.DataFrame(ranked.values, columns=unique(labels),
                                 index=list(map(shown, categories)))
            st.dataframe(table.iloc[:, np.argsort(ranked.ranking.ranks, kind="stable")].sort_index().map(number),
                         height="content" if len(table) <= 13 else 420,
                         alt="The figure of each configuration in each category, best average rank first")
            st.caption("All configurations in this store with a figure in every category of A's configuration, "
                       "averaged over seeds.")
            take_away(lambda: rank_rows(ranked.values, categories, labels, ranked.ranking), "ranks",
                      "compare_rank_table")


def _in_words(ranking: Ranking) -> str:
    if ranking.reason is not None:
        return f"No ranking: {plain(ranking.reason)}."
    rows = f"over {ranking.categories} categories (Friedman p {_p(ranking.p_value)})"
    if ranking.significant:
        return (f"The configurations differ significantly {rows}; so do two whose average ranks are at least "
                f"{number(ranking.critical_difference, 2)} apart.")
    return f"**No significant difference** between the configurations {rows}; few categories show only large ones."


def _configuration(run: Run) -> dict[str, object]:
    """Configuration and weights, equal for repeats with other seeds."""
    return {**run.config.identity(), "weights file": run.weights_sha256}


def _spread(value: Spread) -> str:
    return number(value.mean) if math.isnan(value.sd) else f"{number(value.mean)} ± {number(value.sd)}"


def _signed(value: float) -> str:
    return "—" if math.isnan(value) else f"{value:+.3f}".replace("-", "−")


def _p(value: float) -> str:
    return "—" if math.isnan(value) else "< 0.001" if value < 0.001 else f"{value:.3f}"
