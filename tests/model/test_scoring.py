"""Scores and maps against SciPy, torch's own interpolation and answers worked out by hand."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter

from patchcore_core.model import scoring


@settings(max_examples=40)
@given(
    grid=st.tuples(st.integers(1, 20), st.integers(1, 20)),
    size=st.tuples(st.integers(1, 70), st.integers(1, 70)),
    sigma=st.sampled_from([0.0, 0.7, 4.0, 9.5]),
)
def test_map_is_bilinear_interpolation_then_scipys_gaussian(
    grid: tuple[int, int], size: tuple[int, int], sigma: float
) -> None:
    scores = np.random.default_rng(0).random((2, *grid)).astype(np.float32)
    large = F.interpolate(torch.from_numpy(scores)[:, None], size=size, mode="bilinear", align_corners=False)[:, 0]
    expected = [gaussian_filter(one.numpy(), sigma) if sigma else one.numpy() for one in large]
    np.testing.assert_allclose(scoring.anomaly_map(scores, size, sigma).numpy(), expected, rtol=1e-4, atol=1e-5)


def test_an_integer_size_is_a_square_and_arrays_and_tensors_are_alike() -> None:
    scores = np.random.default_rng(0).random((1, 4, 4)).astype(np.float32)
    assert scoring.anomaly_map(scores, 32).shape == (1, 32, 32)
    assert torch.equal(scoring.anomaly_map(scores, 32), scoring.anomaly_map(torch.from_numpy(scores), (32, 32)))


def test_patch_scores_average_the_neighbours() -> None:
    distances = np.array([[1.0, 3.0], [2.0, 2.0]])
    assert scoring.patch_scores(distances).tolist() == [2.0, 2.0]
    assert scoring.patch_scores(distances, squared=True).tolist() == [5.0, 4.0]


def test_reweighting_by_hand() -> None:
    patch = np.array([0.0, 0.0])
    neighbours = np.array([[1.0, 0.0], [0.0, 2.0], [3.0, 0.0]])  # distances 1, 2, 3
    expected = 1 - math.e / (math.e + math.e**2 + math.e**3)
    assert scoring.reweighting(patch, neighbours) == pytest.approx(expected)


def test_reweighting_survives_distances_that_overflow_the_exponential() -> None:
    patch = np.zeros(1)
    assert scoring.reweighting(patch, np.array([[1000.0], [2000.0]])) == pytest.approx(1.0)
    assert scoring.reweighting(patch, np.array([[5.0]])) == 0.0
