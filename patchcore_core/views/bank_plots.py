"""Plotly figure of a memory bank's coverage."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from patchcore_core.views.colours import QUIET
from patchcore_core.views.plots import TEXT, empty_figure

LINES = {"farthest": ("#7C5CFF", "farthest patch"), "mean": ("#3E8E7E", "mean of the patches"),
         "radius": ("#F0569A", "covering radius")}  # fmt: skip


def coverage(sizes: np.ndarray, curves: dict[str, np.ndarray], patches: int, enough: int | None = None) -> go.Figure:
    """Distances (S,) by the names of LINES against bank `sizes` (S,), of `patches` in all, on a logarithmic axis.

    The last size, that of the bank, is marked, and so is `enough`, where the curve flattens.
    """
    only = LINES[next(iter(curves))][1] if len(curves) == 1 else "distance"
    figure = empty_figure("rows of the bank", only)
    for name, values in curves.items():
        known = np.isfinite(values)
        colour, words = LINES[name]
        figure.add_scatter(x=sizes[known], y=values[known], mode="lines", name=words, customdata=sizes[known] / patches,
                           line={"color": colour, "width": 2}, cliponaxis=False,
                           hovertemplate="%{x:,} rows (%{customdata:.2%})<br>distance %{y:.4g}")  # fmt: skip
    figure.update_xaxes(type="log", dtick=1, tickformat="~s")
    figure.update_yaxes(rangemode="tozero")
    _mark(figure, int(sizes[-1]), f"this bank, {sizes[-1] / patches:.2%}", "solid", "right", 1.0)
    if enough is not None and enough < sizes[-1]:
        _mark(figure, enough, f"flat from {enough:,}", "dash", "right", 0.88)
    return figure.update_layout(height=300, showlegend=len(curves) > 1, margin_t=36)


def _mark(figure: go.Figure, size: int, words: str, dash: str, anchor: str, height: float) -> None:
    figure.add_vline(size, line={"width": 1.5, "dash": dash, "color": QUIET})
    figure.add_annotation(x=np.log10(size), y=height, yref="paper", text=words.replace("%", " %"), showarrow=False,
                          xanchor=anchor, xshift=-4, font=TEXT)  # fmt: skip
