"""A coreset that goes on from an earlier one, with patches of further images."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from patchcore_core.data.images import shown
from patchcore_core.errors import DataError
from patchcore_core.model.detector import CHANGED, TrainingSet
from patchcore_core.model.features import PatchFeatures, TrainingFeatures
from patchcore_core.model.memory_bank import MemoryBank
from patchcore_core.model.stages import Stages
from patchcore_core.progress import Report

SEARCHED = 4096  # patches compared with the bank between two reports of progress
GROWTH = 0.1  # of the rows that a fit of all images would keep: how much larger a continued bank may be
SAMPLED = 2048  # patches that the covering radius is measured on where the order of rows is not farthest-first


def continued_coresets(
    features: TrainingFeatures, training: TrainingSet, banks: Sequence[MemoryBank], sizes: Sequence[int],
    farthest_first: bool, stages: Stages,
) -> list[np.ndarray]:
    """`continued` at each scale, of banks that were fitted on the photos of `training`; DataError unless these are the
    first ones of the features."""
    _refuse_other_images(features, training)
    known = len(training.paths)
    added = len(features.paths) - known
    reports = stages.parts([2 * added * math.prod(patches.shape[:2]) for patches in features.scales])
    return [continued(patches, bank, known, size, farthest_first, report)
            for patches, bank, size, report in zip(features.scales, banks, sizes, reports, strict=True)]  # fmt: skip


def continued(
    features: PatchFeatures, before: MemoryBank, known: int, size: int, farthest_first: bool,
    report: Report | None = None,
) -> np.ndarray:
    """The rows of `features`, int64, of a coreset that goes on from the bank `before` of the first `known` images.

    Farthest-first among the patches of the other images, until all of them are as near to a row as the known ones are:
    within the covering radius of `before`, the distance at which its last row was picked (`farthest_first`), else the
    largest of some known patches. A bank of more than `size` rows and a tenth of them loses the last rows of its order.
    Progress is reported as in `farthest`.
    """
    picks = rows_of(features, before)
    first = known * features.shape[0] * features.shape[1]
    rows = features.rows()
    others = features.take(np.arange(first, len(rows))).astype(np.float32)
    radius = _last_distance(before.patches) if farthest_first else _covered(features, before, first)
    added = first + farthest(others, before, radius, size, report)
    return np.concatenate([picks[: max(1, int(size * (1 + GROWTH)) - len(added))], added])


def rows_of(features: PatchFeatures, bank: MemoryBank) -> np.ndarray:
    """The rows (M,) of the features that the rows of a bank come from."""
    if bank.origin is None:
        raise DataError("the memory bank does not record the origin of its patches; fit it again to teach it")
    image, row, column = bank.origin.astype(np.int64).T
    return (image * features.shape[0] + row) * features.shape[1] + column


def farthest(
    patches: np.ndarray, bank: MemoryBank, radius: float, most: int, report: Report | None = None
) -> np.ndarray:
    """Numbers of up to `most` of the patches (N, D) by farthest-first from the bank, in order, until all are within the
    radius of a row or of one another; the lowest number on ties.

    `report` is told of 2 N steps: the patches compared with the bank, then those that are within the radius.
    """
    tell = report or _silent
    nearest = _squared_distances(patches, bank, tell)
    chosen: list[int] = []
    while len(chosen) < most and len(nearest) and nearest.max() > radius**2:
        chosen.append(int(nearest.argmax()))
        difference = patches - patches[chosen[-1]]
        nearest = np.minimum(nearest, np.einsum("nd,nd->n", difference, difference, dtype=np.float64))
        nearest[chosen] = 0.0
        tell(len(patches) + int((nearest <= radius**2).sum()), 2 * len(patches))
    tell(2 * len(patches), 2 * len(patches))
    return np.array(chosen, np.int64)


def _squared_distances(patches: np.ndarray, bank: MemoryBank, report: Report) -> np.ndarray:
    """To the nearest row of the bank, (N,) float64."""
    nearest = np.empty(len(patches))
    for first in range(0, len(patches), SEARCHED):
        part = slice(first, first + SEARCHED)
        nearest[part] = np.square(bank.search(patches[part])[0][:, 0], dtype=np.float64)
        report(min(first + SEARCHED, len(patches)), 2 * len(patches))
    return nearest


def _silent(_done: int, _total: int) -> None:
    """A report that nobody hears."""


def _refuse_other_images(features: TrainingFeatures, training: TrainingSet) -> None:
    paths, contents = training.paths, training.contents  # "" where unknown
    found = zip(features.paths, features.contents, strict=True)
    for (path, content), (before, then) in zip(found, zip(paths, contents, strict=True), strict=False):
        if content != then if then else path != before:
            raise DataError(CHANGED.format(shown(before)))
    if len(features.paths) < len(paths):
        raise DataError(f"{shown(paths[len(features.paths)])}: cannot be read any more; fit again without it")


def _last_distance(rows: np.ndarray) -> float:
    if len(rows) < 2:
        return 0.0
    return float(np.sqrt(np.square(rows[:-1].astype(np.float32) - rows[-1], dtype=np.float64).sum(axis=1).min()))


def _covered(features: PatchFeatures, bank: MemoryBank, known_rows: int) -> float:
    some = np.linspace(0, known_rows - 1, min(SAMPLED, known_rows)).round().astype(np.int64)
    return float(bank.search(features.take(some).astype(np.float32))[0].max())
