"""What is kept of searches in the first rows of a bank, against brute force."""

import numpy as np
import pytest

from patchcore_core.model.exact.search import ExactSearch
from patchcore_core.model.shared.growing import GrowingNearest


def brute_force(rows: np.ndarray, queries: np.ndarray, owners: np.ndarray, owns: np.ndarray, k: int) -> np.ndarray:
    """Distances (q, k), infinity where there are fewer rows of others."""
    squared = np.square(queries[:, None].astype(np.float64) - rows).sum(axis=2)
    squared[owners[:, None] == owns] = np.inf
    return np.sqrt(np.sort(squared, axis=1)[:, :k])


@pytest.mark.parametrize("k", [1, 3])
def test_what_is_known_bounds_the_distances_in_the_whole_bank(k: int) -> None:
    random = np.random.default_rng(0)
    rows, queries = random.normal(size=(300, 12)).astype(np.float32), random.normal(size=(90, 12)).astype(np.float32)
    owns, owners = np.arange(300) % 5, np.arange(90) % 7
    kept, everywhere = GrowingNearest(90, 3), np.arange(90)
    known, exact = kept.so_far(everywhere, k, 300)
    assert np.isnan(known).all()
    assert not exact.any()
    for count, some in ((60, everywhere[:50]), (200, everywhere[20:40]), (300, everywhere[30:45])):
        kept.search(ExactSearch(rows[:count]), some, queries[some], 3, owners[some], owns[:count])
    known, exact = kept.so_far(everywhere, k, 300)
    truth = brute_force(rows, queries, owners, owns, k)
    assert np.flatnonzero(exact).tolist() == [*range(30, 45)]
    np.testing.assert_allclose(known[exact], truth[exact], rtol=1e-6)
    assert np.isnan(known[50:]).all()
    assert (known[:50] >= truth[:50] * (1 - 1e-6)).all()
    np.testing.assert_allclose(known[:20], brute_force(rows[:60], queries[:20], owners[:20], owns[:60], k), rtol=1e-6)
    assert np.isnan(kept.so_far(everywhere, k, 100)[0][20:45]).all()  # of a larger bank than the one that is asked for


def test_fewer_rows_of_others_than_neighbours_bound_nothing() -> None:
    random = np.random.default_rng(0)
    rows, kept = random.normal(size=(40, 12)).astype(np.float32), GrowingNearest(30, 3)
    owns = np.repeat([0, 1], [38, 2])
    kept.search(ExactSearch(rows), np.arange(30), rows[:30], 3, np.zeros(30, np.int64), owns)
    assert np.isfinite(kept.so_far(np.arange(30), 2, 40)[0]).all()
    assert np.isnan(kept.so_far(np.arange(30), 3, 40)[0]).all()
