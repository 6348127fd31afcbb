"""The geometry equals torchvision's, and photo, mask and map stay in step."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from patchcore_core.data.transforms import Transform
from patchcore_core.errors import ConfigError, DataError

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
SIZES = [(37, 53), (53, 37), (64, 64), (91, 33), (32, 32), (33, 200), (301, 255), (21, 20)]


def noise(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(height * 1000 + width).integers(0, 256, (height, width, 3), np.uint8)


@pytest.mark.parametrize(("height", "width"), SIZES)
@pytest.mark.parametrize(("resize", "crop"), [(32, 28), (33, 28), (33, 33), (40, 21), (32, None)])
def test_image_equals_torchvision_to_the_bit(height: int, width: int, resize: int, crop: int | None) -> None:
    torchvision = pytest.importorskip("torchvision")
    T = torchvision.transforms
    steps = [T.Resize((resize, resize)) if crop is None else T.Resize(resize)]
    steps += [] if crop is None else [T.CenterCrop(crop)]
    reference = T.Compose([*steps, T.ToTensor(), T.Normalize(MEAN, STD)])
    rgb = noise(height, width)
    found = Transform(resize, crop, MEAN, STD).image(rgb)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, reference(Image.fromarray(rgb)).numpy())


@st.composite
def masks(draw: st.DrawFn) -> np.ndarray:
    height, width = draw(st.integers(20, 90)), draw(st.integers(20, 90))
    mask = np.zeros((height, width), bool)
    for _ in range(draw(st.integers(0, 3))):
        top, left = draw(st.integers(0, height - 1)), draw(st.integers(0, width - 1))
        mask[top:top + draw(st.integers(1, 30)), left:left + draw(st.integers(1, 30))] = True
    return mask


@settings(max_examples=80, deadline=None)
@given(mask=masks(), resize=st.integers(16, 64), cut=st.integers(0, 12), whole=st.booleans())
def test_a_photo_that_shows_its_mask_agrees_with_it(mask: np.ndarray, resize: int, cut: int, whole: bool) -> None:
    transform = Transform(resize, None if whole else resize - cut, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
    photo = np.repeat(mask[:, :, None] * np.uint8(255), 3, axis=2)
    seen = transform.image(photo)[0]
    clear = np.abs(seen - 0.5) > 2 / 255  # 8-bit rounding in the photo decides nothing here
    np.testing.assert_array_equal(transform.mask(mask)[clear], seen[clear] > 0.5)


@settings(max_examples=80, deadline=None)
@given(mask=masks(), resize=st.integers(16, 64), cut=st.integers(0, 12), whole=st.booleans())
def test_box_covers_what_the_network_saw(mask: np.ndarray, resize: int, cut: int, whole: bool) -> None:
    height, width = mask.shape
    transform = Transform(resize, None if whole else resize - cut, MEAN, STD)
    top, left, bottom, right = transform.box(height, width)
    assert -1e-9 <= top < bottom <= height + 1e-9
    assert -1e-9 <= left < right <= width + 1e-9
    rows, columns = np.mgrid[:height, :width] + 0.5
    inside = (rows >= top) & (rows <= bottom) & (columns >= left) & (columns <= right)
    laid = transform.to_photo(np.zeros(transform.shape, np.float32), height, width)
    np.testing.assert_array_equal(np.isfinite(laid), inside)
    share = transform.mask_share_kept(mask)
    if mask.any():
        assert share == pytest.approx((mask & inside).sum() / mask.sum())
    else:
        assert np.isnan(share)


def test_box_by_hand() -> None:
    crop = Transform(100, 50, MEAN, STD)
    assert crop.box(200, 400) == (50, 150, 150, 250)  # resized to 100 x 200, cut at row 25 and column 75
    assert Transform(100, None, MEAN, STD).box(200, 400) == (0, 0, 200, 400)


@pytest.mark.parametrize("crop", [None, 48, 64])
@pytest.mark.parametrize(("height", "width"), [(128, 128), (200, 97), (40, 60)])
def test_a_map_comes_back_where_the_photo_was(height: int, width: int, crop: int | None) -> None:
    transform = Transform(64, crop, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
    rows, columns = np.mgrid[:height, :width]
    ramp = np.uint8(255 * (0.6 * rows / height + 0.4 * columns / width))  # a smooth photo survives the round trip
    seen = transform.image(np.repeat(ramp[:, :, None], 3, axis=2))[0]
    back = transform.to_photo(seen.astype(np.float16), height, width)
    assert back.dtype == np.float32
    assert back.shape == (height, width)
    off = np.abs(back - ramp / 255.0)
    assert np.nanmax(off) < 0.03
    assert np.nanmean(off) < 0.004


def test_a_map_keeps_the_place_of_its_peak() -> None:
    transform = Transform(64, 48, MEAN, STD)
    photo_mask = np.zeros((256, 128), bool)
    photo_mask[120:132, 60:76] = True
    back = transform.to_photo(transform.mask(photo_mask).astype(np.float32), 256, 128)
    assert np.nanmean((back >= 0.5) == photo_mask) > 0.998


def test_a_crop_larger_than_the_resized_photo_is_refused() -> None:
    with pytest.raises(ConfigError, match="at most image_size 32, got 40"):
        Transform(32, 40, MEAN, STD)


def test_a_strip_too_narrow_to_crop_is_refused_instead_of_filling_the_memory() -> None:
    strip = np.zeros((1, 20000, 3), np.uint8)
    assert Transform(256, None, MEAN, STD).image(strip).shape == (3, 256, 256)
    with pytest.raises(DataError, match="20000 x 1 pixels is too narrow"):
        Transform(256, 224, MEAN, STD).image(strip)


@pytest.mark.parametrize(("size", "crop", "field"), [(200_000, None, "image_size"), (9000, 5000, "center_crop")])
def test_an_input_that_no_memory_holds_is_refused(size, crop, field):
    with pytest.raises(ConfigError, match=f"{field} must be at most 4096 pixels, got {crop or size}"):
        Transform(size, crop, (0.0,) * 3, (1.0,) * 3)
