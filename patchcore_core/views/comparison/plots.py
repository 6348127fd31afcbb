"""Plotly figures over any number of runs. Names are escaped as in `plots`; points carry the id of their run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from patchcore_core.evaluation.statistics.many.field_effect import FieldEffect
from patchcore_core.evaluation.statistics.many.means import UNKNOWN, Limits, Mean
from patchcore_core.evaluation.statistics.ranks import Grid
from patchcore_core.views.colours import QUIET, RUN_COLOURS
from patchcore_core.views.plots import TEXT, empty_figure, plain
from patchcore_core.views.text import interval_text, short

FEW = 6  # lines that are told apart by colours, each with its intervals
TINT = "124,92,255"  # of RUN_COLOURS[0]
APART = 0.05  # of the places of a line on a field's axis


@dataclass(frozen=True)
class Spot:
    """A run, or a configuration over its categories, at its cost: `run` is opened by a click; `at_least`: the cost is
    known to be lower than that of a fit alone; `estimated`: it is so in part."""

    run: str
    name: str
    cost: float
    value: float
    limits: Limits = UNKNOWN
    at_least: bool = False
    estimated: bool = False
    front: bool = False


def heat_map(grid: Grid, rows: Sequence[str], order: Sequence[int], higher_is_better: bool = True) -> go.Figure:
    """The figure of each configuration in each category and its mean, rows in this `order`.

    The darker, the nearer to the best of its column. None is marked, as none was tested here. rows (K,): names of the
    configurations.
    """
    means = [grid.mean(row) for row in order]
    table = np.column_stack([grid.values[list(order)], [math.nan if mean is None else mean.value for mean in means]])
    columns = [*(plain(short(name, 16)) for name in grid.categories), "mean"]
    labels = [f"{place + 1}. {plain(short(rows[row], 44))}" for place, row in enumerate(order)]
    figure = empty_figure("", "")
    figure.add_heatmap(z=_ranked(table, higher_is_better), x=list(range(len(columns))), y=list(range(len(labels))),
                       colorscale=[[0, f"rgba({TINT},0.04)"], [1, f"rgba({TINT},0.55)"]], showscale=False, xgap=2,
                       ygap=2, hoverinfo="skip", zmin=0, zmax=1)
    figure.add_scatter(**_cells(table), mode="text", hoverinfo="skip", showlegend=False)
    figure.update_xaxes(tickvals=list(range(len(columns))), ticktext=columns, side="top", showgrid=False,
                        range=[-0.5, len(columns) - 0.5])
    figure.update_yaxes(tickvals=list(range(len(labels))), ticktext=labels, showgrid=False,
                        range=[len(labels) - 0.5, -0.5])
    return figure.update_layout(height=64 + 28 * len(labels))


def field_plot(
    effect: FieldEffect, words: Sequence[str], names: Sequence[str], ids: Sequence[str], title: str, figure_name: str
) -> go.Figure:
    """A figure against the values of a field; words (V,), names of the lines (L,), ids of all runs by index.

    Up to `FEW` lines have colours and intervals; more are thin. The mean over the complete lines is thick.
    """
    figure = empty_figure(title, figure_name)
    few = len(effect.lines) <= FEW
    for place, (line, name) in enumerate(zip(effect.lines, names, strict=True)):
        colour = RUN_COLOURS[place] if few else QUIET
        shift = (place - (len(effect.lines) - 1) / 2) * APART if few else 0.0
        figure.add_scatter(**_line(line.points, shift, few), name=plain(short(name, 60)), mode="lines+markers",
                           line={"color": colour, "width": 2 if few else 1}, marker={"size": 7 if few else 4},
                           opacity=1 if few else 0.45, showlegend=few,
                           customdata=[ids[run] for run in line.runs if run is not None],
                           hovertemplate=f"{plain(name)}<br>%{{text}}<extra></extra>")
    if effect.mean and len(effect.complete) > 1:
        look = {"color": QUIET, "dash": "dot"} if few else {"color": RUN_COLOURS[0]}
        figure.add_scatter(**_line(effect.mean, 0.0, True), name=f"mean of {len(effect.complete)}",
                           mode="lines+markers", line={**look, "width": 4}, marker={"size": 9},
                           hovertemplate="mean<br>%{text}<extra></extra>")
    figure.update_xaxes(tickvals=list(range(len(words))), ticktext=[plain(short(word, 40)) for word in words],
                        range=[-0.4, len(words) - 0.6])
    return figure.update_layout(height=420, showlegend=True, margin_t=24)


def price_plot(spots: Sequence[Spot], title: str, figure_name: str) -> go.Figure:
    """A figure against a cost; those on the Pareto front are joined and have their intervals, the others are quiet.

    Hollow points: a fit alone would have cost more.
    """
    figure = empty_figure(title, figure_name)
    behind, front = [one for one in spots if not one.front], [one for one in spots if one.front]
    front.sort(key=lambda one: one.cost)
    figure.add_scatter(**_spots(behind), mode="markers", name=f"other ({len(behind)})",
                       marker=_marks(behind, QUIET, 8))
    figure.add_scatter(**_spots(front), mode="lines+markers", name=f"Pareto front ({len(front)})",
                       line={"shape": "hv", "width": 1.5, "color": RUN_COLOURS[0]},
                       marker=_marks(front, RUN_COLOURS[0], 11), error_y=_bars(
                           [Mean(one.value, *one.limits, 1) for one in front], RUN_COLOURS[0]))
    known = [one.cost for one in spots if one.cost > 0]
    if known and max(known) > 20 * min(known):
        figure.update_xaxes(type="log", dtick=1)
    return figure.update_layout(height=440, showlegend=True, margin_t=24)


def _spots(spots: Sequence[Spot]) -> dict[str, Any]:
    return {"x": [one.cost for one in spots], "y": [one.value for one in spots],
            "text": [plain(one.name) for one in spots], "customdata": [one.run for one in spots],
            "hovertemplate": "%{text}<br>%{y:.3f} at %{x:,.4g}<extra></extra>"}


def _marks(spots: Sequence[Spot], colour: str, size: int) -> dict[str, Any]:
    return {"color": colour, "size": size, "symbol": ["circle-open" if one.at_least else "circle" for one in spots]}


def _line(points: Sequence[Mean | None], shift: float, bars: bool) -> dict[str, Any]:
    known = [(place + shift, point) for place, point in enumerate(points) if point is not None]
    means = [point for _, point in known]
    return {"x": [place for place, _ in known], "y": [point.value for point in means],
            "text": [f"{point.value:.3f} {interval_text((point.low, point.high))}" for point in means],
            "error_y": _bars(means) if bars else None}


def _bars(means: Sequence[Mean], colour: str | None = None) -> dict[str, Any]:
    """Asymmetric error bars; none where an interval is unknown."""
    def length(ends: Sequence[float]) -> list[float]:
        return [0.0 if math.isnan(end) else max(0.0, end) for end in ends]

    return {"type": "data", "symmetric": False, "thickness": 1.5, "width": 4, **({"color": colour} if colour else {}),
            "array": length([mean.high - mean.value for mean in means]),
            "arrayminus": length([mean.value - mean.low for mean in means])}


def _ranked(table: np.ndarray, higher_is_better: bool) -> np.ndarray:
    """Where each cell stands between the worst (0) and the best (1) of its column."""
    signed = table if higher_is_better else -table
    low, high = (np.full(table.shape[1], np.nan) for _ in range(2))
    some = np.isfinite(signed).any(axis=0)
    low[some], high[some] = np.nanmin(signed[:, some], axis=0), np.nanmax(signed[:, some], axis=0)
    return (signed - low) / np.where(high > low, high - low, 1)


def _cells(table: np.ndarray) -> dict[str, Any]:
    rows, columns = np.nonzero(np.isfinite(table))
    texts = [f"{table[row, column]:.3f}" for row, column in zip(rows, columns, strict=True)]
    return {"x": columns.tolist(), "y": rows.tolist(), "text": texts, "textfont": TEXT}
