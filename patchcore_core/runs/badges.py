"""What the figures of one test set have seen, from what is known of the training and the test images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from patchcore_core.data.content import content_keys
from patchcore_core.data.likeness import distance_among, distance_to_nearest, no_pictures
from patchcore_core.evaluation.operating_point import OperatingPoint, manual
from patchcore_core.evaluation.protocol import (
    Badge,
    crop_badge,
    identical_images,
    near_duplicates,
    recall_by_crop,
    split_badge,
    threshold_badge,
    unreadable_badge,
)
from patchcore_core.evaluation.thresholds import default_rule
from patchcore_core.runs.truth import GroundTruth


@dataclass(frozen=True)
class Trained:
    """What a model was trained on: the files, small pictures of them (data.likeness) where they were kept, the content
    of the files as `content_keys` tells it, and the images that could not be read as (path, cause)."""

    paths: tuple[str, ...]
    pictures: np.ndarray = field(default_factory=no_pictures)
    keys: tuple[str, ...] = ()
    unreadable: tuple[tuple[str, str], ...] = ()


def badges(
    trained: Trained, tested: Sequence[Path], pictures: np.ndarray, truth: GroundTruth, image_scores: np.ndarray,
    points: Sequence[OperatingPoint], unreadable: Sequence[tuple[str, str]],
) -> tuple[Badge, ...]:
    """One badge for each thing that was looked at. tested: the N test images that were scored, with their small
    pictures (N, 1024) and scores (N,); points: the run's operating points; unreadable: of the test images."""
    rule = default_rule({point.method: point.value for point in points})
    point = next((point for point in points if point.method == rule), manual(np.nan))
    near = distance_to_nearest(pictures, trained.pictures) if len(trained.pictures) else np.empty(0)
    recall = recall_by_crop(truth.labels, image_scores, point.value, truth.mask_kept)
    lost = [*trained.unreadable, *unreadable]
    return (
        threshold_badge(point),
        identical_images(trained.keys, content_keys(tested), truth.labels),
        near_duplicates(near, distance_among(trained.pictures)),
        crop_badge(truth.crop_loss(), recall),
        unreadable_badge(lost, len(trained.paths) + len(tested) + len(lost)),
        split_badge(made_here=False, test=len(tested)),
    )
