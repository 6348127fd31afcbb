"""The small grey picture of a photo."""

from __future__ import annotations

import numpy as np
import pytest

from patchcore_core.data.likeness import SIDE, no_pictures, small_picture


def test_fields_are_mean_grey_levels():
    grey = np.random.default_rng(0).integers(0, 256, (4 * SIDE, 3 * SIDE)).astype(np.uint8)
    picture = small_picture(np.repeat(grey[..., None], 3, axis=2))
    assert (picture.shape, picture.dtype) == ((SIDE**2,), np.float16)
    expected = grey.reshape(SIDE, 4, SIDE, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(picture.reshape(SIDE, SIDE), expected, atol=0.1)


@pytest.mark.parametrize("shape", [(1, 1), (7, 300), (2000, 1500)])
def test_photos_of_any_size_have_one(shape):
    assert (small_picture(np.full((*shape, 3), 200, np.uint8)) == 200).all()


def test_a_large_photo_is_averaged_as_a_small_one():
    small = np.random.default_rng(1).integers(0, 256, (SIDE, SIDE)).astype(np.uint8)
    large = np.repeat(np.kron(small, np.ones((32, 32), np.uint8))[..., None], 3, axis=2)
    np.testing.assert_allclose(small_picture(large), small.ravel(), atol=0.1)


def test_no_pictures_have_the_same_length():
    assert no_pictures().shape == (0, SIDE**2)
