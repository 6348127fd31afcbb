"""anomalib's side of the comparisons: run by the interpreter that has it, on arrays in a folder.

`python peer_anomalib.py TASK FOLDER`: reads options.json and the .npy files of FOLDER, writes answer.json there.
Stands alone: nothing of this repository is imported. Seconds are CPU seconds of this process.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import torch
from anomalib.models.components.sampling import KCenterGreedy
from anomalib.models.image.patchcore.torch_model import PatchcoreModel
from PIL import Image
from torchvision import transforms

Arrays = dict[str, torch.Tensor]


class Unchanged:
    """In place of the random projection, so that picks are compared on the same features."""

    def fit(self, _features: torch.Tensor) -> None:
        """Nothing is learnt."""

    def transform(self, features: torch.Tensor) -> torch.Tensor:
        """The features."""
        return features


def coreset(arrays: Arrays, options: dict[str, Any]) -> dict[str, Any]:
    """Picks of KCenterGreedy and seconds per pick: its loop on `features` as they are, or on its own projection."""
    features, picks = arrays["features"], options["picks"]
    sampler = KCenterGreedy(features, sampling_ratio=(picks + 0.5) / len(features))
    if not options["projected"]:
        sampler.model = Unchanged()
    seconds = []
    inner = sampler.update_distances

    def timed(cluster_center: Any) -> None:  # the projection comes before the first pick
        seconds.append(time.process_time())
        inner(cluster_center)

    sampler.update_distances = timed
    picked = sampler.select_coreset_idxs()
    each = (time.process_time() - seconds[0]) / len(seconds)
    return {"picks": picked, "seconds_per_pick": each, "dim": sampler.features.shape[1]}


def search(arrays: Arrays, options: dict[str, Any]) -> dict[str, Any]:
    """Neighbours `ids` (Q, k) of `queries` (Q, D) in `bank` (M, D)."""
    model = _model("resnet18", ["layer1"])
    model.memory_bank = arrays["bank"]
    rows = arrays["queries"]
    started = time.process_time()
    found = [model.nearest_neighbors(rows[first : first + 784], options["k"])[1] for first in range(0, len(rows), 784)]
    return {"seconds": time.process_time() - started, "ids": torch.cat(found).reshape(len(rows), -1).tolist()}


def predict(arrays: Arrays, options: dict[str, Any]) -> dict[str, Any]:
    """Seconds per image of normalised `images` (N, 3, S, S) with a bank (rows, its dimension) of their own patches."""
    model, images = _model(options["backbone"], options["layers"]), arrays["images"]
    with torch.no_grad():
        model.train()
        own = torch.cat([model(image[None]) for image in images])
        noise = torch.Generator().manual_seed(0)
        rows = own[torch.randint(len(own), (options["rows"],), generator=noise)]
        model.memory_bank = rows + 0.01 * torch.randn(rows.shape, generator=noise)
        model.eval()
        seconds = []
        for turn in range(options["repeats"] + 1):
            started = time.process_time()
            model(images[turn % len(images)][None])
            seconds.append(time.process_time() - started)
    return {"seconds": seconds[1:], "dim": model.memory_bank.shape[1]}


def embed(arrays: Arrays, options: dict[str, Any]) -> dict[str, Any]:
    """Seconds per call from the maps `first` and `second` (B, C, h, w) to patch embeddings, and these."""
    model = _model("resnet18", ["first", "second"])
    seconds, rows = [], torch.empty(0)
    with torch.no_grad():
        for _ in range(options["repeats"] + 1):
            started = time.process_time()
            pooled = {name: model.feature_pooler(arrays[name]) for name in ("first", "second")}
            rows = model.reshape_embedding(model.generate_embedding(pooled))
            seconds.append(time.process_time() - started)
    return {"seconds": seconds[1:], "mean": rows.mean(dim=0).tolist()}


def fit(_arrays: Arrays, options: dict[str, Any]) -> dict[str, Any]:
    """Seconds of each stage from image files to scores, in anomalib's own embedding; a few `picks` are made."""
    model = _model(options["backbone"], options["layers"])
    images = _reader(options)
    seconds, last = {}, time.process_time()

    def lap(stage: str) -> None:
        nonlocal last
        seconds[stage], last = time.process_time() - last, time.process_time()

    model.train()
    for path in options["train"]:
        model(images(path))
    features = torch.vstack(model.embedding_store)
    model.embedding_store.clear()
    lap("features")
    size = max(1, int(len(features) * options["ratio"]))
    answer = coreset({"features": features}, {"picks": min(options["picks"], size), "projected": True})
    lap("coreset")
    seconds["coreset"] += answer["seconds_per_pick"] * (size - len(answer["picks"]))
    others = torch.randperm(len(features))[: size - len(answer["picks"])]
    model.memory_bank = features[torch.cat([torch.tensor(answer["picks"]), others])]
    model.eval()
    with torch.no_grad():
        for path in options["test"]:
            model(images(path))
    lap("predict")
    return {"seconds": seconds, "picks": size, "dim": features.shape[1], "peak_bytes": _peak()}


def _reader(options: dict[str, Any]) -> Callable[[str], torch.Tensor]:
    """From a file to (1, 3, S, S), normalised."""
    crop = [transforms.CenterCrop(options["crop"])] if options["crop"] else []
    size = options["size"] if crop else (options["size"], options["size"])
    normalise = transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    steps = transforms.Compose([transforms.Resize(size), *crop, transforms.ToTensor(), normalise])
    return lambda path: steps(Image.open(path).convert("RGB"))[None]


def _peak() -> int:
    """Largest resident memory, bytes; Linux."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


def _model(backbone: str, layers: list[str]) -> PatchcoreModel:
    return PatchcoreModel(layers=layers, backbone=backbone, pre_trained=False).eval()


TASKS: dict[str, Callable[[Arrays, dict[str, Any]], dict[str, Any]]] = {
    "coreset": coreset, "embed": embed, "fit": fit, "predict": predict, "search": search,
}  # fmt: skip


def main(task: str, folder: Path) -> None:
    """Do the task once on the arrays of the folder."""
    options = json.loads((folder / "options.json").read_text())
    torch.set_num_threads(options["threads"] or os.cpu_count() or 1)
    torch.manual_seed(0)
    arrays = {path.stem: torch.from_numpy(np.load(path)) for path in folder.glob("*.npy")}
    answer = TASKS[task](arrays, options)
    (folder / "answer.json").write_text(json.dumps({**answer, "version": metadata.version("anomalib")}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
