"""PatchCore from images to scores: the main path, read top to bottom (Roth et al. 2022).

fit      images -> patch embeddings -> coreset -> memory bank; some of the images are scored without their own rows
predict  images -> patch embeddings -> nearest bank rows -> patch scores -> image scores and anomaly maps
"""

from __future__ import annotations

import dataclasses
import json
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Self

import numpy as np
import torch

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.dataset import Sample
from patchcore_core.data.depth import depth_note, scale_notes, training_depth
from patchcore_core.data.light import light_warnings
from patchcore_core.data.likeness import no_pictures
from patchcore_core.data.near_copies import NearCopies
from patchcore_core.data.proportions import Size, aspects_of, common_aspect
from patchcore_core.data.scratch import Scratch
from patchcore_core.data.transforms import Transform
from patchcore_core.errors import ConfigError, StoreError, WeightsError
from patchcore_core.model import budget, coreset
from patchcore_core.model.about import BANK_FILE, as_aspects, read_about
from patchcore_core.model.allocator import give_back_freed_memory
from patchcore_core.model.backbone import Backbone, load_backbone, resolve_device
from patchcore_core.model.batches import Batch, Unreadable, batches
from patchcore_core.model.embedding import patch_embeddings
from patchcore_core.model.features import training_features
from patchcore_core.model.held_out import HeldOut, hold_out
from patchcore_core.model.input_shape import input_shape
from patchcore_core.model.memory_bank import MemoryBank
from patchcore_core.model.scoring import BankScores, PatchMaps
from patchcore_core.model.threads import limit_threads

Progress = Callable[[str, int, int], None]  # stage, done, total


@dataclass(frozen=True)
class Scores:
    """What `score` found, in the order of `samples`: the images that could be read.

    image_scores (N,), patch_scores (N, h, w), both float32, higher = more anomalous; pictures (N, 4096) as in
    data.likeness; contents (N,) of the files as they were read, as in data.content; `unreadable` lists (path, cause)
    of the others. `notes`: sentences on photos that do not fit the scale of the training photos.
    """

    samples: tuple[Sample, ...]
    image_scores: np.ndarray
    patch_scores: np.ndarray
    unreadable: Unreadable = ()
    pictures: np.ndarray = field(default_factory=no_pictures)
    contents: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Predictions(Scores):
    """What `predict` found: scores, and anomaly_maps (N, H, W) float32."""

    anomaly_maps: np.ndarray = field(kw_only=True)


@dataclass(frozen=True)
class ImageResult:
    """One scored image: image score, patch_scores (h, w), anomaly_map (H, W), and for every patch its nearest
    bank row, neighbours (h, w), and the Euclidean distance to it, distances (h, w)."""

    image_score: float
    patch_scores: np.ndarray
    anomaly_map: np.ndarray
    neighbours: np.ndarray
    distances: np.ndarray


class PatchCore:
    """A PatchCore model: `fit` it on good images, then `predict`.

    `backbone` replaces the network that the configuration names. `shape` is (H, W) of the network's input and of the
    maps, None before a fit that finds it from the proportions of the training photos. After fitting: `bank`,
    `train_paths` (the images that `bank.origin` counts), `train_contents` of their files as in data.content ("" where
    nobody knows), their `aspects`, width by height (N,), empty where nobody knows, `pictures`
    of them as in data.likeness and which are near `copies`, `held_out` scores, `unreadable` (path, cause), `bits`, the
    scale of photos of more than 8 bits (None: all training photos have 8), `warnings`, sentences on the light of the
    training photos, `seconds` per stage, and the `plan` that kept the fit within its memory, made when `program_bytes`
    were resident.
    """

    def __init__(self, config: PatchCoreConfig, backbone: Backbone | None = None) -> None:
        self.config = config
        self.device = resolve_device(config.device)
        self.backbone = backbone or load_backbone(
            config.backbone, config.layers, config.weights, self.device, config.engine
        )
        self._given = backbone
        self.shape: Size | None = None if config.proportions == "keep" else input_shape(config, None, backbone)
        self.aspects = np.empty(0)
        self.bank: MemoryBank | None = None
        self.train_paths: tuple[str, ...] = ()
        self.train_contents: tuple[str, ...] = ()
        self.pictures = no_pictures()
        self.copies = NearCopies.of(self.pictures)
        self.held_out: HeldOut | None = None
        self.unreadable: Unreadable = ()
        self.bits: int | None = None
        self.warnings: tuple[str, ...] = ()
        self.seconds: dict[str, float] = {}
        self.plan: budget.Plan | None = None
        self.program_bytes = 0

    @property
    def transform(self) -> Transform:
        """The way from a photo to the network's input, and back; StoreError before the fit that finds its shape."""
        if self.shape is None:
            raise StoreError("the height and width of the input are known once the model is fitted")
        config, network = self.config, self.backbone
        return Transform(config.image_size, config.center_crop, network.mean, network.std, self.shape)

    @property
    def _maps(self) -> PatchMaps:
        return PatchMaps(self.transform.shape, self.config.blur_sigma)

    @property
    def weights_sha256(self) -> str:
        """Fingerprint of the network's weights, hexadecimal."""
        return self.backbone.weights_sha256

    @property
    def engine(self) -> str:
        """What runs the network, "torch" or "openvino <version>"; known once an image has been through it."""
        return self.backbone.engine

    def fit(
        self, samples: Sequence[Sample], progress: Progress | None = None, scratch: Path | str | None = None,
        held_out: int = budget.HELD_OUT,
    ) -> Self:
        """Fill the memory bank from good images, then score up to `held_out` of them by the bank without their rows and
        those of their near-copies.

        An unreadable image is listed in `unreadable` and left out; more than a tenth of them is a DataError. What
        does not fit into the memory there is, or into the configuration's limit, goes to nameless files in the folder
        `scratch` (default: the system's for temporary files); `plan` says what was done.
        """
        config, started = self.config, time.perf_counter()
        report = progress or _silent
        with Scratch(scratch) as files:
            report("features", 0, len(samples))
            self.bits = training_depth(sample.path for sample in samples)
            aspects = aspects_of(sample.path for sample in samples)
            self.shape = input_shape(config, common_aspect(aspects), self._given)
            features = training_features(  # (N * h * w, D)
                lambda: batches(samples, self.transform, self._batch_size(), self.bits), self._embed, config,
                len(samples), files, partial(report, "features"),
            )  # fmt: skip
            plan, embedded = features.plan, time.perf_counter()
            if plan.in_file:
                give_back_freed_memory()
            report("coreset", 0, 0)  # the number of picks is known with the first of them
            picks = coreset.select(  # (M,)
                features.rows(),
                config.sampler if plan.parts == 1 else "streaming_greedy",
                config.coreset_ratio,
                projection_dim=config.projection_dim,
                seed=config.seed,
                report=partial(report, "coreset"),
                scratch=files if plan.in_file else None,
                parts=plan.parts,
            )
            selected = time.perf_counter()
            if plan.in_file:
                give_back_freed_memory()
            report("index", 0, 1)
            self.bank = MemoryBank(features.take(picks), features.origin(picks), self.device)
            self._check_neighbours()
            indexed = time.perf_counter()
            report("held-out", 0, 0)  # the number of images is known with their groups
            self.pictures = features.pictures()
            self.copies = NearCopies.of(self.pictures)
            self.held_out = hold_out(
                BankScores(self.bank, config, self._maps), features, self.copies, held_out, files,
                partial(report, "held-out"),
            )  # fmt: skip
        if plan.in_file:
            give_back_freed_memory()
        self.train_paths, self.unreadable = features.paths, features.unreadable
        self.train_contents = features.contents
        known = dict(zip((str(sample.path) for sample in samples), aspects, strict=True))
        self.aspects = np.array([known[path] for path in self.train_paths])
        self.warnings = tuple(filter(None, (depth_note(self.bits), *light_warnings(features.light()))))
        self.plan, self.program_bytes = plan, features.program_bytes
        self.seconds = {"features": embedded - started, "coreset": selected - embedded, "index": indexed - selected,
                        "held-out": time.perf_counter() - indexed}
        return self

    def score(self, samples: Sequence[Sample], progress: Progress | None = None) -> Scores:
        """Score images; an unreadable one is listed in the result's `unreadable` and left out."""
        read: list[Sample] = []
        unreadable: list[tuple[str, str]] = []
        contents: list[str] = []
        clipped: list[str] = []
        unscaled: list[str] = []
        scored: list[tuple[np.ndarray, ...]] = []
        pictures = [no_pictures()]
        report = progress or _silent
        report("predict", 0, len(samples))
        for batch, found in self._scored(batches(samples, self.transform, self._batch_size(), self.bits)):
            read += batch.samples
            unreadable += batch.unreadable
            contents += batch.contents
            clipped += batch.clipped
            unscaled += batch.unscaled
            if found is not None:
                scored.append(found[:2])
                pictures.append(batch.pictures)
            report("predict", len(read) + len(unreadable), len(samples))
        empty = (np.empty(0, np.float32), np.empty((0, 1, 1), np.float32))
        image_scores, patch_scores = (
            (np.concatenate(part) for part in zip(*scored, strict=True)) if scored else empty
        )
        return Scores(
            tuple(read), image_scores, patch_scores, tuple(unreadable), np.concatenate(pictures), tuple(contents),
            tuple(scale_notes(self.bits, clipped, unscaled, len(read))),
        )  # fmt: skip

    def anomaly_maps(self, patch_scores: np.ndarray) -> np.ndarray:
        """Anomaly maps (N, H, W) float32 of patch scores (N, h, w)."""
        return self._maps.of(patch_scores)

    def predict(self, samples: Sequence[Sample], progress: Progress | None = None) -> Predictions:
        """Score images as `score` does, with their anomaly maps, which take four bytes of memory per pixel."""
        found = self.score(samples, progress)
        maps = self.anomaly_maps(found.patch_scores)
        return Predictions(
            found.samples, found.image_scores, found.patch_scores, found.unreadable, found.pictures, found.contents,
            found.notes, anomaly_maps=maps,
        )

    def score_image(self, rgb: np.ndarray) -> ImageResult:
        """Score one photo (H, W, 3) uint8, as `read_image(path, model.bits)` reads it."""
        image_scores, patch_scores, distances, neighbours = self._score(self.transform.image(rgb)[None])
        anomaly_map = self.anomaly_maps(patch_scores)[0]
        return ImageResult(float(image_scores[0]), patch_scores[0], anomaly_map, neighbours[0], distances[0])

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
            "contents": self.train_contents,
            "bits": self.bits,
            "shape": self.shape,
            "aspects": as_aspects(self.aspects),
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
        about = read_about(folder / BANK_FILE)
        config = dataclasses.replace(about["config"], device=device)
        model = cls(config, backbone)
        if model.weights_sha256 != about["weights_sha256"]:
            raise WeightsError(
                f"{folder}: fitted with other weights of {config.backbone} (SHA-256 {about['weights_sha256'][:12]}…) "
                f"than the ones here ({model.weights_sha256[:12]}…)"
            )
        model.bank = MemoryBank.load(folder, model.device)
        model.train_paths = about["images"]
        origin, images = model.bank.origin, len(model.train_paths)
        if origin is not None and not ((origin[:, 0] >= 0) & (origin[:, 0] < images)).all():
            raise StoreError(f"{folder}: the memory bank's rows come from other than its {images} training images")
        model.train_contents, model.aspects, model.bits = about["contents"], about["aspects"], about["bits"]
        model.shape = about["shape"] or model.shape
        return model

    def _batch_size(self) -> int:
        return budget.batch_size(self.config, self.device)

    def _embed(self, images: np.ndarray) -> torch.Tensor:
        """Patch embeddings (B, h, w, D) of normalised images (B, 3, H, W), on the model's device."""
        maps = self.backbone(torch.from_numpy(images))
        with torch.inference_mode():
            return patch_embeddings(maps, self.config.patch_size, self.config.pretrain_dim, self.config.target_dim)

    def _score(self, images: np.ndarray) -> tuple[np.ndarray, ...]:
        """image_scores (B,), patch_scores (B, h, w), nearest distance and row (B, h, w)."""
        if self.bank is None:
            raise StoreError("there is no memory bank to score with; fit the model or load one")
        patches = self._embed(images).cpu().numpy()  # (B, h, w, D)
        grid = patches.shape[:3]
        distances, neighbours = (  # (B, h, w, k)
            found.reshape(*grid, -1)
            for found in self.bank.search(patches.reshape(-1, patches.shape[3]), self.config.num_neighbors)
        )
        image_scores, scores = BankScores(self.bank, self.config, self._maps).of(patches, distances, neighbours)
        return image_scores, scores, distances[..., 0], neighbours[..., 0]

    def _scored(self, several: Iterable[Batch]) -> Iterator[tuple[Batch, tuple[np.ndarray, ...] | None]]:
        """Each batch with what `_score` finds, None without images.

        On a CPU two batches are under way at once, each with half of the threads: parts of the work use one thread
        only, and those that use several wait less for one another.
        """
        threads = 1 if self.device.startswith("cuda") else torch.get_num_threads()
        workers = min(2, threads)
        with ThreadPoolExecutor(workers, "score", limit_threads, (threads // workers,)) as pool:
            waiting: deque[tuple[Batch, Future[tuple[np.ndarray, ...]] | None]] = deque()
            try:
                for batch in several:
                    waiting.append((batch, pool.submit(self._score, batch.images) if batch.samples else None))
                    if len(waiting) > workers:
                        yield _found(*waiting.popleft())
                while waiting:
                    yield _found(*waiting.popleft())
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

    def _check_neighbours(self) -> None:
        assert self.bank is not None
        k, rows = self.config.num_neighbors, len(self.bank)
        if k > rows:
            raise ConfigError(
                f"num_neighbors must be at most the memory bank's {rows} rows, got {k}; raise coreset_ratio"
            )


def _found(
    batch: Batch, future: Future[tuple[np.ndarray, ...]] | None
) -> tuple[Batch, tuple[np.ndarray, ...] | None]:
    return batch, None if future is None else future.result()


def _silent(_stage: str, _done: int, _total: int) -> None:
    """Progress that nobody follows."""
