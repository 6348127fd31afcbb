"""The badges of a new run, from what is known of its training and test images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from patchcore_core.data.ground_truth import GroundTruth
from patchcore_core.data.near_copies import NearCopies
from patchcore_core.evaluation.badges.badge import (
    Badge,
    crop_badge,
    identical_images,
    near_duplicates,
    recall_by_crop,
    split_badge,
    threshold_badge,
    unreadable_badge,
)
from patchcore_core.evaluation.badges.photo_shapes import Proportions
from patchcore_core.evaluation.badges.training_photos import TRAINING_KEYS
from patchcore_core.evaluation.thresholds.decision import default_rule
from patchcore_core.evaluation.thresholds.operating_point import OperatingPoint, manual


@dataclass(frozen=True)
class Trained:
    """What a model was trained on: the files, their near-duplicates (data.near_copies; None: not checked), their
    `content_keys`, unreadable images as (path, cause), and the badges about them. `shapes`: the aspect ratio that the
    run was fitted to, None if irrelevant or unknown."""

    paths: tuple[str, ...]
    copies: NearCopies | None = None
    keys: tuple[str, ...] = ()
    unreadable: tuple[tuple[str, str], ...] = ()
    badges: tuple[Badge, ...] = ()
    shapes: Proportions | None = None

    def twins(self, pictures: np.ndarray) -> np.ndarray | None:
        """For each test image, given its thumbnail (N, 4096), its near-duplicate among the training images (N,), -1 for
        none; None if the training images are unknown or differ only by noise."""
        known = self.copies
        return None if known is None or (known.hardly_differ and known.noise) else known.twins(pictures)

    def named(self, twins: np.ndarray | None, tested: Sequence[Path]) -> dict[str, str]:
        """Test image -> its near-duplicate among the training images, as paths; only those that have one."""
        if twins is None:
            return {}
        return {str(tested[place]): self.paths[twins[place]] for place in np.flatnonzero(twins >= 0).tolist()}


def of_training(stored: Sequence[Badge]) -> tuple[Badge, ...]:
    """The badges of a run about its training photos."""
    return tuple(badge for badge in stored if badge.key in TRAINING_KEYS)


def badges(
    trained: Trained, tested: Sequence[Path], contents: Sequence[str], twins: np.ndarray | None, truth: GroundTruth,
    image_scores: np.ndarray, points: Sequence[OperatingPoint], unreadable: Sequence[tuple[str, str]],
) -> tuple[Badge, ...]:
    """One badge per data check. tested, contents: files and content keys of the N scored test images; their scores
    (N,); points: the run's operating points; unreadable: of the test images."""
    rule = default_rule({point.method: point.value for point in points})
    point = next((point for point in points if point.method == rule), manual(np.nan))
    recall = recall_by_crop(truth.labels, image_scores, point.value, truth.mask_kept)
    lost = [*trained.unreadable, *unreadable]
    return (
        threshold_badge(point),
        identical_images(trained.keys, contents, truth.labels),
        near_duplicates(twins),
        *trained.badges,
        *(() if trained.shapes is None else (trained.shapes.badge(truth.sizes, tested),)),
        crop_badge(truth.crop_loss(), recall),
        unreadable_badge(lost, len(trained.paths) + len(contents) + len(lost)),
        split_badge(made_here=False, test=len(contents)),
    )
