"""Every way to store a ground truth reads the same; what cannot be one gives a sentence with path and cause."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from patchcore_core.data.masks import read_mask
from patchcore_core.errors import DataError

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


def test_a_mask_of_another_size_is_refused(tmp_path: Path, save: Save) -> None:
    path = save(tmp_path / "mask.png", np.zeros((4, 3), np.uint8))
    with pytest.raises(DataError, match=r"mask\.png: the mask is 3 x 4 pixels, its image 4 x 3"):
        read_mask([path], (3, 4))


def test_a_broken_mask_is_refused(tmp_path: Path, save: Save) -> None:
    path = save(tmp_path / "mask.png", np.random.default_rng(0).integers(0, 255, (64, 64), np.uint8))
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(DataError, match="truncated"):
        read_mask([path], (64, 64))
