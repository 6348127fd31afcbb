"""What the figures of one test set have seen, from what is known of the training and the test images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from patchcore_core.data.likeness import distance_among, nearest, no_pictures
from patchcore_core.evaluation.operating_point import OperatingPoint, manual
from patchcore_core.evaluation.protocol import (
    Badge,
    crop_badge,
    identical_images,
    near_duplicates,
    nearly_same,
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


@dataclass(frozen=True)
class Alike:
    """How near test images are to training images, by small pictures (data.likeness).

    distances (N,): of each test image to the nearest training image, which is that at `places` (N,); usual (n,): of
    each training image to the nearest other one. Without pictures of the training images nothing is known: N = 0.
    """

    distances: np.ndarray = field(default_factory=lambda: np.empty(0))
    places: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))
    usual: np.ndarray = field(default_factory=lambda: np.empty(0))

    @classmethod
    def of(cls, trained: Trained, pictures: np.ndarray) -> Alike:
        """Of test images with these small pictures (N, 1024)."""
        known = trained.pictures
        return cls(*nearest(pictures, known), distance_among(known)) if len(known) else cls()

    def twins(self, trained: Trained, tested: Sequence[Path]) -> dict[str, str]:
        """Test image -> training image that is nearly the same photo, as paths; only those that have one."""
        near = np.flatnonzero(nearly_same(self.distances, self.usual)).tolist()
        return {str(tested[place]): trained.paths[self.places[place]] for place in near}


def badges(
    trained: Trained, contents: Sequence[str], alike: Alike, truth: GroundTruth, image_scores: np.ndarray,
    points: Sequence[OperatingPoint], unreadable: Sequence[tuple[str, str]],
) -> tuple[Badge, ...]:
    """One badge for each thing that was looked at. contents: of the N test images' files that were scored, as in
    `Trained`; their scores (N,); points: the run's operating points; unreadable: of the test images."""
    rule = default_rule({point.method: point.value for point in points})
    point = next((point for point in points if point.method == rule), manual(np.nan))
    recall = recall_by_crop(truth.labels, image_scores, point.value, truth.mask_kept)
    lost = [*trained.unreadable, *unreadable]
    return (
        threshold_badge(point),
        identical_images(trained.keys, contents, truth.labels),
        near_duplicates(alike.distances, alike.usual),
        crop_badge(truth.crop_loss(), recall),
        unreadable_badge(lost, len(trained.paths) + len(contents) + len(lost)),
        split_badge(made_here=False, test=len(contents)),
    )
