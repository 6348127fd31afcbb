"""A test set in groups: the good images and those of each defect type, with their pixels tallied."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from patchcore_core.evaluation.counts import Counts, Tally, counts_by_threshold, merge
from patchcore_core.evaluation.figures import PixelCounts
from patchcore_core.evaluation.pixels import Pixels
from patchcore_core.evaluation.regions import Advance

UNKNOWN, GOOD, DEFECTIVE = -1, 0, 1


@dataclass(frozen=True)
class TestSet:
    """N test images: label, score and type (N,); usable (N,): whether pixel figures include the image."""

    label: NDArray[np.integer]
    scores: NDArray[np.floating]
    types: NDArray[np.object_]
    usable: NDArray[np.bool_]

    @property
    def type_names(self) -> list[str]:
        """The defect types of the defective images, in alphabetical order."""
        return sorted(set(self.types[self.label == DEFECTIVE].tolist()))

    def of_type(self, name: str) -> NDArray[np.bool_]:
        """Whether each image (N,) is defective of this type."""
        return (self.label == DEFECTIVE) & (self.types == name)


@dataclass(frozen=True)
class Group:
    """Some test images: their labels and scores, all their pixels, and the pixels of those with a defect pixel."""

    labels: NDArray[np.integer]
    scores: NDArray[np.floating]
    pixels: Tally
    anomalous: Tally


def groups_of(tests: TestSet, pixels: Pixels, advance: Advance) -> dict[str, Group]:
    """Disjoint groups: the good images as "", the defective ones by type, and unlabelled ones as "?"."""
    label, defective = tests.label, pixels.defective
    names = np.where(label == GOOD, "", np.where(label == DEFECTIVE, "/" + tests.types, "?"))
    groups = {}
    for name in sorted({"", *names.tolist()}):
        chosen = names == name
        graded = chosen & (label != UNKNOWN)
        anomalous = pixels.tally(np.flatnonzero(chosen & tests.usable & defective), advance)
        others = pixels.tally(np.flatnonzero(chosen & tests.usable & ~defective), advance)
        groups[name] = Group(label[graded], tests.scores[graded], merge([anomalous, others]), anomalous)
    return groups


def join(groups: list[Group]) -> Group:
    """Several groups as one."""
    return Group(
        np.concatenate([group.labels for group in groups]),
        np.concatenate([group.scores for group in groups]),
        merge([group.pixels for group in groups]),
        merge([group.anomalous for group in groups]),
    )


def counts_of(group: Group, threshold: float | None) -> tuple[Counts, PixelCounts]:
    """The input of the image figures and the pixel figures of these images; threshold: the operating point."""
    pixel = PixelCounts(group.pixels.counts(), group.anomalous.counts(), np.nan if threshold is None else threshold)
    return counts_by_threshold(group.labels, group.scores), pixel
