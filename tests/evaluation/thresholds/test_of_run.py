"""What a stored run offers to choose from, against the functions that choose."""


import numpy as np
import pytest

from patchcore_core.evaluation.counts import counts_by_threshold
from patchcore_core.evaluation.curve_points import Curves, HeldOutArrays, curve_points
from patchcore_core.evaluation.thresholds.costs import Costs, cheapest_review
from patchcore_core.evaluation.thresholds.of_run import (
    ThresholdParameters,
    image_points,
    parameters_of,
    review_starts,
)
from patchcore_core.evaluation.thresholds.operating_point import GoodScores, cost_weighted, quantile, youden
from patchcore_core.evaluation.thresholds.rules import source_of

LABELS = np.array([0, 0, 0, 0, 1, 1, 1])
SCORES = np.array([1.0, 2.0, 3.0, 4.0, 3.5, 6.0, 7.0])
HELD = np.linspace(0.5, 3.0, 30)
COUNTS = counts_by_threshold(LABELS, SCORES)
CURVES = Curves(curve_points(COUNTS, COUNTS).image, heldout=HeldOutArrays(HELD))
COSTS = Costs(100, 5, 0.02, 1)


def offered(**changes):
    given = {"thresholds": {}, "stored": (), "curves": CURVES, "heldout": None, "good": SCORES[LABELS == 0],
             "parameters": ThresholdParameters(costs=COSTS)}
    return image_points(**(given | changes))


def test_stored_curves_give_the_oracles_their_counts():
    points = offered()
    assert points["youden"] == youden(COUNTS)
    assert points["cost_weighted"] == cost_weighted(COUNTS, COSTS)
    assert points["heldout_p99"] == quantile(GoodScores.of(HELD, "held-out"))


def test_what_has_seen_least_comes_first():
    order = [point.source for point in offered().values()]
    assert order == sorted(order, key=("held-out", "test good", "oracle").index)


def test_a_name_keeps_the_value_that_the_run_recorded():
    recorded = quantile(GoodScores.of(HELD + 1, "held-out"))
    points = offered(thresholds={"good_p99": 3.97, "good_max": 4.1, "pixel_f1_max": 9.0}, stored=(recorded,))
    assert points["good_p99"].value == 3.97
    assert points["good_max"].source == "test good"
    assert points["heldout_p99"].value == recorded.value
    assert "pixel_f1_max" not in points


def test_an_older_run_and_one_without_defects_say_what_is_missing():
    good = np.flatnonzero(LABELS == 0)
    counts = counts_by_threshold(LABELS[good], SCORES[good])
    points = offered(curves=Curves(curve_points(counts, counts).image))
    assert "no held-out good images" in points["heldout_p99"].reason
    assert "no defective image" in points["f1_max"].reason
    assert np.isfinite(points["good_p99"].value)
    assert all(point.reason for point in offered(curves=Curves(), good=[]).values())
    assert Curves().image.counts().positives == 0


def test_wishes_are_shares_and_costs_need_all_three():
    parameters = parameters_of(95, 2, 5, 10, 1, 2, None)
    assert (parameters.share, parameters.fpr, parameters.costs) == (0.95, 0.05, Costs(10, 1, 0.02))
    assert parameters_of(99, 3, 1, 10, None, 2, 1).costs is None
    assert {"heldout_p95", "heldout_mean_2sd", "heldout_fpr_5", "heldout_p99"} <= set(offered(parameters=parameters))


def test_a_review_zone_begins_below_the_threshold():
    starts = review_starts(5.0, CURVES, None, SCORES[LABELS == 0], COSTS)
    assert starts["heldout_p90"] == quantile(GoodScores.of(HELD, "held-out"), 0.9)
    assert starts["cheapest"].value == cheapest_review(COUNTS, COSTS, 5.0)
    assert list(review_starts(5.0, Curves(), None, SCORES[LABELS == 0], COSTS)) == ["good_p90"]
    assert review_starts(-1.0, CURVES, None, [], None) == {}


@pytest.mark.parametrize(("name", "source"), [
    ("heldout_p99", "held-out"), ("pixel_heldout_p999", "held-out"), ("good_max", "test good"),
    ("pixel_youden", "oracle"), ("manual", "manual"),
])
def test_a_name_says_what_it_has_seen(name, source):
    assert source_of(name) == source
