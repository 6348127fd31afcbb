"""Review: the run's figures with their intervals, in full in a table, and published ones."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import streamlit as st

from pages.ui import cache
from pages.ui.format import LOWER_IS_BETTER, METRIC_NAMES, interval, number, with_interval
from pages.ui.markdown import plain
from pages.ui.review.verdicts.without import Figures
from patchcore_core.evaluation.explain import explain_figure
from patchcore_core.evaluation.figures import AT_THE_THRESHOLD
from patchcore_core.evaluation.published.reference import Reference, beside_published
from patchcore_core.runs.store import Run

HEADLINES = ("image_auroc", "pixel_auroc", "aupro")
NO_INTERVALS = ("This run predates intervals: fit it again after deleting it, or run the command `evaluate`.")
PUBLISHED_METRICS = ("image_auroc", "pixel_auroc", "aupro", "pixel_auroc_anomalous")


def headlines(run: Run, images: pd.DataFrame, instead: Figures | None = None) -> None:
    """The three headline figures with their intervals, each explained, and the number of test images.

    `instead`: figures without some of the images, shown in their place with a caption.
    """
    if instead is not None:
        st.caption(instead.sentence)
        run = instead.run
    with st.container(horizontal=True, gap="medium", vertical_alignment="top"):
        for name in HEADLINES:
            st.metric(METRIC_NAMES[name], number(run.metrics.get(name)), interval(run.intervals.get(name)) or None,
                      delta_color="off", delta_arrow="off", width="content", help=_explained(run, name))
        good, defective = ((images["label"] == label).sum() for label in (0, 1))
        st.metric("Good / defective test images", f"{good} / {defective}", width="content",
                  help="Test images with a label; few images give wide intervals.")


def all_figures(run: Run) -> None:
    """All figures with interval and explanation, and the main ones per defect type."""
    fold = st.expander("All figures with 95 % intervals, also per defect type", icon=":material/table_chart:",
                       key="review_all_figures", on_change="rerun")
    if not fold.open:
        return  # tables take the browser longer to load than the rest of the page
    with fold:
        if not run.intervals:
            st.caption(NO_INTERVALS)
        run = cache.with_found(run)
        names = [name for name in METRIC_NAMES if name in run.metrics]
        rows = [[METRIC_NAMES[name], number(run.metrics[name]), interval(run.intervals.get(name)) or "—",
                 _what_it_says(run, name)] for name in names]
        st.table(pd.DataFrame(rows, columns=["figure", "value", "95 % interval", "meaning"]), border="horizontal",
                 hide_index=True, alt="All figures of the run with their intervals")
        if run.per_defect:
            st.markdown("**Per defect type**", help="The images of one defect type against all good images.")
            st.dataframe(_per_defect(run), hide_index=True, column_config=_columns(),
                         alt="Figures per defect type with their intervals")


def published(run: Run) -> None:
    """Published figures of an MVTec AD category beside ours; nothing for other data."""
    found = beside_published(run.category, run.metrics, run.config, run.counts)
    if not found:
        return
    fold = st.expander(f"Published figures for {plain(run.category)} beside ours", icon=":material/menu_book:",
                       key="review_published_figures", on_change="rerun")
    if not fold.open:
        return
    with fold:
        offered = [name for name in PUBLISHED_METRICS if any(row.metric == name for row in found)]
        metric = st.segmented_control("Figure", offered, default=offered[0], required=True,
                                      format_func=METRIC_NAMES.__getitem__, key="review_published",
                                      label_visibility="collapsed")
        ours = with_interval(run.metrics.get(metric), run.intervals.get(metric))
        st.caption(f"Ours: {ours}. Each row lists the settings that differ from ours; only without any is the "
                   "difference due to the method.")
        rows = [row for row in found if row.metric == metric]
        st.dataframe(pd.DataFrame([_published_row(row) for row in rows]), hide_index=True,
                     column_config=_published_columns(), alt="Published figures beside ours")


def _explained(run: Run, name: str) -> str:
    limits = interval(run.intervals.get(name))
    sentences = [explain_figure(name)]
    if limits:
        sentences.append(f"{limits} is its 95 % interval. {explain_figure('interval')}")
    elif f"{name}/interval" in run.reasons:
        sentences.append(f"No interval: {plain(run.reasons[f'{name}/interval'])}.")
    elif not run.intervals and not math.isnan(run.metrics.get(name, math.nan)):
        sentences.append(NO_INTERVALS)
    if name in run.reasons:
        sentences.append(f"Not defined for this run: {plain(run.reasons[name])}.")
    return " ".join(sentences)


def _what_it_says(run: Run, name: str) -> str:
    why = [run.reasons[key] for key in (name, f"{name}/interval") if key in run.reasons]
    better = "Lower is better. " if name in LOWER_IS_BETTER else ""
    return f"{explain_figure(name)} {better}{plain(f'Not defined: {why[0]}.') if why else ''}".strip()


def _per_defect(run: Run) -> pd.DataFrame:
    rows = []
    for kind, figures in run.per_defect.items():
        limits = run.per_defect_intervals.get(kind, {})
        cells = {name: with_interval(figures.get(name), limits.get(name)) for name in (*HEADLINES, *AT_THE_THRESHOLD)}
        rows.append({"type": kind or "unknown", "count": figures.get("count"), **cells})
    return pd.DataFrame(rows)


def _columns() -> dict[str, Any]:
    told = {name: st.column_config.TextColumn(METRIC_NAMES[name], help=explain_figure(name))
            for name in (*HEADLINES, *AT_THE_THRESHOLD)}
    return {"type": st.column_config.TextColumn("defect type", help="As named by the folders of the dataset."),
            "count": st.column_config.NumberColumn("images", format="%d", help="Test images of this type."), **told}


def _published_row(row: Reference) -> dict[str, object]:
    return {
        "source": row.source, "protocol": row.protocol, "theirs": row.value, "ours": row.ours,
        "difference": row.difference, "flags": len(row.differs),
        "differs": "; ".join(f"{setting.name}: {setting.theirs} (ours {setting.ours})" for setting in row.differs),
        "not_stated": ", ".join(row.not_stated), "note": row.note,
    }  # fmt: skip


def _published_columns() -> dict[str, Any]:
    column = st.column_config
    return {
        "source": column.TextColumn(help="Who published the figure.", width="medium"),
        "protocol": column.TextColumn(help="Name and settings.", width="medium"),
        "theirs": column.NumberColumn(format="%.3f", width="small", help="The published figure."),
        "ours": column.NumberColumn(format="%.3f", width="small", help="The same figure of this run."),
        "difference": column.NumberColumn("ours − theirs", format="%+.3f", width="small",
                                          help="Above 0: ours is higher. Not comparable where settings differ."),
        "flags": column.NumberColumn("⚑", format="%d", width="small",
                                     help="Number of settings that differ."),
        "differs": column.TextColumn("differs in", width="large", help="Settings that differ."),
        "not_stated": column.TextColumn("not stated", width="medium", help="Settings that the source does not state."),
        "note": column.TextColumn(width="medium", help="Further notes."),
    }
