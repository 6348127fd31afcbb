"""The interface of an anomaly detection method: fit, score, anomaly maps, save and load.

Judging, jobs, pages and the command line use a `Detector` and name no method; `model.methods` creates and loads one.
PatchCore (`model.patchcore`) is the only method so far.
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

CHANGED = "{}: has changed or cannot be read any more; fit the photos as they are now"  # a photo of a TrainingSet


@dataclass(frozen=True)
class TrainingSet:
    """The photos that a detector was fitted on: their `paths`, `contents` (content keys, "" if unknown), `aspects`,
    width / height (N,), empty if unknown, and `bits`, the scale of photos of more than 8 bits (None: all have 8)."""

    paths: tuple[str, ...] = ()
    contents: tuple[str, ...] = ()
    aspects: np.ndarray = field(default_factory=lambda: np.empty(0))
    bits: int | None = None


@dataclass(frozen=True)
class HeldOutImages:
    """Good training images scored as if neither they nor their near-copies had been fitted on.

    `groups` (N,): for each training image the first of its group of near-copies, itself without one; only that image of
    a group is scored. `images` (n,) are numbers in `TrainingSet.paths`; image_scores (n,) as in `Scores`, NaN where
    there are too few images of other groups. patch_scores (m, h, w) of some of these images, `mapped` (m,), since
    scoring all patches takes several times as long as scoring the image.

    Outliers (held_out.odd) are in none of these, but in `odd` (o,) with odd_scores (o,) and odd_patch_scores (o, h, w).
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
    """Information about a fit beside the model: (path, cause) of `unreadable` photos, `warnings` in sentences,
    near-duplicates among the photos (`copies`), `held_out` scores (None: not computed), `seconds` per stage, and the
    memory `plan`, made when `program_bytes` were resident (None: none was needed). `shortened`: the stages of whose
    work earlier fits had done a part. `selected`: the rows that were selected, for larger banks, too."""

    unreadable: Unreadable = ()
    warnings: tuple[str, ...] = ()
    copies: NearCopies = field(default_factory=lambda: NearCopies.of(no_pictures()))
    held_out: HeldOutImages | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    plan: Plan | None = None
    program_bytes: int = 0
    shortened: tuple[str, ...] = ()
    selected: int = 0


@dataclass(frozen=True)
class ModelSize:
    """The size of a fitted model: `rows` of `dim` values, in `bytes`."""

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
        """The transform between photo and map geometry; StoreError before the fit."""

    @property
    def weights_sha256(self) -> str:
        """SHA-256 of its network weights, hexadecimal."""

    @property
    def size(self) -> ModelSize:
        """StoreError before the fit."""

    def fit(self, samples: Sequence[Sample], progress: Progress | None = None, scratch: Path | None = None) -> Self:
        """Fit to good images; `scratch`: folder for data that does not fit into memory.

        DataError if more than a tenth of the images cannot be read; ConfigError if the settings do not suit them.
        """

    def continuing(self) -> Detector:
        """A detector whose `fit`, on the photos of this `training` and then others, goes on from this one."""

    def score(self, samples: Sequence[Sample], progress: Progress | None = None) -> Scores:
        """Score images in order; unreadable ones are listed in the result and skipped."""

    def anomaly_maps(self, patch_scores: np.ndarray) -> np.ndarray:
        """Anomaly maps (N, H, W) float32 of patch scores (N, h, w)."""

    def score_image(self, rgb: np.ndarray) -> ImageResult:
        """Score one photo (H, W, 3) uint8, read on the scale of `training.bits`."""

    def save(self, folder: Path) -> None:
        """Write the model with `about.BANK_FILE`, which names the method; StoreError on failure."""

    @classmethod
    def load(cls, folder: Path, device: str = "auto") -> Self:
        """Read what `save` wrote; StoreError if damaged, WeightsError if the weights here differ."""
