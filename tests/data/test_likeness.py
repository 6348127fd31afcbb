"""Copies of a photo are told from other photos of the same kind."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageEnhance
from scipy.ndimage import gaussian_filter

from patchcore_core.data.likeness import distance_among, nearest, small_picture
from patchcore_core.evaluation.protocol import near_duplicates


def photo(seed):
    """A textured part under uneven light, always in the same place."""
    rng = np.random.default_rng(seed)
    light = gaussian_filter(rng.normal(size=(300, 400)), 40) * 800
    texture = gaussian_filter(rng.normal(size=(300, 400)), 2) * 60
    part = np.hypot(*np.mgrid[-150:150, -200:200]) < 120
    grey = 90 + 60 * part + light + texture
    return np.repeat(grey.clip(0, 255).astype(np.uint8)[..., None], 3, axis=2)


def saved_as_jpeg(image, quality=50):
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return Image.open(buffer)


COPIES = {
    "jpeg": saved_as_jpeg,
    "half size": lambda image: image.resize((200, 150)),
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.1),
    "noisy": lambda image: Image.fromarray(
        (np.asarray(image) + np.random.default_rng(0).normal(0, 4, (300, 400, 1))).clip(0, 255).astype(np.uint8)),
}


@pytest.fixture(scope="module")
def training():
    return np.stack([small_picture(photo(seed)) for seed in range(12)])


@pytest.mark.parametrize("copy", COPIES)
def test_a_copy_of_a_training_photo_is_recognised(training, copy):
    made = np.stack([small_picture(np.asarray(COPIES[copy](Image.fromarray(photo(seed))))) for seed in range(4)])
    found = near_duplicates(nearest(made, training)[0], distance_among(training))
    assert found.counts["near"] == 4


def test_another_photo_of_the_same_part_is_not_taken_for_a_copy(training):
    other = np.stack([small_picture(photo(seed)) for seed in range(100, 130)])
    assert near_duplicates(nearest(other, training)[0], distance_among(training)).level == "ok"


def test_distances_are_those_of_brute_force(training):
    other = np.random.default_rng(0).normal(size=(5, 1024)).astype(np.float32)
    expected = [min(np.linalg.norm(one.astype(float) - two) for two in training) for one in other]
    distances, places = nearest(other, training)
    np.testing.assert_allclose(distances, expected, rtol=1e-6)
    assert [np.linalg.norm(one.astype(float) - training[place]) for one, place in zip(other, places, strict=True)] == \
        pytest.approx(expected)
    rest = [min(np.linalg.norm(training[i].astype(float) - training[j]) for j in range(12) if j != i)
            for i in range(12)]
    np.testing.assert_allclose(distance_among(training), rest, rtol=1e-5)
    assert (nearest(training, training)[0] == 0).all()


def test_a_small_picture_has_no_brightness_and_no_contrast():
    picture = small_picture(photo(0))
    assert picture.shape == (1024,)
    assert picture.mean() == pytest.approx(0, abs=1e-6)
    assert np.linalg.norm(picture) == pytest.approx(1, rel=1e-5)
    assert not small_picture(np.full((10, 7, 3), 200, np.uint8)).any()


def test_one_photo_has_no_neighbour(training):
    assert np.isnan(distance_among(training[:1])).all()
    assert np.isnan(nearest(training[:2], training[:0])[0]).all()
    assert nearest(training[:0], training)[0].shape == (0,)
