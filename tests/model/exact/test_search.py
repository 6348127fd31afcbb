"""The exact search against float64 brute force: ids to the last tie, on data made to break the bound."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import faiss
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from patchcore_core.errors import ConfigError
from patchcore_core.model.exact import search
from patchcore_core.model.exact.search import ExactSearch


@pytest.fixture(autouse=True)
def never_without_a_bound() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "SCAN_WORK", 0)
        yield


def brute_force(rows: np.ndarray, queries: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    wide = rows.astype(np.float64)
    squared = np.stack([((query - wide) ** 2).sum(axis=1) for query in queries.astype(np.float64)])
    order = np.argsort(squared, axis=1, kind="stable")[:, :k]
    return np.sqrt(np.take_along_axis(squared, order, axis=1)), order


def assert_exact(rows: np.ndarray, queries: np.ndarray, k: int) -> None:
    distances, indices = ExactSearch(rows).search(queries, k)
    expected, order = brute_force(rows, queries, k)
    np.testing.assert_array_equal(indices, order)
    np.testing.assert_allclose(distances, expected, rtol=2e-7)


def noise(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def low_rank(count: int, dim: int, rank: int, seed: int) -> np.ndarray:
    """Features as networks give them: a few strong directions, a little of all others."""
    strength = np.exp(-np.arange(rank) / (rank / 4)).astype(np.float32)
    strong = (noise(count, rank, seed=seed) * strength) @ noise(rank, dim, seed=99)
    return strong + np.float32(0.05) * noise(count, dim, seed=seed + 1)


@settings(max_examples=60, deadline=None)
@given(
    count=st.integers(1, 150), queries=st.integers(1, 60), dim=st.integers(1, 45), neighbours=st.integers(1, 12),
    scale=st.sampled_from([1e-30, 1e-6, 1.0, 1e4, 1e18, 1e30]), offset=st.sampled_from([0.0, 1.0, 500.0]),
    levels=st.sampled_from([0, 1, 3]), half=st.booleans(), seed=st.integers(0, 99),
)  # fmt: skip
def test_equals_brute_force(
    count: int, queries: int, dim: int, neighbours: int, scale: float, offset: float, levels: int, half: bool, seed: int
) -> None:
    both = noise(count + queries, dim, seed=seed) + np.float32(offset)
    if levels:  # a lattice: exact ties everywhere
        both = np.round(both * levels)
    both = both if half else both * np.float32(scale)
    rows = both[:count].astype(np.float16 if half else np.float32)
    assert_exact(rows, both[count:], min(neighbours, count))


@settings(max_examples=60, deadline=None)
@given(
    count=st.integers(1, 150), queries=st.integers(1, 60), neighbours=st.integers(1, 12), groups=st.integers(1, 30),
    levels=st.sampled_from([0, 1, 3]), small=st.booleans(), seed=st.integers(0, 99),
)  # fmt: skip
def test_rows_of_a_querys_own_group_count_as_absent(
    count: int, queries: int, neighbours: int, groups: int, levels: int, small: bool, seed: int
) -> None:
    """Queries lie near rows of their own group, of which there may be any number; some have no other rows."""
    k, rng = min(neighbours, count), np.random.default_rng(seed)
    owns, owners = rng.integers(0, groups, count), rng.integers(0, groups, queries)
    places = 3 * noise(groups, 9, seed=seed)
    rows, wanted = places[owns] + noise(count, 9, seed=seed + 1), places[owners] + noise(queries, 9, seed=seed + 2)
    if levels:
        rows, wanted = np.round(rows * levels), np.round(wanted * levels)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "SCAN_WORK", 10**9 if small else 0)
        distances, indices = ExactSearch(rows).search(wanted, k, owners, owns)
    for query, owner in enumerate(owners):
        others = np.flatnonzero(owns != owner)
        expected, order = brute_force(rows[others], wanted[query : query + 1], k)
        known = len(others[:k])
        np.testing.assert_array_equal(indices[query], [*others[order[0]], *[-1] * (k - known)])
        np.testing.assert_allclose(distances[query], [*expected[0], *[np.inf] * (k - known)], rtol=2e-7)


def test_a_large_group_of_nearest_rows_is_left_out() -> None:
    """All of the nearest chunks hold rows of the query's own group alone."""
    rows = np.concatenate([noise(600, 20), noise(600, 20, seed=1) + 30])
    owns = np.repeat([0, 1], 600)
    queries = rows[::7]
    distances, indices = ExactSearch(rows).search(queries, 3, owns[::7], owns)
    far = brute_force(rows[600:], queries[:86], 3)[1] + 600
    np.testing.assert_array_equal(indices[:86], far)
    assert (indices[86:] < 600).all()
    assert distances.min() > 50


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@pytest.mark.parametrize(("count", "dim"), [(900, 389), (700, 400), (2100, 152), (1300, 1024), (70, 7)])
@pytest.mark.parametrize("k", [1, 3, 9])
def test_features_of_many_dimensions_are_projected_and_still_exact(count: int, dim: int, k: int, dtype: type) -> None:
    rows, queries = low_rank(count, dim, 60, 0).astype(dtype), low_rank(90, dim, 60, 5)
    assert_exact(rows, queries, k)


def test_the_bound_discards_most_rows_and_is_used_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"BANK_ROWS": 160, "QUERY_ROWS": 37, "PAIRS": 40 * 160}.items():
        monkeypatch.setattr(search, name, value)
    rows, queries = low_rank(900, 389, 60, 0), low_rank(150, 389, 60, 5)
    assert_exact(rows, queries, 5)


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@pytest.mark.parametrize("known", [1, 15, 16, 159, 160, 161, 500, 899, 900])
def test_a_search_goes_on_from_the_first_rows(known: int, dtype: type, monkeypatch: pytest.MonkeyPatch) -> None:
    """With groups left out, across parts of the rows, and at any row of a chunk."""
    monkeypatch.setattr(search, "BANK_ROWS", 160)
    rows, queries = low_rank(900, 389, 60, 0).astype(dtype), low_rank(150, 389, 60, 5)
    owns, owners = np.arange(900) % 7, np.arange(150) % 9
    before = ExactSearch(rows[:known]).nearest(queries, 3, owners, owns[:known])
    at_once, after = (ExactSearch(rows).nearest(queries, 3, owners, owns, begun) for begun in (None, before))
    np.testing.assert_array_equal(after.rows, at_once.rows)
    np.testing.assert_array_equal(after.squared, at_once.squared)
    for query, owner, found in zip(queries, owners, after.rows, strict=True):
        others = np.flatnonzero(owns != owner)
        np.testing.assert_array_equal(found, others[brute_force(rows[others], query[None], 3)[1][0]])


def test_queries_that_are_bank_rows_find_the_first_of_their_kind() -> None:
    rows = np.repeat(noise(100, 30) + 500, 3, axis=0)[np.random.default_rng(0).permutation(300)]
    distances, indices = ExactSearch(rows).search(rows, 3)
    assert distances.max() == 0
    assert (indices == brute_force(rows, rows, 3)[1]).all()


@pytest.mark.parametrize("value", [0.0, 7.0, -3e37])
def test_constant_rows(value: float) -> None:
    rows = np.full((70, 20), value, dtype=np.float32)
    distances, indices = ExactSearch(rows).search(np.concatenate([rows[:2], noise(40, 20)]), 4)
    assert (indices == np.arange(4)).all()
    assert distances[0].tolist() == [0, 0, 0, 0]


def test_one_row() -> None:
    assert_exact(noise(1, 13), noise(40, 13, seed=1), 1)


def test_as_many_neighbours_as_rows() -> None:
    assert_exact(noise(90, 13), noise(40, 13, seed=1), 90)


def test_a_heavy_tail_and_a_query_far_outside() -> None:
    rows = noise(400, 50) * np.exp(3 * noise(400, 1, seed=2))
    queries = noise(50, 50, seed=1) * np.logspace(-30, 8, 50, dtype=np.float32)[:, None]
    assert_exact(rows, queries, 3)


def test_a_query_too_far_for_float64_to_order_the_rows_still_gets_its_distances() -> None:
    queries = noise(50, 50, seed=1) * np.float32(1e30)
    distances, _ = ExactSearch(noise(400, 50)).search(queries, 3)
    np.testing.assert_allclose(distances[:, 0], np.linalg.norm(queries.astype(np.float64), axis=1), rtol=1e-6)


def test_rows_that_differ_in_their_last_bits() -> None:
    steps = np.random.default_rng(0).integers(0, 9, (300, 24)).astype(np.float32)
    rows = np.float32(100) + np.float32(2.0**-14) * steps
    assert_exact(rows, rows[::3] + np.float32(2.0**-15), 9)


def test_where_the_bound_is_hopeless_float32_products_give_the_same() -> None:
    rows, queries = noise(1700, 1024), noise(600, 1024, seed=1)
    found = ExactSearch(rows)
    distances, indices = found.search(queries, 3)
    assert found._sharp
    expected, order = brute_force(rows, queries, 3)
    np.testing.assert_array_equal(indices, order)
    np.testing.assert_allclose(distances, expected, rtol=2e-7)


def test_for_a_few_queries_the_bank_is_not_sketched_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, queries = noise(1700, 1024), noise(600, 1024, seed=1)
    found = ExactSearch(rows)
    found.search(queries[: search.FEW], 3)
    assert not found._sharp  # and whoever asks next does not pay for it
    found.search(queries, 3)
    assert found._sharp
    sketched: list[int] = []
    sketch = ExactSearch._sketch
    monkeypatch.setattr(ExactSearch, "_sketch", lambda self, rows, sharp: sketched.append(len(rows)) or
                        sketch(self, rows, sharp))  # fmt: skip
    distances, indices = found.search(queries[:2], 3)
    expected, order = brute_force(rows, queries[:2], 3)
    assert max(sketched) <= 2
    np.testing.assert_array_equal(indices, order)
    np.testing.assert_allclose(distances, expected, rtol=2e-7)


def test_products_without_int8_instructions_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "fastest_product", lambda *_: search._float_product)
    assert_exact(low_rank(900, 389, 60, 0), low_rank(90, 389, 60, 5), 3)


def test_several_threads_search_at_once() -> None:
    rows = low_rank(900, 152, 60, 0).astype(np.float16)
    queries = [low_rank(700, 152, 60, seed) for seed in range(4)]
    found = ExactSearch(rows)
    alone = [found.search(part, 3) for part in queries]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda part: found.search(part, 3), queries))
    for (a, i), (b, j) in zip(alone, together, strict=True):
        np.testing.assert_array_equal(a, b)
        np.testing.assert_array_equal(i, j)


def test_the_number_of_threads_changes_nothing() -> None:
    rows, queries = low_rank(900, 152, 60, 0), low_rank(700, 152, 60, 5)
    before = torch.get_num_threads()
    results = []
    for threads in (1, 3):
        torch.set_num_threads(threads)
        results.append(ExactSearch(rows).search(queries, 3))
    torch.set_num_threads(before)
    np.testing.assert_array_equal(results[0][1], results[1][1])
    np.testing.assert_array_equal(results[0][0], results[1][0])


def test_faiss_flat_finds_the_same_rows() -> None:
    rows, queries = low_rank(2000, 152, 60, 0), low_rank(500, 152, 60, 5)
    index = faiss.IndexFlatL2(152)
    index.add(rows)
    squared, expected = index.search(queries, 3)
    distances, indices = ExactSearch(rows).search(queries, 3)
    assert (indices == expected).mean() > 0.999  # FAISS computes in float32
    np.testing.assert_allclose(np.square(distances), squared, rtol=1e-4)


@pytest.mark.parametrize("small", [0, 10**9])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_refuses_what_is_not_finite(value: float, small: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "SCAN_WORK", small)
    queries = noise(40, 13)
    queries[17, 3] = value
    with pytest.raises(ConfigError, match="features must be finite"):
        ExactSearch(noise(90, 13)).search(queries, 1)


def test_no_queries_find_nothing() -> None:
    distances, indices = ExactSearch(noise(90, 13)).search(np.empty((0, 13), np.float32), 2)
    assert distances.shape == indices.shape == (0, 2)


def test_what_is_small_is_measured_without_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "SCAN_WORK", 10**9)
    rows = np.round(noise(60, 5))
    assert_exact(rows, np.round(noise(30, 5, seed=1)), 7)


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@pytest.mark.parametrize("k", [1, 4])
def test_a_search_goes_on_in_a_bank_that_has_grown(monkeypatch: pytest.MonkeyPatch, dtype: type, k: int) -> None:
    """As it finds in the whole bank, to the bit; rows that are equally far, and rows of a query's own, among them."""
    monkeypatch.setattr(search, "BANK_ROWS", 64)
    monkeypatch.setattr(search, "SCAN_WORK", 0)
    rows = np.concatenate([low_rank(150, 20, 4, seed=1), low_rank(150, 20, 4, seed=1)]).astype(dtype)
    queries = low_rank(90, 20, 4, seed=2).astype(np.float32)
    owners, owns = np.arange(90) % 5, np.arange(300) % 7
    for own in ((None, None), (owners, owns)):
        before = None
        for count in (2, 40, 64, 200, 300):
            part = None if own[1] is None else own[1][:count]
            index = search.ExactSearch(rows[:count])
            before = index.nearest(queries, k, own[0], part, before)
            expected = index.search(queries, k, own[0], part)
            np.testing.assert_array_equal(before.distances(k), expected[0])
            np.testing.assert_array_equal(before.rows, expected[1])
            fewer = index.search(queries, max(1, k - 1), own[0], part)
            np.testing.assert_array_equal(before.distances(max(1, k - 1)), fewer[0])
            np.testing.assert_array_equal(before.rows[:, : max(1, k - 1)], fewer[1])
