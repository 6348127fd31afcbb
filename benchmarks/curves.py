"""How the cost grows: coreset over patches and over picks, features over images, search over bank rows.

Every point is the least CPU time of `--repeats` turns in this process, on one thread; the slope is that of the
straight line through the points on logarithmic axes: 1 is linear growth. Features and queries are made, near a bent
surface of ten dimensions; images are the built-in woven fabric's. The picture's dashed lines are linear growth.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from benchmarks.harness import material, svg
from benchmarks.harness.figures import write_json
from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.dataset import Sample
from patchcore_core.data.sample.sample_set import picture
from patchcore_core.model import coreset
from patchcore_core.model.memory_bank import MemoryBank
from patchcore_core.model.patchcore import PatchCore

QUERIES = 3136  # the patches of four photos
SCALES = {"full": 1.0, "small": 1 / 64}


@dataclass(frozen=True)
class Curve:
    """CPU seconds `y` over sizes `x`, and the slope on logarithmic axes."""

    title: str
    unit: str
    x: list[int]
    y: list[float]
    slope: float


def main(arguments: list[str]) -> None:
    """Parse the options, measure, print the points; write picture and JSON where they are asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks curves", description=__doc__)
    parser.add_argument("--out", type=Path, help="picture to write, .svg")
    parser.add_argument("--scale", choices=SCALES, default="full", help="small: a trial of a few seconds")
    parser.add_argument("--repeats", type=int, default=3)
    material.add_json_option(parser)
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    curves = [make(SCALES[options.scale], options.repeats)
              for make in (over_patches, over_picks, over_images, over_rows)]  # fmt: skip
    for curve in curves:
        print(f"{curve.title}: grows as {curve.unit} to the power of {curve.slope:.2f}")
        print("  " + ", ".join(f"{x:,}: {y:.3g} s" for x, y in zip(curve.x, curve.y, strict=True)))
    if options.out:
        panels = [svg.Panel(f"{each.title} (slope {each.slope:.2f})", each.unit, each.x, each.y) for each in curves]
        options.out.write_text(svg.chart(panels, "CPU seconds"), encoding="utf-8")
    write_json(options.json, [asdict(curve) for curve in curves])


def over_patches(scale: float, repeats: int) -> Curve:
    """Coreset of a fixed size from more and more patches."""
    picks = int(2000 * scale) or 1
    sizes = _doubling(int(20_000 * scale), 5)
    features = torch.from_numpy(material.made_features(sizes[-1], 128))
    return _curve(f"Coreset, {picks:,} picks in 128-d", "patches", sizes, repeats,
                  lambda size: lambda: coreset.greedy(features[:size], picks, start=0))  # fmt: skip


def over_picks(scale: float, repeats: int) -> Curve:
    """More and more picks from the same patches."""
    rows, sizes = int(120_000 * scale), _doubling(int(750 * scale), 5)
    features = torch.from_numpy(material.made_features(rows, 128))
    return _curve(f"Coreset, {rows:,} patches in 128-d", "picks", sizes, repeats,
                  lambda size: lambda: coreset.greedy(features, size, start=0))  # fmt: skip


def over_images(scale: float, repeats: int) -> Curve:
    """A fit of more and more images with hardly any selection: reading, network, embedding."""
    sizes = _doubling(int(16 * max(scale, 1 / 8)), 5 if scale == 1 else 2)
    config = PatchCoreConfig(image_size=224, pretrain_dim=1024, target_dim=1024, sampler="random",
                             coreset_ratio=1e-3, device="cpu")  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        samples = _photos(Path(folder), 8)
        model = PatchCore(config)
        return _curve("Features, 1024-d, 224 pixels", "images", sizes, repeats,
                      lambda size: lambda: model.fit((samples * size)[:size]))  # fmt: skip


def over_rows(scale: float, repeats: int) -> Curve:
    """Nearest neighbours of the same queries in larger and larger banks."""
    sizes = _doubling(int(2_000 * scale), 5)
    rows = material.made_features(sizes[-1], 1024).astype(np.float16)
    queries = material.made_features(QUERIES, 1024, seed=1)

    def search(size: int) -> Callable[[], Any]:
        bank = MemoryBank(rows[:size])
        return lambda: bank.search(queries, 1)

    return _curve(f"Search, {QUERIES:,} queries, 1024-d", "bank rows", sizes, repeats, search)


def _doubling(first: int, count: int) -> list[int]:
    return [first * 2**step for step in range(count)]


def _curve(title: str, unit: str, sizes: list[int], repeats: int, work: Callable[[int], Callable[[], Any]]) -> Curve:
    """`work(size)` prepares and returns what is timed; the smallest size is done once before, to load machine code."""
    work(sizes[0])()
    seconds = []
    for size in sizes:
        timed, turns = work(size), []
        for _ in range(repeats):
            started = time.process_time()
            timed()
            turns.append(time.process_time() - started)
        seconds.append(min(turns))
    slope = float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])
    return Curve(title, unit, sizes, seconds, slope)


def _photos(folder: Path, count: int) -> tuple[Sample, ...]:
    paths = [folder / f"{number}.jpg" for number in range(count)]
    for number, path in enumerate(paths):
        Image.fromarray(picture("woven_fabric", "", number, 0.0, "train/good")[0]).save(path, quality=93)
    return tuple(Sample(path, "train", 0, "good") for path in paths)
