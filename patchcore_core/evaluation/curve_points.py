"""The points of the curves that a run stores and pages draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from patchcore_core.evaluation.counts import Counts
from patchcore_core.evaluation.curves import per_region_overlap, precision, thin, why_undefined

NUMBERS = "positives", "negatives", "pixel_images"  # all others are arrays


def _none() -> NDArray:
    return np.zeros(0)


@dataclass(frozen=True, eq=False)
class LevelCounts:
    """Of images or of pixels: thresholds (T,) descending, tp and fp (T,) at each, and all positives and negatives."""

    thresholds: NDArray
    tp: NDArray
    fp: NDArray
    positives: int
    negatives: int

    def counts(self) -> Counts:
        """The same for the methods of thresholds; every positive weighs the same."""
        return Counts(self.thresholds, self.tp, self.fp, self.tp / max(1, self.tp[-1] if len(self.tp) else 0))


@dataclass(frozen=True, eq=False)
class ProCurve:
    """The per-region-overlap curve, (T,) each: from the origin (0, 0, inf); empty if undefined."""

    fpr: NDArray
    overlap: NDArray
    thresholds: NDArray


@dataclass(frozen=True, eq=False)
class RegionTable:
    """One row per defect region: image, area in pixels, size_class (0 smallest to 3), peak score, overlap at the pixel
    threshold, (R,) each.

    scores_at (R, 10): the highest threshold that predicts 10, 20, ... 100 % of the region, which gives its overlap at
    any other threshold.
    """

    image: NDArray
    area: NDArray
    size_class: NDArray
    peak: NDArray
    overlap: NDArray
    scores_at: NDArray


@dataclass(frozen=True, eq=False)
class HeldOutArrays:
    """Held-out scores of good images as stored, from `fitting.good_scores.HeldOutScores`.

    scores (n,) of images; pixel_scores and pixel_numbers (K,), of the maps of pixel_images images; odd_*: the same of
    odd photos; levels (m,) of photos, from evaluation.thresholds.unlike; patch_scores and patch_ranks (Q,): of
    statistics.good_patches. None: not in older runs.
    """

    scores: NDArray = field(default_factory=_none)
    pixel_scores: NDArray = field(default_factory=_none)
    pixel_numbers: NDArray = field(default_factory=_none)
    pixel_images: int | None = None
    odd_scores: NDArray | None = None
    odd_pixel_scores: NDArray | None = None
    odd_pixel_numbers: NDArray | None = None
    pixel_without: NDArray | None = None
    levels: NDArray | None = None
    patch_scores: NDArray | None = None
    patch_ranks: NDArray | None = None


NO_COUNTS = LevelCounts(np.zeros(0), np.zeros(0), np.zeros(0), 0, 0)
NO_PRO = ProCurve(np.zeros(0), np.zeros(0), np.zeros(0))


@dataclass(frozen=True, eq=False)
class Curves:
    """What a run stores of its evaluation for drawing and for other thresholds.

    Image level complete; pixel and per-region-overlap curves thinned to 2000 points. Empty where there was nothing to
    evaluate; regions and heldout are None in older runs.
    """

    image: LevelCounts = NO_COUNTS
    pixel: LevelCounts = NO_COUNTS
    pro: ProCurve = NO_PRO
    regions: RegionTable | None = None
    heldout: HeldOutArrays | None = None

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray]) -> Curves:
        """From the arrays of `curves.npz`; ValueError where some of a part are missing, or a number is no number.

        Unknown arrays are passed over.
        """
        kinds = {"image": LevelCounts, "pixel": LevelCounts, "pro": ProCurve, "regions": RegionTable,
                 "heldout": HeldOutArrays}  # fmt: skip
        parts = {prefix: _part(prefix, kind, arrays) for prefix, kind in kinds.items()}
        return cls(**{prefix: part for prefix, part in parts.items() if part is not None})

    def arrays(self) -> dict[str, NDArray]:
        """As in `curves.npz`: the name of the part, then that of the array, such as image_tp."""
        parts = [(prefix, part) for prefix, part in vars(self).items() if part is not None]
        return {f"{prefix}_{name}": np.asarray(values) for prefix, part in parts
                for name, values in vars(part).items() if values is not None}  # fmt: skip


def _part(prefix: str, kind: Any, arrays: Mapping[str, NDArray]) -> Any:
    """The part of this kind, whose arrays have this prefix; None where there are none."""
    stored = {one.name: f"{prefix}_{one.name}" for one in fields(kind)}
    found = {name: arrays[stored[name]] for name in stored if stored[name] in arrays}
    if not found:
        return None
    required = [one.name for one in fields(kind) if one.default is MISSING and one.default_factory is MISSING]
    if missing := [stored[name] for name in required if name not in found]:
        raise ValueError(f"the arrays {', '.join(missing)} are missing")
    if wrong := [stored[name] for name in found if (found[name].ndim == 0) != (name in NUMBERS)]:
        raise ValueError(f"{wrong[0]} has the shape {arrays[wrong[0]].shape}")
    return kind(**{name: int(values) if name in NUMBERS else values for name, values in found.items()})


def curve_points(image: Counts, pixel: Counts, regions: RegionTable | None = None) -> Curves:
    """The curves of a test set, with the table of its regions."""
    if why_undefined(pixel, "pixel"):
        kept = thin([(pixel.true_positives + pixel.false_positives) / max(1, pixel.positives + pixel.negatives)])
        curve = NO_PRO
    else:
        kept = thin([
            pixel.true_positives / pixel.positives, pixel.false_positives / pixel.negatives, precision(pixel)
        ])
        fpr, overlap, thresholds = per_region_overlap(pixel)
        pro = thin([fpr, overlap])
        curve = ProCurve(fpr[pro], overlap[pro], thresholds[pro])
    return Curves(_level(image, np.arange(len(image.thresholds))), _level(pixel, kept), curve, regions)


def _level(counts: Counts, kept: NDArray[np.intp]) -> LevelCounts:
    return LevelCounts(counts.thresholds[kept], counts.true_positives[kept], counts.false_positives[kept],
                       int(counts.positives), int(counts.negatives))  # fmt: skip
