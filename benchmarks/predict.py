"""One photo from pixels to anomaly map, batch 1: ours against the plain way, stage by stage.

Both ways score the same photos of the built-in woven fabric with the same memory bank: `--rows` patches of its good
photos, 1024 values each, from EfficientNet-Lite0 at 224 pixels. The plain way is the eager network, the embedding of
patchcore-inspection, FAISS's flat search and scipy's blur. One process each, taking turns; CPU seconds.
"""

from __future__ import annotations

import argparse
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks import plain
from benchmarks.contest import Laps, Work, contest, table
from benchmarks.figures import write_json
from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.sample import picture
from patchcore_core.data.transforms import Transform
from patchcore_core.model import scoring
from patchcore_core.model.backbone import load_backbone
from patchcore_core.model.embedding import patch_embeddings
from patchcore_core.model.memory_bank import MemoryBank
from patchcore_core.model.patchcore import PatchCore

TAKEN = 4  # a memory bank row for every so many patches
PHOTOS = 3


def main(arguments: list[str]) -> None:
    """Parse the options, measure, print the table; write the JSON where `--json` says."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks predict", description=__doc__)
    parser.add_argument("--rows", type=int, default=11_760, help="rows of the memory bank (default %(default)s)")
    parser.add_argument("--size", type=int, default=224, help="side of the images, pixels (default %(default)s)")
    parser.add_argument("--backbone", default="efficientnet_lite0")
    parser.add_argument("--layers", nargs="+", default=["blocks.2", "blocks.4"])
    parser.add_argument("--engine", choices=("auto", "torch", "openvino"), default="auto", help="what runs our network")
    parser.add_argument("--repeats", type=int, default=12)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", type=Path, help="file to write the result to")
    options = parser.parse_args(arguments)
    settings = {**vars(options), "json": None}
    result = contest(build_plain, build_ours, settings)
    title = f"{options.backbone}, {options.size} px, bank {options.rows} x 1024, engine {_engine(settings)}"
    print(table(f"{title}, {options.threads} thread(s)", result))
    write_json(options.json, [result])


def build_plain(settings: dict[str, Any]) -> Work:
    """The plain way, its memory bank filled."""
    config = _config(settings)
    backbone = load_backbone(config.backbone, config.layers, engine="torch")
    transform = Transform(config.image_size, config.center_crop, backbone.mean, backbone.std)
    index = plain.flat_index(_bank(settings))
    photos = cycle(_photos())

    def work() -> Any:
        photo = next(photos)
        laps = Laps()
        images = torch.from_numpy(transform.image(photo))[None]
        laps("preprocess")
        with torch.no_grad():
            maps = backbone.truncated(images)  # by hooks, as it is
        laps("network")
        queries = plain.embeddings(maps, config.patch_size, 1024, 1024).numpy()
        laps("embedding")
        squared, _ = index.search(queries, 1)
        laps("search")
        side = maps[0].shape[-1]
        found = plain.anomaly_maps(np.sqrt(np.maximum(squared, 0)).reshape(1, side, side), config.input_size)
        laps("map")
        return laps.stages, found

    return work


def build_ours(settings: dict[str, Any]) -> Work:
    """The product's model with the same memory bank: its stages, and the whole of `score_image`."""
    config = _config(settings)
    model = PatchCore(config)
    model.bank = MemoryBank(_bank(settings))
    photos = cycle(_photos())

    def work() -> Any:
        photo = next(photos)
        whole = Laps()
        result = model.score_image(photo)
        whole("whole")
        laps = Laps()
        images = torch.from_numpy(model.transform.image(photo))[None]
        laps("preprocess")
        maps = model.backbone(images)
        laps("network")
        with torch.inference_mode():
            queries = patch_embeddings(maps, config.patch_size, 1024, 1024).flatten(0, 2).numpy()
        laps("embedding")
        distances, _ = model.bank.search(queries, 1)
        laps("search")
        scoring.anomaly_map(distances.reshape(1, *result.patch_scores.shape), config.input_size).numpy()
        laps("map")
        return laps.stages | whole.stages, result.anomaly_map[None]

    return work


def _config(settings: dict[str, Any]) -> PatchCoreConfig:
    return PatchCoreConfig(
        backbone=settings["backbone"], layers=tuple(settings["layers"]), image_size=settings["size"],
        pretrain_dim=1024, target_dim=1024, device="cpu", engine=settings["engine"],
    )  # fmt: skip


def _bank(settings: dict[str, Any]) -> np.ndarray:
    """(rows, 1024) float32: every fourth patch of as many good photos as that takes."""
    config = _config(settings)
    backbone = load_backbone(config.backbone, config.layers, engine="torch")
    transform = Transform(config.image_size, config.center_crop, backbone.mean, backbone.std)
    parts: list[np.ndarray] = []
    while sum(map(len, parts)) < settings["rows"]:
        image = torch.from_numpy(transform.image(_photo(len(parts), "train/good")))[None]
        parts.append(patch_embeddings(backbone(image), config.patch_size, 1024, 1024).flatten(0, 2)[::TAKEN].numpy())
    return np.ascontiguousarray(np.concatenate(parts)[: settings["rows"]])


def _photo(number: int, place: str) -> np.ndarray:
    return picture("woven_fabric", "", number, 0.0, place)[0]


def _photos() -> list[np.ndarray]:
    return [_photo(number, "test/good") for number in range(PHOTOS)]


def _engine(settings: dict[str, Any]) -> str:
    """What runs our network here."""
    model = PatchCore(_config(settings))
    model.backbone(torch.zeros(1, 3, settings["size"], settings["size"]))
    return model.engine
