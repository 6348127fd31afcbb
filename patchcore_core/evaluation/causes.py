"""Why an image was missed or raised a false alarm: likely causes, where arrays can tell.

A cause is a hint with its numbers, not a proof, and an image may have several. All are found for all images at once,
from what one pass over the maps has kept (`map_summary.py`), so that they follow an image threshold as it moves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from patchcore_core.evaluation.map_summary import MapSummary
from patchcore_core.evaluation.thresholds import outcomes

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
FAINT = 0.99  # share of the good images' pixels that a faint defect does not rise above
REACH = 1.5  # patches from a defect within which its peak may lie: half of a 3 x 3 neighbourhood
LOCALISED = 0.9  # own AUROC from which a defect counts as localised well
MOST_CUT = 0.5  # share of a defect that the crop must have left, else it counts as outside
SPECK, HUGE = 4, 0.5  # pixels of a mask below which, and share of the map above which, it is doubtful
COMPACT, SPREAD = 0.4, 0.25  # least share of its box that a compact region fills, most of the map that it covers
NO_GOOD = "there are no good test images to compare with"
NO_MASK = "no mask is known"
NO_TRAINING = "the test images were not compared with the training images"

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Causes:
    """The causes of N images at one image threshold.

    outcome (N,): TP, FN, FP, TN or ?. applies: cause -> (N,) bool, in the order of `CAUSES`. not_computed: cause ->
    why nothing can be said about it in this run.
    """

    outcome: NDArray[np.str_]
    applies: dict[str, Bools]
    not_computed: dict[str, str]
    _facts: _Facts

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
        table = np.array(list(self.applies.values())).T  # (N, causes)
        names = np.array(list(self.applies), dtype=object)
        return [tuple(names[row].tolist()) for row in table]

    def sentences(self, image: int) -> dict[str, str]:
        """Cause -> one sentence with numbers, for one image."""
        return {key: _SENTENCES[key](self._facts, image) for key, has in self.applies.items() if has[image]}


@dataclass(frozen=True)
class _Facts:
    """What the causes are found from; scores and distances per image (N,)."""

    summary: MapSummary
    scores: Floats
    threshold: float
    patch: float
    kept: Floats  # share of the defect inside the crop, NaN unknown
    twins: Sequence[str]  # names of training images, "" for none
    good_pixel: float  # the FAINT quantile of the good images' pixels, NaN without any
    good_highest: float  # their highest pixel
    own_auroc: Floats
    border: NDArray[np.int64]  # pixels from the peak to the nearest edge of the map

    @property
    def side(self) -> int:
        return self.summary.side

    @property
    def share(self) -> Floats:
        """Of the map that the mask covers."""
        return self.summary.defect_area / self.side**2


def find_causes(
    summary: MapSummary, labels: NDArray[np.integer], scores: NDArray[np.floating], threshold: float, patch: float,
    mask_kept: NDArray[np.floating] | None = None, near_training: Sequence[str] | None = None,
) -> Causes:
    """The likely causes of N images at an image threshold.

    labels (N,): 0 good, 1 defective, -1 unknown, of which nothing is said. scores (N,): of the images. patch: pixels
    of the map from one patch to the next. mask_kept (N,): share of the defect's pixels inside the crop, NaN unknown;
    None: there was no crop. near_training: for each image the name of a training image that is nearly the same photo,
    "" for none; None: nobody has looked.

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
    facts = _Facts(
        summary, np.asarray(scores, np.float64), threshold, patch,
        np.where(summary.mask_known & ~good, 1.0, np.nan) if mask_kept is None else np.asarray(mask_kept, np.float64),
        [""] * len(label) if near_training is None else near_training,
        summary.quantile(good, FAINT), float(summary.peak[good].max()) if good.any() else float("nan"),
        summary.own_auroc(), np.min([summary.row, summary.column, summary.side - 1 - summary.row,
                                     summary.side - 1 - summary.column], axis=0),
    )  # fmt: skip
    outcome = outcomes(label, facts.scores, threshold)
    may = {key: np.isin(outcome, kinds) for key, kinds in _OF.items()}
    applies = {key: may[key] & _TESTS[key](facts) for key in CAUSES}
    return Causes(outcome, applies, _not_computed(summary, label, near_training is None), facts)


def _not_computed(summary: MapSummary, label: NDArray[np.integer], not_compared: bool) -> dict[str, str]:
    missing: dict[str, str] = {}
    if not (label == 0).any():
        missing |= {"faint": NO_GOOD, "border": NO_GOOD}
    if not (summary.mask_known & (label == 1)).any():
        needing = ("outside_crop", "smaller_than_patch", "below_threshold", "peak_elsewhere", "faint", "mask_doubtful")
        missing |= dict.fromkeys(needing, NO_MASK)
    if not_compared:
        missing["near_training"] = NO_TRAINING
    return {key: missing[key] for key in CAUSES if key in missing}


def _outside_crop(facts: _Facts) -> Bools:
    return facts.kept < MOST_CUT


def _smaller_than_patch(facts: _Facts) -> Bools:
    return facts.summary.mask_known & (facts.kept > 0) & (facts.summary.region_side < facts.patch)


def _below_threshold(facts: _Facts) -> Bools:
    return (facts.summary.peak_distance <= REACH * facts.patch) & (facts.own_auroc >= LOCALISED)


def _peak_elsewhere(facts: _Facts) -> Bools:
    return facts.summary.peak_distance > REACH * facts.patch


def _faint(facts: _Facts) -> Bools:
    return facts.summary.defect_peak < facts.good_pixel


def _border(facts: _Facts) -> Bools:
    return facts.border < facts.patch


def _near_training(facts: _Facts) -> Bools:
    return np.array([bool(name) for name in facts.twins], dtype=bool)


def _speck(facts: _Facts) -> Bools:
    area = facts.summary.defect_area
    return (area > 0) & (area < SPECK) & (facts.kept == 1)


def _huge(facts: _Facts) -> Bools:
    return facts.share > HUGE


def _touches_all(facts: _Facts) -> Bools:
    return (facts.summary.mask_box == (0, 0, facts.side, facts.side)).all(axis=1) & (facts.kept == 1)


def _hot_elsewhere(facts: _Facts) -> Bools:
    kept = facts.summary
    compact = (kept.hot_fill >= COMPACT) & (kept.hot_area <= SPREAD * facts.side**2)
    return _peak_elsewhere(facts) & _faint(facts) & compact & (kept.peak > facts.good_highest)


def _mask_doubtful(facts: _Facts) -> Bools:
    return _speck(facts) | _huge(facts) | _touches_all(facts) | _hot_elsewhere(facts)


_OF = {
    "outside_crop": ("FN",), "smaller_than_patch": ("FN",), "below_threshold": ("FN",), "peak_elsewhere": ("FN", "TP"),
    "faint": ("FN",), "border": ("FP",), "near_training": ("FN", "FP"), "mask_doubtful": ("FN", "TP"),
}  # fmt: skip
_TESTS: dict[str, Callable[[_Facts], Bools]] = {
    "outside_crop": _outside_crop, "smaller_than_patch": _smaller_than_patch, "below_threshold": _below_threshold,
    "peak_elsewhere": _peak_elsewhere, "faint": _faint, "border": _border, "near_training": _near_training,
    "mask_doubtful": _mask_doubtful,
}  # fmt: skip


def _say_outside_crop(facts: _Facts, image: int) -> str:
    return f"The centre crop left {facts.kept[image]:.0%} of the defect, so the network saw little or nothing of it."


def _say_smaller(facts: _Facts, image: int) -> str:
    side = int(facts.summary.region_side[image])
    if not side:
        return f"At {facts.side} pixels nothing is left of the defect."
    return f"The largest defect region is {side} pixels long, less than one patch of {facts.patch:g} pixels."


def _say_below(facts: _Facts, image: int) -> str:
    score, limit = facts.scores[image], facts.threshold
    return (f"The defect stands out from its own image (a defect pixel scores higher than another with a chance of "
            f"{facts.own_auroc[image]:.0%}), but the image score {score:.4g} is {limit - score:.4g} below the "
            f"threshold {limit:.4g}.")  # fmt: skip


def _say_elsewhere(facts: _Facts, image: int) -> str:
    kept = facts.summary
    return (f"The highest score {kept.peak[image]:.4g}, at row {kept.row[image]} and column {kept.column[image]}, lies "
            f"{kept.peak_distance[image]:.0f} pixels from the defect, whose own highest score is "
            f"{kept.defect_peak[image]:.4g}.")  # fmt: skip


def _say_faint(facts: _Facts, image: int) -> str:
    return (f"The defect's highest score {facts.summary.defect_peak[image]:.4g} is below {facts.good_pixel:.4g}, which "
            f"{FAINT:.0%} of the good images' pixels do not exceed.")  # fmt: skip


def _say_border(facts: _Facts, image: int) -> str:
    return (f"The highest score {facts.summary.peak[image]:.4g} lies {facts.border[image]} pixels from the edge of "
            f"what the network saw, less than one patch of {facts.patch:g} pixels.")  # fmt: skip


def _say_near(facts: _Facts, image: int) -> str:
    return f"The photo is nearly the same as the training image {facts.twins[image]}."


def _say_doubtful(facts: _Facts, image: int) -> str:
    kept = facts.summary
    if _speck(facts)[image]:
        return f"The mask is a speck of {kept.defect_area[image]} pixels at the map's size."
    if _huge(facts)[image]:
        return f"The mask covers {facts.share[image]:.0%} of the image."
    if _touches_all(facts)[image]:
        return "The mask touches all four edges of the image."
    return (f"The mask holds nothing above {kept.defect_peak[image]:.4g}, while {kept.peak_distance[image]:.0f} "
            f"pixels away a compact region of {kept.hot_area[image]} pixels reaches {kept.peak[image]:.4g}, more than "
            f"any pixel of a good image ({facts.good_highest:.4g}).")  # fmt: skip


_SENTENCES: dict[str, Callable[[_Facts, int], str]] = {
    "outside_crop": _say_outside_crop, "smaller_than_patch": _say_smaller, "below_threshold": _say_below,
    "peak_elsewhere": _say_elsewhere, "faint": _say_faint, "border": _say_border, "near_training": _say_near,
    "mask_doubtful": _say_doubtful,
}  # fmt: skip
