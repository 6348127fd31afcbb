"""Quality against cost."""

import pytest

from patchcore_core.views.comparison.costs import COSTS
from patchcore_core.views.comparison.plots import price_plot
from patchcore_core.views.comparison.prices import of_configurations, of_runs, price_table
from tests.views.comparison.made import entry

FIT = COSTS["fit_seconds"]
RUNS = [entry(0, auroc=0.9, cost=30.0), entry(1, auroc=0.8, cost=10.0, num_neighbors=3),
        entry(2, auroc=0.7, cost=20.0, num_neighbors=5),
        entry(3, auroc=0.6, cost=1.0, num_neighbors=7, shortened=("fit_seconds",)),
        entry(4, auroc=float("nan"), num_neighbors=9)]


def test_runs_on_the_front():
    spots = of_runs(RUNS, "image_auroc", FIT)
    assert {spot.run: spot.front for spot in spots} == {"r0": True, "r1": True, "r2": False, "r3": True}
    assert [spot.at_least for spot in spots] == [False, False, False, True]
    assert spots[1].name == "num_neighbors 3"


def test_configurations_are_means_over_the_categories():
    more = [entry(5, "wood", 0.5, 50.0), entry(6, "wood", 0.7, 20.0, num_neighbors=3)]
    first, second = of_configurations([*RUNS, *more], "image_auroc", FIT)
    assert (first.run, first.value, first.cost, first.front) == ("r0", pytest.approx(0.7), 40.0, False)
    assert (second.value, second.cost, second.front) == (pytest.approx(0.75), 15.0, True)
    assert second.limits[1] - second.value == pytest.approx(0.05 * 2**0.5 / 2)


def test_the_plot_names_runs_and_carries_their_ids():
    behind, front = price_plot(of_runs(RUNS, "image_auroc", FIT), FIT.title, "Image AUROC").data
    assert (list(behind.customdata), list(front.customdata)) == (["r2"], ["r3", "r1", "r0"])
    assert list(front.x) == [1.0, 10.0, 30.0]
    assert list(front.marker.symbol) == ["circle-open", "circle", "circle"]
    assert front.text[1] == "num_neighbors 3"


def test_the_table_is_cheapest_first():
    table = price_table(of_runs(RUNS, "image_auroc", FIT), "Image AUROC", FIT)
    assert [row["id"] for row in table] == ["r3", "r1", "r2", "r0"]
    assert [row["Pareto front"] for row in table] == ["yes", "yes", "no", "yes"]
    assert table[0]["a fit alone costs more"] == "yes"
    gains = [row["gain over the one before"] for row in table]
    assert (gains[0], gains[2]) == (None, None)  # the cheapest, and one that is not on the front
    assert (gains[1], gains[3]) == (pytest.approx(0.2), pytest.approx(0.1))


def test_costs_in_words():
    assert FIT.words(3.25) == "3.2 s"
    assert COSTS["image_ms"].words(1234.5, at_least=True) == "at least 1 234.5 ms per image"
    assert COSTS["bank_bytes"].of(RUNS[0]) == 2.0
    assert FIT.words(float("nan")) == "—"
