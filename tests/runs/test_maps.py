"""Maps written in blocks are the maps rendered at once, in the type that holds them."""

import sys

import numpy as np
import pytest
import torch

from patchcore_core.errors import StoreError
from patchcore_core.runs import maps
from patchcore_core.runs.maps import as_stored, write_maps


@pytest.mark.parametrize(("largest", "dtype"), [
    (0.0, np.float16), (0.5, np.float16), (65504.0, np.float16), (65600.0, np.float32), (1e-4, np.float32),
])  # fmt: skip
def test_maps_are_stored_small_where_that_keeps_their_scores(tmp_path, largest, dtype):
    scores = np.array([[[0.0, largest], [0.0, 0.0]]], dtype=np.float32)
    stored = write_maps(tmp_path / "maps.npy", scores, lambda part: part, (2, 2))
    assert stored.dtype == dtype
    np.testing.assert_allclose(stored, scores, rtol=1e-3)


@pytest.mark.parametrize("loaded", [True, False])
def test_scores_are_rounded_to_the_nearest_float16_and_between_two_to_the_even_one(tmp_path, monkeypatch, loaded):
    monkeypatch.setitem(sys.modules, "torch", torch if loaded else None)
    exact = np.arange(0x7C00, dtype=np.uint16).view(np.float16).astype(np.float32)
    between = (exact[:-1] + exact[1:]) / 2
    near = np.concatenate([between, np.nextafter(between, np.float32(0)), np.nextafter(between, np.float32(np.inf))])
    scores = np.concatenate([exact, near, -exact])[None, None]
    stored = write_maps(tmp_path / "maps.npy", scores, lambda part: part, scores.shape[1:])
    assert stored.tobytes() == scores.astype(np.float16).tobytes()


def test_blocks_make_one_file_that_numpy_reads(tmp_path, monkeypatch):
    monkeypatch.setattr(maps, "BLOCK_PIXELS", 2 * 8 * 8)
    scores = np.random.default_rng(0).uniform(0, 9, (7, 4, 4)).astype(np.float32)
    sizes = []

    def render(part):
        sizes.append(len(part))
        return part.repeat(2, axis=1).repeat(2, axis=2)

    write_maps(tmp_path / "maps.npy", scores, render, (8, 8))
    assert sizes == [2, 2, 2, 1]
    expected = scores.repeat(2, axis=1).repeat(2, axis=2).astype(np.float16)
    np.testing.assert_array_equal(np.load(tmp_path / "maps.npy"), expected)


def test_no_images_make_a_file_too(tmp_path):
    none = np.empty((0, 1, 1), np.float32)
    assert write_maps(tmp_path / "maps.npy", none, lambda part: part, (8, 8)).shape == (0, 8, 8)
    assert np.load(tmp_path / "maps.npy").shape == (0, 8, 8)


def test_a_file_that_cannot_be_written_is_a_sentence(tmp_path):
    with pytest.raises(StoreError, match=r"nowhere.*cannot be written"):
        write_maps(tmp_path / "nowhere" / "maps.npy", np.ones((1, 2, 2), np.float32), lambda part: part, (2, 2))


@pytest.mark.parametrize(("stored", "expected"), [
    (np.float16, [[60.0625, 1e5], [0.0, 60.09375]]), (np.float32, [[60.07, 1e5], [0.0, 60.09]]),
])  # fmt: skip
def test_a_new_map_has_the_precision_of_stored_ones_and_keeps_what_is_beyond_it(stored, expected):
    scores = np.array([[60.07, 1e5], [0.0, 60.09]], np.float32)
    found = as_stored(scores, np.dtype(stored))
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, np.array(expected, np.float32))
