"""What good images score at each scale, patch by patch: by which the scales of one model are brought to one measure."""

from __future__ import annotations

import numpy as np

from patchcore_core.data.near_copies import NearCopies
from patchcore_core.data.scratch import Scratch
from patchcore_core.model import budget
from patchcore_core.model.features import PatchFeatures, TrainingFeatures
from patchcore_core.model.held_out import spread
from patchcore_core.model.leave_one_out import QUERIES, leave_one_out_search
from patchcore_core.model.scale import Good
from patchcore_core.model.scoring import BankScores

NORMAL = 1.4826  # times the median absolute deviation is the standard deviation of normal scores


def good_levels(
    by: BankScores, features: TrainingFeatures, copies: NearCopies, most: int, files: Scratch
) -> tuple[Good, ...]:
    """Level and spread of good patch scores at each scale: their median, and median absolute deviation.

    They are those of up to `most` training images, and up to MAPS, each without its own rows and those of its
    near-copies. Medians, since odd photos are among them; means and standard deviations weigh the scales the same
    within 2 %. Of one scale there is nothing to bring together; where nothing is known, or nothing differs, all scales
    count alike.
    """
    if len(by.banks) == 1:
        return (Good(),)
    groups = np.unique(copies.groups)
    images = groups[spread(len(groups), min(most, budget.MAPS))]
    found = [_scores(by, scale, features.scales[scale], images, copies.groups, files) for scale in range(len(by.banks))]
    good = tuple(_good(scores) for scores in found)
    return good if all(each.spread > 0 for each in good) else (Good(),) * len(good)


def _scores(
    by: BankScores, scale: int, patches: PatchFeatures, images: np.ndarray, groups: np.ndarray, files: Scratch
) -> np.ndarray:
    """All patch scores of images at a scale, those that are known."""
    scores, step = [np.empty(0, np.float32)], max(1, QUERIES // (patches.shape[0] * patches.shape[1]))
    for first in range(0, len(images), step):
        some = images[first : first + step]
        distances, _ = leave_one_out_search(
            by.banks[scale], patches.of_images(some), some, by.config.num_neighbors, groups=groups
        )
        scores.append(by.of_patches(distances).ravel())
        files.release()
    found = np.concatenate(scores)
    return found[~np.isnan(found)]


def _good(scores: np.ndarray) -> Good:
    if not len(scores):
        return Good(spread=0.0)
    level = float(np.median(scores))
    return Good(level, NORMAL * float(np.median(np.abs(scores - level))))
