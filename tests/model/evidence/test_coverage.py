"""Coverage against plain distances, and against farthest-first itself."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from patchcore_core.model import coreset
from patchcore_core.model.evidence import coverage as module
from patchcore_core.model.evidence.coverage import Coverage, coverage, sizes_up_to
from patchcore_core.model.memory_bank import MemoryBank


@pytest.fixture
def features():
    return np.random.default_rng(0).normal(size=(900, 12)).astype(np.float32)


def test_distances_are_those_of_each_bank_of_that_size(features, monkeypatch):
    monkeypatch.setattr(module, "BLOCK", 5000)  # several blocks
    bank = MemoryBank(features[coreset.greedy(features, 90)])
    found = coverage(bank, features)
    for place, size in enumerate(found.sizes):
        distances = cdist(features, bank.patches[:size]).min(axis=1)
        assert found.mean[place] == pytest.approx(distances.mean(), rel=1e-3)
        assert found.farthest[place] == pytest.approx(distances.max(), rel=1e-3)


def test_the_radius_of_farthest_first_is_the_largest_distance_of_all_patches(features):
    bank = MemoryBank(features[coreset.greedy(features, 90)])
    found = coverage(bank, features)
    np.testing.assert_allclose(found.radius[:-1], found.farthest[:-1], rtol=1e-3)
    assert np.isnan(found.radius[-1])
    assert np.isnan(coverage(bank, features, farthest_first=False).radius).all()


@given(st.integers(1, 10**6))
def test_sizes_end_with_the_whole_bank(rows):
    sizes = sizes_up_to(rows)
    assert sizes[-1] == rows
    assert 1 <= len(sizes) <= module.SIZES
    assert (np.diff(sizes) > 0).all()
    assert sizes[0] == 1


def test_enough_is_where_a_twentieth_of_the_fall_is_left():
    nothing = np.full(5, np.nan)
    assert Coverage(np.array([1, 2, 4, 8, 16]), np.array([11, 5, 2, 1.4, 1.0]), nothing, nothing).enough == 8
    assert Coverage(np.array([1]), np.array([3.0]), nothing[:1], nothing[:1]).enough == 1
