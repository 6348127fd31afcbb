"""Which configurations are ranked over which categories."""

import pytest

from patchcore_core.evaluation.statistics.ranks import rank_over_categories


def test_only_complete_configurations_are_ranked_and_repeats_averaged():
    runs = [  # configuration, category, value
        (0, "x", 0.9), (0, "y", 0.8), (1, "x", 0.7), (1, "x", 0.9), (1, "y", 0.7), (2, "x", 0.5), (2, "y", 0.5),
        (3, "x", 1.0), (0, "z", float("nan")),
    ]  # fmt: skip
    found = rank_over_categories(*zip(*runs, strict=True), first=0)
    assert found.categories == ("x", "y")
    assert found.places == (0, 2, 5)
    assert found.values.tolist() == [[0.9, pytest.approx(0.8), 0.5], [0.8, 0.7, 0.5]]
    assert found.ranking.ranks == (1, 2, 3)


@pytest.mark.parametrize("runs", [
    [(0, "x", 0.9), (1, "x", 0.8), (2, "x", 0.7)],  # one category
    [(0, "x", 0.9), (0, "y", 0.9), (1, "x", 0.8), (1, "y", 0.8)],  # two configurations
    [(0, "x", float("nan")), (1, "y", 0.5)],  # nothing of the first
])
def test_too_few_are_not_ranked(runs):
    assert rank_over_categories(*zip(*runs, strict=True), first=0) is None
