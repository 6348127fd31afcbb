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
from functools import partial
from pathlib import Path
from typing import Self

import numpy as np
import torch

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.files.depth import depth_note, scale_notes, training_depth
from patchcore_core.data.light import light_warnings
from patchcore_core.data.likeness import no_pictures
from patchcore_core.data.near_copies import NearCopies
from patchcore_core.data.proportions import Size, aspects_of, common_aspect
from patchcore_core.data.samples import Sample
from patchcore_core.data.scratch import Scratch
from patchcore_core.data.transforms import Transform
from patchcore_core.errors import ConfigError, StoreError, WeightsError
from patchcore_core.model import budget, coreset
from patchcore_core.model.about import BANK_FILE, as_aspects, bank_files, check_origin, read_about
from patchcore_core.model.batches import Batch, Unreadable, batches
from patchcore_core.model.embedding import patch_embeddings
from patchcore_core.model.features import TrainingFeatures, training_features
from patchcore_core.model.held_out.good_levels import good_levels
from patchcore_core.model.held_out.hold_out import HeldOut, hold_out, measure_some
from patchcore_core.model.memory_bank import MemoryBank
from patchcore_core.model.network.allocator import give_back_freed_memory
from patchcore_core.model.network.backbone import Backbone, load_backbone, resolve_device
from patchcore_core.model.network.input_shape import input_shape, scale_shapes
from patchcore_core.model.network.threads import limit_threads
from patchcore_core.model.results import ImageResult, Predictions, Scores, cells_under
from patchcore_core.model.scale import Good, Scale
from patchcore_core.model.scoring import BankScores, PatchMaps

Progress = Callable[[str, int, int], None]  # stage, done, total
Found = tuple[np.ndarray, np.ndarray, list[tuple[np.ndarray, ...]]]  # what `_score` finds


class PatchCore:
    """A PatchCore model: `fit` it on good images, then `predict`.

    `backbone` replaces the network that the configuration names. `shape` is (H, W) of the network's input and of the
    maps, None before a fit that finds it from the proportions of the training photos; `scales` one for each image size,
    ascending, usually a single one. After fitting: `bank`, that of the first scale, and `banks` of all,
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
        self.shape: Size | None = None
        self.scales: tuple[Scale, ...] = ()
        if config.proportions == "stretch":
            self._lay_out(input_shape(config, None, backbone))
        self.aspects = np.empty(0)
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
    def bank(self) -> MemoryBank | None:
        """The memory bank of the first scale."""
        return self.scales[0].bank if self.scales else None

    @bank.setter
    def bank(self, bank: MemoryBank | None) -> None:
        self.scales[0].bank = bank

    @property
    def banks(self) -> tuple[MemoryBank, ...]:
        """The memory bank of each scale; StoreError before there are any."""
        found = tuple(scale.bank for scale in self.scales if scale.bank is not None)
        if not found or len(found) < len(self.scales):
            raise StoreError("there is no memory bank to score with; fit the model or load one")
        return found

    @property
    def _maps(self) -> PatchMaps:
        return PatchMaps(self.transform.shape, self.config.blur_sigma, tuple(scale.good for scale in self.scales))

    def _lay_out(self, shape: Size) -> None:
        """Maps of this shape, and a scale without a bank for each image size."""
        config, network = self.config, self.backbone
        self.shape = shape
        self.scales = tuple(
            Scale(Transform(side if config.scales else config.image_size, config.center_crop, network.mean, network.std,
                            each))
            for side, each in zip(config.sizes, scale_shapes(config, shape, self._given), strict=True)
        )  # fmt: skip

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
            self._lay_out(input_shape(config, common_aspect(aspects), self._given))
            features = training_features(  # (N * h * w, D) at each scale
                lambda: self._batches(samples), self._embed, config, len(samples), files, partial(report, "features")
            )
            plan, embedded = features.plan, time.perf_counter()
            if plan.in_file:
                give_back_freed_memory()
            picks = self._select(features, files, report)  # (M,) at each scale
            selected = time.perf_counter()
            if plan.in_file:
                give_back_freed_memory()
            report("index", 0, 1)
            for scale, patches, chosen in zip(self.scales, features.scales, picks, strict=True):
                scale.bank = MemoryBank(patches.take(chosen), patches.origin(chosen), self.device)
            self._check_neighbours()
            indexed = time.perf_counter()
            report("held-out", 0, 0)  # the number of images is known with their groups
            self.pictures = features.pictures()
            self.copies = NearCopies.of(self.pictures)
            held = partial(report, "held-out")
            measured = measure_some(self._by, features, self.copies, held_out, files, held)
            for scale, good in zip(self.scales, good_levels(measured.scales), strict=True):
                scale.good = good
            self.held_out = hold_out(self._by, features, self.copies, held_out, measured, files, held)
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
        for batch, found in self._scored(self._batches(samples)):
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
        images = [scale.transform.image(rgb)[None] for scale in self.scales]
        image_scores, patch_scores, found = self._score(images)
        scales = self._maps.leading([self._by.of_patches(distances) for distances, _ in found])[0]  # (h, w)
        places, grids = np.indices(scales.shape), tuple((near.shape[1], near.shape[2]) for near, _ in found)
        cells = [cells_under(places, grids[-1], grid) for grid in grids]
        distances, neighbours = (
            np.choose(scales, [part[0, ..., 0][tuple(under)] for part, under in zip(parts, cells, strict=True)])
            for parts in zip(*found, strict=True)
        )
        return ImageResult(
            float(image_scores[0]), patch_scores[0], self.anomaly_maps(patch_scores)[0], neighbours, distances, scales,
            grids,
        )  # fmt: skip

    def save(self, folder: Path | str) -> None:
        """Write the memory bank to `folder`: patches.safetensors, or patches_SIZE.safetensors of each of several
        scales, and bank.json."""
        if self.bank is None:
            raise StoreError("there is no memory bank to save; fit the model first")
        banks, folder = self.banks, Path(folder)
        about = {
            "config": self.config.to_dict(),
            "weights_sha256": self.weights_sha256,
            "engine": self.engine,
            "mean": self.backbone.mean,
            "std": self.backbone.std,
            "rows": sum(map(len, banks)),
            "dim": banks[0].patches.shape[1],
            "dtype": str(banks[0].patches.dtype),
            "images": self.train_paths,
            "contents": self.train_contents,
            "bits": self.bits,
            "shape": self.shape,
            "aspects": as_aspects(self.aspects),
            "scales": [
                {"shape": scale.transform.shape, "level": scale.good.level, "spread": scale.good.spread}
                for scale in self.scales if self.config.scales
            ],
        }
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for bank, name in zip(banks, bank_files(self.config.scales), strict=True):
                bank.save(folder, name)
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
        model.train_paths = about["images"]
        shape = about["shape"] or model.shape
        assert shape is not None  # of a bank that keeps proportions it is there
        model._lay_out(shape)
        for scale, name, known in zip(model.scales, bank_files(config.scales), about["scales"], strict=True):
            scale.bank = MemoryBank.load(folder, model.device, name)
            check_origin(folder, scale.bank.origin, len(model.train_paths))
            if known is not None:
                scale.good = Good(known["level"], known["spread"])
                scale.transform = dataclasses.replace(scale.transform, input_shape=known["shape"])
        model.train_contents, model.aspects, model.bits = about["contents"], about["aspects"], about["bits"]
        return model

    @property
    def _by(self) -> BankScores:
        return BankScores(self.banks, self.config, self._maps)

    def _batches(self, samples: Sequence[Sample]) -> Iterator[Batch]:
        first, *more = (scale.transform for scale in self.scales)
        return batches(samples, first, self._batch_size(), self.bits, more)

    def _select(self, features: TrainingFeatures, files: Scratch, report: Progress) -> list[np.ndarray]:
        """The coreset (M,) of the features of each scale."""
        config, plan = self.config, features.plan
        report("coreset", 0, 0)  # the number of picks is known with the first of them
        picks: list[np.ndarray] = []
        rows = [budget.bank_rows(config, len(patches.rows())) for patches in features.scales]
        for number, patches in enumerate(features.scales):
            picks.append(coreset.select(
                patches.rows(),
                config.sampler if plan.parts == 1 else "streaming_greedy",
                config.coreset_ratio,
                projection_dim=config.projection_dim,
                seed=config.seed,
                report=partial(_report_among, report, "coreset", sum(rows[:number]), sum(rows[number + 1 :])),
                scratch=files if plan.in_file else None,
                parts=plan.parts,
            ))  # fmt: skip
        return picks

    def _batch_size(self) -> int:
        return budget.batch_size(self.config, self.device)

    def _embed(self, images: np.ndarray) -> torch.Tensor:
        """Patch embeddings (B, h, w, D) of normalised images (B, 3, H, W), on the model's device."""
        maps = self.backbone(torch.from_numpy(images))
        with torch.inference_mode():
            return patch_embeddings(maps, self.config.patch_size, self.config.pretrain_dim, self.config.target_dim)

    def _score(self, images: Sequence[np.ndarray]) -> Found:
        """image_scores (B,), patch_scores (B, h, w), and distances and rows (B, h_s, w_s, k) at each scale."""
        patches, found = [], []
        for bank, scaled in zip(self.banks, images, strict=True):
            embedded = self._embed(scaled).cpu().numpy()  # (B, h_s, w_s, D)
            near = bank.search(embedded.reshape(-1, embedded.shape[3]), self.config.num_neighbors)
            found.append(tuple(values.reshape(*embedded.shape[:3], -1) for values in near))
            patches.append(embedded)
        distances, neighbours = zip(*found, strict=True)
        image_scores, scores = self._by.of(patches, distances, neighbours)
        return image_scores, scores, found

    def _scored(self, several: Iterable[Batch]) -> Iterator[tuple[Batch, Found | None]]:
        """Each batch with what `_score` finds, None without images.

        On a CPU two batches are under way at once, each with half of the threads: parts of the work use one thread
        only, and those that use several wait less for one another.
        """
        threads = 1 if self.device.startswith("cuda") else torch.get_num_threads()
        workers = min(2, threads)
        with ThreadPoolExecutor(workers, "score", limit_threads, (threads // workers,)) as pool:
            waiting: deque[tuple[Batch, Future[Found] | None]] = deque()
            try:
                for batch in several:
                    waiting.append((batch, pool.submit(self._score, batch.scales) if batch.samples else None))
                    if len(waiting) > workers:
                        yield _found(*waiting.popleft())
                while waiting:
                    yield _found(*waiting.popleft())
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

    def _check_neighbours(self) -> None:
        k, rows = self.config.num_neighbors, min(len(bank) for bank in self.banks)
        if k > rows:
            raise ConfigError(
                f"num_neighbors must be at most the memory bank's {rows} rows, got {k}; raise coreset_ratio"
            )


def _found(
    batch: Batch, future: Future[Found] | None
) -> tuple[Batch, Found | None]:
    return batch, None if future is None else future.result()


def _report_among(report: Progress, stage: str, before: int, later: int, done: int, total: int) -> None:
    """Progress of one part of a stage, with so many steps before it and later."""
    report(stage, before + done, before + total + later)


def _silent(_stage: str, _done: int, _total: int) -> None:
    """Progress that nobody follows."""
