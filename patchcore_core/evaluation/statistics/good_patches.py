"""How high patches of good images score that the memory bank does not know: a short table, stored with a run."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from patchcore_core.evaluation.curve_points import HeldOutArrays

EVEN, TAIL = 1000, 500  # rows of the table: evenly spread, and ever closer to the highest score


@dataclass(frozen=True, eq=False)
class GoodPatches:
    """`ranks` (Q,) int64 of the patches score at most `scores` (Q,) float32; both ascend, and the last rank is the
    number of patches. Empty without any."""

    scores: NDArray = field(default_factory=lambda: np.empty(0, np.float32))
    ranks: NDArray = field(default_factory=lambda: np.empty(0, np.int64))

    @classmethod
    def of(cls, patch_scores: NDArray) -> GoodPatches:
        """Of the patch scores (m, h, w) of images, those with NaN left out; all scores where there are few."""
        ordered = np.sort(patch_scores[~np.isnan(patch_scores).any(axis=(1, 2))], axis=None).astype(np.float32)
        if not len(ordered):
            return cls()
        scores, first = np.unique(ordered, return_index=True)
        ranks = np.append(first[1:], len(ordered))
        if len(scores) > EVEN + TAIL:
            tail = np.searchsorted(ranks, len(ordered) - np.geomspace(1, len(ordered), TAIL) + 1)
            even = np.linspace(0, len(scores) - 1, EVEN).round().astype(int)
            kept = np.unique(np.append(even, tail.clip(0, len(scores) - 1)))
            scores, ranks = scores[kept], ranks[kept]
        return cls(scores, ranks.astype(np.int64))

    @classmethod
    def stored(cls, heldout: HeldOutArrays | None) -> GoodPatches:
        """What a run keeps beside its curves; empty of older runs."""
        if heldout is None or heldout.patch_scores is None or heldout.patch_ranks is None:
            return cls()
        return cls(heldout.patch_scores, heldout.patch_ranks)

    @property
    def count(self) -> int:
        """Number of patches."""
        return int(self.ranks[-1]) if len(self.ranks) else 0

    def share(self, score: float) -> float:
        """The share of the patches that score at most this, between two rows of the table interpolated; NaN of none."""
        if not self.count:
            return float("nan")
        return float(np.interp(score, self.scores, self.ranks / self.count, left=0.0))
