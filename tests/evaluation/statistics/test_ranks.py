"""Which configurations are ranked over which categories."""

import numpy as np
import pytest

from patchcore_core.evaluation.statistics.ranks import grid, rank_over_categories
from tests.evaluation.statistics.test_differences import DEMSAR


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


def test_a_grid_averages_repeats_and_leaves_gaps():
    found = grid(["a", "b", "a", "a", "c"], ["x", "x", "x", "y", "x"], [0.8, 0.5, 0.6, 0.9, np.nan],
                 [(0.7, 0.9), (0.4, 0.6), (0.5, 0.9), (0.8, 1.0), (0.0, 0.0)])
    assert (found.places, found.categories) == ((0, 1), ("x", "y"))
    np.testing.assert_allclose(found.values, [[0.7, 0.9], [0.5, np.nan]])
    np.testing.assert_allclose(found.lows, [[0.6, 0.8], [0.4, np.nan]])
    assert found.complete.tolist() == [0]
    assert found.mean(0).value == pytest.approx(0.8)
    assert found.mean(1) is None
    assert "at least three" in found.ranking().reason


def test_a_grid_ranks_as_demsar():
    """Demsar (2006), table 6, as runs in any order, with a fifth configuration that lacks data sets."""
    cells = [(run, row, DEMSAR[row, run]) for row in range(14) for run in range(4)] + [(4, 0, 1.0)]
    order = np.random.default_rng(0).permutation(len(cells))
    runs, rows, values = zip(*(cells[place] for place in order), strict=True)
    found = grid(runs, [f"data {row}" for row in rows], values, [(0.0, 1.0)] * len(cells))
    ranks = dict(zip((runs[found.places[row]] for row in found.complete), found.ranking().ranks, strict=True))
    assert {run: round(rank, 3) for run, rank in ranks.items()} == {0: 3.143, 1: 2.0, 2: 2.893, 3: 1.964}
    assert found.ranking().critical_difference == pytest.approx(1.25, abs=0.005)
    assert found.ranking(higher_is_better=False).ranks[0] == pytest.approx(5 - found.ranking().ranks[0])
