"""Figures hold the numbers they were given, and text from files stays text."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchcore_core.evaluation.shares import share_interval
from patchcore_core.evaluation.thresholds import Confusion
from patchcore_core.views import plots
from patchcore_core.views.plots import Curve

LABELS = np.array([0, 0, 1, 1, -1])
SCORES = np.array([0.1, 0.4, 0.35, 0.8, np.nan])
STORED = {  # labels 0 0 1 1 by scores .1 .4 .35 .8, worked out by hand
    "image_thresholds": np.array([0.8, 0.4, 0.35, 0.1]),
    "image_tp": np.array([1, 1, 2, 2]), "image_fp": np.array([0, 1, 1, 2]),
    "image_positives": np.array(2), "image_negatives": np.array(2),
    "pixel_thresholds": np.zeros(0), "pixel_tp": np.zeros(0, int), "pixel_fp": np.zeros(0, int),
    "pixel_positives": np.array(0), "pixel_negatives": np.array(0),
    "pro_fpr": np.zeros(0), "pro_overlap": np.zeros(0), "pro_thresholds": np.zeros(0),
}
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
    curves = plots.run_curves(STORED)
    assert {name for name, curve in curves.items() if len(curve.x)} == {"image_roc", "image_precision_recall"}
    assert plots.run_curves({}).keys() == curves.keys()
    assert curves["image_roc"].x.tolist() == [0, 0, 0.5, 0.5, 1]
    assert curves["image_roc"].y.tolist() == [0, 0.5, 0.5, 1, 1]
    assert curves["image_precision_recall"].x.tolist() == [0.5, 0.5, 1, 1]
    assert curves["image_precision_recall"].y.tolist() == pytest.approx([1, 1 / 2, 2 / 3, 1 / 2])


@pytest.mark.parametrize(("threshold", "expected"), [
    (0.9, (0.0, 0.0)), (0.8, (0.0, 0.5)), (0.5, (0.0, 0.5)), (0.4, (0.5, 0.5)), (0.0, (1.0, 1.0)), (np.nan, None),
])
def test_the_ring_stands_where_the_threshold_puts_it(threshold, expected):
    curves = {"run": plots.run_curves(STORED)["image_roc"]}
    assert rings(plots.roc(curves, {"run": threshold})) == ([expected] if expected else [])


def test_precision_of_no_prediction_has_no_ring():
    curves = {"run": plots.run_curves(STORED)["image_precision_recall"]}
    assert rings(plots.precision_recall(curves, {"run": 0.9})) == []
    assert rings(plots.precision_recall(curves, {"run": 0.8})) == [(0.5, 1.0)]


@given(st.lists(st.integers(0, 9), min_size=1, max_size=20), st.floats(-1, 10))
def test_a_point_counts_the_scores_at_or_above_the_threshold(scores, threshold):
    distinct = np.unique(scores)[::-1].astype(float)
    share = np.array([np.mean(np.array(scores) >= value) for value in distinct])
    curve = plots.roc_curve(distinct, share, share)
    assert curve.at(threshold) == pytest.approx((np.mean(np.array(scores) >= threshold),) * 2)


def test_several_runs_share_one_axis_with_a_legend():
    curve = plots.run_curves(STORED)["image_roc"]
    figure = plots.roc({"first": curve, "second": curve}, {"second": 0.4})
    assert [trace.name for trace in lines(figure)] == ["first", "second"]
    assert len({trace.line.color for trace in lines(figure)}) == 2
    assert figure.layout.showlegend
    assert rings(figure) == [(0.5, 0.5)]
    without = plots.roc({"first": plots.EMPTY, "second": curve})
    assert lines(without)[0].line.color == lines(figure)[1].line.color
    assert not plots.roc({"only": curve}).layout.showlegend


def test_what_does_not_count_for_aupro_is_shaded():
    figure = plots.pro({"run": Curve(np.array([0, 1.0]), np.array([0, 1.0]), np.array([np.inf, 0.0]))})
    assert [(shape.x0, shape.type) for shape in figure.layout.shapes] == [(0.3, "rect")]


def test_histogram_counts_every_known_score_once_by_class():
    figure = plots.histogram(SCORES, LABELS, 0.5, bins=7)
    assert [(trace.name, sum(trace.y)) for trace in figure.data] == [("good (2)", 2), ("defective (2)", 2)]
    assert [note.text for note in figure.layout.annotations] == ["threshold 0.50000"]
    edges = np.linspace(0.1, 0.8, 8)
    good = [sum(1 for score in (0.1, 0.4) if low <= score < high) for low, high in pairwise(edges)]
    assert list(figure.data[0].y) == good


@pytest.mark.parametrize("scores", [np.zeros(0), np.full(3, 2.5), np.full(2, np.nan)], ids=["none", "equal", "nan"])
def test_histogram_of_degenerate_scores_draws(scores):
    figure = plots.histogram(scores, np.zeros(len(scores), int), None)
    assert sum(sum(trace.y) for trace in figure.data) == np.isfinite(scores).sum()


def test_confusion_shows_the_four_counts():
    notes = [note.text for note in plots.confusion(Confusion(tp=7, fp=3, fn=2, tn=11)).layout.annotations]
    assert [note.split("</b>")[0].removeprefix("<b>") for note in notes] == ["7", "2", "3", "11"]
    assert [note.split("<br>")[1] for note in notes] == ["hit", "miss", "false alarm", "correctly good"]


def test_recall_bars_put_the_worst_type_on_top_and_add_up_to_all():
    figure = plots.recall_bars({"hole": (9, 10), "crack": (1, 4), "stain": (0, 0)})
    names = list(figure.layout.yaxis.ticktext)
    assert names.index("crack") > names.index("hole")
    np.testing.assert_allclose(np.add(figure.data[0].x, figure.data[1].x), 1)
    assert {note.text for note in figure.layout.annotations} == {"9/10", "1/4", "0/0"}


def test_names_from_files_are_never_markup():
    curve = plots.run_curves(STORED)["image_roc"]
    for figure in (plots.recall_bars({HOSTILE: (1, 2)}), plots.roc({HOSTILE: curve, "other": curve})):
        assert any("&lt;" in text for text in texts(figure))
        assert not any("<img" in text for text in texts(figure))


def test_long_names_that_look_alike_keep_their_own_bars():
    names = {f"{'a' * 40}{number}{'b' * 40}": (1, 2) for number in range(3)}
    figure = plots.recall_bars(names)
    assert list(figure.layout.yaxis.tickvals) == [0, 1, 2]
    assert all(len(text) <= 22 for text in figure.layout.yaxis.ticktext)


@pytest.mark.parametrize("figure", [
    plots.roc({}), plots.precision_recall({}), plots.pro({}), plots.recall_bars({}),
    plots.confusion(Confusion(0, 0, 0, 0)),
], ids=["roc", "precision-recall", "pro", "recall", "confusion"])
def test_nothing_to_draw_is_an_empty_figure_on_the_pages_own_background(figure):
    assert len(lines(figure)) == 0
    assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0,0,0,0)"
    assert figure.layout.font.color is None


def test_recall_has_its_interval_and_sizes_their_labels():
    figure = plots.recall_bars({"hole": (3, 4)})
    whisker = figure.data[-1]
    low, high = share_interval(3, 4)
    assert np.isclose(whisker.x[0] - whisker.error_x.arrayminus[0], low)
    assert np.isclose(whisker.x[0] + whisker.error_x.array[0], high)
    rows = [{"area_from": 1, "area_to": 9, "regions": 8, "found": 0.25, "found_low": 0.1, "found_high": 0.5,
             "overlap": 0.2},
            {"area_from": 10, "area_to": 99, "regions": 8, "found": 1.0, "found_low": np.nan, "found_high": np.nan,
             "overlap": 0.9}]
    sizes = plots.size_recall_bars(rows)
    assert list(sizes.layout.yaxis.ticktext) == ["10–99 px", "1–9 px"]  # drawn from the bottom up
    assert list(sizes.data[0].x) == [1.0, 0.25]


def test_the_review_zone_is_shaded_only_where_there_is_one():
    assert len(plots.histogram(SCORES, LABELS, 0.5, 0.3).layout.shapes) == 2
    assert len(plots.histogram(SCORES, LABELS, 0.5, 0.5).layout.shapes) == 1
