"""Figures hold the numbers they were given, and text from files stays text."""


import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchcore_core.evaluation.curve_points import Curves
from patchcore_core.views import plots
from patchcore_core.views.curve import EMPTY, Curve, roc_curve, run_curves

LABELS = np.array([0, 0, 1, 1, -1])
SCORES = np.array([0.1, 0.4, 0.35, 0.8, np.nan])
STORED = Curves.of({  # labels 0 0 1 1 by scores .1 .4 .35 .8, worked out by hand
    "image_thresholds": np.array([0.8, 0.4, 0.35, 0.1]),
    "image_tp": np.array([1, 1, 2, 2]), "image_fp": np.array([0, 1, 1, 2]),
    "image_positives": np.array(2), "image_negatives": np.array(2),
    "pixel_thresholds": np.zeros(0), "pixel_tp": np.zeros(0, int), "pixel_fp": np.zeros(0, int),
    "pixel_positives": np.array(0), "pixel_negatives": np.array(0),
    "pro_fpr": np.zeros(0), "pro_overlap": np.zeros(0), "pro_thresholds": np.zeros(0),
})
HOSTILE = '<img src=x onerror="alert(1)"> & <b>'


def lines(figure):
    return [trace for trace in figure.data if trace.type == "scatter" and trace.mode == "lines"]


def rings(figure):
    return [(trace.x[0], trace.y[0]) for trace in figure.data
            if trace.type == "scatter" and trace.mode == "markers"]


def texts(figure):
    yield from (note.text for note in figure.layout.annotations)
    yield from (trace.name or "" for trace in figure.data)
    yield from (text for trace in figure.data for text in (trace.hovertext or ()))
    yield from figure.layout.yaxis.ticktext or ()


def test_run_curves_by_hand_and_empty_where_undefined():
    curves = run_curves(STORED)
    assert {name for name, curve in curves.items() if len(curve.x)} == {"image_roc", "image_precision_recall"}
    assert run_curves(Curves()).keys() == curves.keys()
    assert curves["image_roc"].x.tolist() == [0, 0, 0.5, 0.5, 1]
    assert curves["image_roc"].y.tolist() == [0, 0.5, 0.5, 1, 1]
    assert curves["image_precision_recall"].x.tolist() == [0.5, 0.5, 1, 1]
    assert curves["image_precision_recall"].y.tolist() == pytest.approx([1, 1 / 2, 2 / 3, 1 / 2])


@pytest.mark.parametrize(("threshold", "expected"), [
    (0.9, (0.0, 0.0)), (0.8, (0.0, 0.5)), (0.5, (0.0, 0.5)), (0.4, (0.5, 0.5)), (0.0, (1.0, 1.0)), (np.nan, None),
])
def test_the_ring_stands_where_the_threshold_puts_it(threshold, expected):
    curves = {"run": run_curves(STORED)["image_roc"]}
    assert rings(plots.roc(curves, {"run": threshold})) == ([expected] if expected else [])


def test_precision_of_no_prediction_has_no_ring():
    curves = {"run": run_curves(STORED)["image_precision_recall"]}
    assert rings(plots.precision_recall(curves, {"run": 0.9})) == []
    assert rings(plots.precision_recall(curves, {"run": 0.8})) == [(0.5, 1.0)]


@given(st.lists(st.integers(0, 9), min_size=1, max_size=20), st.floats(-1, 10))
def test_a_point_counts_the_scores_at_or_above_the_threshold(scores, threshold):
    distinct = np.unique(scores)[::-1].astype(float)
    share = np.array([np.mean(np.array(scores) >= value) for value in distinct])
    curve = roc_curve(distinct, share, share)
    assert curve.at(threshold) == pytest.approx((np.mean(np.array(scores) >= threshold),) * 2)


def test_several_runs_share_one_axis_with_a_legend():
    curve = run_curves(STORED)["image_roc"]
    figure = plots.roc({"first": curve, "second": curve}, {"second": 0.4})
    assert [trace.name for trace in lines(figure)] == ["first", "second"]
    assert len({trace.line.color for trace in lines(figure)}) == 2
    assert figure.layout.showlegend
    assert rings(figure) == [(0.5, 0.5)]
    without = plots.roc({"first": EMPTY, "second": curve})
    assert lines(without)[0].line.color == lines(figure)[1].line.color
    assert not plots.roc({"only": curve}).layout.showlegend


def test_what_does_not_count_for_aupro_is_shaded():
    figure = plots.pro({"run": Curve(np.array([0, 1.0]), np.array([0, 1.0]), np.array([np.inf, 0.0]))})
    assert [(shape.x0, shape.type) for shape in figure.layout.shapes] == [(0.3, "rect")]


def test_names_from_files_are_never_markup():
    curve = run_curves(STORED)["image_roc"]
    figure = plots.roc({HOSTILE: curve, "other": curve})
    assert any("&lt;" in text for text in texts(figure))
    assert not any("<img" in text for text in texts(figure))


@pytest.mark.parametrize("figure", [
    plots.roc({}), plots.precision_recall({}), plots.pro({}),
], ids=["roc", "precision-recall", "pro"])
def test_nothing_to_draw_is_an_empty_figure_on_the_pages_own_background(figure):
    assert len(lines(figure)) == 0
    assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0,0,0,0)"
    assert figure.layout.font.color is None
