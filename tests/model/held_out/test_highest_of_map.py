"""The highest of a map by bounds against that of a map of which everything was measured."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchcore_core.model.held_out.highest_of_map import leave_one_out_map_highest
from patchcore_core.model.held_out.leave_one_out import LeftOut, leave_one_out_search, thinned
from patchcore_core.model.memory_bank import MemoryBank
from patchcore_core.model.scoring import PatchMaps

QUICK = settings(deadline=None, max_examples=60)


def drawn(seed, images, grid, share, near=3.0):
    """Features (n, h, w, D) of images, and a bank of a random share of their patches."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(images, *grid, 5)) + near * rng.normal(size=(images, 1, 1, 5))
    features = features.astype(np.float32)
    origin = np.stack(np.unravel_index(np.arange(images * grid[0] * grid[1]), features.shape[:3]), axis=1)
    picks = rng.permutation(len(origin))[: max(1, round(share * len(origin)))]
    return features, MemoryBank(features.reshape(-1, 5)[picks], origin[picks])


def both_ways(features, bank, groups, k, squared, share, maps):
    """By bounds, and of all distances; and which patches were measured."""
    images = np.arange(len(features))
    left_out = LeftOut(bank, thinned(bank, k, share), features, groups[images], k, squared, groups)
    found = leave_one_out_map_highest([left_out], maps)
    distances, _ = leave_one_out_search(bank, features, images, k, groups=groups)
    scores = (distances**2 if squared else distances).mean(axis=-1)
    return found, maps.of(scores).max(axis=(1, 2)), left_out.known


@QUICK
@given(
    seed=st.integers(0, 10**6), images=st.integers(1, 6), grid=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    size=st.tuples(st.integers(1, 40), st.integers(1, 40)), sigma=st.sampled_from([0.0, 1.0, 4.0]),
    k=st.integers(1, 3), share=st.sampled_from([0.1, 0.5, 1.0]), squared=st.booleans(), thin=st.integers(2, 8),
)  # fmt: skip
def test_it_is_the_highest_of_the_whole_map(seed, images, grid, size, sigma, k, share, squared, thin):
    features, bank = drawn(seed, images, grid, share)
    groups = np.random.default_rng(seed).integers(0, images, images)  # any groups
    found, expected, _ = both_ways(features, bank, groups, min(k, len(bank)), squared, thin, PatchMaps(size, sigma))
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_images_without_rows_of_others_have_no_score():
    features, bank = drawn(0, 1, (4, 4), 1.0)
    found, expected, _ = both_ways(features, bank, np.zeros(1, np.int64), 2, False, 4, PatchMaps((32, 32), 4.0))
    assert np.isnan(found).all()
    assert np.isnan(expected).all()


@pytest.mark.parametrize("squared", [False, True])
def test_most_patches_need_no_second_look_where_one_place_stands_out(squared):
    features, bank = drawn(1, 4, (40, 40), 0.3, near=0)
    features[:, 3:5, 12:14] *= 4
    groups = np.arange(4)
    found, expected, known = both_ways(features, bank, groups, 3, squared, 4, PatchMaps((320, 320), 4.0))
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert known.mean() < 0.2
