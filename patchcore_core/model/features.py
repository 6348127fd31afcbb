"""The training images' patch features, in memory or in a file."""

from __future__ import annotations

import copy
import logging
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np
import psutil
import torch
from torch import Tensor

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.files.depth import depth_note
from patchcore_core.data.images import shown
from patchcore_core.data.light import light_warnings, no_light
from patchcore_core.data.likeness import no_pictures
from patchcore_core.data.samples import Sample
from patchcore_core.data.scratch import Scratch
from patchcore_core.errors import DataError
from patchcore_core.model.batches import FEW_KNOWN, Batch, Input, Unreadable
from patchcore_core.model.budget import Plan, free_memory, plan
from patchcore_core.model.detector import TrainingSet
from patchcore_core.model.memory_bank import as_stored
from patchcore_core.model.network.probe import PatchShape

MAX_UNREADABLE = 0.1  # a larger fraction of unreadable training images stops the fit
HALF_LARGEST = float(np.finfo(np.float16).max)
_LOG = logging.getLogger(__name__)


class PatchFeatures:
    """Patch features (N, h, w, D) of the training images at one scale, in the precision of the bank, in memory or in a
    file; `shape` is (h, w, D)."""

    def __init__(self, images: int, first: Tensor, dtype: np.dtype, scratch: Scratch, in_file: bool) -> None:
        """Allocate space for `images` images with features like the `first` batch, (B, h, w, D)."""
        self.shape, self._count = first.shape[1:], 0
        self._dtype = torch.float16 if dtype == np.float16 else torch.float32
        self._scratch = scratch
        self._file = scratch.array((images, *self.shape), dtype) if in_file else None
        if self._file is None:
            self._values = first.new_empty(images, *self.shape, dtype=self._dtype)

    def add(self, patches: Tensor) -> None:
        """Features (B, h, w, D) of the next images."""
        if self._file is None:
            self._values[self._count : self._count + len(patches)] = patches
        else:
            self._file.write(self._count, patches.to(self._dtype).cpu().numpy())
        self._count += len(patches)

    def rows(self) -> Tensor | np.ndarray:
        """(N * h * w, D): a tensor, or a read-only mapping of the file."""
        values = self._values if self._file is None else self._file.values
        return values[: self._count].reshape(-1, self.shape[-1])

    def take(self, picks: np.ndarray) -> np.ndarray:
        """Some of the rows, (M, D)."""
        rows = self.rows()
        if isinstance(rows, Tensor):
            return rows[torch.from_numpy(picks).to(rows.device)].cpu().numpy()
        return self._scratch.take(rows, picks)

    def of_images(self, images: np.ndarray) -> np.ndarray:
        """Features of some of the images, (n, h, w, D) float32."""
        if self._file is None:  # torch widens float16 in an eighth of numpy's time
            return self._values[torch.from_numpy(images).to(self._values.device)].float().cpu().numpy()
        patches = self.shape[0] * self.shape[1]
        rows = (images[:, None] * patches + np.arange(patches)).ravel()
        return self.take(rows).astype(np.float32).reshape(len(images), *self.shape)

    def origin(self, picks: np.ndarray) -> np.ndarray:
        """Image, row and column of some of the rows, (M, 3) int32."""
        return np.stack(np.unravel_index(picks, (self._count, *self.shape[:2])), axis=1).astype(np.int32)


class TrainingFeatures:
    """Patch features of the readable training images at each of `scales`, in the precision of the bank.

    They are rounded immediately, in memory as in a file, so the coreset does not depend on the available memory. `plan`
    says where they are stored. `paths` are the N images, `contents` the SHA-256 of their files, `unreadable` (path,
    cause) the other images.
    """

    def __init__(self, config: PatchCoreConfig, images: int, first: Sequence[Tensor], scratch: Scratch) -> None:
        """Plan and allocate space for `images` images; `first` is the first batch (B, h_s, w_s, D) of each scale."""
        kept = {as_stored(patches.cpu().numpy(), config.bank_dtype).dtype for patches in first}
        dtype = np.dtype(np.float32 if np.dtype(np.float32) in kept else np.float16)
        self.program_bytes = psutil.Process().memory_info().rss
        *coarser, finest = ((patches.shape[1], patches.shape[2]) for patches in first)
        self._images, self._shape = images, PatchShape(finest, first[0].shape[3], coarser=tuple(coarser))
        self.plan: Plan = self._plan(config, dtype, free_memory())
        self.scales = tuple(PatchFeatures(images, patches, dtype, scratch, self.plan.in_file) for patches in first)
        self.dtype = dtype
        self.paths: tuple[str, ...] = ()
        self.contents: tuple[str, ...] = ()
        self.unreadable: Unreadable = ()
        self._known = 0  # photos whose feature maps were known
        self._pictures, self._light = [no_pictures()], [no_light()]

    def _plan(self, config: PatchCoreConfig, dtype: np.dtype, free_bytes: int) -> Plan:
        kept = replace(config, bank_dtype=str(dtype))
        return plan(kept, self._images, self._shape, self.program_bytes, free_bytes)

    def planned_for(self, config: PatchCoreConfig) -> TrainingFeatures:
        """The same features, which are in memory, with the plan for another coreset."""
        again = copy.copy(self)
        rows = [kept for scale in self.scales if isinstance(kept := scale.rows(), Tensor)]
        held = sum(each.numel() * each.element_size() for each in rows)
        again.plan = self._plan(config, self.dtype, free_memory() + held)
        return again

    def add(self, scales: Sequence[Tensor], batch: Batch) -> None:
        """Features (B, h_s, w_s, D) of the next images at each scale."""
        for kept, patches in zip(self.scales, scales, strict=True):
            kept.add(patches)
        self.paths += tuple(str(sample.path) for sample in batch.samples)
        self.contents += batch.contents
        self._known += batch.known
        self._pictures.append(batch.pictures)
        self._light.append(batch.light)

    def training_set(self, samples: Sequence[Sample], aspects: np.ndarray, bits: int | None) -> TrainingSet:
        """The readable ones of all `samples`, with their `aspects` (N,), read on the scale of `bits`."""
        known = dict(zip((str(sample.path) for sample in samples), aspects, strict=True))
        return TrainingSet(self.paths, self.contents, np.array([known[path] for path in self.paths]), bits)

    def warnings(self, bits: int | None) -> tuple[str, ...]:
        """Warnings about the bit depth of the photos (`bits`, None: 8) and about their brightness."""
        return tuple(filter(None, (depth_note(bits), *light_warnings(self.light()))))

    @property
    def shortened(self) -> bool:
        """Whether the network had less to do since feature maps of photos were known, not only of a few copies."""
        return self._known > FEW_KNOWN * len(self.paths)

    def pictures(self) -> np.ndarray:
        """Thumbnails of the images, (N, 4096) as in data.likeness."""
        return np.concatenate(self._pictures)

    def light(self) -> np.ndarray:
        """Brightness and contrast of the images, (N, 2) as in data.light."""
        return np.concatenate(self._light)


def training_features(
    batches: Callable[[], Iterable[Batch]], embed: Callable[[Input], Tensor], config: PatchCoreConfig, images: int,
    scratch: Scratch, report: Callable[[int, int], None],
) -> TrainingFeatures:
    """Embed all batches at each scale, (B, 3, H, W) to (B, h, w, D); what does not fit into memory goes to `scratch`.

    DataError if more than a tenth of the `images` cannot be read, or if features are not finite (the message names
    the image). If features leave the range of float16, the fit starts again with float32.
    """
    features: TrainingFeatures | None = None
    unreadable: list[tuple[str, str]] = []
    done = 0
    for batch in batches():
        unreadable += batch.unreadable
        if batch.samples:
            scales = [embed(each) for each in batch.inputs]
            largest = max(_largest(patches, batch.samples, config.backbone) for patches in scales)
            if features is None:
                features = TrainingFeatures(config, images, scales, scratch)
            if features.dtype == np.float16 and largest > HALF_LARGEST:
                _LOG.warning("The features exceed the range of float16; all are kept as float32")
                return training_features(batches, embed, replace(config, bank_dtype="float32"), images, scratch, report)
            features.add(scales, batch)
        done += len(batch.samples) + len(batch.unreadable)
        report(done, images)
    _check_readable(unreadable, images)
    assert features is not None
    features.unreadable = tuple(unreadable)
    return features


def _check_readable(unreadable: list[tuple[str, str]], total: int) -> None:
    if total == 0:
        raise DataError("there are no training images")
    if len(unreadable) > MAX_UNREADABLE * total or len(unreadable) == total:
        path, cause = unreadable[0]
        raise DataError(f"{len(unreadable)} of {total} training images cannot be read; the first, {path}: {cause}")


def _largest(patches: Tensor, samples: Sequence[Sample], backbone: str) -> float:
    """The largest absolute value of features (B, h, w, D) of samples; DataError if one is not finite."""
    largest = max(abs(float(value)) for value in patches.aminmax())  # NaN where there is one
    if math.isfinite(largest):
        return largest
    first = int((~torch.isfinite(patches)).flatten(1).any(dim=1).nonzero()[0])
    raise DataError(f"{shown(samples[first].path)}: {backbone} gives features that are not finite; its weights may be "
                    "damaged")
