"""A small MVTec AD category: textured plates, some with a dark hole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from patchcore_core.cli import commands
from patchcore_core.cli.main import parser


def make_tiles(root: Path, learned: int = 12, judged: int = 6) -> Path:
    """The category in this folder: so many good photos to learn from, so many good and defective ones to judge."""
    random = np.random.default_rng(0)
    for kind, count in {"train/good": learned, "test/good": judged, "test/hole": judged}.items():
        (root / kind).mkdir(parents=True)
        for i in range(count):
            _plate(root, kind, i, random)
    return root


def fit(category: Path, runs: Path, *options: str, image_size: int = 96) -> None:
    """A run of this category in the store `runs`, fitted by the command in this process, which has torch already."""
    command = ["fit", str(category), "--image-size", str(image_size), *options, "--runs", str(runs)]
    assert commands.run(parser().parse_args(command)) == 0


def _plate(root: Path, kind: str, number: int, random: np.random.Generator) -> None:
    photo = Image.fromarray(random.normal(150, 12, (96, 96, 3)).clip(0, 255).astype(np.uint8))
    if kind.endswith("hole"):
        x, y, radius = [*random.integers(20, 70, 2).tolist(), 6 + number]
        mask = Image.new("L", photo.size)
        for image, colour in ((photo, (20, 20, 20)), (mask, 255)):
            ImageDraw.Draw(image).ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
        (root / "ground_truth" / "hole").mkdir(parents=True, exist_ok=True)
        mask.save(root / "ground_truth" / "hole" / f"{number:03}_mask.png")
    photo.save(root / kind / f"{number:03}.png")
