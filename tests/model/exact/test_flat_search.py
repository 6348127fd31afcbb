"""The search without machine code: as exact as the other, on data that float32 cannot rank."""

import logging
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchcore_core.errors import ConfigError
from patchcore_core.model import coreset
from patchcore_core.model.coreset import greedy
from patchcore_core.model.exact import farthest_first, flat_search
from patchcore_core.model.exact.flat_search import FlatSearch
from patchcore_core.model.memory_bank import MemoryBank
from tests.model.exact.test_search import brute_force


def assert_exact(rows: np.ndarray, queries: np.ndarray, k: int) -> None:
    distances, indices = FlatSearch(rows).search(queries, k)
    expected, order = brute_force(rows.astype(np.float32), queries, k)
    np.testing.assert_array_equal(indices, order)
    np.testing.assert_allclose(distances, expected, rtol=2e-7)


@given(
    count=st.integers(1, 120), queries=st.integers(1, 40), dim=st.integers(1, 40), neighbours=st.integers(1, 20),
    offset=st.sampled_from([0.0, 1.0, 1e4]), levels=st.sampled_from([0, 1, 3]), half=st.booleans(),
    seed=st.integers(0, 99),
)  # fmt: skip
def test_equals_brute_force(
    count: int, queries: int, dim: int, neighbours: int, offset: float, levels: int, half: bool, seed: int
) -> None:
    both = np.random.default_rng(seed).standard_normal((count + queries, dim)) + offset
    if levels:  # a lattice: exact ties everywhere
        both = np.round(both * levels)
    both = both.astype(np.float32)
    assert_exact(both[:count].astype(np.float16 if half else np.float32), both[count:], min(neighbours, count))


def test_what_float32_cannot_rank_is_compared_with_every_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand rows nearer to one another than float32 sees at this distance from the origin."""
    chance = np.random.default_rng(0)
    rows = (1e4 + chance.integers(0, 3, (1000, 30)) * 2.0**-9).astype(np.float32)
    monkeypatch.setattr(flat_search, "QUERIES", 7)
    assert_exact(rows, rows[::50] + np.float32(2.0**-8), 3)


def test_features_that_are_not_finite_are_refused() -> None:
    with pytest.raises(ConfigError, match="finite"):
        FlatSearch(np.ones((3, 2), np.float32)).search(np.array([[np.nan, 0]], np.float32), 1)


def test_a_bank_works_where_no_machine_code_can_be_made(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    rows = np.random.default_rng(0).standard_normal((300, 9)).astype(np.float16)
    usual = MemoryBank(rows).search(rows[:40].astype(np.float32) + 0.1, 3)
    monkeypatch.setitem(sys.modules, "patchcore_core.model.exact.search", None)  # as where numba is missing
    bank = MemoryBank(rows)
    assert isinstance(bank._index, FlatSearch)
    assert "no machine code can be made" in caplog.text
    for found, expected in zip(bank.search(rows[:40].astype(np.float32) + 0.1, 3), usual, strict=True):
        np.testing.assert_allclose(found, expected, rtol=3e-7)


def test_a_coreset_is_the_same_where_no_machine_code_can_be_made(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    rows = np.random.default_rng(0).standard_normal((900, 24)).astype(np.float32)
    monkeypatch.setattr(farthest_first, "EAGER_WORK", 0)
    monkeypatch.setattr(coreset, "PLAIN_WORK", 0)
    usual = greedy(rows, 80, start=0)
    farthest_first._machine_code.cache_clear()
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "patchcore_core.model.exact.native", None)
        patch.delattr("patchcore_core.model.exact.native", raising=False)
        np.testing.assert_array_equal(greedy(rows, 80, start=0), usual)
    farthest_first._machine_code.cache_clear()
    assert "no machine code can be made" in caplog.text
