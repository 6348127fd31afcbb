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


def _model(backbone: str, layers: list[str]) -> PatchcoreModel:
    return PatchcoreModel(layers=layers, backbone=backbone, pre_trained=False).eval()


TASKS: dict[str, Callable[[Arrays, dict[str, Any]], dict[str, Any]]] = {
    "coreset": coreset, "search": search, "predict": predict,
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
