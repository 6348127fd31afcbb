"""PatchCore from images to scores: the main path, read top to bottom (Roth et al. 2022).

fit      images -> patch embeddings -> coreset -> memory bank -> leave-one-out scores of some training images
predict  images -> patch embeddings -> nearest bank rows -> patch scores -> image scores and anomaly maps
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Self

import numpy as np
import torch

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.files.depth import training_depth
from patchcore_core.data.proportions import Size, aspects_of, common_aspect
from patchcore_core.data.samples import Sample
from patchcore_core.data.transforms import Transform
from patchcore_core.errors import StoreError
from patchcore_core.model import budget, coreset
from patchcore_core.model.about import BANK_FILE, About, read_about, refuse_other_weights
from patchcore_core.model.batches import Batch, Input, batches
from patchcore_core.model.cache.entries import Entries
from patchcore_core.model.cache.feature_maps import KeptMaps, maps_of
from patchcore_core.model.continued import continued_coresets
from patchcore_core.model.detector import FitReport, ModelSize, TrainingSet
from patchcore_core.model.embedding import patch_embeddings
from patchcore_core.model.evidence.explained import Explained
from patchcore_core.model.evidence.shares import layer_weights
from patchcore_core.model.features import TrainingFeatures, training_features
from patchcore_core.model.held_out.good_levels import good_levels
from patchcore_core.model.held_out.hold_out import hold_out, measure_some
from patchcore_core.model.memory_bank import MemoryBank
from patchcore_core.model.network.backbone import Backbone, load_backbone, resolve_device
from patchcore_core.model.network.input_shape import input_shape, scale_shapes
from patchcore_core.model.results import Found, ImageResult, Nearest, Predictions, ScoredBatches, Scores
from patchcore_core.model.scale import Good, Scale, banks_of, load_scales, refuse_too_many, save_scales, scales_of
from patchcore_core.model.scoring import BankScores, PatchMaps
from patchcore_core.model.shared.fit import Keeping, SharedFit
from patchcore_core.model.shared.shared import Shared
from patchcore_core.model.stages import Stages
from patchcore_core.progress import Progress, silent


class PatchCore:
    """A PatchCore model, a `Detector`: `fit` it on good images, then `predict`.

    `backbone` replaces the network that the configuration names. `shape` is (H, W) of the network's input and of the
    maps; None before the fit if it depends on the proportions of the training photos. `scales` has one entry for each
    image size, ascending, usually a single one. After fitting: `bank`, that of the first scale, and `banks` of all;
    `training`, the photos that `bank.origin` refers to; and `report`, that of the fit. `cache`: where feature maps
    of photos are kept, None = nowhere; `shared`: what it has in common with other fits.
    """

    def __init__(self, config: PatchCoreConfig, backbone: Backbone | None = None, shared: Shared | None = None) -> None:
        self.config, self.device, self.shared = config, resolve_device(config.device), shared or Shared()
        load = partial(load_backbone, config.backbone, config.layers, config.weights, self.device, config.engine)
        self.backbone = backbone or self.shared.network(config, load)
        self._given = backbone
        self.shape: Size | None = None
        self.scales: tuple[Scale, ...] = ()
        if config.proportions == "stretch":
            self._lay_out(input_shape(config, None, backbone))
        self.training, self.report = TrainingSet(), FitReport()
        self.cache: Entries | None = None
        self._common = SharedFit(self.shared, config)
        self._before: PatchCore | None = None

    def fit(
        self, samples: Sequence[Sample], progress: Progress | None = None, scratch: Path | str | None = None,
        held_out: int = budget.HELD_OUT,
    ) -> Self:
        """Fill the memory bank from good images, then score up to `held_out` of them by the bank without their rows and
        those of their near-copies.

        An unreadable image is listed in the report and skipped; if more than a tenth are unreadable, DataError. What
        does not fit into memory, or into the configuration's limit, goes to nameless files in the folder `scratch`
        (default: the system's for temporary files); the report's `plan` says what was done.
        """
        with Stages(progress, scratch) as stages:
            stages.begin("features", len(samples))
            aspects = aspects_of(sample.path for sample in samples)
            bits, shape = self._reading(samples, aspects)
            self.training = TrainingSet(bits=bits)
            self._lay_out(shape)
            common = self._common = SharedFit(self.shared, self.config, samples, (bits, shape), self._before is None)
            features = common.features(lambda: training_features(  # M, (N * h * w, D) at each scale
                lambda: self._batches(samples, "fit"), self._embed, self.config, len(samples), stages.files,
                stages.report,
            ))  # fmt: skip

            stages.begin("coreset")  # the number of picks is known with the first of them
            picks = self._coresets(features, stages)  # M_C of algorithm 1, (M,) rows of each scale

            stages.begin("index", 1)
            for size, (scale, patches, chosen) in enumerate(zip(self.scales, features.scales, picks, strict=True)):
                scale.bank = common.bank(size, patches, chosen, self.device)  # (M, D), (M, 3)
            refuse_too_many(self.config.num_neighbors, self.banks)

            stages.begin("held-out")  # the number of images is known with their groups
            copies, files = common.copies(features), stages.files
            common.keep_left_out(self.banks, features, copies)
            some = measure_some(self._by, features, copies, held_out, files, stages.report)  # (m, h, w) at each scale
            for scale, good in zip(self.scales, self._levels(some.scales), strict=True):
                scale.good = good
            scores = hold_out(self._by, features, copies, held_out, some, files, stages.report)  # s* (n,)
        self.training = features.training_set(samples, aspects, bits)
        self.report = FitReport(
            features.unreadable, features.warnings(bits), copies, scores, stages.seconds, features.plan,
            features.program_bytes, tuple(sorted({*common.shortened, *(["features"] if features.shortened else [])})),
            common.selected,
        )  # fmt: skip
        return self

    def continuing(self) -> PatchCore:
        """A model whose `fit` goes on from these memory banks, with the photos of this `training` and then others.

        Coresets grow as model.continued says; the shape and bit depth of photos and the levels of scales stay, so that
        scores only fall as long as no row has to go. DataError by `fit` if the first photos are others.
        """
        model = copy.copy(self)
        model._before = self
        return model

    def score(self, samples: Sequence[Sample], progress: Progress | None = None) -> Scores:
        """Score images; an unreadable one is listed in the result's `unreadable` and skipped."""
        found, report = ScoredBatches(self.training.bits, tuple(map(len, self.banks))), progress or silent
        report("predict", 0, len(samples))
        read, embed, by = partial(self._batches, samples, "score"), lambda batch: self._patches(batch.inputs), self._by
        for batch, scored in self._common.scored(by.banks, samples, read, embed, self._score, by.of_known, self.device):
            found.add(batch, scored)  # s* (B,), s (B, h, w), m* (B, h, w, k)
            report("predict", found.done, len(samples))
        return found.scores()

    def predict(self, samples: Sequence[Sample], progress: Progress | None = None) -> Predictions:
        """Score images as `score` does, with their anomaly maps, which take four bytes of memory per pixel."""
        found = self.score(samples, progress)
        return Predictions(**vars(found), anomaly_maps=self.anomaly_maps(found.patch_scores))

    def score_image(self, rgb: np.ndarray) -> ImageResult:
        """Score one photo (H, W, 3) uint8, as `read_image(path, model.training.bits)` reads it."""
        images = [scale.transform.image(rgb)[None] for scale in self.scales]
        image_scores, patch_scores, found = self._score(self._patches(images))
        scales = self._maps.leading([self._by.of_patches(distances) for distances, _ in found])[0]  # (h, w)
        nearest = Nearest.of(found, scales, [bank.origin for bank in self.banks])
        return ImageResult(float(image_scores[0]), patch_scores[0], self.anomaly_maps(patch_scores)[0], nearest)

    def explain(self, rgb: np.ndarray) -> Explained:
        """One photo (H, W, 3) uint8, read as for `score_image`, to ask why it scores what it does."""
        patches, channels = [], list[int]()
        for scale in self.scales:
            maps = self.backbone(torch.from_numpy(scale.transform.image(rgb)[None]))
            channels = [each.shape[1] for each in maps.values()]
            patches.append(self._embedded(maps)[0].cpu().numpy())
        weights = layer_weights(channels, self.config.pretrain_dim, self.config.target_dim)
        return Explained(patches, self._by, weights)

    def anomaly_maps(self, patch_scores: np.ndarray) -> np.ndarray:
        """Anomaly maps (N, H, W) float32 of patch scores (N, h, w)."""
        return self._maps.of(patch_scores)

    def _reading(self, samples: Sequence[Sample], aspects: np.ndarray) -> tuple[int | None, Size]:
        """How photos with these aspects (N,) are read: the scale of those of more than 8 bits, and the shape (H, W)."""
        if self._before is not None and self._before.shape is not None:
            return self._before.training.bits, self._before.shape
        shape = input_shape(self.config, common_aspect(aspects), self._given)
        return training_depth(sample.path for sample in samples), shape

    def _levels(self, patch_scores: Sequence[np.ndarray]) -> Sequence[Good]:
        """The level of good patches at each scale, from patch scores (m, h_s, w_s) of held-out images."""
        return good_levels(patch_scores) if self._before is None else [scale.good for scale in self._before.scales]

    def _coresets(self, features: TrainingFeatures, stages: Stages) -> list[np.ndarray]:
        """Which rows (M,) of the features at each scale make the coreset."""
        config, plan = self.config, features.plan
        rows = [budget.bank_rows(config, len(patches.rows())) for patches in features.scales]
        if self._before is not None:
            before, farthest_first = self._before, config.sampler in budget.GREEDY
            return continued_coresets(features, before.training, before.banks, rows, farthest_first, stages)
        nested = partial(coreset.nested, projection_dim=config.projection_dim) if plan.parts == 1 else None
        return [
            self._common.picks(size, patches.rows(), nested, partial(
                coreset.select, patches.rows(), config.sampler if plan.parts == 1 else "streaming_greedy",
                projection_dim=config.projection_dim, seed=config.seed, report=report,
                scratch=stages.files if plan.in_file else None, parts=plan.parts,
            ))
            for size, (patches, report) in enumerate(zip(features.scales, stages.parts(rows), strict=True))
        ]  # fmt: skip

    def _embed(self, images: np.ndarray | Input) -> torch.Tensor:
        """Patch embeddings (B, h, w, D) of normalised images (B, 3, H, W), on the model's device."""
        given = images if isinstance(images, Input) else Input(images)
        return self._embedded(maps_of(self.backbone, given))  # phi_j, (B, C_j, h_j, w_j) of each layer j

    def _embedded(self, maps: Mapping[str, torch.Tensor]) -> torch.Tensor:
        with torch.inference_mode():
            return patch_embeddings(maps, self.config.patch_size, self.config.pretrain_dim, self.config.target_dim)

    def _patches(self, images: Sequence[np.ndarray | Input]) -> list[np.ndarray]:
        return [self._embed(each).cpu().numpy() for each in images]

    def _score(self, patches: Sequence[np.ndarray], at: Keeping | None = None) -> Found:
        """image_scores (B,), patch_scores (B, h, w), and distances and rows (B, h_s, w_s, k) at each scale, of patches
        (B, h_s, w_s, D)."""
        found = []
        for size, (bank, embedded) in enumerate(zip(self.banks, patches, strict=True)):
            queries, kept = embedded.reshape(-1, embedded.shape[3]), at and at(size, embedded.shape[:3])
            near = bank.search(queries, self.config.num_neighbors, at=kept)  # m*, eq. 6
            found.append(tuple(values.reshape(*embedded.shape[:3], -1) for values in near))
        distances, neighbours = zip(*found, strict=True)
        image_scores, scores = self._by.of(patches, distances, neighbours)
        return image_scores, scores, found

    def _batches(self, samples: Sequence[Sample], use: str) -> Iterator[Batch]:
        first, *more = (scale.transform for scale in self.scales)
        size, bits = budget.batch_size(self.config, self.device), self.training.bits
        kept = None if self.cache is None else KeptMaps(self.backbone, self.cache, (first, *more), bits, size, use)
        return batches(samples, first, size, bits, more, kept)

    def save(self, folder: Path | str) -> None:
        """Write the memory bank to `folder`: patches.safetensors, or patches_SIZE.safetensors of each of several
        scales, and bank.json."""
        if self.bank is None:
            raise StoreError("there is no memory bank to save; fit the model first")
        network, scales = self.backbone, tuple(scale.about() if self.config.scales else None for scale in self.scales)
        more = {"engine": self.engine, "mean": network.mean, "std": network.std, "rows": self.size.rows,
                "dim": self.size.dim, "dtype": str(self.bank.patches.dtype)}  # fmt: skip
        about = About(self.config, self.weights_sha256, self.training, self.shape, scales, more)
        save_scales(Path(folder), self.scales, about)

    @classmethod
    def load(cls, folder: Path | str, device: str = "auto", backbone: Backbone | None = None) -> Self:
        """Read what `save` wrote; WeightsError if the network's weights differ from those of the fit."""
        folder = Path(folder)
        about = read_about(folder / BANK_FILE)
        model = cls(dataclasses.replace(about.config, device=device), backbone)
        refuse_other_weights(folder, about, model.weights_sha256)
        model.training, shape = about.training, about.shape or model.shape
        assert shape is not None  # a bank with `keep` records it
        model._lay_out(shape)
        load_scales(folder, model.scales, about, model.device)
        return model

    @property
    def transform(self) -> Transform:
        """From a photo to the network's input, and back; StoreError if the shape is known only after the fit."""
        if self.shape is None:
            raise StoreError("the height and width of the input are not known before the model is fitted")
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
        return banks_of(self.scales)

    @property
    def _maps(self) -> PatchMaps:
        return PatchMaps(self.transform.shape, self.config.blur_sigma, tuple(scale.good for scale in self.scales))

    @property
    def _by(self) -> BankScores:
        return BankScores(self.banks, self.config, self._maps)

    def _lay_out(self, shape: Size) -> None:
        """Set the shape of the maps, and one scale for each image size, without banks."""
        config, network = self.config, self.backbone
        self.shape = shape
        self.scales = scales_of(config, scale_shapes(config, shape, self._given), network.mean, network.std)

    @property
    def weights_sha256(self) -> str:
        """Fingerprint of the network's weights, hexadecimal."""
        return self.backbone.weights_sha256

    @property
    def engine(self) -> str:
        """What runs the network, "torch" or "openvino <version>"; known after the first image."""
        return self.backbone.engine

    @property
    def size(self) -> ModelSize:
        """Rows and bytes of all memory banks."""
        values = [bank.patches for bank in self.banks]
        return ModelSize(sum(map(len, values)), values[0].shape[1], sum(each.nbytes for each in values))
