import numpy as np

from patchcore_core.views import compare_plots, plots
from patchcore_core.views.colours import COLOURS, RUN_COLOURS
from patchcore_core.views.curve import EMPTY, Curve

STRAIGHT = Curve(np.array([0.0, 1.0]), np.array([0.0, 1.0]), np.array([np.inf, 0.0]))


def test_recall_bars_of_each_run() -> None:
    figure = compare_plots.recall_side_by_side({"A": {"hole": (1, 4), "crack": (2, 2)}, "<B>": {"hole": (4, 4)}})
    first, second = figure.data
    assert list(first.y) == ["crack", "hole"]
    assert list(first.x) == [1.0, 0.25]
    assert list(second.text) == ["0/0", "4/4"]
    assert second.name == "&lt;B&gt;"
    assert [bar.marker.color for bar in figure.data] == list(RUN_COLOURS[:2])


def test_scores_of_two_runs_by_class_with_both_thresholds() -> None:
    scores = np.array([[0.1, 0.9, 0.4], [1.0, 9.0, 8.0]])
    figure = compare_plots.score_against_score(scores, (0.5, 5.0), np.array([0, 1, 1]), ("a", "<b>", "c"),
                                               ("A", "B"), chosen=2)
    good, defective, ring = figure.data
    assert (list(good.x), list(good.y)) == ([0.1], [1.0])
    assert (list(defective.x), list(defective.text)) == ([0.9, 0.4], ["&lt;b&gt;", "c"])
    assert [good.marker.color, defective.marker.color] == [COLOURS["good"], COLOURS["defective"]]
    assert (list(ring.x), list(ring.y)) == ([0.4], [8.0])


def test_the_shaded_corners_are_where_the_predictions_differ() -> None:
    rng = np.random.default_rng(0)
    scores = rng.random((2, 200))
    figure = compare_plots.score_against_score(scores, (0.3, 0.6), np.zeros(200, int), tuple("x" * 200), ("A", "B"))
    boxes = [shape for shape in figure.layout.shapes if shape.type == "rect"]
    shaded = np.zeros(200, bool)
    for box in boxes:
        inside = (scores[0] >= box.x0) & (scores[0] < box.x1) & (scores[1] >= box.y0) & (scores[1] < box.y1)
        shaded |= inside
    assert (shaded == ((scores[0] >= 0.3) != (scores[1] >= 0.6))).all()


def test_equal_scores_still_have_an_axis() -> None:
    figure = compare_plots.score_against_score(np.full((2, 3), 0.5), (0.5, 0.5), np.ones(3, int), ("a", "b", "c"),
                                               ("A", "B"))
    low, high = figure.layout.xaxis.range
    assert low < 0.5 < high


def test_each_ring_takes_the_colour_of_its_line() -> None:
    figure = plots.roc({"A": STRAIGHT, "none": EMPTY, "C": STRAIGHT}, {"A": 0.0, "C": 0.0})
    coloured = compare_plots.rings_in_line_colours(figure)
    rings = [trace.marker.color for trace in coloured.data if trace.mode == "markers"]
    assert rings == [RUN_COLOURS[0], RUN_COLOURS[2]]


def test_ranks_stand_best_first_with_the_critical_difference_as_long_as_it_is():
    figure = compare_plots.rank_diagram((2.5, 1.0, 2.5), ("b", "a<b>", "c"), 1.5)
    assert list(figure.layout.yaxis.ticktext) == ["a&lt;b&gt;", "b", "c"]
    bar = next(shape for shape in figure.layout.shapes if shape.type == "rect")
    assert (bar.x0, bar.x1) == (1.0, 2.5)
    without = compare_plots.rank_diagram((1.0, 2.0, 3.0), ("a", "b", "c"), float("nan"))
    assert not [shape for shape in without.layout.shapes if shape.type == "rect"]
