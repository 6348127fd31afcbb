"""PatchCore from images to scores: the main path, read top to bottom (Roth et al. 2022).

fit      images -> patch embeddings -> coreset -> memory bank
predict  images -> patch embeddings -> nearest bank rows -> patch scores -> image scores and anomaly maps
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.dataset import Sample
from patchcore_core.data.images import shown
from patchcore_core.data.transforms import Transform
from patchcore_core.errors import ConfigError, DataError, StoreError, WeightsError
from patchcore_core.model import coreset, scoring
from patchcore_core.model.backbone import Backbone, load_backbone, resolve_device
from patchcore_core.model.batches import Unreadable, batches
from patchcore_core.model.embedding import patch_embeddings
from patchcore_core.model.memory_bank import MemoryBank, as_stored

Progress = Callable[[str, int, int], None]  # stage, done, total
MAX_UNREADABLE = 0.1  # a larger share of unreadable training images stops the fit
BANK_FILE = "bank.json"


@dataclass(frozen=True)
class Predictions:
    """What `predict` found, in the order of `samples`: the images that could be read.

    image_scores (N,), patch_scores (N, h, w), anomaly_maps (N, S, S), all float32, higher = more anomalous;
    `unreadable` lists (path, cause) of the others.
    """

    samples: tuple[Sample, ...]
    image_scores: np.ndarray
    patch_scores: np.ndarray
    anomaly_maps: np.ndarray
    unreadable: Unreadable = ()


@dataclass(frozen=True)
class ImageResult:
    """One scored image: image score, patch_scores (h, w), anomaly_map (S, S), and for every patch its nearest
    bank row, neighbours (h, w), and the Euclidean distance to it, distances (h, w)."""

    image_score: float
    patch_scores: np.ndarray
    anomaly_map: np.ndarray
    neighbours: np.ndarray
    distances: np.ndarray


class PatchCore:
    """A PatchCore model: `fit` it on good images, then `predict`.

    `backbone` replaces the network that the configuration names. After fitting: `bank`, `train_paths` (the images
    that `bank.origin` counts), `unreadable` (path, cause) and `seconds` per stage.
    """

    def __init__(self, config: PatchCoreConfig, backbone: Backbone | None = None) -> None:
        self.config = config
        self.device = resolve_device(config.device)
        self.backbone = backbone or load_backbone(
            config.backbone, config.layers, config.weights, self.device, config.engine
        )
        self.transform = Transform(config.image_size, config.center_crop, self.backbone.mean, self.backbone.std)
        self.bank: MemoryBank | None = None
        self.train_paths: tuple[str, ...] = ()
        self.unreadable: Unreadable = ()
        self.seconds: dict[str, float] = {}

    @property
    def weights_sha256(self) -> str:
        """Fingerprint of the network's weights, hexadecimal."""
        return self.backbone.weights_sha256

    @property
    def engine(self) -> str:
        """What runs the network, "torch" or "openvino <version>"; known once an image has been through it."""
        return self.backbone.engine

    def fit(self, samples: Sequence[Sample], progress: Progress | None = None) -> Self:
        """Fill the memory bank from good images.

        An unreadable image is listed in `unreadable` and left out; more than a tenth of them is a DataError.
        """
        config, started = self.config, time.perf_counter()
        features, origin = self._training_features(samples, progress)  # (N * h * w, D), (N * h * w, 3)
        embedded = time.perf_counter()
        if progress is not None:
            progress("coreset", 0, 0)  # the number of picks is known with the first of them
        picks = coreset.select(  # (M,)
            features,
            config.sampler,
            config.coreset_ratio,
            projection_dim=config.projection_dim,
            seed=config.seed,
            report=progress and (lambda done, total: progress("coreset", done, total)),
        )
        selected = time.perf_counter()
        if progress is not None:
            progress("index", 0, 1)
        patches = features[torch.from_numpy(picks)].cpu().numpy()  # (M, D)
        self.bank = MemoryBank(as_stored(patches, config.bank_dtype), origin[picks], self.device)
        self._check_neighbours()
        indexed = time.perf_counter()
        self.seconds = {"features": embedded - started, "coreset": selected - embedded, "index": indexed - selected}
        return self

    def predict(self, samples: Sequence[Sample], progress: Progress | None = None) -> Predictions:
        """Score images; an unreadable one is listed in the result's `unreadable` and left out."""
        read: list[Sample] = []
        unreadable: list[tuple[str, str]] = []
        scored = []
        if progress is not None:
            progress("predict", 0, len(samples))
        for batch in batches(samples, self.transform, _batch_size(self.device)):
            read += batch.samples
            unreadable += batch.unreadable
            if batch.samples:
                scored.append(self._score(batch.images)[:3])
            if progress is not None:
                progress("predict", len(read) + len(unreadable), len(samples))
        side = self.config.input_size
        empty = (np.empty(0, np.float32), np.empty((0, 1, 1), np.float32), np.empty((0, side, side), np.float32))
        parts = (np.concatenate(part) for part in zip(*scored, strict=True)) if scored else empty
        image_scores, patch_scores, maps = parts
        return Predictions(tuple(read), image_scores, patch_scores, maps, tuple(unreadable))

    def score_image(self, rgb: np.ndarray) -> ImageResult:
        """Score one photo (H, W, 3) uint8."""
        image_scores, patch_scores, maps, distances, neighbours = self._score(self.transform.image(rgb)[None])
        return ImageResult(float(image_scores[0]), patch_scores[0], maps[0], neighbours[0], distances[0])

    def save(self, folder: Path | str) -> None:
        """Write the memory bank to `folder`: patches.safetensors and bank.json."""
        if self.bank is None:
            raise StoreError("there is no memory bank to save; fit the model first")
        folder = Path(folder)
        about = {
            "config": self.config.to_dict(),
            "weights_sha256": self.weights_sha256,
            "engine": self.engine,
            "mean": self.backbone.mean,
            "std": self.backbone.std,
            "rows": len(self.bank),
            "dim": self.bank.patches.shape[1],
            "dtype": str(self.bank.patches.dtype),
            "images": self.train_paths,
        }
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self.bank.save(folder)
            (folder / BANK_FILE).write_text(json.dumps(about, indent=1))
        except OSError as error:
            raise StoreError(f"{folder}: the memory bank cannot be written ({error.strerror})") from error

    @classmethod
    def load(cls, folder: Path | str, device: str = "auto", backbone: Backbone | None = None) -> Self:
        """Read what `save` wrote; other weights than those of the fit are a WeightsError."""
        folder = Path(folder)
        about = _read_about(folder / BANK_FILE)
        config = PatchCoreConfig.from_dict({**about["config"], "device": device})
        model = cls(config, backbone)
        if model.weights_sha256 != about["weights_sha256"]:
            raise WeightsError(
                f"{folder}: fitted with other weights of {config.backbone} (SHA-256 {about['weights_sha256'][:12]}…) "
                f"than the ones here ({model.weights_sha256[:12]}…)"
            )
        model.bank = MemoryBank.load(folder, model.device)
        model.train_paths = tuple(about["images"])
        return model

    def _training_features(
        self, samples: Sequence[Sample], progress: Progress | None
    ) -> tuple[torch.Tensor, np.ndarray]:
        """Features (N * h * w, D) and origin (N * h * w, 3) of the images that can be read."""
        features = torch.empty(0)
        paths: list[str] = []
        unreadable: list[tuple[str, str]] = []
        if progress is not None:
            progress("features", 0, len(samples))
        for batch in batches(samples, self.transform, _batch_size(self.device)):
            unreadable += batch.unreadable
            if batch.samples:
                patches = self._embed(batch.images)  # (B, h, w, D)
                if not torch.isfinite(patches).all():
                    raise DataError(_not_finite(patches, batch.samples, self.backbone.name))
                if not len(features):
                    features = patches.new_empty(len(samples), *patches.shape[1:])
                features[len(paths) : len(paths) + len(patches)] = patches
                paths += [str(sample.path) for sample in batch.samples]
            if progress is not None:
                progress("features", len(paths) + len(unreadable), len(samples))
        _check_readable(unreadable, len(samples))
        self.train_paths, self.unreadable = tuple(paths), tuple(unreadable)
        features = features[: len(paths)]
        origin = np.stack(np.unravel_index(np.arange(features[..., 0].numel()), features.shape[:3]), axis=1)
        return features.flatten(0, 2), origin.astype(np.int32)

    def _embed(self, images: np.ndarray) -> torch.Tensor:
        """Patch embeddings (B, h, w, D) of normalised images (B, 3, S, S), on the model's device."""
        maps = self.backbone(torch.from_numpy(images))
        with torch.inference_mode():
            return patch_embeddings(maps, self.config.patch_size, self.config.pretrain_dim, self.config.target_dim)

    def _score(self, images: np.ndarray) -> tuple[np.ndarray, ...]:
        """image_scores (B,), patch_scores (B, h, w), anomaly_maps (B, S, S), nearest distance and row (B, h, w)."""
        if self.bank is None:
            raise StoreError("there is no memory bank to score with; fit the model or load one")
        config = self.config
        patches = self._embed(images)  # (B, h, w, D)
        grid = patches.shape[:3]
        queries = patches.flatten(0, 2).cpu().numpy()
        distances, neighbours = self.bank.search(queries, config.num_neighbors)  # (B * h * w, k)
        scores = scoring.patch_scores(distances, squared=config.distance == "squared_euclidean").reshape(grid)
        maps = scoring.anomaly_map(scores, config.input_size, config.blur_sigma).numpy()
        nearest, rows = distances[:, 0].reshape(grid), neighbours[:, 0].reshape(grid)
        image_scores = scores.reshape(grid[0], -1).max(axis=1)  # s*, eq. 6
        if config.reweight_neighbors is not None:
            image_scores = image_scores * self._reweighting(
                queries.reshape(grid[0], -1, queries.shape[1]), scores, rows
            )
        return image_scores.astype(np.float32), scores, maps, nearest, rows

    def _reweighting(self, queries: np.ndarray, scores: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """w of eq. 7 for each image, (B,), from its highest patch and the b bank rows around that patch's nearest."""
        assert self.bank is not None
        b = min(self.config.reweight_neighbors or 1, len(self.bank))
        weights = []
        for image in range(len(queries)):
            highest = int(scores[image].argmax())  # m_test,*
            nearest = int(rows[image].flat[highest])  # m*
            _, around = self.bank.search(self.bank.patches[nearest][None], b)  # N_b(m*), m* itself among them
            ordered = [nearest, *(row for row in around[0] if row != nearest)][:b]
            weights.append(scoring.reweighting(queries[image, highest], self.bank.patches[ordered]))
        return np.array(weights, dtype=np.float32)

    def _check_neighbours(self) -> None:
        assert self.bank is not None
        k, rows = self.config.num_neighbors, len(self.bank)
        if k > rows:
            raise ConfigError(
                f"num_neighbors must be at most the memory bank's {rows} rows, got {k}; raise coreset_ratio"
            )


def _batch_size(device: str) -> int:
    return 32 if device.startswith("cuda") else 4


def _check_readable(unreadable: list[tuple[str, str]], total: int) -> None:
    if total == 0:
        raise DataError("there are no training images")
    if len(unreadable) > MAX_UNREADABLE * total or len(unreadable) == total:
        path, cause = unreadable[0]
        raise DataError(f"{len(unreadable)} of {total} training images cannot be read; the first, {path}: {cause}")


def _not_finite(patches: torch.Tensor, samples: Sequence[Sample], backbone: str) -> str:
    first = int((~torch.isfinite(patches)).flatten(1).any(dim=1).nonzero()[0])
    return f"{shown(samples[first].path)}: {backbone} gives features that are not finite; its weights may be damaged"


def _read_about(path: Path) -> dict[str, Any]:
    try:
        about = json.loads(path.read_text())
        kinds = {"config": dict, "weights_sha256": str, "images": list}
        missing = [name for name, kind in kinds.items() if not isinstance(dict(about).get(name), kind)]
    except (OSError, TypeError, ValueError) as error:
        raise StoreError(f"{path}: the memory bank's description cannot be read ({error})") from error
    if missing:
        raise StoreError(f"{path}: the memory bank's description lacks {', '.join(missing)}")
    return dict(about)
