"""Plotly figures from plain numbers. They know neither runs nor Streamlit.

Backgrounds are transparent and text takes the page's colour, so that one figure serves light and dark. Names that
come from files (defect types, runs) are escaped, since Plotly reads a little HTML in every text.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from patchcore_core.evaluation.shares import share_interval
from patchcore_core.evaluation.thresholds import Confusion
from patchcore_core.views.colours import COLOURS, RUN_COLOURS

QUIET = "#8A8F94"  # a grey that reads on light and dark
MARK = COLOURS["defective"]
WHISKER = "#14171A"  # dark on the bars of either class
FEW_BARS = 3
CLASSES = {"good": 0, "defective": 1, "unknown": -1}


@dataclass(frozen=True)
class Curve:
    """A curve over thresholds: x, y (T,) in [0, 1] and thresholds (T,) descending.

    Point i is what comes of calling the scores >= thresholds[i] defective; a first threshold of infinity stands
    for calling nothing defective.
    """

    x: np.ndarray
    y: np.ndarray
    thresholds: np.ndarray

    def at(self, threshold: float | None) -> tuple[float, float] | None:
        """The point of this threshold; None where there is no threshold, or no point (precision of nothing)."""
        if threshold is None or np.isnan(threshold):
            return None
        index = int(np.searchsorted(-self.thresholds, -threshold, side="right")) - 1
        return (float(self.x[index]), float(self.y[index])) if index >= 0 else None


EMPTY = Curve(np.zeros(0), np.zeros(0), np.zeros(0))


def run_curves(stored: Mapping[str, np.ndarray]) -> dict[str, Curve]:
    """The curves of a run from its `curves.npz`; one that is undefined (a class is missing) has no points.

    Names: `image_roc`, `image_precision_recall`, `pixel_roc`, `pixel_precision_recall`, `pro`.
    """
    pro_parts = [stored.get(f"pro_{part}", np.zeros(0)) for part in ("fpr", "overlap", "thresholds")]
    return {**_level_curves(stored, "image"), **_level_curves(stored, "pixel"), "pro": Curve(*pro_parts)}


def _level_curves(stored: Mapping[str, np.ndarray], level: str) -> dict[str, Curve]:
    positives, negatives = (float(stored.get(f"{level}_{part}", 0)) for part in ("positives", "negatives"))
    if not (positives and negatives):
        return {f"{level}_roc": EMPTY, f"{level}_precision_recall": EMPTY}
    thresholds, tp, fp = (stored[f"{level}_{part}"] for part in ("thresholds", "tp", "fp"))
    return {
        f"{level}_roc": roc_curve(thresholds, tp / positives, fp / negatives),
        f"{level}_precision_recall": Curve(tp / positives, tp / (tp + fp), thresholds),
    }


def roc_curve(thresholds: np.ndarray, true_rate: np.ndarray, false_rate: np.ndarray) -> Curve:
    """ROC from the rates at each threshold, begun at the origin."""
    return Curve(np.append(0.0, false_rate), np.append(0.0, true_rate), np.append(np.inf, thresholds))


def histogram(scores: np.ndarray, labels: np.ndarray, threshold: float | None = None, review_from: float | None = None,
              *, bins: int = 48) -> go.Figure:
    """Image scores by class as overlaid bars, with a line at the threshold; the review zone below it is shaded.

    scores (N,), labels (N,) with 1 defective, 0 good, -1 unknown; NaN scores are left out.
    """
    kept = np.isfinite(scores)
    edges = _edges(scores[kept], bins)
    classes = {name: scores[kept & (labels == label)] for name, label in CLASSES.items()}
    heights = {name: np.histogram(chosen, edges)[0] for name, chosen in classes.items() if len(chosen)}
    figure = _figure("anomaly score", "images")
    for name, height in heights.items():
        figure.add_bar(x=(edges[:-1] + edges[1:]) / 2, y=height, width=np.diff(edges), opacity=0.75,
                       name=f"{name} ({len(classes[name])})", marker={"color": COLOURS[name], "line": {"width": 0}},
                       hovertemplate="score %{x:.5g}<br>%{y} " + name + "<extra></extra>")
    if threshold is not None and np.isfinite(threshold):
        if review_from is not None and review_from < threshold:
            figure.add_vrect(review_from, threshold, fillcolor=QUIET, opacity=0.22, line_width=0, layer="below")
        figure.add_vline(threshold, line={"width": 2, "color": QUIET})
        figure.add_annotation(x=threshold, y=1, yref="paper", yanchor="bottom", showarrow=False,
                              text=f"threshold {score_text(threshold)}")
    few = max((height.max() for height in heights.values()), default=0) < 6
    return figure.update_layout(barmode="overlay", bargap=0, margin_t=44, legend_y=1.1, yaxis_dtick=1 if few else None)


def roc(curves: Mapping[str, Curve], thresholds: Mapping[str, float] | None = None) -> go.Figure:
    """ROC curves by name on one axis, each with a ring at its threshold; images or pixels alike."""
    figure = _figure("false positive rate", "true positive rate", square=True)
    figure.add_shape(type="line", x0=0, y0=0, x1=1, y1=1, line={"width": 1, "dash": "dot", "color": QUIET})
    return _draw(figure, curves, thresholds or {}, shape="linear")


def precision_recall(curves: Mapping[str, Curve], thresholds: Mapping[str, float] | None = None) -> go.Figure:
    """Precision-recall curves by name, in steps as average precision sums them."""
    return _draw(_figure("recall", "precision", square=True), curves, thresholds or {}, shape="vh")


def pro(curves: Mapping[str, Curve], thresholds: Mapping[str, float] | None = None,
        fpr_limit: float = 0.3) -> go.Figure:
    """Per-region-overlap curves by name; what lies right of `fpr_limit` does not count for AUPRO and is shaded."""
    figure = _figure("false positive rate (pixels)", "mean per-region overlap", square=True)
    figure.add_vrect(fpr_limit, 1.02, fillcolor=QUIET, opacity=0.12, line_width=0)
    return _draw(figure, curves, thresholds or {}, shape="linear")


def confusion(counts: Confusion) -> go.Figure:
    """The four outcomes as a square: rows what the image is, columns what the threshold says."""
    cells = [("hit", "hit", counts.tp, 0, 1), ("miss", "miss", counts.fn, 1, 1),
             ("false alarm", "false alarm", counts.fp, 0, 0), ("correctly good", "good", counts.tn, 1, 0)]
    shapes, notes = [], []
    for words, colour, number, x, y in cells:
        shapes.append({"type": "rect", "x0": x, "x1": x + 1, "y0": y, "y1": y + 1, "line": {"width": 0},
                       "fillcolor": COLOURS[colour], "opacity": 0.85 if number else 0.12})
        ink = {"color": "#FFFFFF" if colour in ("good", "hit") else "#14171A"} if number else {}
        notes.append({"x": x + 0.5, "y": y + 0.5, "showarrow": False, "font": {"size": 13, **ink},
                      "text": f"<b>{number}</b><br>{words}"})
    columns = {"range": [0, 2], "tickvals": [0.5, 1.5], "ticktext": ["called defective", "called good"], "side": "top"}
    rows = {"range": [0, 2], "tickvals": [0.5, 1.5], "ticktext": ["is good", "is defective"], "tickangle": -90}
    return _figure("", "").update_layout(shapes=shapes, annotations=notes, xaxis={**columns, "showgrid": False},
                                         yaxis={**rows, "showgrid": False})


def recall_bars(recall: Mapping[str, tuple[int, int]]) -> go.Figure:
    """Found and missed images per defect type with 95 % intervals, worst recall on top; (found, total) by type."""
    rows = sorted(recall.items(), key=lambda row: -row[1][0] / max(row[1][1], 1))  # drawn from the bottom up
    found, total = np.array([row[1] for row in rows], dtype=int).reshape(-1, 2).T
    share = found / np.maximum(total, 1)
    ends = np.array([share_interval(*row[1]) for row in rows]).reshape(-1, 2)
    words = [f"{plain(name)}<br>{hits} of {count} found{_range(*end)}"
             for (name, (hits, count)), end in zip(rows, ends.tolist(), strict=True)]
    figure = _share_bars(share, ends, words, [f"{hits}/{count}" for _, (hits, count) in rows])
    return figure.update_yaxes(ticktext=[plain(short(name)) for name, _ in rows])


def size_recall_bars(rows: Sequence[Mapping[str, float]]) -> go.Figure:
    """Share of the defect regions found per size class with 95 % intervals, the smallest on top.

    rows as `evaluation.region_recall` gives them: area_from, area_to, regions, found, found_low, found_high, overlap.
    """
    rows = rows[::-1]  # drawn from the bottom up
    share = np.array([row["found"] for row in rows])
    ends = np.array([(row["found_low"], row["found_high"]) for row in rows]).reshape(-1, 2)
    words = [f"{row['area_from']:.0f} to {row['area_to']:.0f} pixels, {row['regions']:.0f} regions<br>"
             f"{row['found']:.0%} found{_range(*end)}<br>on average {row['overlap']:.0%} of a region is marked"
             for row, end in zip(rows, ends.tolist(), strict=True)]
    figure = _share_bars(share, ends, words, [f"{row['found']:.0%} of {row['regions']:.0f}" for row in rows])
    return figure.update_yaxes(ticktext=[f"{row['area_from']:.0f}–{row['area_to']:.0f} px" for row in rows])


def _share_bars(share: np.ndarray, ends: np.ndarray, words: Sequence[str], notes: Sequence[str]) -> go.Figure:
    """Bars of a share (R,) and the rest, from the bottom up, a whisker over ends (R, 2) and a note right of each."""
    figure, place = _figure("share found", ""), np.arange(len(share))
    for colour, name, values in (("hit", "found", share), ("miss", "missed", 1 - share)):
        figure.add_bar(x=values, y=place, orientation="h", marker={"color": COLOURS[colour], "line": {"width": 0}},
                       name=name, hovertext=words, hoverinfo="text")
    figure.add_scatter(  # a trace of its own, so that it lies over the bars
        x=share, y=place, mode="none", hoverinfo="skip",
        error_x={"type": "data", "symmetric": False, "array": ends[:, 1] - share, "arrayminus": share - ends[:, 0],
                 "color": WHISKER, "thickness": 1.5, "width": 4})
    return figure.update_layout(
        barmode="stack", bargap=0.35, showlegend=False, height=bars_height(len(share)),
        annotations=[{"x": 1.02, "y": row, "text": note, "showarrow": False, "xanchor": "left"}
                     for row, note in enumerate(notes)],
        xaxis={"range": [0, 1.3], "tickvals": [0, 0.5, 1], "tickformat": ".0%", "showgrid": False},
        yaxis={"tickvals": place, "showgrid": False,
               "range": [min(0, len(share) - FEW_BARS) - 0.5, len(share) - 0.5]},
    )  # fmt: skip


def _range(low: float, high: float) -> str:
    return "" if np.isnan(low) else f" (95 %: {low:.0%} to {high:.0%})"


def bars_height(rows: int) -> int:
    """Pixels that so many horizontal bars need; a few bars are no thicker than many."""
    return 60 + 26 * max(rows, FEW_BARS)


def score_text(score: float) -> str:
    """A score or threshold in five digits, whatever its size: `52.989`, `0.012346`."""
    return f"{score:#.5g}"


def short(name: str, length: int = 22) -> str:
    """A long name with its middle left out."""
    half = (length - 1) // 2
    return name if len(name) <= length else f"{name[:half]}…{name[-half:]}"


def plain(text: str) -> str:
    """Text that Plotly draws as it stands, tags and entities included."""
    return html.escape(text, quote=False)


def _edges(scores: np.ndarray, bins: int) -> np.ndarray:
    if len(scores) == 0:
        return np.linspace(0.0, 1.0, bins + 1)
    low, high = float(scores.min()), float(scores.max())
    return np.linspace(low, high if high > low else low + 1.0, bins + 1)


def _figure(x_title: str, y_title: str, square: bool = False) -> go.Figure:
    x, y = ({"title": {"text": title, "standoff": 10}, "automargin": True, "zeroline": False, "fixedrange": True}
            for title in (x_title, y_title))
    if square:
        x |= {"range": [-0.02, 1.02], "tickvals": [0, 0.25, 0.5, 0.75, 1]}
        y |= {"range": [-0.02, 1.04], "tickvals": [0, 0.25, 0.5, 0.75, 1]}
    return go.Figure(layout={
        "paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)", "dragmode": False, "hovermode": "closest",
        "margin": {"l": 8, "r": 8, "t": 10, "b": 8}, "height": 240, "xaxis": x, "yaxis": y,
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    })  # fmt: skip


def _draw(figure: go.Figure, curves: Mapping[str, Curve], thresholds: Mapping[str, float], shape: str) -> go.Figure:
    for index, (name, curve) in enumerate(curves.items()):
        if not len(curve.x):
            continue  # its colour stays with its run
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
