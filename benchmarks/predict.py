"""One photo from file to anomaly map, batch 1: ours against the plain way, stage by stage.

Both ways score the same photos with the same memory bank: a coreset of `--rows` from ten times as many patches, 1024
values each, from EfficientNet-Lite0 at 224 pixels. The photos are those of `--dataset`, else the built-in woven
fabric's, written as JPEG. The plain way is Pillow, the same resizing, the eager network, the embedding of
patchcore-inspection, FAISS's flat search and scipy's blur. One process each, taking turns; CPU seconds. With `--peers`
anomalib's model, whose patches are means of the channels (152 values), scores the same normalised photos with a bank
of as many rows: no decoding.
"""

from __future__ import annotations

import argparse
import tempfile
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from benchmarks.harness import material
from benchmarks.harness.contest import Laps, Work, contest, table
from benchmarks.harness.figures import spread, write_json
from benchmarks.ways import peers, plain
from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.dataset import load_dataset
from patchcore_core.data.images import read_image
from patchcore_core.data.sample.sample_set import picture
from patchcore_core.data.transforms import Transform
from patchcore_core.model import coreset, scoring
from patchcore_core.model.embedding import patch_embeddings
from patchcore_core.model.memory_bank import MemoryBank
from patchcore_core.model.network.backbone import load_backbone
from patchcore_core.model.patchcore import PatchCore

TAKEN = 10  # a memory bank row for every so many patches
PHOTOS = 3  # to score in turns
STRIDE = 8  # pixels from patch to patch


def main(arguments: list[str]) -> None:
    """Parse the options, measure, print the table; write the JSON where `--json` says."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks predict", description=__doc__)
    parser.add_argument("--rows", type=int, default=11_760, help="rows of the memory bank (default %(default)s)")
    parser.add_argument("--size", type=int, default=224, help="side of the images, pixels (default %(default)s)")
    parser.add_argument("--backbone", default="efficientnet_lite0")
    parser.add_argument("--layers", nargs="+", default=["blocks.2", "blocks.4"])
    parser.add_argument("--engine", choices=("auto", "torch", "openvino"), default="auto", help="what runs our network")
    parser.add_argument("--dataset", type=Path, help="photos to use: folder of a category (default: built-in ones)")
    parser.add_argument("--repeats", type=int, default=12)
    parser.add_argument("--threads", type=int, default=1)
    peers.add_options(parser)
    material.add_json_option(parser)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        settings = {**material.as_json(options), "photos": _photos(options, Path(folder))}
        settings["bank"] = str(Path(folder) / "bank.npy")
        np.save(settings["bank"], _bank(settings))
        result = contest(build_plain, build_ours, settings)
        title = f"{options.backbone}, {options.size} px, bank {options.rows} x 1024, engine {_engine(settings)}"
        print(table(f"{title}, {options.threads} thread(s)", result))
        if (python := peers.wanted(options)) is not None:
            result["anomalib"] = _anomalib(python, settings)
            print(f"anomalib, network to map: {result['anomalib']['median']:.1f} ms, whole of ours "
                  f"{result['ways']['ours']['whole']['median']:.1f} ms")  # fmt: skip
    write_json(options.json, [result])


def build_plain(settings: dict[str, Any]) -> Work:
    """The plain way, its memory bank filled."""
    config = _config(settings)
    backbone = load_backbone(config.backbone, config.layers, engine="torch")
    transform = Transform(config.image_size, config.center_crop, backbone.mean, backbone.std)
    index = plain.flat_index(np.load(settings["bank"]))
    photos = cycle(settings["photos"]["test"])

    def work() -> Any:
        path = next(photos)
        laps = Laps()
        photo = np.asarray(Image.open(path).convert("RGB"))
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
    """The product's model with the same memory bank: its stages, and the whole of `score_image` on a file."""
    config = _config(settings)
    model = PatchCore(config)
    bank = model.bank = MemoryBank(np.load(settings["bank"]))
    photos = cycle(settings["photos"]["test"])

    def work() -> Any:
        path = next(photos)
        whole = Laps()
        result = model.score_image(read_image(path))
        whole("whole")
        laps = Laps()
        images = torch.from_numpy(model.transform.image(read_image(path)))[None]
        laps("preprocess")
        maps = model.backbone(images)
        laps("network")
        with torch.inference_mode():
            queries = patch_embeddings(maps, config.patch_size, 1024, 1024).flatten(0, 2).numpy()
        laps("embedding")
        distances, _ = bank.search(queries, 1)
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
    """(rows, 1024) float32: a coreset of the training photos' patches."""
    config = _config(settings)
    backbone = load_backbone(config.backbone, config.layers, engine="torch")
    transform = Transform(config.image_size, config.center_crop, backbone.mean, backbone.std)
    parts = []
    for path in settings["photos"]["train"]:
        maps = backbone(torch.from_numpy(transform.image(read_image(path)))[None])
        parts.append(patch_embeddings(maps, config.patch_size, 1024, 1024).flatten(0, 2).numpy())
    features = np.concatenate(parts)
    return features[coreset.greedy(features, min(settings["rows"], len(features)), start=0)]


def _photos(options: argparse.Namespace, folder: Path) -> dict[str, list[str]]:
    """Files of good photos `train` to fill the bank, and `test` to score."""
    needed = -(-options.rows * TAKEN // (options.size // STRIDE) ** 2)
    if options.dataset is not None:
        data = load_dataset(options.dataset)
        parts = {"train": data.train[:needed], "test": material.spread(data.test, PHOTOS)}
        return {part: [str(sample.path) for sample in samples] for part, samples in parts.items()}
    files: dict[str, list[str]] = {"train": [], "test": []}
    for part, count in (("train", needed), ("test", PHOTOS)):
        for number in range(count):
            files[part].append(str(folder / f"{part}{number:03}.jpg"))
            photo, _ = picture("woven_fabric", "", number, 0.0, f"{part}/good")
            Image.fromarray(photo).save(files[part][-1], quality=93, subsampling=0)
    return files


def _anomalib(python: Path, settings: dict[str, Any]) -> dict[str, float]:
    """CPU milliseconds of anomalib's model on the normalised photos."""
    model = PatchCore(_config(settings))
    images = np.stack([model.transform.image(read_image(path)) for path in settings["photos"]["test"]])
    options = {name: settings[name] for name in ("layers", "rows", "repeats")}
    options["backbone"] = peers.network(settings["backbone"])
    seconds = peers.Anomalib(python, settings["threads"], images=images).ask("predict", **options)["seconds"]
    return spread([1000 * each for each in seconds])


def _engine(settings: dict[str, Any]) -> str:
    """What runs our network here."""
    model = PatchCore(_config(settings))
    model.backbone(torch.zeros(1, 3, settings["size"], settings["size"]))
    return model.engine
