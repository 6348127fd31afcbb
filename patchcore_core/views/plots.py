"""Plotly figures from plain numbers, independent of runs and Streamlit.

Backgrounds are transparent and text takes the page's colour, so a figure works on light and dark pages. Names from
files (defect types, runs) are escaped, since Plotly interprets some HTML in texts.
"""

from __future__ import annotations

import html
from collections.abc import Mapping

import plotly.graph_objects as go

from patchcore_core.views.colours import COLOURS, QUIET, RUN_COLOURS
from patchcore_core.views.curve import Curve

MARK = COLOURS["defective"]
TEXT = {"size": 12}  # pixels, of all text; Streamlit's own is smaller


def roc(curves: Mapping[str, Curve], thresholds: Mapping[str, float] | None = None) -> go.Figure:
    """ROC curves by name, each with a ring at its threshold; for images or pixels."""
    figure = empty_figure("false positive rate", "true positive rate", square=True)
    figure.add_shape(type="line", x0=0, y0=0, x1=1, y1=1, line={"width": 1, "dash": "dot", "color": QUIET})
    return _draw(figure, curves, thresholds or {}, shape="linear")


def precision_recall(curves: Mapping[str, Curve], thresholds: Mapping[str, float] | None = None) -> go.Figure:
    """Precision-recall curves by name, as steps like average precision."""
    return _draw(empty_figure("recall", "precision", square=True), curves, thresholds or {}, shape="vh")


def pro(curves: Mapping[str, Curve], thresholds: Mapping[str, float] | None = None,
        fpr_limit: float = 0.3) -> go.Figure:
    """Per-region-overlap curves by name; the part beyond `fpr_limit`, which AUPRO ignores, is shaded."""
    figure = empty_figure("false positive rate (pixels)", "mean per-region overlap", square=True)
    figure.add_vrect(fpr_limit, 1.02, fillcolor=QUIET, opacity=0.12, line_width=0)
    return _draw(figure, curves, thresholds or {}, shape="linear")


def plain(text: str) -> str:
    """Text escaped for Plotly, including tags and entities."""
    return html.escape(text, quote=False)


def empty_figure(x_title: str, y_title: str, square: bool = False) -> go.Figure:
    """A figure with titled axes and nothing in it; `square`: both axes from 0 to 1."""
    x, y = ({"title": {"text": title, "standoff": 10, "font": TEXT}, "tickfont": TEXT, "automargin": True,
             "zeroline": False, "fixedrange": True}
            for title in (x_title, y_title))
    if square:
        x |= {"range": [-0.02, 1.02], "tickvals": [0, 0.25, 0.5, 0.75, 1]}
        y |= {"range": [-0.02, 1.04], "tickvals": [0, 0.25, 0.5, 0.75, 1]}
    return go.Figure(layout={
        "paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)", "dragmode": False, "hovermode": "closest",
        "margin": {"l": 8, "r": 8, "t": 10, "b": 8}, "height": 240, "xaxis": x, "yaxis": y,
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "font": TEXT}, "font": TEXT,
    })  # fmt: skip


def _draw(figure: go.Figure, curves: Mapping[str, Curve], thresholds: Mapping[str, float], shape: str) -> go.Figure:
    for index, (name, curve) in enumerate(curves.items()):
        if not len(curve.x):
            continue  # keeps the colours of the other runs
        colour = RUN_COLOURS[index % len(RUN_COLOURS)]
        figure.add_scatter(x=curve.x, y=curve.y, mode="lines", name=plain(name), customdata=curve.thresholds,
                           line={"color": colour, "width": 2, "shape": shape}, cliponaxis=False,
                           hovertemplate="(%{x:.3f}, %{y:.3f})<br>threshold %{customdata:.5g}")
        point = curve.at(thresholds.get(name))
        if point is not None:
            figure.add_scatter(x=[point[0]], y=[point[1]], mode="markers", showlegend=False, cliponaxis=False,
                               marker={"size": 13, "symbol": "circle-open", "color": MARK, "line": {"width": 3}},
                               hovertemplate="operating point (%{x:.3f}, %{y:.3f})<extra></extra>")
    return figure.update_layout(showlegend=len(curves) > 1)
