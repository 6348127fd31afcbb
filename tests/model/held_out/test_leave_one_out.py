"""Leaving one image out of the bank against a bank from which its rows were taken."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchcore_core.errors import ConfigError
from patchcore_core.model import memory_bank
from patchcore_core.model.exact.flat_search import FlatSearch
from patchcore_core.model.held_out import leave_one_out
from patchcore_core.model.held_out.leave_one_out import (
    leave_one_out_distances,
    leave_one_out_highest,
    leave_one_out_search,
    thinned,
)
from patchcore_core.model.memory_bank import MemoryBank

QUICK = settings(deadline=None, max_examples=40)


def drawn(seed, images=5, side=4, dim=6, share=0.4, dtype=np.float32):
    """Features (n, h, w, D) of images that lie apart from one another, and a bank of a random share of the patches."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(images, side, side, dim)) + 3 * rng.normal(size=(images, 1, 1, dim))
    features = features.astype(dtype)
    origin = np.stack(np.unravel_index(np.arange(images * side * side), features.shape[:3]), axis=1)
    picks = rng.permutation(len(origin))[: max(1, round(share * len(origin)))]
    return features, MemoryBank(features.reshape(-1, dim)[picks], origin[picks])


def brute_force(features, bank, images, k):
    """Sorted float64 distances to the rows of other images, NaN beyond their number."""
    expected = np.full((*features.shape[:3], k), np.nan)
    for place, image in enumerate(images):
        others = bank.patches[bank.origin[:, 0] != image].astype(np.float64)
        near = np.linalg.norm(features[place, :, :, None].astype(np.float64) - others, axis=-1)  # (h, w, M')
        near = np.sort(near, axis=-1)[..., :k]
        expected[place, ..., : near.shape[-1]] = near
    return expected


@QUICK
@given(st.integers(0, 10**6), st.integers(1, 5), st.integers(1, 4), st.sampled_from([0.1, 0.4, 1.0]),
       st.sampled_from([np.float16, np.float32]))
def test_it_is_the_bank_without_the_rows_of_the_image(seed, images, k, share, dtype):
    features, bank = drawn(seed, images, share=share, dtype=dtype)
    k = min(k, len(bank))
    distances, rows = leave_one_out_search(bank, features, np.arange(images), k)
    assert distances.shape == rows.shape == (images, 4, 4, k)
    np.testing.assert_allclose(distances, brute_force(features, bank, range(images), k), rtol=1e-5)
    assert ((rows == -1) == np.isnan(distances)).all()
    own = np.arange(images)[:, None, None, None]
    assert ((bank.origin[rows, 0] != own) | (rows == -1)).all()


@pytest.mark.parametrize("k", [1, 3])
@pytest.mark.parametrize("share", [0.02, 0.4, 1.0])
def test_a_bank_that_cannot_leave_out_rows_gives_the_same(monkeypatch, k, share):
    """A single image owns up to all of the nearest rows; three of the images are one group."""
    features, bank = drawn(6, images=7, side=6, share=share)
    groups = np.array([0, 1, 1, 1, 4, 5, 6])
    expected = leave_one_out_search(bank, features, np.arange(7), k, groups=groups)
    monkeypatch.setattr(memory_bank, "exact_search", FlatSearch)
    plain = MemoryBank(bank.patches, bank.origin)
    assert bank.leaves_out
    assert not plain.leaves_out
    for one, other in zip(leave_one_out_search(plain, features, np.arange(7), k, groups=groups), expected, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("queries", [1, 16, 100])
def test_the_size_of_a_batch_changes_nothing(monkeypatch, queries):
    features, bank = drawn(1, images=7)
    expected = leave_one_out_distances(bank, features, np.arange(7), 3)
    monkeypatch.setattr(leave_one_out, "QUERIES", queries)
    done = []
    found = leave_one_out_distances(bank, features, np.arange(7), 3, lambda *counts: done.append(counts))
    np.testing.assert_array_equal(found, expected)
    assert done[-1] == (7, 7)
    assert len(done) == -(-7 // max(1, queries // 16))


def test_an_image_that_nothing_resembles_is_found_far_away():
    """Its 900 patches are all in the bank, nearer to one another than to anything else."""
    rng = np.random.default_rng(0)
    features = rng.normal(size=(3, 30, 30, 4)).astype(np.float32)
    features[1] += 100
    origin = np.stack(np.unravel_index(np.arange(2700), (3, 30, 30)), axis=1)
    bank = MemoryBank(features.reshape(-1, 4), origin)
    distances = leave_one_out_distances(bank, features, np.arange(3), 2)
    np.testing.assert_allclose(distances, brute_force(features, bank, range(3), 2), rtol=1e-5)
    assert distances[1].min() > 100
    assert distances[[0, 2]].max() < 10


def test_an_image_without_rows_in_the_bank_is_searched_as_any_other():
    features, bank = drawn(2)
    strangers = np.random.default_rng(3).normal(size=(2, 4, 4, 6)).astype(np.float32)
    expected = bank.search(strangers.reshape(-1, 6), 2)[0].reshape(2, 4, 4, 2)
    np.testing.assert_array_equal(leave_one_out_distances(bank, strangers, np.array([77, 99]), 2), expected)
    one = leave_one_out_distances(bank, features[3:4], np.array([3]))
    np.testing.assert_array_equal(one, leave_one_out_distances(bank, features, np.arange(5))[3:4])


def test_leaving_out_the_only_image_leaves_nothing():
    features, bank = drawn(4, images=1)
    assert np.isnan(leave_one_out_distances(bank, features, np.array([0]), 2)).all()


def test_no_images_no_distances():
    features, bank = drawn(4)
    assert leave_one_out_distances(bank, features[:0], np.arange(0)).shape == (0, 4, 4, 1)


def test_what_cannot_be_left_out_is_refused():
    features, bank = drawn(5)
    with pytest.raises(ConfigError, match="origin"):
        leave_one_out_distances(MemoryBank(bank.patches), features, np.arange(5))
    with pytest.raises(ConfigError, match="images \\(n,\\)"):
        leave_one_out_distances(bank, features, np.arange(4))
    with pytest.raises(ConfigError, match="k must be between"):
        leave_one_out_distances(bank, features, np.arange(5), len(bank) + 1)


@QUICK
@given(st.integers(0, 10**6), st.integers(1, 6), st.integers(1, 4), st.sampled_from([0.1, 0.4, 1.0]), st.booleans())
def test_the_highest_patch_is_that_of_a_search_for_all(seed, images, k, share, squared):
    features, bank = drawn(seed, images, side=6, share=share)
    k, power = min(k, len(bank)), 2 if squared else 1
    distances, rows = leave_one_out_search(bank, features, np.arange(images), k)
    distances, rows = distances.reshape(images, -1, k), rows.reshape(images, -1, k)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(leave_one_out, "FIRST", 2)
        thin = thinned(bank, k)
        found, near, places = leave_one_out_highest(bank, thin, features, np.arange(images), k, squared)
    for image in range(images):
        if np.isnan(distances[image]).any():
            assert np.isnan(near[image]).all()
            assert (places[image] == -1).all()
            continue
        expected = np.argmax((distances[image] ** power).mean(axis=1))
        assert found[image] == expected
        np.testing.assert_array_equal(near[image], distances[image, expected])
        np.testing.assert_array_equal(places[image], rows[image, expected])
