"""The plane of a bank against scikit-learn's components."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from patchcore_core.model.evidence import bank_map
from patchcore_core.model.evidence.bank_map import principal_plane


@pytest.fixture
def rows():
    rng = np.random.default_rng(0)
    return (rng.normal(size=(500, 20)) * np.linspace(3, 0.1, 20) + 5).astype(np.float16)


def test_the_plane_is_that_of_the_first_two_components(rows, monkeypatch):
    monkeypatch.setattr(bank_map, "BLOCK", 64)  # several blocks
    found, theirs = principal_plane(rows), PCA(2).fit(rows.astype(np.float64))
    np.testing.assert_allclose(np.abs(found.places), np.abs(theirs.transform(rows.astype(float))), atol=2e-3)
    assert found.explained == pytest.approx(theirs.explained_variance_ratio_.sum(), rel=1e-4)


def test_of_a_large_bank_some_rows_decide(rows, monkeypatch):
    whole = principal_plane(rows).places
    monkeypatch.setattr(bank_map, "FITTED", 250)
    some = principal_plane(rows).places
    assert abs(np.corrcoef(whole[:, 0], some[:, 0])[0, 1]) > 0.98


@pytest.mark.parametrize("shape", [(1, 3), (2, 3), (5, 1)])
def test_a_bank_too_small_for_a_plane_has_places_nonetheless(shape):
    found = principal_plane(np.random.default_rng(1).normal(size=shape).astype(np.float32))
    assert found.places.shape == (shape[0], 2)
    assert np.isfinite(found.places).all()


def test_equal_rows_explain_nothing():
    assert np.isnan(principal_plane(np.ones((4, 3), np.float32)).explained)
