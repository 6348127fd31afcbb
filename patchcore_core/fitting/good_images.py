"""What the training images provide: held-out scores, the trim, odd photos and near-duplicates."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from patchcore_core.evaluation.badges.of_fit import Trained
from patchcore_core.evaluation.badges.photo_shapes import Proportions
from patchcore_core.evaluation.badges.training_photos import TrainingPhotos
from patchcore_core.evaluation.thresholds.methods import SHARES
from patchcore_core.evaluation.thresholds.operating_point import quantile
from patchcore_core.evaluation.trim import Trim
from patchcore_core.evaluation.values import Moved, TrainingImage, TrainingImages
from patchcore_core.fitting.good_scores import HeldOutScores, Pixels, held_out_scores
from patchcore_core.model.detector import Detector


@dataclass(frozen=True)
class GoodImages:
    """`held_out` scores for the thresholds, the `trim` of the predicted segmentation (None: no trim), the findings
    about the training `photos`, and which of them have which score (None: no held-out scores)."""

    held_out: HeldOutScores
    trim: Trim | None
    photos: TrainingPhotos
    scored: TrainingImages | None = None

    @classmethod
    def of(cls, model: Detector, root: Path, taught: tuple[str, ...] = ()) -> GoodImages:
        """From a fitted model; photos by names relative to the dataset's folder `root`, also those in `taught`."""
        held_out = held_out_of(model)
        return cls(held_out, trim_of(model, held_out), training_photos(model, held_out, root, taught),
                   training_images(model, root))  # fmt: skip

    def trained(self, model: Detector) -> Trained:
        """What the model was trained on, for the badges."""
        training, report = model.training, model.report
        return Trained(training.paths, report.copies, training.contents, report.unreadable, self.photos.badges(),
                       proportions(model))  # fmt: skip


def proportions(model: Detector) -> Proportions | None:
    """The aspect ratio that a fitted model stretches photos to."""
    return Proportions.of(model.config, model.transform.shape, model.training.aspects)


def held_out_of(model: Detector) -> HeldOutScores:
    """The scores of a fitted model's held-out images."""
    found = model.report.held_out
    if found is None:
        return HeldOutScores()
    shape = model.transform.shape
    squared = model.config.squared
    good = held_out_scores(found.image_scores, found.patch_scores, model.anomaly_maps, shape, squared)
    odd = Pixels.of(found.odd_patch_scores, model.anomaly_maps, shape)
    return replace(good, odd_scores=found.odd_scores, odd_pixels=odd, copies=len(model.report.copies.copies) > 0)


def trim_of(model: Detector, scores: HeldOutScores) -> Trim | None:
    """The trim for a model with these held-out scores; None if it is off, or if no map of a good image gives the level
    of good pixels.

    The patch stride of several scales is their mean: their map has the halos of all.
    """
    if not model.config.region_trim or not scores.pixels.images or model.report.held_out is None:
        return None
    grid = model.report.held_out.patch_scores.shape[1:]
    patch = max(side / patches for side, patches in zip(model.transform.shape, grid, strict=True))
    sizes = model.config.sizes
    return Trim.of(scores.pixels.median, patch * float(np.mean([max(sizes) / size for size in sizes])))


def training_images(model: Detector, root: Path) -> TrainingImages | None:
    """The training images with their held-out scores, by names relative to the dataset's folder `root`; None if the
    fit computed none."""
    found, names, contents = model.report.held_out, _names(model, root), model.training.contents
    if found is None:
        return None
    scores = [(int(image), float(score), odd) for images, values, odd in (
        (found.images, found.image_scores, False), (found.odd, found.odd_scores, True),
    ) for image, score in zip(images, values, strict=True)]  # fmt: skip
    return TrainingImages(tuple(
        TrainingImage(names[image], contents[image] if contents else "", score, odd, tuple(
            names[place] for place in np.flatnonzero(found.groups == found.groups[image]) if place != image))
        for image, score, odd in sorted(scores)))  # fmt: skip


def training_photos(
    model: Detector, scores: HeldOutScores, root: Path, taught: tuple[str, ...] = ()
) -> TrainingPhotos:
    """Findings about the training photos, by names relative to the dataset's folder `root`."""
    names = _names(model, root)
    copies, held_out = model.report.copies, model.report.held_out
    groups = [np.flatnonzero(copies.groups == first).tolist() for first in np.unique(copies.groups[copies.copies])]
    odd: list[tuple[str, float]] = []
    if held_out is not None:
        odd = [(names[place], float(score)) for image, score in zip(held_out.odd, held_out.odd_scores, strict=True)
               for place in np.flatnonzero(copies.groups == image)]  # fmt: skip
    image, pixel = (
        Moved(*(quantile(part, SHARES[good.level]).value for part in (good, good.with_odd()))) for good in scores.good()
    )
    return TrainingPhotos(
        len(names), tuple(tuple(names[place] for place in group) for group in groups), tuple(odd),
        float(scores.image_scores.max(initial=-np.inf)), image, pixel,
        copies.likeness if copies.hardly_differ else np.nan, copies.noise, taught,
    )  # fmt: skip


def _names(model: Detector, root: Path) -> list[str]:
    paths = [Path(path) for path in model.training.paths]
    return [path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path) for path in paths]
