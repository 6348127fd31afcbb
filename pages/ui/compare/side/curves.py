"""Compare: the curves of all runs on one axis."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from pages.ui import cache
from pages.ui.charts import chart
from patchcore_core.runs.store import Run
from patchcore_core.views import plots
from patchcore_core.views.compare_plots import rings_in_line_colours
from patchcore_core.views.curve import Curve, run_curves


def curves(runs: Sequence[Run], names: Sequence[str], thresholds: Sequence[float]) -> None:
    """Image ROC and precision-recall, pixel ROC and per-region overlap; rings stand at each run's own threshold.

    A run without a curve keeps its place, so that every run has one colour throughout the page.
    """
    drawn = {name: run_curves(cache.load_curves(run)) for name, run in zip(names, runs, strict=True)}
    rings = dict(zip(names, thresholds, strict=True))

    def of(curve: str) -> dict[str, Curve]:
        return {name: curves_of_run[curve] for name, curves_of_run in drawn.items()}

    with st.grid(4, min_column_width=290, gap="small") as grid:
        for title, figure in (
            ("Image ROC", plots.roc(of("image_roc"), rings)),
            ("Image precision and recall", plots.precision_recall(of("image_precision_recall"), rings)),
            ("Pixel ROC", plots.roc(of("pixel_roc"))),
            ("Per-region overlap", plots.pro(of("pro"))),
        ):
            with grid.cell():
                _chart(title, figure)


def _chart(title: str, figure: go.Figure) -> None:
    st.markdown(f"**{title}**")
    if not figure.data:
        st.caption("Not available: it needs good and defective test images, with masks for pixels.")
        return
    figure.update_layout(showlegend=False, margin_t=8)
    chart(rings_in_line_colours(figure), key=f"compare_{title}",
          alt=f"{title} of each run")
