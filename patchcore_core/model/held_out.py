"""Good training images scored as if the memory bank did not know them: what thresholds can rest on without a defect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from patchcore_core.data.scratch import Scratch
from patchcore_core.model import budget
from patchcore_core.model.features import TrainingFeatures
from patchcore_core.model.leave_one_out import QUERIES, leave_one_out_highest, leave_one_out_search, thinned
from patchcore_core.model.scoring import BankScores


@dataclass(frozen=True)
class HeldOut:
    """Good training images scored as if they were not in the memory bank, without fitting again.

    `images` (n,) are their numbers in `PatchCore.train_paths`; image_scores (n,) as in `Scores`, NaN where the bank
    holds too few rows of other images. patch_scores (m, h, w) of some of these images, `mapped` (m,): finding the
    highest patch of an image takes a fraction of the time that all of them take.
    """

    images: np.ndarray
    image_scores: np.ndarray
    mapped: np.ndarray
    patch_scores: np.ndarray


def hold_out(
    by: BankScores, features: TrainingFeatures, most: int, files: Scratch, report: Callable[[int, int], None]
) -> HeldOut:
    """Score up to `most` training images, evenly spread, each by the bank without its own rows."""
    bank, config = by.bank, by.config
    k, count, (height, width, dim) = config.num_neighbors, len(features.paths), features.shape
    squared = config.distance == "squared_euclidean"
    images, mapped = (_spread(count, number) for number in (most, most // budget.MAPPED))
    highest, patch_scores = [np.empty(0, np.float32)], [np.empty((0, height, width), np.float32)]
    step, done, total = max(1, QUERIES // (height * width)), 0, len(images) + len(mapped)
    thin = thinned(bank, k)
    for chosen, whole in ((images, False), (mapped, True)):
        for first in range(0, len(chosen), step):
            report(done, total)
            some = chosen[first : first + step]
            patches = features.of_images(some)  # (n, h, w, D)
            if whole:
                distances, rows = leave_one_out_search(bank, patches, some, k)
                patch_scores.append(by.of(patches, distances, rows, some)[1])
            else:
                place, distances, rows = leave_one_out_highest(bank, thin, patches, some, k, squared)
                patch = patches.reshape(len(some), -1, dim)[np.arange(len(some)), place]  # (n, D)
                alone = np.s_[:, None, None]  # an image of one patch
                highest.append(by.of(patch[alone], distances[alone], rows[alone], some)[0])
            files.release()
            done += len(some)
    report(total, total)
    return HeldOut(images, np.concatenate(highest), mapped, np.concatenate(patch_scores))


def _spread(count: int, most: int) -> np.ndarray:
    """Up to `most` of `count` numbers, evenly spread."""
    return np.linspace(0, count - 1, min(count, most)).round().astype(np.int64)
