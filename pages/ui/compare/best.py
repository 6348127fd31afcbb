"""Compare: which run is best, as far as that can be told, and what each cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from pages.ui.compare import categories, older, published
from pages.ui.compare.entries import with_tests
from pages.ui.compare.metrics import choose_metric
from pages.ui.compare.runs import MOST_RUNS
from pages.ui.compare.take_away import take_away
from pages.ui.format import LOWER_IS_BETTER, METRIC_NAMES, duration, interval, number, size, with_interval
from pages.ui.frame import go_to
from pages.ui.markdown import plain
from patchcore_core.data.images import shown
from patchcore_core.evaluation.explain import explain_figure
from patchcore_core.runs.store import Run
from patchcore_core.views.comparison.best_table import (
    STANDINGS,
    Row,
    answer,
    as_table,
    best_rows,
    cheapest,
    groups_of,
    lacking,
    untested,
)
from patchcore_core.views.comparison.costs import ESTIMATED
from patchcore_core.views.comparison.entries import names_of

HEADLINE = ("image_auroc", "pixel_auroc", "aupro")
KEY = "compare_best_table"
WORDS = {"best": "best", "tied": "may be best", "worse": "worse", "not tested": "not tested", "only run": "only run",
         "": "no figure"}  # fmt: skip
MOST_SENTENCES = 20


def draw(runs: Sequence[Run]) -> None:
    """The figure, the categories at a glance, the answer in words, the table, published figures beside it."""
    figure = choose_metric(runs)
    if figure is None:
        st.info("None of these runs has accuracy figures: they need labelled test images.",
                icon=":material/labs:")
        return
    entries, tested, unread = with_tests(runs, figure)
    for sentence in unread:
        st.error(plain(sentence), icon=":material/error:")
    rows = best_rows(entries, tested, figure, figure not in LOWER_IS_BETTER)
    names = names_of(entries)
    several = len({one.category for one in entries}) > 1
    if several:
        categories.draw(entries, figure)
        st.subheader("In each category", anchor=False)
    _answers(rows, names, figure)
    wanted = lacking(rows, tested)
    older.offer([run for run in runs if run.id in wanted])
    if several:
        st.subheader("All runs", anchor=False)
    _table(rows, names, figure)
    published.draw(rows, figure)


def _answers(rows: Sequence[Row], names: Mapping[str, str], figure: str) -> None:
    """One sentence for each test set, and why runs could not be tested."""
    lines = []
    for group in groups_of(rows)[:MOST_SENTENCES]:
        if not (said := answer(group)):
            continue
        first = group[0].entry
        cost = _cost_words(group, names)
        lines.append(f"- **{plain(shown(first.category))}**: **{plain(names[first.id])}**, {METRIC_NAMES[figure]} "
                     f"{plain(with_interval(group[0].value, group[0].limits))}: {said}{cost}")
    st.markdown("\n".join(lines), help=_how(figure))
    for reason, count in untested(rows).items():
        st.caption(f"{count} run{'' if count == 1 else 's'} not tested: {reason}.")


def _cost_words(group: Sequence[Row], names: Mapping[str, str]) -> str:
    """Which of the runs that may be best are cheapest."""
    parts = []
    for cost, word, show in (("fit_seconds", "fitted fastest", duration), ("image_ms", "scores fastest", _ms),
                             ("bank_bytes", "has the smallest bank", size)):
        if found := cheapest(group, cost):
            about = {"≥ ": "at least ", "≈ ": "about ", "": ""}[found.entry.sign(cost)]
            parts.append(f"{plain(names[found.entry.id])} {word} ({about}{plain(show(found.entry.costs[cost]))})")
    return f" Of those that may be best, {'; '.join(parts)}." if parts and len(group) > 1 else ""


def _how(figure: str) -> str:
    test = ("DeLong's test" if figure == "image_auroc" else
            "a paired bootstrap (the same 1000 resamples of the test images for every run)")
    return (f"{METRIC_NAMES[figure]}: {explain_figure(figure)}\n\nEach run is tested against the best one on the same "
            f"test images by {test}, corrected for the number of runs (Holm), at 5 %.")


def _table(rows: Sequence[Row], names: Mapping[str, str], figure: str) -> None:
    frame = pd.DataFrame([_line(row, names, figure) for row in rows])
    event = st.dataframe(frame, key=KEY, hide_index=True, on_select="rerun", placeholder="—",
                         selection_mode=["multi-row", "single-cell"], column_config=_columns(frame, figure),
                         height="content" if len(rows) <= 20 else 640, alt="Runs with their figures and costs")
    if cells := [row for row, _ in event.selection.cells if row < len(rows)]:
        go_to("review", run=rows[cells[0]].entry.id)
    _actions([rows[place].entry.id for place in event.selection.rows if place < len(rows)])
    figures = {figure: METRIC_NAMES[figure], **{name: METRIC_NAMES[name] for name in HEADLINE}}
    take_away(lambda: as_table(rows, names, figures, figure), "runs", "compare_best")
    if any(row.entry.shortened for row in rows):
        st.caption("≥: the run used work of earlier ones, so a fit alone takes longer.")
    if any(row.entry.estimated for row in rows):
        st.caption(ESTIMATED)


def _actions(ticked: Sequence[str]) -> None:
    if len(ticked) < 2:
        st.caption("Click into a row to review that run; tick two or more to compare them alone.")
        return
    with st.container(horizontal=True):
        st.button(f"Only these {len(ticked)}", on_click=_only, args=(tuple(ticked), "best"),
                  icon=":material/filter_alt:")
        if len(ticked) <= MOST_RUNS:
            st.button("Side by side", on_click=_only, args=(tuple(ticked), "side"), icon=":material/compare_arrows:")


def _only(ids: Sequence[str], view: str) -> None:
    figure = st.query_params.get("figure")
    st.query_params.from_dict({"runs": ",".join(ids), "view": view} | ({"figure": figure} if figure else {}))


def _line(row: Row, names: Mapping[str, str], figure: str) -> dict[str, Any]:
    one, costs = row.entry, row.entry.costs
    line: dict[str, Any] = {
        "standing": WORDS[row.standing], "category": shown(one.category), "run": names[one.id],
        METRIC_NAMES[figure]: with_interval(row.value, row.limits),
        "to the best": f"{number(row.behind)} {interval(row.behind_limits)}".strip() if row.test else None,
        "p (Holm)": None if row.p_value != row.p_value else row.p_value,
    }
    for name in HEADLINE:
        if name != figure:
            line[METRIC_NAMES[name]] = with_interval(one.metric(name), one.interval(name))
    for name, title, show in (("fit_seconds", "Fit time", duration), ("image_ms", "Time per image", _ms)):
        line[title] = f"{one.sign(name)}{show(costs[name])}"
    line |= {"Bank": costs["bank_bytes"], "Peak memory": costs["peak_bytes"]}
    return line | {"created": one.created, "id": one.id}


def _ms(value: float) -> str:
    return "—" if value != value else f"{value:.1f} ms"


def _columns(frame: pd.DataFrame, figure: str) -> dict[str, Any]:
    column, told = st.column_config, "\n\n".join(f"{WORDS[name]}: {words}." for name, words in STANDINGS.items())
    one_category = frame["category"].nunique() == 1
    return {
        "standing": column.TextColumn("Standing", help=told, width="small", pinned=True),
        "category": None if one_category else column.TextColumn("Category", pinned=True),
        "run": column.TextColumn("Settings that differ", pinned=True, width=280),
        METRIC_NAMES[figure]: column.TextColumn(help=explain_figure(figure)),
        "to the best": column.TextColumn("Difference to the best", help="With its 95 % interval"),
        "p (Holm)": column.NumberColumn(format="%.3g", help=explain_figure("corrected_p_value"), width="small"),
        "Bank": column.NumberColumn(format="bytes", width="small"),
        "Peak memory": column.NumberColumn(format="bytes", width="small", help="Of the fit, as it was recorded"),
        "created": column.TextColumn("Created"),
        "id": column.TextColumn("Run", help="Its folder in the store"),
    }
