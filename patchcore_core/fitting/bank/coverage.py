"""How well the bank covers the patches of some training photos, which are embedded again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from patchcore_core.errors import DataError
from patchcore_core.fitting.bank.photos import Photos, spread
from patchcore_core.model.bank_rows import BankRows
from patchcore_core.model.evidence.coverage import Coverage, coverage
from patchcore_core.progress import Progress, silent
from patchcore_core.runs.record import Run

PHOTOS = 24
PRODUCTS = 2e11  # multiplications for the distances: a few seconds on two cores
STAGE = "coverage"


@dataclass(frozen=True)
class Measured:
    """`scales`: the coverage of the bank of each scale, over patches of `photos` training photos; `missing`: (path,
    cause) of photos that should have been among them."""

    scales: tuple[Coverage, ...]
    photos: int
    missing: tuple[tuple[str, str], ...]


def farthest_first(run: Run) -> bool:
    """Whether the rows of the run's bank are in farthest-first order over all training patches: not those of a bank
    that goes on from an earlier one."""
    return run.config.sampler == "greedy" and run.plan.get("parts", 1) == 1 and not run.parent


def measure(photos: Photos, banks: Sequence[BankRows], progress: Progress | None = None) -> Measured:
    """The coverage of the bank of each scale, over patches of up to PHOTOS photos, evenly spread over the training set.

    DataError if none of them is there and unchanged.
    """
    report, chosen = progress or silent, spread(len(photos.model.training.paths), PHOTOS)
    patches: list[list[np.ndarray]] = [[] for _ in banks]
    rng = np.random.default_rng(0)
    report(STAGE, 0, len(chosen) + 1)
    for done, image in enumerate(chosen, start=1):
        if (explained := photos.of_training(image)) is not None:
            for kept, bank, part in zip(patches, banks, explained.patches, strict=True):
                kept.append(_some(part, PRODUCTS / bank.patches.size / len(chosen), rng))
        report(STAGE, done, len(chosen) + 1)
    if not patches[0]:
        path, cause = photos.missing[0]
        raise DataError(f"none of {len(chosen)} training photos is there and unchanged; the first, {path}: {cause}")
    order = farthest_first(photos.run)
    scales = tuple(coverage(bank, np.concatenate(some), order) for bank, some in zip(banks, patches, strict=True))
    report(STAGE, len(chosen) + 1, len(chosen) + 1)
    return Measured(scales, len(patches[0]), tuple(photos.missing))


def _some(part: np.ndarray, most: float, rng: np.random.Generator) -> np.ndarray:
    """At most about `most` of the patches (h, w, D), at least 16, drawn at random."""
    rows = part.reshape(-1, part.shape[2])
    return rows[rng.permutation(len(rows))[: max(16, int(most))]]
