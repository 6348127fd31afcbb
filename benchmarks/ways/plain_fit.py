"""A fit from images to files the way patchcore-inspection does it, short enough to be read.

Network and readers of images are the product's own (torch, not folded); all else is plain: features kept as float32
and joined, the approximate greedy sampler in torch, FAISS's flat index, scipy's blur, scikit-learn's metrics. Of the
selection's picks only so many are really made; the others cost the same each and are multiplied out, and random rows
take their place in the memory bank.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import torch
from PIL import Image
from sklearn.metrics import roc_auc_score

from benchmarks.harness import material
from benchmarks.ways import plain
from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.dataset import Sample
from patchcore_core.data.ground_truth import GroundTruth, ground_truth
from patchcore_core.data.scratch import Scratch
from patchcore_core.data.transforms import Transform
from patchcore_core.model.network.backbone import Backbone, load_backbone

PROJECTION = 128


def fit(settings: dict[str, Any]) -> dict[str, Any]:
    """Fit, score, judge and save; wall seconds per stage, and what the missing picks add to wall and CPU."""
    config, data = material.config(settings), material.dataset(settings)
    seconds: dict[str, float] = {}
    last = started = time.perf_counter()

    def lap(stage: str) -> None:
        nonlocal last
        now = time.perf_counter()
        seconds[stage], last = now - last, now

    backbone = load_backbone(config.backbone, config.layers, engine="torch")
    transform = Transform(config.image_size, config.center_crop, backbone.mean, backbone.std)
    batch = settings["batch"]
    features = np.concatenate(list(_features(backbone, transform, config, data.train, batch)))  # (N * h * w, D)
    lap("features")
    size, made = max(1, int(len(features) * config.coreset_ratio)), settings["loop_picks"]
    picks, extra = _select(features, size, min(size, made), config.seed)
    lap("coreset")
    patches, rows = features[picks], len(features)
    del features
    index = plain.flat_index(patches)
    lap("index")
    scores, maps = _score(index, backbone, transform, config, data.test, batch)
    lap("predict")
    with Scratch() as scratch:
        metrics = _metrics(ground_truth(data.test, transform, scratch), scores, maps)
    lap("evaluate")
    _save(index, maps, scores)
    lap("save")
    seconds["coreset"] += extra["wall"]
    seconds["total"] = last - started + extra["wall"]
    return {"seconds": seconds, "extra": extra, "patches": rows, "picks": size, "metrics": metrics}


def _features(
    backbone: Backbone, transform: Transform, config: PatchCoreConfig, samples: Sequence[Sample], batch: int
) -> Iterator[np.ndarray]:
    """(B * h * w, D) float32 of each batch of images."""
    dim = config.target_dim or 0
    for first in range(0, len(samples), batch):
        photos = [np.asarray(Image.open(sample.path).convert("RGB")) for sample in samples[first : first + batch]]
        images = torch.from_numpy(np.stack([transform.image(photo) for photo in photos]))
        with torch.no_grad():
            maps = backbone.truncated(images)
            yield plain.embeddings(maps, config.patch_size, dim, dim).numpy()


def _select(features: np.ndarray, size: int, made: int, seed: int) -> tuple[np.ndarray, dict[str, float]]:
    """`size` rows, the first `made` of them by the published loop, and the seconds that the others would take."""
    torch.manual_seed(seed)
    rows = torch.from_numpy(features)
    with torch.no_grad():
        reduced = torch.nn.Linear(rows.shape[1], PROJECTION, bias=False)(rows)
        loop = plain.approximate_greedy(reduced)
        picks = [next(loop)]  # its distances to the starting points are not part of a pick
        wall, cpu = time.perf_counter(), time.process_time()
        picks += [next(loop) for _ in range(made - 1)]
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    others = np.setdiff1d(np.random.default_rng(seed).permutation(len(features))[:size], picks)[: size - made]
    each = (size - made) / max(made - 1, 1)
    return np.concatenate([picks, others]), {"wall": each * wall, "cpu": each * cpu}


def _score(
    index: faiss.IndexFlatL2, backbone: Backbone, transform: Transform, config: PatchCoreConfig,
    samples: Sequence[Sample], batch: int,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Image scores (N,) and anomaly maps (N, S, S)."""
    scores: list[float] = []
    maps: list[np.ndarray] = []
    for queries in _features(backbone, transform, config, samples, batch):
        patches, _ = index.search(queries, 1)
        grid = patches.reshape(-1, *_grid(len(patches), batch, len(samples) - len(scores)))
        scores += list(grid.reshape(len(grid), -1).max(axis=1))
        maps.append(plain.anomaly_maps(grid, config.input_size, config.blur_sigma))
    return np.array(scores), np.concatenate(maps)


def _grid(patches: int, batch: int, left: int) -> tuple[int, int]:
    side = round((patches / min(batch, left)) ** 0.5)
    return side, side


def _metrics(truth: GroundTruth, scores: np.ndarray, maps: np.ndarray) -> dict[str, float]:
    """AUROC of the images, of all pixels and of those of defective images, each by scikit-learn."""
    defective = truth.labels == 1
    return {
        "image_auroc": float(roc_auc_score(truth.labels, scores)),
        "pixel_auroc": float(roc_auc_score(truth.masks.ravel(), maps.ravel())),
        "pixel_auroc_anomalous": float(roc_auc_score(truth.masks[defective].ravel(), maps[defective].ravel())),
    }


def _save(index: faiss.IndexFlatL2, maps: np.ndarray, scores: np.ndarray) -> None:
    with tempfile.TemporaryDirectory() as folder:
        faiss.write_index(index, str(Path(folder) / "nnscorer_search_index.faiss"))
        np.save(Path(folder) / "maps.npy", maps)
        np.save(Path(folder) / "scores.npy", scores)
