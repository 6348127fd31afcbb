"""Likely causes of missed defects and false alarms, computed from the maps and masks.

A cause is a hint with its numbers, not a proof; an image may have several. All images are treated at once, from a
summary of the maps (`map_summary.py`), so that causes follow a moving image threshold.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from patchcore_core.data.proportions import pixels_of
from patchcore_core.evaluation.causes.rules import FAINT, TESTS, Bools, Facts, huge, speck, touches_all
from patchcore_core.evaluation.map_summary import MapSummary
from patchcore_core.evaluation.thresholds.decision import outcomes

CAUSES = {  # key -> in words
    "outside_crop": "defect outside the crop",
    "smaller_than_patch": "defect smaller than one patch",
    "below_threshold": "localised; score below the NG threshold",
    "peak_elsewhere": "maximum outside the ground truth",
    "faint": "faint",
    "border": "false alarm at the border",
    "near_training": "near-duplicate of a training image",
    "mask_doubtful": "mask doubtful",
}
NO_GOOD = "there are no good test images"
NO_MASK = "there are no masks"
NO_TRAINING = "test and training images were not compared"
NO_PATCH = "the patch size is unknown"


@dataclass(frozen=True)
class Causes:
    """The causes of N images at one image threshold.

    outcome (N,): TP, FN, FP, TN or ?. applies: cause -> (N,) bool, in the order of `CAUSES`. not_computed: cause ->
    why this run cannot tell.
    """

    outcome: NDArray[np.str_]
    applies: dict[str, Bools]
    not_computed: dict[str, str]
    _facts: Facts

    def counts(self, images: Bools | None = None) -> dict[str, int]:
        """Number of images per cause, among `images` (N,), default all."""
        return {key: int(np.count_nonzero(has if images is None else has & images))
                for key, has in self.applies.items()}  # fmt: skip

    def keys(self) -> list[tuple[str, ...]]:
        """The causes of each image, N tuples."""
        codes = sum(has.astype(np.int64) << bit for bit, has in enumerate(self.applies.values()))  # (N,)
        known, place = np.unique(codes, return_inverse=True)
        sets = [tuple(key for bit, key in enumerate(self.applies) if code >> bit & 1) for code in known.tolist()]
        return [sets[one] for one in place.tolist()]

    def sentences(self, image: int) -> dict[str, str]:
        """Cause -> a sentence with numbers, for one image."""
        return {key: _SENTENCES[key](self._facts, image) for key, has in self.applies.items() if has[image]}


@dataclass(frozen=True)
class Evidence:
    """The part of the causes of N images that does not depend on the image threshold; `at` gives the causes.

    label (N,): 0 good, 1 defective, -1 unknown. applies: cause -> (N,) bool, for any outcome. not_computed: as in
    `Causes`.
    """

    label: NDArray[np.integer]
    applies: dict[str, Bools]
    not_computed: dict[str, str]
    _facts: Facts

    def at(self, threshold: float) -> Causes:
        """The likely causes at an image threshold."""
        outcome = outcomes(self.label, self._facts.scores, threshold)
        applies = {key: has & np.isin(outcome, OF[key]) for key, has in self.applies.items()}
        return Causes(outcome, applies, self.not_computed, replace(self._facts, threshold=threshold))


def evidence(
    summary: MapSummary, labels: NDArray[np.integer], scores: NDArray[np.floating], patch: float,
    mask_kept: NDArray[np.floating] | None = None, near_training: Sequence[str] | None = None,
) -> Evidence:
    """The evidence for causes of N images, for any image threshold.

    labels (N,): 0 good, 1 defective, -1 unknown (no causes). scores (N,): of the images. patch: patch stride in pixels
    of the map, NaN if unknown. mask_kept (N,): fraction of the defect inside the crop, NaN unknown; None: no crop.
    near_training: for each image the name of its near-duplicate among the training images, "" for none; None: not
    checked.

    outside_crop (FN): less than half of the defect is inside the crop. smaller_than_patch (FN): the longer side of the
    largest true region is shorter than a patch, or the region vanishes at the size of the map. below_threshold (FN):
    the peak is within 1.5 patches of the defect and the pixel AUROC of the image is at least 0.9. peak_elsewhere (FN,
    TP): the peak is farther away. faint (FN): the maximum of the defect is below the 99th percentile of good pixels.
    border (FP): the peak is less than a patch from the edge of the map. near_training (FN, FP). mask_doubtful (FN, TP),
    any of: an uncropped mask of less than 4 pixels; a mask of more than half of the map; an uncropped mask that touches
    all four edges; or a faint defect while a compact region around a peak elsewhere exceeds all good pixels.
    """
    label = np.asarray(labels)
    good = label == 0
    facts = Facts(
        summary, np.asarray(scores, np.float64), np.nan, patch,
        np.where(summary.mask_known & ~good, 1.0, np.nan) if mask_kept is None else np.asarray(mask_kept, np.float64),
        [""] * len(label) if near_training is None else near_training,
        summary.quantile(good, FAINT), float(summary.peak[good].max()) if good.any() else float("nan"),
        summary.own_auroc(), np.min([summary.row, summary.column, summary.height - 1 - summary.row,
                                     summary.width - 1 - summary.column], axis=0),
    )  # fmt: skip
    applies = {key: TESTS[key](facts) for key in CAUSES}
    unknown = _not_computed(summary, label, np.isnan(patch), near_training is None)
    return Evidence(label, applies, unknown, facts)


def _not_computed(
    summary: MapSummary, label: NDArray[np.integer], no_patch: bool, not_compared: bool
) -> dict[str, str]:
    missing: dict[str, str] = {}
    if no_patch:
        missing |= dict.fromkeys(("smaller_than_patch", "below_threshold", "peak_elsewhere", "border"), NO_PATCH)
    if not (label == 0).any():
        missing |= {"faint": NO_GOOD, "border": NO_GOOD}
    if not (summary.mask_known & (label == 1)).any():
        needing = ("outside_crop", "smaller_than_patch", "below_threshold", "peak_elsewhere", "faint", "mask_doubtful")
        missing |= dict.fromkeys(needing, NO_MASK)
    if not_compared:
        missing["near_training"] = NO_TRAINING
    return {key: missing[key] for key in CAUSES if key in missing}


OF = {
    "outside_crop": ("FN",), "smaller_than_patch": ("FN",), "below_threshold": ("FN",), "peak_elsewhere": ("FN", "TP"),
    "faint": ("FN",), "border": ("FP",), "near_training": ("FN", "FP"), "mask_doubtful": ("FN", "TP"),
}  # fmt: skip
def _say_outside_crop(facts: Facts, image: int) -> str:
    return f"Only {facts.kept[image]:.0%} of the defect is inside the centre crop."


def _say_smaller(facts: Facts, image: int) -> str:
    side = int(facts.summary.region_side[image])
    if not side:
        return f"At a map size of {pixels_of((facts.summary.height, facts.summary.width))} the defect vanishes."
    return f"The largest defect region is {side} pixels long, less than one patch of {facts.patch:g} pixels."


def _say_below(facts: Facts, image: int) -> str:
    score, limit = facts.scores[image], facts.threshold
    return (f"The defect stands out in its image (pixel AUROC of this image: {facts.own_auroc[image]:.2f}), but the "
            f"image score {score:.4g} is {limit - score:.4g} below the threshold {limit:.4g}.")  # fmt: skip


def _say_elsewhere(facts: Facts, image: int) -> str:
    kept = facts.summary
    return (f"The maximum {kept.peak[image]:.4g} at row {kept.row[image]}, column {kept.column[image]} is "
            f"{kept.peak_distance[image]:.0f} pixels from the defect, whose maximum is "
            f"{kept.defect_peak[image]:.4g}.")  # fmt: skip


def _say_faint(facts: Facts, image: int) -> str:
    return (f"The maximum of the defect {facts.summary.defect_peak[image]:.4g} is below {facts.good_pixel:.4g}, the "
            f"{FAINT * 100:.0f}th percentile of good pixels.")  # fmt: skip


def _say_border(facts: Facts, image: int) -> str:
    return (f"The maximum {facts.summary.peak[image]:.4g} is {facts.border[image]} pixels from the edge of the network "
            f"input, less than one patch of {facts.patch:g} pixels.")  # fmt: skip


def _say_near(facts: Facts, image: int) -> str:
    return f"Near-duplicate of the training image {facts.twins[image]}."


def _say_doubtful(facts: Facts, image: int) -> str:
    kept = facts.summary
    if speck(facts)[image]:
        return f"The mask is tiny: {kept.defect_area[image]} px at the size of the map."
    if huge(facts)[image]:
        return f"The mask covers {facts.share[image]:.0%} of the image."
    if touches_all(facts)[image]:
        return "The mask touches all four edges of the image."
    return (f"The maximum inside the mask is {kept.defect_peak[image]:.4g}; {kept.peak_distance[image]:.0f} pixels "
            f"away a compact region of {kept.hot_area[image]} pixels reaches {kept.peak[image]:.4g}, above all pixels "
            f"of good images ({facts.good_highest:.4g}).")  # fmt: skip


_SENTENCES: dict[str, Callable[[Facts, int], str]] = {
    "outside_crop": _say_outside_crop, "smaller_than_patch": _say_smaller, "below_threshold": _say_below,
    "peak_elsewhere": _say_elsewhere, "faint": _say_faint, "border": _say_border, "near_training": _say_near,
    "mask_doubtful": _say_doubtful,
}  # fmt: skip
