"""The badges of a stored run at a threshold, and what an older run did not record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from numpy.typing import ArrayLike

from patchcore_core.data.values import CropLoss, PhotoCounts
from patchcore_core.evaluation.badges.badge import (
    Badge,
    CropRecall,
    crop_badge,
    identical_images,
    recall_by_crop,
    threshold_badge,
    unreadable_badge,
)
from patchcore_core.evaluation.badges.photo_shapes import KEY as PROPORTIONS
from patchcore_core.evaluation.badges.training_photos import TRAINING_KEYS
from patchcore_core.evaluation.explain import explain_badge
from patchcore_core.evaluation.thresholds.operating_point import OperatingPoint
from patchcore_core.evaluation.thresholds.unlike import KEY as UNLIKE

KEYS = ("threshold", "identical", "near_duplicates", *TRAINING_KEYS, PROPORTIONS, UNLIKE, "crop", "unreadable", "split")
SOME = (PROPORTIONS, UNLIKE)  # badges that not every run has
WHOLE = Badge("crop", "ok", "no centre crop", "No centre crop, so no defects are cut off.")
UNKNOWN = {"identical": "identical images not checked", "near_duplicates": "near-duplicates not checked",
           "training_copies": "near-duplicates in training not checked",
           "odd_training": "odd training photos not checked",
           "split": "split not recorded"}  # fmt: skip


def badges_at(
    stored: Sequence[Badge], point: OperatingPoint, cropped: bool,
    crop_loss: Mapping[str, CropLoss], crop_recall: CropRecall | None,
    unreadable: Sequence[tuple[str, str]], counts: PhotoCounts,
) -> tuple[Badge, ...]:
    """One badge per data check, in the order of `KEYS`.

    stored: the badges of the run, () for a run that predates them; those of threshold and crop are recomputed
    for `point`. counts: of the dataset's images, readable or not, as `Dataset.counts` gives them.
    """
    found = {badge.key: badge for badge in stored}
    found["threshold"] = threshold_badge(point)
    if (same := found.get("identical")) is not None and same.level == "ok" and same.counts.get("test") == 0:
        found["identical"] = identical_images((), ())  # earlier versions found no fault where there was no test image
    found["crop"] = crop_badge(crop_loss, crop_recall) if cropped else found.get("crop", WHOLE)
    found.setdefault("unreadable", unreadable_badge(unreadable, counts.train + counts.tested))
    keys = [key for key in dict.fromkeys((*KEYS, *found)) if key in found or key not in SOME]
    return tuple(found[key] if key in found else _unknown(key) for key in keys)


def crop_recall_at(
    crop_loss: Mapping[str, CropLoss], labels: ArrayLike, scores: ArrayLike, mask_kept: ArrayLike,
    threshold: float,
) -> CropRecall | None:
    """`recall_by_crop` if the crop cuts any defect, else None."""
    cut = any(row.wholly_lost or row.partly_lost for row in crop_loss.values())
    return recall_by_crop(labels, scores, threshold, mask_kept) if cut else None


def _unknown(key: str) -> Badge:
    sentence = f"{explain_badge(key)} Not recorded by this older run; delete and fit it again to check."
    return Badge(key, "note", UNKNOWN[key], sentence)
