"""What every method of anomaly detection offers: fit, score, anomaly maps, save and load.

Judging, jobs, pages and the command line use a `Detector` and never name a method; `model.methods` makes and loads
one. PatchCore (`model.patchcore`) is the only method so far.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, Self

import numpy as np

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.likeness import no_pictures
from patchcore_core.data.near_copies import NearCopies
from patchcore_core.data.samples import Sample
from patchcore_core.data.transforms import Transform
from patchcore_core.model.batches import Unreadable
from patchcore_core.model.budget import Plan
from patchcore_core.model.results import ImageResult, Scores
from patchcore_core.progress import Progress


@dataclass(frozen=True)
class TrainingSet:
    """The photos that a detector was fitted on, kept with it: their `paths`, `contents` of their files as in
    data.content ("" where nobody knows), `aspects`, width by height (N,), empty where nobody knows, and `bits`, the
    scale of photos of more than 8 bits (None: all have 8)."""

    paths: tuple[str, ...] = ()
    contents: tuple[str, ...] = ()
    aspects: np.ndarray = field(default_factory=lambda: np.empty(0))
    bits: int | None = None


@dataclass(frozen=True)
class HeldOut:
    """Good training images scored as if neither they nor their near-copies had been fitted on.

    `groups` (N,): the first image of the group of near-copies of each training image, itself where it has none; of a
    group only that one is scored. `images` (n,) are numbers in `TrainingSet.paths`; image_scores (n,) as in `Scores`,
    NaN where there are too few images of other groups. patch_scores (m, h, w) of some of these images, `mapped` (m,):
    scoring an image takes a fraction of the time that all its patches take.

    Images whose score no good part of this set would have (held_out.odd) are in none of these, but in `odd` (o,) with
    odd_scores (o,) and odd_patch_scores (o, h, w).
    """

    images: np.ndarray
    image_scores: np.ndarray
    mapped: np.ndarray
    patch_scores: np.ndarray
    groups: np.ndarray
    odd: np.ndarray
    odd_scores: np.ndarray
    odd_patch_scores: np.ndarray


@dataclass(frozen=True)
class FitReport:
    """What a fit tells about itself, beside the model: (path, cause) of `unreadable` photos, `warnings` in sentences,
    which photos are near `copies` of one another, `held_out` scores (None: not made), `seconds` of each stage, and the
    `plan` that kept it within its memory, made when `program_bytes` were resident (None: none was needed)."""

    unreadable: Unreadable = ()
    warnings: tuple[str, ...] = ()
    copies: NearCopies = field(default_factory=lambda: NearCopies.of(no_pictures()))
    held_out: HeldOut | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    plan: Plan | None = None
    program_bytes: int = 0


@dataclass(frozen=True)
class ModelSize:
    """What a fitted model keeps of its training images: `rows` of `dim` values, in `bytes`."""

    rows: int
    dim: int
    bytes: int


class Detector(Protocol):
    """A method of anomaly detection with its settings: fitted on good images, it scores others; higher = more
    anomalous. `training` is empty before the fit, `report` unless this object was fitted."""

    config: PatchCoreConfig
    training: TrainingSet
    report: FitReport

    @property
    def transform(self) -> Transform:
        """The way from a photo to the geometry of the maps, and back; StoreError before the fit that finds it."""

    @property
    def weights_sha256(self) -> str:
        """Fingerprint of the weights that it was made with, hexadecimal."""

    @property
    def size(self) -> ModelSize:
        """StoreError before the fit."""

    def fit(self, samples: Sequence[Sample], progress: Progress | None = None, scratch: Path | None = None) -> Self:
        """Learn from good images; what memory cannot hold lies in the folder `scratch` meanwhile.

        DataError where more than a tenth of the images cannot be read; ConfigError where the settings do not suit them.
        """

    def score(self, samples: Sequence[Sample], progress: Progress | None = None) -> Scores:
        """Score images in their order; one that cannot be read is listed in the result and left out."""

    def anomaly_maps(self, patch_scores: np.ndarray) -> np.ndarray:
        """Anomaly maps (N, H, W) float32 of patch scores (N, h, w)."""

    def score_image(self, rgb: np.ndarray) -> ImageResult:
        """Score one photo (H, W, 3) uint8, read on the scale of `training.bits`."""

    def save(self, folder: Path) -> None:
        """Write the model with `about.BANK_FILE`, which names the method; StoreError where that fails."""

    @classmethod
    def load(cls, folder: Path, device: str = "auto") -> Self:
        """Read what `save` wrote; StoreError where it is damaged, WeightsError where the weights here are others."""
