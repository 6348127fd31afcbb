"""Why an image was missed or raised a false alarm: likely causes, where arrays can tell.

A cause is a hint with its numbers, not a proof, and an image may have several. All are found for all images at once,
from what one pass over the maps has kept (`map_summary.py`), so that they follow an image threshold as it moves.
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
    "below_threshold": "localised well, but below the image threshold",
    "peak_elsewhere": "peak outside the mask",
    "faint": "faint",
    "border": "false alarm at the border",
    "near_training": "nearly the same photo as a training image",
    "mask_doubtful": "mask doubtful",
}
NO_GOOD = "there are no good test images to compare with"
NO_MASK = "no mask is known"
NO_TRAINING = "the test images were not compared with the training images"
NO_PATCH = "it is not known how large a patch is"


@dataclass(frozen=True)
class Causes:
    """The causes of N images at one image threshold.

    outcome (N,): TP, FN, FP, TN or ?. applies: cause -> (N,) bool, in the order of `CAUSES`. not_computed: cause ->
    why nothing can be said about it in this run.
    """

    outcome: NDArray[np.str_]
    applies: dict[str, Bools]
    not_computed: dict[str, str]
    _facts: Facts

    @property
    def unexplained(self) -> Bools:
        """Misses and false alarms (N,) without any cause."""
        return np.isin(self.outcome, ("FN", "FP")) & ~np.any(list(self.applies.values()), axis=0)

    def counts(self, images: Bools | None = None) -> dict[str, int]:
        """How many of some images (N,), default all, have each cause."""
        return {key: int(np.count_nonzero(has if images is None else has & images))
                for key, has in self.applies.items()}  # fmt: skip

    def keys(self) -> list[tuple[str, ...]]:
        """The causes of each image, N tuples."""
        codes = sum(has.astype(np.int64) << bit for bit, has in enumerate(self.applies.values()))  # (N,)
        known, place = np.unique(codes, return_inverse=True)
        sets = [tuple(key for bit, key in enumerate(self.applies) if code >> bit & 1) for code in known.tolist()]
        return [sets[one] for one in place.tolist()]

    def sentences(self, image: int) -> dict[str, str]:
        """Cause -> one sentence with numbers, for one image."""
        return {key: _SENTENCES[key](self._facts, image) for key, has in self.applies.items() if has[image]}


@dataclass(frozen=True)
class Evidence:
    """What is found of N images before an image threshold says which of them are wrong; causes follow `at` any.

    label (N,): 0 good, 1 defective, -1 unknown. applies: cause -> (N,) bool, whatever the outcome. not_computed: as in
    `Causes`.
    """

    label: NDArray[np.integer]
    applies: dict[str, Bools]
    not_computed: dict[str, str]
    _facts: Facts

    def at(self, threshold: float) -> Causes:
        """The likely causes at an image threshold, as `find_causes`."""
        outcome = outcomes(self.label, self._facts.scores, threshold)
        applies = {key: has & np.isin(outcome, _OF[key]) for key, has in self.applies.items()}
        return Causes(outcome, applies, self.not_computed, replace(self._facts, threshold=threshold))


def find_causes(
    summary: MapSummary, labels: NDArray[np.integer], scores: NDArray[np.floating], threshold: float, patch: float,
    mask_kept: NDArray[np.floating] | None = None, near_training: Sequence[str] | None = None,
) -> Causes:
    """The likely causes of N images at an image threshold: `evidence` gives the arguments and the causes."""
    return evidence(summary, labels, scores, patch, mask_kept, near_training).at(threshold)


def evidence(
    summary: MapSummary, labels: NDArray[np.integer], scores: NDArray[np.floating], patch: float,
    mask_kept: NDArray[np.floating] | None = None, near_training: Sequence[str] | None = None,
) -> Evidence:
    """What can be said of N images whatever the image threshold.

    labels (N,): 0 good, 1 defective, -1 unknown, of which nothing is said. scores (N,): of the images. patch: pixels
    of the map from one patch to the next, NaN where nobody knows. mask_kept (N,): share of the defect's pixels inside
    the crop, NaN unknown; None: there was no crop. near_training: for each image the name of a training image that is
    nearly the same photo, "" for none; None: nobody has looked.

    outside_crop (misses): less than half of the defect was left. smaller_than_patch (misses): the longer side of
    the largest true region is shorter than a patch, or nothing is left of it at the map's size. below_threshold
    (misses): the peak lies within one and a half patches of the defect and a defect pixel scores higher than
    another of the image with a chance of at least 0.9. peak_elsewhere (misses, and hits: right for the wrong
    reason): the peak is farther off. faint (misses): the defect's highest pixel is below the 99th percentile of the
    good images' pixels. border (false alarms): the peak is less than a patch from the edge of the map.
    near_training (misses and false alarms). mask_doubtful (misses and hits), any of: the mask is a speck of less
    than 4 pixels although nothing of it was cut off; it covers more than half of the map; it touches all four edges
    although nothing was cut off; or it is faint while a compact region around a peak elsewhere rises above
    everything in the good images.
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


_OF = {
    "outside_crop": ("FN",), "smaller_than_patch": ("FN",), "below_threshold": ("FN",), "peak_elsewhere": ("FN", "TP"),
    "faint": ("FN",), "border": ("FP",), "near_training": ("FN", "FP"), "mask_doubtful": ("FN", "TP"),
}  # fmt: skip
def _say_outside_crop(facts: Facts, image: int) -> str:
    return f"The centre crop left {facts.kept[image]:.0%} of the defect, so the network saw little or nothing of it."


def _say_smaller(facts: Facts, image: int) -> str:
    side = int(facts.summary.region_side[image])
    if not side:
        return f"At {pixels_of((facts.summary.height, facts.summary.width))} nothing is left of the defect."
    return f"The largest defect region is {side} pixels long, less than one patch of {facts.patch:g} pixels."


def _say_below(facts: Facts, image: int) -> str:
    score, limit = facts.scores[image], facts.threshold
    return (f"The defect stands out from its own image (a defect pixel scores higher than another with a chance of "
            f"{facts.own_auroc[image]:.0%}), but the image score {score:.4g} is {limit - score:.4g} below the "
            f"threshold {limit:.4g}.")  # fmt: skip


def _say_elsewhere(facts: Facts, image: int) -> str:
    kept = facts.summary
    return (f"The highest score {kept.peak[image]:.4g}, at row {kept.row[image]} and column {kept.column[image]}, lies "
            f"{kept.peak_distance[image]:.0f} pixels from the defect, whose own highest score is "
            f"{kept.defect_peak[image]:.4g}.")  # fmt: skip


def _say_faint(facts: Facts, image: int) -> str:
    return (f"The defect's highest score {facts.summary.defect_peak[image]:.4g} is below {facts.good_pixel:.4g}, which "
            f"{FAINT:.0%} of the good images' pixels do not exceed.")  # fmt: skip


def _say_border(facts: Facts, image: int) -> str:
    return (f"The highest score {facts.summary.peak[image]:.4g} lies {facts.border[image]} pixels from the edge of "
            f"what the network saw, less than one patch of {facts.patch:g} pixels.")  # fmt: skip


def _say_near(facts: Facts, image: int) -> str:
    return f"The photo is nearly the same as the training image {facts.twins[image]}."


def _say_doubtful(facts: Facts, image: int) -> str:
    kept = facts.summary
    if speck(facts)[image]:
        return f"The mask is a speck of {kept.defect_area[image]} pixels at the map's size."
    if huge(facts)[image]:
        return f"The mask covers {facts.share[image]:.0%} of the image."
    if touches_all(facts)[image]:
        return "The mask touches all four edges of the image."
    return (f"The mask holds nothing above {kept.defect_peak[image]:.4g}, while {kept.peak_distance[image]:.0f} "
            f"pixels away a compact region of {kept.hot_area[image]} pixels reaches {kept.peak[image]:.4g}, more than "
            f"any pixel of a good image ({facts.good_highest:.4g}).")  # fmt: skip


_SENTENCES: dict[str, Callable[[Facts, int], str]] = {
    "outside_crop": _say_outside_crop, "smaller_than_patch": _say_smaller, "below_threshold": _say_below,
    "peak_elsewhere": _say_elsewhere, "faint": _say_faint, "border": _say_border, "near_training": _say_near,
    "mask_doubtful": _say_doubtful,
}  # fmt: skip
