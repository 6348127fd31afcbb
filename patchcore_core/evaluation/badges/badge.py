"""Data checks of a run, one badge each: what may make its figures better or worse than they should be.

A badge is plain data: `level` "ok", "note" (worth knowing) or "warning" (the figures are misleading).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from patchcore_core.data.values import CropLoss
from patchcore_core.evaluation.thresholds.decision import predicted
from patchcore_core.evaluation.values import Badge, OperatingPoint, Severity, Source

THRESHOLDS: Mapping[Source, tuple[Severity, str]] = MappingProxyType({
    "held-out": ("ok", "held-out threshold"), "test good": ("note", "threshold from good test images"),
    "oracle": ("warning", "oracle threshold"), "manual": ("note", "threshold set manually"),
})  # fmt: skip
NOTHING_TO_COMPARE = "There are no test images to compare."


@dataclass(frozen=True)
class CropRecall:
    """(found, total) of the defective images: all, those whose defect is not entirely outside the crop, and those whose
    defect is entirely inside. An unknown mask counts in the first two."""

    all: tuple[int, int]
    without_lost: tuple[int, int]
    whole: tuple[int, int]


def threshold_badge(point: OperatingPoint) -> Badge:
    """Whether the threshold was set on the images that it is evaluated on."""
    if math.isnan(point.value):
        return Badge("threshold", "note", "no threshold", f"No prediction: {point.reason}.")
    level, label = THRESHOLDS[point.source]
    return Badge("threshold", level, label, point.sentence)


def identical_images(train_keys: Sequence[str], test_keys: Sequence[str], labels: ArrayLike | None = None) -> Badge:
    """Whether test images are identical to training images, by content key; "" = the file could not be read.

    labels (N,) of the test images: defective ones used for training are counted separately.
    """
    if not len(test_keys):
        return Badge("identical", "note", "identical images not checked", NOTHING_TO_COMPARE)
    known = {key for key in train_keys if key}
    same = np.array([key in known for key in test_keys], dtype=bool)
    defective = same & (np.asarray(labels) == 1) if labels is not None else np.zeros(len(same), dtype=bool)
    unread = sum(not key for key in (*train_keys, *test_keys))
    counts = {"identical": int(same.sum()), "defective": int(defective.sum()), "test": len(same), "unchecked": unread}
    if same.any():
        sentence = (f"{_of(counts['identical'], len(same), 'test image')} also used for training; such scores are "
                    "meaningless.")
        if defective.any():
            verb = "is" if counts["defective"] == 1 else "are"
            sentence += f" {counts['defective']} of them {verb} labelled defective but used as good."
        return Badge("identical", "warning", "test images in training", sentence, counts)
    if unread:
        sentence = f"Not compared, as the file is gone or changed: {_number(unread, 'image')}."
        return Badge("identical", "note", "not all images compared", sentence, counts)
    return Badge("identical", "ok", "no test image in training", "No test image is identical to a training image.",
                 counts)


def near_duplicates(twins: ArrayLike | None) -> Badge:
    """Whether test images are near-duplicates of training images, such as the next frame or a re-saved photo.

    twins (N,): for each test image its near-duplicate among the training images (data.near_copies), -1 for none; None
    if not checked.
    """
    if twins is not None and not np.size(twins):
        return Badge("near_duplicates", "note", "near-duplicates not checked", NOTHING_TO_COMPARE)
    if twins is None:
        sentence = "Not checked: no thumbnails recorded, or the training images hardly differ."
        return Badge("near_duplicates", "note", "near-duplicates not checked", sentence)
    found = np.asarray(twins)
    counts = {"near": int(np.count_nonzero(found >= 0)), "test": len(found)}
    if counts["near"]:
        verb, nouns = ("is a", "") if counts["near"] == 1 else ("are", "s")
        sentence = (f"Figures may be too good: {_of(counts['near'], len(found), 'test image')} {verb} "
                    f"near-duplicate{nouns} of training images.")
        return Badge("near_duplicates", "warning", "near-duplicates of training images", sentence, counts)
    return Badge("near_duplicates", "ok", "no near-duplicates",
                 "No test image is a near-duplicate of a training image.", counts)


def crop_badge(crop_loss: Mapping[str, CropLoss], recall: CropRecall | None = None) -> Badge:
    """Defects outside the centre crop; crop_loss by defect type, as in a run."""
    lost = {name: (row.wholly_lost, row.partly_lost) for name, row in crop_loss.items()
            if row.wholly_lost or row.partly_lost}
    total = sum(row.total for row in crop_loss.values())
    wholly, partly = (sum(pair[place] for pair in lost.values()) for place in (0, 1))
    counts = {"masks": total, "wholly_lost": wholly, "partly_lost": partly}
    if not total:
        return Badge("crop", "note", "no masks", "There are no masks to check the crop with.", counts)
    if not lost:
        return Badge("crop", "ok", "all defects inside the crop", f"All {total} masks are inside the crop.", counts)
    where = ", ".join(f"{name} {' and '.join(_cut(*pair))}" for name, pair in sorted(lost.items()))
    sentence = f"Defects outside the centre crop, of {_number(total, 'mask')}: {where}."
    if recall is not None:
        sentence += (f" Recall {_share(recall.all)} of all defective images, {_share(recall.without_lost)} without "
                     f"those entirely outside, {_share(recall.whole)} of those entirely inside.")
    label = f"{wholly} outside the crop, {partly} partly" if wholly else f"{_number(partly, 'defect')} partly cropped"
    return Badge("crop", "warning" if wholly else "note", label, sentence, counts)


def unreadable_badge(unreadable: Sequence[tuple[str, str]], images: int) -> Badge:
    """Images that were skipped: (path, cause) of each, of `images` in all."""
    counts = {"unreadable": len(unreadable), "images": images}
    if not unreadable:
        return Badge("unreadable", "ok", "no unreadable images", f"All {images} images could be read.", counts)
    path, cause = unreadable[0]
    sentence = f"Unreadable and in no figure: {_of(len(unreadable), images, 'image')}, such as {path}: {cause}."
    return Badge("unreadable", "warning", f"{len(unreadable)} unreadable", sentence, counts)


def split_badge(made_here: bool, test: int, held_out: int = 0) -> Badge:
    """Whether the train/test split is that of the dataset's folders or was made here.

    held_out: good training images held out for the threshold; they are in no figure.
    """
    counts = {"test": test, "held_out": held_out}
    kept = f" Held out for the threshold: {_number(held_out, 'good image')}." if held_out else ""
    if not test:
        return Badge("split", "note", "no test images", f"No test images, hence no figures.{kept}", counts)
    if made_here:
        sentence = "The test images were split off one folder, so they may resemble the training images more than new "
        return Badge("split", "note", "split made here", f"{sentence}images do.{kept}", counts)
    return Badge("split", "ok", "original train/test split",
                 f"Training and test images as in the dataset's folders.{kept}", counts)


def recall_by_crop(labels: ArrayLike, scores: ArrayLike, threshold: float, mask_kept: ArrayLike) -> CropRecall:
    """Recall with and without cropped defects: mask_kept (N,), the fraction of each mask inside the crop, NaN without
    a mask; labels (N,) 0, 1 or -1; scores (N,)."""
    kept = np.asarray(mask_kept, dtype=np.float64)
    defective, found = np.asarray(labels) == 1, predicted(scores, threshold)
    if not kept.shape == defective.shape == found.shape:
        raise ValueError(f"labels, scores and mask_kept must be of one shape, got {defective.shape}, {found.shape} "
                         f"and {kept.shape}")

    def recall(chosen: np.ndarray) -> tuple[int, int]:
        return int(np.count_nonzero(chosen & found)), int(np.count_nonzero(chosen))

    return CropRecall(recall(defective), recall(defective & ~(kept == 0)), recall(defective & (kept == 1)))


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")


def _of(count: int, total: int, noun: str) -> str:
    return f"{count} of {_number(total, noun)}"


def _cut(wholly: int, partly: int) -> list[str]:
    return [f"{count} {how}" for count, how in ((wholly, "entirely"), (partly, "partly")) if count]


def _share(pair: tuple[int, int]) -> str:
    found, total = pair
    return f"{found / total * 100:.1f} % ({found}/{total})" if total else "— (0/0)"
