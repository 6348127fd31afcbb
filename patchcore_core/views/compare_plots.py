"""Plotly figures that compare runs. Names are escaped as in `plots`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from patchcore_core.views.colours import COLOURS, QUIET, RUN_COLOURS
from patchcore_core.views.comparison.score_box import Box
from patchcore_core.views.plots import TEXT, plain
from patchcore_core.views.text import short

SYMBOLS = {"good": "circle", "defective": "diamond", "unknown": "x"}
LABELS = {"good": 0, "defective": 1, "unknown": -1}


def recall_side_by_side(recall: Mapping[str, Mapping[str, tuple[int, int]]]) -> go.Figure:
    """Recall per defect type, one bar per run: recall[run][type] = (found, total); types in alphabetical order."""
    types = sorted({name for rows in recall.values() for name in rows})
    figure = _figure(height=96 + len(types) * (14 + 17 * len(recall)))
    for colour, (run, rows) in zip(RUN_COLOURS, recall.items(), strict=False):
        counts = [rows.get(name, (0, 0)) for name in types]
        figure.add_bar(
            y=[plain(short(name)) for name in types], x=[found / total if total else 0 for found, total in counts],
            text=[f"{found}/{total}" for found, total in counts], textposition="outside", cliponaxis=False, textangle=0,
            orientation="h", textfont=TEXT, name=plain(run), marker={"color": colour, "line": {"width": 0}},
            hovertemplate=plain(run) + "<br>%{y}: %{text}<extra></extra>")
    figure.update_layout(barmode="group", bargap=0.3, bargroupgap=0.08)
    figure.update_xaxes(range=[0, 1.12], tickformat=".0%", tickvals=[0, 0.25, 0.5, 0.75, 1],
                        title={"text": "recall", "standoff": 8})
    figure.update_yaxes(autorange="reversed", type="category", showgrid=False)
    return figure


def score_against_score(scores: np.ndarray, thresholds: tuple[float, float], labels: np.ndarray,
                        images: tuple[str, ...], runs: tuple[str, str], chosen: int | None = None,
                        boxes: Sequence[Box] = ()) -> go.Figure:  # fmt: skip
    """Each image as a point: its score in one run against another, by class, with both thresholds.

    scores (2, N); labels (N,) with 0 good, 1 defective, -1 unknown; `images` (N,): their names; `chosen`: the image to
    ring; `boxes`: those that are selected. The corners where the predictions differ are shaded.
    """
    figure = _figure(height=380)
    _shade_disagreement(figure, scores, thresholds)
    for name, label in LABELS.items():
        kept = np.flatnonzero(labels == label)
        if len(kept):
            figure.add_scatter(
                x=scores[0, kept], y=scores[1, kept], mode="markers", name=f"{name} ({len(kept)})",
                text=[plain(images[index]) for index in kept], customdata=kept.tolist(),
                hovertemplate="%{text}<br>%{x:.3f}, %{y:.3f}",
                marker={"color": COLOURS[name], "size": 7, "opacity": 0.8, "symbol": SYMBOLS[name]})
    if chosen is not None:
        figure.add_scatter(x=scores[:1, chosen], y=scores[1:, chosen], mode="markers", showlegend=False,
                           hoverinfo="skip", marker={"size": 16, "symbol": "circle-open", "color": QUIET,
                                                     "line": {"width": 2}})
    for box in boxes:  # the shape stays where a double click takes the selection away before Python hears of it
        sides = {"type": "rect", "x0": box.left, "x1": box.right, "y0": box.bottom, "y1": box.top}
        figure.add_selection(sides)
        figure.add_shape(sides, line={"width": 1, "color": QUIET})
    figure.update_xaxes(title=f"score in {plain(runs[0])}")
    figure.update_yaxes(title=f"score in {plain(runs[1])}")
    return figure


def rank_diagram(ranks: Sequence[float], names: Sequence[str], critical: float) -> go.Figure:
    """Average ranks over categories, 1 = best, left; the bar above is as long as the critical difference (Demsar 2006).

    ranks (K,), names (K,). Configurations closer together than the bar do not differ significantly.
    """
    order = np.argsort(ranks, kind="stable")
    figure = _figure(height=96 + 26 * len(ranks))
    rows = [plain(short(names[place], 44)) for place in order]
    best = float(min(ranks))
    for place, row in zip(order, range(len(rows)), strict=True):
        figure.add_shape(type="line", x0=1, x1=ranks[place], y0=row, y1=row, line={"width": 1, "color": QUIET})
    figure.add_scatter(x=[ranks[place] for place in order], y=list(range(len(rows))), mode="markers+text",
                       text=[f"{ranks[place]:.2f}" for place in order], textposition="middle right", cliponaxis=False,
                       textfont=TEXT, marker={"size": 10, "color": QUIET}, showlegend=False,
                       hovertemplate="average rank %{x:.2f}<extra></extra>")
    if np.isfinite(critical):
        figure.add_shape(type="rect", x0=best, x1=best + critical, y0=-0.75, y1=len(rows) - 0.25, fillcolor=QUIET,
                         opacity=0.14, line={"width": 0}, layer="below")
        figure.add_annotation(x=best, y=-0.75, xanchor="left", yanchor="bottom", showarrow=False,
                              text=f"critical difference {critical:.2f}")
    figure.update_xaxes(title="average rank over the categories, 1 = best", range=[0.9, len(ranks) + 0.4], dtick=1)
    figure.update_yaxes(tickvals=list(range(len(rows))), ticktext=rows, autorange="reversed", showgrid=False)
    return figure


def rings_in_line_colours(figure: go.Figure) -> go.Figure:
    """Give each ring of a curve plot the colour of the line it sits on, to distinguish several rings."""
    colour = None
    for trace in figure.data:
        if trace.mode == "lines":
            colour = trace.line.color
        elif trace.mode == "markers":
            trace.marker.color = colour
    return figure


def _shade_disagreement(figure: go.Figure, scores: np.ndarray, thresholds: tuple[float, float]) -> None:
    (left_end, right_end), (bottom_end, top_end) = (_span(row, limit) for row, limit in
                                                    zip(scores, thresholds, strict=True))
    x, y = thresholds
    for left, right, bottom, top in ((left_end, x, y, top_end), (x, right_end, bottom_end, y)):
        figure.add_shape(type="rect", x0=left, x1=right, y0=bottom, y1=top, line={"width": 0}, fillcolor=QUIET,
                         opacity=0.14, layer="below")
    figure.add_vline(x, line={"width": 1, "dash": "dot", "color": QUIET})
    figure.add_hline(y, line={"width": 1, "dash": "dot", "color": QUIET})
    figure.update_xaxes(range=[left_end, right_end])
    figure.update_yaxes(range=[bottom_end, top_end])


def _span(scores: np.ndarray, threshold: float) -> tuple[float, float]:
    """The range of an axis with all scores and the threshold, with some margin."""
    low, high = min(float(scores.min()), threshold), max(float(scores.max()), threshold)
    room = 0.04 * (high - low) or 0.5
    return low - room, high + room


def _figure(height: int) -> go.Figure:
    figure = go.Figure()
    figure.update_layout(paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)", dragmode=False, height=height,
                         margin={"l": 8, "r": 8, "t": 24, "b": 8}, hovermode="closest", uirevision="keep",
                         legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0, "font": TEXT}, font=TEXT)
    figure.update_xaxes(automargin=True, zeroline=False, fixedrange=True, tickfont=TEXT, title={"font": TEXT})
    figure.update_yaxes(automargin=True, zeroline=False, fixedrange=True, tickfont=TEXT, title={"font": TEXT})
    return figure
