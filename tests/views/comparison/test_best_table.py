"""The table of runs with their standing, by hand."""

import math

import numpy as np
from sklearn.metrics import roc_auc_score

from patchcore_core.evaluation.statistics.paired import NOT_KEPT, RunImages
from patchcore_core.views.comparison.best_table import answer, as_table, best_rows, cheapest, groups_of, untested
from tests.views.comparison.made import entry

LABELS = np.repeat([0, 1], 40)
RNG = np.random.default_rng(0)
NOISE = RNG.normal(size=80)
SCORES = {  # of the best run, one that is nearly the same, and two that are much worse
    "r0": NOISE + 3 * LABELS, "r1": NOISE + 3 * LABELS + 0.2 * RNG.normal(size=80), "r2": RNG.normal(size=80),
    "r3": RNG.normal(size=80) + 0.5 * LABELS,
}  # fmt: skip
TESTED = {name: RunImages("key", LABELS, scores) for name, scores in SCORES.items()}
AUROC = {name: roc_auc_score(LABELS, scores) for name, scores in SCORES.items()}
RUNS = [entry(2, auroc=AUROC["r2"], cost=1.0), entry(0, auroc=AUROC["r0"], cost=30.0),
        entry(3, auroc=AUROC["r3"], cost=2.0), entry(1, auroc=AUROC["r1"], cost=5.0, shortened=("fit_seconds",))]


def rows(runs=RUNS, figure="image_auroc", tested=TESTED):
    return best_rows(runs, tested, figure)


def test_the_best_leads_and_the_others_stand_as_they_are_tested():
    found = rows()
    assert [row.entry.id for row in found] == ["r0", "r1", "r3", "r2"]
    assert [row.standing for row in found] == ["tied", "tied", "worse", "worse"]
    assert [row.leads for row in found] == [True, False, False, False]
    assert math.isnan(found[0].behind)
    assert found[1].behind < 0
    assert found[1].behind_limits[0] <= found[1].behind <= found[1].behind_limits[1]
    assert answer(found) == ("the best figure here, but not proved best: significantly better than 2 of 3 others; "
                             "1 may be as good.")


def test_a_significantly_best_run_is_called_so():
    found = rows([one for one in RUNS if one.id != "r1"])
    assert [row.standing for row in found] == ["best", "worse", "worse"]
    assert answer(found) == "significantly better than each of the 2 other runs."
    assert answer(rows([RUNS[0], RUNS[1]])) == "significantly better than the other run."


def test_each_test_set_has_its_own_best():
    others = [entry(0, "wood", 0.4), entry(1, "wood", 0.3)]
    found = groups_of(rows([*RUNS, *others]))
    assert [[row.entry.category for row in group] for group in found] == [["tile"] * 4, ["wood"] * 2]
    assert [group[0].leads for group in found] == [True, True]


def test_what_runs_lack_is_said():
    found = rows(figure="aupro")
    assert [row.standing for row in found] == [""] * 4
    assert answer(found) == ""
    with_figure = [entry(number) for number in (0, 1)]
    for one in with_figure:
        one.metrics["aupro"] = 0.5 + len(one.id) / 10 + int(one.id[1]) / 100
    found = rows(with_figure, "aupro")
    assert [row.standing for row in found] == ["not tested", "not tested"]
    assert untested(found) == {NOT_KEPT: 1}
    assert answer(found).endswith("1 could not be tested.")
    assert answer(rows(with_figure[:1], "aupro")).startswith("Only one run")


def test_the_cheapest_of_those_that_may_be_best():
    assert cheapest(rows(), "fit_seconds").entry.id == "r1"
    assert cheapest(rows()[2:], "fit_seconds") is None


def test_the_table_to_take_away():
    found = rows()
    table = as_table(found, {name: f"run {name}" for name in SCORES}, {"image_auroc": "Image AUROC"}, "image_auroc")
    assert [line["id"] for line in table] == ["r0", "r1", "r3", "r2"]
    assert table[1]["run"] == "run r1"
    assert (table[0]["Image AUROC"], table[0]["Image AUROC, low"]) == (AUROC["r0"], AUROC["r0"] - 0.05)
    assert table[0]["memory bank, MB"] == 2.0
    assert table[1]["less than of a fit alone"] == "fit time, s"
    assert math.isnan(table[0]["p (Holm)"])
    assert table[3]["p (Holm)"] == found[3].p_value < 0.05
