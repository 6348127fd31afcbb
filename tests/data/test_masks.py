"""Every way to store a ground truth reads the same; what cannot be one gives a sentence with path and cause."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from patchcore_core.data import images
from patchcore_core.data.files.orientation import Shape
from patchcore_core.data.images import image_shape, read_image
from patchcore_core.data.masks import MaskRule, Outline, mask_trouble, read_mask, read_truth
from patchcore_core.errors import DataError
from tests.data.files.test_depth import deep_png
from tests.data.test_mask_values import FIELD

Save = Callable[..., Path]
MASK = np.array([[0, 0, 1, 1], [0, 1, 1, 0], [0, 0, 0, 0]], bool)


@pytest.mark.parametrize("pixels", [
    MASK.astype(np.uint8) * 255, MASK.astype(np.uint8), MASK, MASK.astype(np.uint8) * 3,
    MASK.astype(np.uint16) * 65535, MASK.astype(np.uint16), MASK.astype(np.uint16) * 255,
    np.where(MASK, 200, 100).astype(np.uint8),  # soft edges stay outside
    np.where(MASK, 128, 127).astype(np.uint8),
    np.stack([MASK * 255, MASK * 0, MASK * 0], axis=2).astype(np.uint8),
    np.stack([MASK * 255, MASK * 0, MASK * 0, MASK * 255], axis=2).astype(np.uint8),
], ids=["0/255", "0/1", "bilevel", "labels", "16 bit", "16 bit 0/1", "16 bit 0/255", "soft", "edge", "red", "rgba"])
def test_every_way_to_store_a_mask_reads_the_same(tmp_path: Path, pixels: np.ndarray) -> None:
    Image.fromarray(pixels).save(tmp_path / "mask.png")
    np.testing.assert_array_equal(read_mask([tmp_path / "mask.png"], (3, 4)), MASK)


@pytest.mark.parametrize("colour", [(1, 1, 1), (300, 300, 300), (65535, 65535, 65535), (7, 0, 0), (65535, 0, 0)])
def test_colours_of_16_bits_keep_their_lower_byte(tmp_path: Path, colour: tuple[int, int, int]) -> None:
    path = deep_png(tmp_path / "mask.png", MASK[:, :, None] * np.array(colour))
    np.testing.assert_array_equal(read_mask(path, (3, 4)), MASK)
    turned_photo = Shape(4, 3, 6)  # upright 4 x 3: what was stored as 3 x 4 is turned to the right
    np.testing.assert_array_equal(read_truth(path, turned_photo).defect, np.rot90(MASK, -1))


def test_transparent_mask_pixels_are_background(tmp_path: Path) -> None:
    pixels = np.full((3, 4, 4), 255, np.uint8)
    pixels[..., 3] = MASK * 255
    Image.fromarray(pixels).save(tmp_path / "mask.png")
    np.testing.assert_array_equal(read_mask([tmp_path / "mask.png"], (3, 4)), MASK)


def test_palette_mask_counts_by_its_colours(tmp_path: Path) -> None:
    image = Image.fromarray(MASK.astype(np.uint8)).convert("P")
    image.putpalette([0, 0, 0, 128, 0, 0])
    image.save(tmp_path / "mask.png")
    np.testing.assert_array_equal(read_mask([tmp_path / "mask.png"], (3, 4)), MASK)


def test_an_empty_mask_is_empty(tmp_path: Path, save: Save) -> None:
    assert not read_mask([save(tmp_path / "mask.png", np.zeros((3, 4), np.uint8))], (3, 4)).any()


def test_scripts_read_a_mask_from_the_module_of_photos(tmp_path: Path) -> None:
    Image.fromarray(MASK.astype(np.uint8) * 255).save(tmp_path / "mask.png")
    for path in (str(tmp_path / "mask.png"), tmp_path / "mask.png"):
        found = images.read_mask(path, (3, 4))
        assert (found.dtype, found.shape, found.sum()) == (np.dtype(bool), (3, 4), 4)
    assert "read_mask" in images.__all__


def test_a_mask_of_another_size_is_refused(tmp_path: Path, save: Save) -> None:
    path = save(tmp_path / "mask.png", np.zeros((4, 3), np.uint8))
    with pytest.raises(DataError, match=r"mask\.png: the mask is 3 x 4 pixels, its image 4 x 3"):
        read_mask([path], (3, 4))


def test_a_broken_mask_is_refused(tmp_path: Path, save: Save) -> None:
    path = save(tmp_path / "mask.png", np.random.default_rng(0).integers(0, 255, (64, 64), np.uint8))
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(DataError, match="truncated"):
        read_mask([path], (64, 64))


# orientation

@pytest.mark.parametrize("turn", range(2, 9))
@pytest.mark.parametrize("shape", [(48, 64), (48, 48)])
@pytest.mark.parametrize("drawn", ["stored", "upright"])
def test_a_mask_lies_on_its_photo_as_it_was_drawn(
    tmp_path: Path, turn: int, shape: tuple[int, int], drawn: str
) -> None:
    exif = Image.Exif()
    exif[0x0112] = turn
    stored = FIELD[: shape[0], : shape[1]].astype(np.uint8) * 60
    Image.fromarray(np.stack([stored] * 3, axis=2)).save(tmp_path / "photo.png", exif=exif)
    upright = read_image(tmp_path / "photo.png")[..., 0] > 0
    photo = image_shape(tmp_path / "photo.png")
    Image.fromarray((stored > 0) if drawn == "stored" else upright).save(tmp_path / "mask.png")
    rule = MaskRule(drawn="stored" if drawn == "stored" else "upright")
    np.testing.assert_array_equal(read_truth(tmp_path / "mask.png", photo, rule).defect, upright)
    assert mask_trouble(tmp_path / "photo.png", tmp_path / "mask.png") is None
    if turn >= 5 and shape[0] != shape[1]:  # then its size tells, whatever is assumed
        other = MaskRule(drawn="upright" if drawn == "stored" else "stored")
        np.testing.assert_array_equal(read_truth(tmp_path / "mask.png", photo, other).defect, upright)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("turn", [1, 3, 6, 8])
def test_a_mask_with_an_orientation_of_its_own_is_turned_by_it(tmp_path: Path, turn: int, suffix: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = turn
    stored = (FIELD[:, :48] > 0).astype(np.uint8) * 255
    Image.fromarray(np.stack([stored] * 3, axis=2)).save(tmp_path / f"photo{suffix}", exif=exif)
    Image.fromarray(stored).save(tmp_path / f"mask{suffix}", exif=exif)
    found = read_truth(tmp_path / f"mask{suffix}", image_shape(tmp_path / f"photo{suffix}"), MaskRule(drawn="upright"))
    np.testing.assert_array_equal(found.defect, read_image(tmp_path / f"photo{suffix}")[..., 0] > 0)


def test_a_mask_that_fits_neither_way_is_refused(tmp_path: Path, save: Save) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (8, 6)).save(tmp_path / "photo.jpg", exif=exif)
    path = save(tmp_path / "mask.png", np.zeros((7, 6), np.uint8))
    assert mask_trouble(tmp_path / "photo.jpg", path) == f"{path}: the mask is 6 x 7 pixels, its image 6 x 8"


def test_an_outline_names_the_pixels_region_by_region() -> None:
    mask = np.zeros((5, 6), bool)
    mask[0, 4:6] = mask[1, 0] = mask[1, 5] = mask[2, 1] = mask[4, 3] = True  # (1, 0) and (2, 1) touch at a corner
    outline = Outline.of(mask)
    assert outline.areas.tolist() == [3, 2, 1]
    assert outline.places.tolist() == [4, 5, 11, 6, 13, 27]
