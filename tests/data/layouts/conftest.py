"""Categories made of a line of files."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest


@pytest.fixture
def grow(tmp_path: Path, save: Callable[..., Path]) -> Callable[..., Path]:
    """`grow("train/good/01.png test/ok/01.png")`: a category `part` of these images, each with content of its own."""

    def plant(files: str, root: str = "part") -> Path:
        for name in files.split():
            if name.endswith("/"):
                (tmp_path / root / name).mkdir(parents=True)
            else:
                pixels = np.random.default_rng(zlib.crc32(name.encode())).integers(0, 256, (4, 6), np.uint8)
                save(tmp_path / root / name, pixels)
        return tmp_path / root

    return plant
