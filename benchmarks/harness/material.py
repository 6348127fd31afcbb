"""What several benchmarks work on: a part of a data set, the published method's configuration, made features."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.dataset import Dataset, Sample, load_dataset


def add_dataset_options(parser: argparse.ArgumentParser) -> None:
    """DATASET and the options that decide what is computed on it."""
    parser.add_argument("dataset", type=Path, help="folder of a category, or of categories")
    parser.add_argument("--category", help="which of several")
    parser.add_argument("--test-images", type=int, help="test images to score, spread over all (default: all)")
    parser.add_argument("--backbone", default="efficientnet_lite0")
    parser.add_argument("--layers", nargs="+", default=["blocks.2", "blocks.4"])
    parser.add_argument("--size", type=int, default=256, help="side to which images are resized (default %(default)s)")
    parser.add_argument("--crop", type=int, default=224, help="side of the centre; 0: all (default %(default)s)")
    parser.add_argument("--dim", type=int, default=1024, help="values per patch (default %(default)s)")
    parser.add_argument("--ratio", type=float, default=0.01, help="coreset's share of the patches")
    parser.add_argument("--engine", choices=("auto", "torch", "openvino"), default="auto", help="what runs our network")
    parser.add_argument("--threads", type=int, help="threads of every pool (default: as the machine has cores)")


def add_json_option(parser: argparse.ArgumentParser) -> None:
    """Where the figures go."""
    parser.add_argument("--json", type=Path, help="file to write the result to")


def as_json(options: argparse.Namespace) -> dict[str, Any]:
    """The options as JSON values, paths absolute, without the one that says where the result goes."""
    values = {name: value for name, value in vars(options).items() if name != "json"}
    return {name: str(value.absolute()) if isinstance(value, Path) else value for name, value in values.items()}


def dataset(settings: dict[str, Any]) -> Dataset:
    """The data set with its first `images` training images and with `test_images`, None for all of either."""
    whole = load_dataset(settings["dataset"], settings["category"])
    train, test = settings["images"], settings["test_images"]
    return dataclasses.replace(whole, train=whole.train[:train], test=spread(whole.test, test or len(whole.test)))


def linked(settings: dict[str, Any], folder: Path) -> Path:
    """The same as a folder of links in `folder`, for what reads data by its path."""
    found = dataset(settings)
    for sample in (*found.train, *found.test):
        for path in (sample.path, *sample.mask_paths):
            link = folder / found.category / path.relative_to(found.root)
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(path)
    return folder / found.category


def spread(samples: Sequence[Sample], count: int) -> tuple[Sample, ...]:
    """`count` samples at equal distances, so that all kinds are among them."""
    return tuple(samples[place] for place in np.linspace(0, len(samples) - 1, min(count, len(samples))).astype(int))


def config(settings: dict[str, Any], **changes: Any) -> PatchCoreConfig:
    """The published method on the chosen network: pooled embeddings, approximate greedy in 128 dimensions."""
    return PatchCoreConfig.from_dict({
        "backbone": settings["backbone"], "layers": tuple(settings["layers"]), "image_size": settings["size"],
        "center_crop": settings["crop"] or None, "pretrain_dim": settings["dim"], "target_dim": settings["dim"],
        "sampler": "approx_greedy", "coreset_ratio": settings["ratio"], "projection_dim": 128,
        "distance": "squared_euclidean", "engine": settings["engine"], **changes,
    })  # fmt: skip


def made_features(rows: int, dim: int, seed: int = 0) -> np.ndarray:
    """(rows, dim) float32 near a bent surface of ten dimensions, with a little noise."""
    chance = np.random.default_rng(seed)
    mixing = np.random.default_rng(0).standard_normal((10, dim)).astype(np.float32)
    bent = np.tanh(chance.standard_normal((rows, 10), dtype=np.float32) @ mixing)
    return bent + np.float32(0.05) * chance.standard_normal(bent.shape, dtype=np.float32)
