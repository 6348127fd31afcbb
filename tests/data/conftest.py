"""Tiny images and folders for the tests of the data room."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


def write_image(path: Path, pixels: np.ndarray | None = None, **options: object) -> Path:
    """Save pixels (default: 8 x 6 random ones, others at every path) at the path, making its folders."""
    if pixels is None:
        pixels = np.random.default_rng(zlib.crc32(os.fsencode(path))).integers(0, 256, (8, 6, 3), np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **options)
    return path


@pytest.fixture
def save() -> Callable[..., Path]:
    return write_image


@pytest.fixture
def mvtec(tmp_path: Path) -> Path:
    """A category "bolt": 3 train, 2 test good, scratch 000 and 001 with masks, hole 000 with a mask."""
    root = tmp_path / "bolt"
    for name in ("000", "001", "002"):
        write_image(root / "train" / "good" / f"{name}.png")
    for name in ("000", "001"):
        write_image(root / "test" / "good" / f"{name}.png")
    for kind, name in (("scratch", "000"), ("scratch", "001"), ("hole", "000")):
        write_image(root / "test" / kind / f"{name}.png")
        mask = np.zeros((8, 6), np.uint8)
        mask[2:4, 1:5] = 255
        write_image(root / "ground_truth" / kind / f"{name}_mask.png", mask)
    return root
