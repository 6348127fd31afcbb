"""Copies of a photo are told from other photos of the same kind, and grouped."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageEnhance
from scipy.ndimage import gaussian_filter

from patchcore_core.data.likeness import SIDE, no_pictures, small_picture
from patchcore_core.data.near_copies import NearCopies


def textured(seed, size=(150, 200)):
    """A textured part under uneven light, always in the same place."""
    rng = np.random.default_rng(seed)
    light = gaussian_filter(rng.normal(size=size), 40) * 800
    texture = gaussian_filter(rng.normal(size=size), 2) * 60
    part = np.hypot(*np.mgrid[-75:75, -100:100]) < 60
    return rgb(90 + 60 * part + light + texture)


def rgb(grey):
    return np.repeat(np.asarray(grey).round().clip(0, 255).astype(np.uint8)[..., None], 3, axis=2)


def noise(photo, sigma=3.0, seed=0):
    made = np.random.default_rng(seed).normal(0, sigma, photo.shape)
    return (photo + made).round().clip(0, 255).astype(np.uint8)


def saved_as_jpeg(photo, quality=50):
    buffer = io.BytesIO()
    Image.fromarray(photo).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer))


def moved(photo, down, right):
    wide = np.pad(photo, ((4, 4), (4, 4), (0, 0)), mode="edge")
    return wide[4 + down : 4 + down + len(photo), 4 + right : 4 + right + photo.shape[1]]


COPIES = {
    "exact": lambda photo: photo,
    "jpeg": saved_as_jpeg,
    "half size": lambda photo: np.asarray(Image.fromarray(photo).resize((100, 75))),
    "larger": lambda photo: np.asarray(Image.fromarray(photo).resize((260, 195))),
    "brighter": lambda photo: np.asarray(ImageEnhance.Brightness(Image.fromarray(photo)).enhance(1.1)),
    "darker": lambda photo: np.asarray(ImageEnhance.Brightness(Image.fromarray(photo)).enhance(0.7)),
    "flatter": lambda photo: np.asarray(ImageEnhance.Contrast(Image.fromarray(photo)).enhance(0.6)),
    "noisy": noise,
    "noisier": lambda photo: noise(photo, 8),
    "moved by one": lambda photo: moved(photo, 1, -1),
    "moved by two": lambda photo: noise(moved(photo, 2, 2), 2),
}


def pictures_of(photos):
    return np.stack([small_picture(photo) for photo in photos])


@pytest.fixture(scope="module")
def training():
    return NearCopies.of(pictures_of([textured(seed) for seed in range(12)]))


@pytest.mark.parametrize("copy", COPIES)
def test_a_copy_of_a_training_photo_is_recognised(training, copy):
    made = pictures_of([COPIES[copy](textured(seed)) for seed in range(4)])
    assert training.twins(made).tolist() == [0, 1, 2, 3]


def test_another_photo_of_the_same_part_is_not_taken_for_a_copy(training):
    assert training.groups.tolist() == [*range(12)]
    assert not len(training.copies)
    assert not training.hardly_differ
    other = pictures_of([textured(seed) for seed in range(100, 130)])
    assert (training.twins(other) == -1).all()


def test_asking_for_the_same_thumbnails_again_looks_for_nothing(training, monkeypatch):
    one, other = (pictures_of([textured(seed) for seed in seeds]) for seeds in ((3, 50), (60, 7)))
    first = training.twins(one)
    first[:] = 9  # whoever asks may change it
    looked = []
    monkeypatch.setattr(NearCopies, "_twins_of", lambda *_: looked.append(1) or np.array([-1, 7]))
    assert training.twins(one.copy()).tolist() == [3, -1]
    assert not looked
    assert training.twins(other).tolist() == [-1, 7]
    assert len(looked) == 1


@pytest.mark.parametrize("copy", [name for name in COPIES if name != "exact"])
@pytest.mark.parametrize("parts", [2, 3, 6])
def test_bursts_are_grouped_by_their_part(copy, parts):
    """Where each photo has a twin, too: nothing here rests on the distance to the nearest photo."""
    photos = [made for seed in range(parts) for made in (textured(seed), COPIES[copy](textured(seed)))]
    found = NearCopies.of(pictures_of(photos))
    assert found.groups.tolist() == [place - place % 2 for place in range(2 * parts)]
    assert len(found.copies) == 2 * parts


def test_a_burst_of_many_and_single_photos():
    photos = [noise(textured(0), seed=shot) for shot in range(15)] + [textured(seed) for seed in range(1, 8)]
    assert NearCopies.of(pictures_of(photos)).groups.tolist() == [0] * 15 + [*range(15, 22)]


@settings(deadline=None, max_examples=15)
@given(st.lists(st.integers(0, 5), min_size=2, max_size=14), st.integers(0, 99))
def test_groups_are_those_of_the_parts(parts, seed):
    """At least three different parts; the first photo of a part names its group."""
    parts = [*parts, 6, 7, 8]
    photos = [noise(textured(part), 3, seed + place) for place, part in enumerate(parts)]
    assert NearCopies.of(pictures_of(photos)).groups.tolist() == [parts.index(part) for part in parts]


@settings(deadline=None, max_examples=25)
@given(st.integers(2, 30), st.integers(0, 10**6))
def test_groups_are_linked_by_pairs(count, seed):
    """Against a slow union of all pairs, on pictures that are mixtures of one another, so that chains arise."""
    rng = np.random.default_rng(seed)
    sources = rng.normal(0, 30, (4, SIDE**2))
    chosen = rng.integers(0, 4, (2, count))
    share = rng.uniform(0.5, 1, (count, 1))
    made = 120 + share * sources[chosen[0]] + (1 - share) * sources[chosen[1]] + rng.normal(0, 3, (count, SIDE**2))
    found = NearCopies.of(made.astype(np.float16))
    groups = [*range(count)]
    for one in range(count):
        near = found._alike(found.pictures[one : one + 1], found._looks(found.pictures))[0]
        for other in np.flatnonzero(near >= found.cut):
            low, high = sorted((groups[one], groups[other]))
            groups = [low if group == high else group for group in groups]
    assert found.groups.tolist() == groups


def fixed_camera(seed, jitter=0.0):
    """The same strongly structured part, under light that changes, with a fine texture of its own."""
    rng, base = np.random.default_rng(seed), np.full((150, 200), 60.0)
    drawn = np.random.default_rng(0)
    for _ in range(15):
        top, left, height, width = (*drawn.integers(10, 120, 2), *drawn.integers(5, 40, 2))
        base[top : top + height, left : left + width] = drawn.integers(20, 200)
    slope = 1 + 0.08 * rng.normal() * np.linspace(-1, 1, 200) + 0.1 * rng.normal()
    texture = gaussian_filter(rng.normal(size=base.shape), 1.5) * 25
    return rgb((base + texture) * slope + rng.normal(0, 2, base.shape) + jitter)


PLAIN = {
    "fixed camera": fixed_camera,
    "white paper": lambda seed: rgb(np.random.default_rng(seed).normal(235, 2, (150, 200)) - 3 * (seed % 4)),
    "dark cloth": lambda seed: rgb(
        25 + gaussian_filter(np.random.default_rng(seed).normal(size=(150, 200)), 1) * 6),
    "vignette": lambda seed: rgb(
        np.random.default_rng(seed).normal(0, 2, (150, 200))
        + (230 - seed) * (1 - (0.1 + 0.01 * seed) * np.hypot(*np.mgrid[-1:1:150j, -1:1:200j]))),
}


@pytest.mark.parametrize("kind", PLAIN)
@pytest.mark.parametrize("count", [5, 24])
def test_different_parts_of_one_look_are_not_grouped(kind, count):
    found = NearCopies.of(pictures_of([PLAIN[kind](seed) for seed in range(count)]))
    assert found.groups.tolist() == [*range(count)]


@pytest.mark.parametrize("copy", ["noisy", "jpeg", "brighter", "exact"])
def test_a_set_that_is_one_photo_again_and_again_is_said_to_be(copy):
    first = textured(0)
    shots = [first] + [noise(COPIES[copy](first), 0.5 + (copy == "noisy"), seed) for seed in range(7)]
    found = NearCopies.of(pictures_of(shots))
    assert found.hardly_differ or len(set(found.groups.tolist())) == 1
    assert NearCopies.of(pictures_of([first] * 5)).hardly_differ


def test_photos_of_one_colour_are_copies_where_it_is_the_same():
    flat = [rgb(np.full((60, 60), grey)) for grey in (0, 0, 255, 128)]
    found = NearCopies.of(pictures_of([*flat, *(textured(seed) for seed in range(6))]))
    assert found.groups.tolist() == [0, 0, 2, 3, 4, 5, 6, 7, 8, 9]


def test_more_photos_than_are_looked_at_at_a_time(monkeypatch):
    monkeypatch.setattr("patchcore_core.data.near_copies.ROWS", 4)
    monkeypatch.setattr("patchcore_core.data.near_copies.PAIRS", 3)
    photos = [moved(textured(seed % 5), seed // 5, 0) for seed in range(11)]
    assert NearCopies.of(pictures_of(photos)).groups.tolist() == [*range(5)] * 2 + [0]


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_to_compare(count):
    found = NearCopies.of(pictures_of([textured(0)]) if count else no_pictures())
    assert found.groups.tolist() == [*range(count)]
    assert not found.hardly_differ
    assert found.twins(pictures_of([textured(1)])).tolist() == [-1]
    assert found.twins(no_pictures()).shape == (0,)
