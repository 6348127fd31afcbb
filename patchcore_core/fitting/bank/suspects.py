"""Which good training photos may not be good: those with the highest held-out scores."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from patchcore_core.evaluation.values import TrainingImage
from patchcore_core.fitting.bank.photos import Photos, spread
from patchcore_core.model.budget import HELD_OUT
from patchcore_core.model.results import ImageResult
from patchcore_core.progress import Progress, silent
from patchcore_core.runs.record import Run

STAGE = "held-out"


@dataclass(frozen=True)
class Numbered:
    """The training photos of a model: their names relative to the data set, and which are near-copies of each other:
    groups (N,), a number each."""

    names: tuple[str, ...]
    groups: np.ndarray

    @classmethod
    def of(cls, run: Run, paths: Sequence[str]) -> Numbered:
        """Those of a run with these training paths; near-copies as its record names them."""
        root = Path(run.dataset)
        names = tuple(Path(path).relative_to(root).as_posix() if Path(path).is_relative_to(root) else path
                      for path in paths)  # fmt: skip
        number, groups = {name: place for place, name in enumerate(names)}, np.arange(len(names))
        for copies in (run.heldout.copies or ()) if run.heldout is not None else ():
            known = [number[name] for name in copies if name in number]
            if known:
                groups[known] = known[0]
        return cls(names, groups)


def ranked(images: Sequence[TrainingImage]) -> tuple[TrainingImage, ...]:
    """The highest held-out score first, photos without one last."""
    return tuple(sorted(images, key=lambda image: (math.isnan(image.score), -image.score)))


def held_out_again(photos: Photos, progress: Progress | None = None) -> tuple[TrainingImage, ...]:
    """The held-out scores of up to HELD_OUT training photos, evenly spread over the groups of near-copies, for runs
    that did not record which photo has which; photos that are gone or changed are left out."""
    report, training = progress or silent, photos.model.training
    known = Numbered.of(photos.run, training.paths)
    first = np.unique(known.groups)
    chosen, found = first[spread(len(first), HELD_OUT)], []
    odd = {photo.path for photo in photos.run.heldout.odd or ()} if photos.run.heldout is not None else set[str]()
    report(STAGE, 0, len(chosen))
    for done, image in enumerate(chosen.tolist(), start=1):
        if (result := held_out_result(photos, image, known)) is not None:
            copies = np.flatnonzero(known.groups == known.groups[image])
            found.append(TrainingImage(
                known.names[image], training.contents[image], result.image_score, known.names[image] in odd,
                tuple(known.names[place] for place in copies if place != image),
            ))  # fmt: skip
        report(STAGE, done, len(chosen))
    return tuple(found)


def held_out_result(photos: Photos, image: int, known: Numbered) -> ImageResult | None:
    """The held-out result of one training photo, None if it is missing now."""
    from patchcore_core.model.evidence.left_out import left_out

    explained = photos.of_training(image)
    return None if explained is None else left_out(explained, image, known.groups)
