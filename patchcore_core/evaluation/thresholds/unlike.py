"""Whether a photo is unlike all good photos of a run: of another part, in other light, or at another size.

A defect raises the scores of some patches, another part those of all. So a photo is judged by its *level*, a low
quantile of its patch scores, and its level by those of held-out good photos. docs/results.md has what that finds on
real photos, on which the numbers below were chosen.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from patchcore_core.data.files.image_files import shown
from patchcore_core.evaluation.curve_points import HeldOutArrays
from patchcore_core.evaluation.values import Badge

SHARE = 0.05  # of a photo's patches, those with the lowest scores: a defect may cover most others
SPREADS = 7.0  # above the median of good levels, by median absolute deviation
LEAST_SPREAD = 0.01  # least spread, as a fraction of the median
ABOVE = 1.05  # times the highest good level
NORMAL = 1.4826  # standard deviation / median absolute deviation of normal values
LEAST_GRID = 16  # patches on the shorter side: of a coarser grid each patch sees a defect anywhere in the photo
FEWEST = 5  # least number of held-out photos
KEY = "unlike"
NAMED = 3  # photos that a sentence names
UNKNOWN = "whether photos are unlike all that the memory bank knows cannot be told: "


def levels_of(patch_scores: NDArray[np.floating], squared: bool = False) -> NDArray[np.float32]:
    """The level (N,) of each photo from its patch scores (N, h, w), as a distance; `squared` where these are squares.

    NaN where a patch score is, and for grids of less than `LEAST_GRID` patches a side.
    """
    if not len(patch_scores) or min(patch_scores.shape[1:]) < LEAST_GRID:
        return np.full(len(patch_scores), np.nan, np.float32)
    low = np.quantile(patch_scores.reshape(len(patch_scores), -1), SHARE, axis=1)
    return np.asarray(np.sqrt(low) if squared else low, np.float32)


@dataclass(frozen=True)
class Familiar:
    """The levels (m,) of held-out good photos, and what is unlike them; empty if they are not known."""

    levels: NDArray[np.floating] = field(default_factory=lambda: np.empty(0, np.float32))

    @classmethod
    def read(cls, stored: HeldOutArrays | None) -> Familiar:
        """Of the held-out scores that a run has stored; older runs have no levels."""
        return cls() if stored is None or stored.levels is None else cls(stored.levels)

    @property
    def limit(self) -> float:
        """The level above which a photo is unlike all good ones; NaN if it is not known.

        That is at least 7 spreads above the median, and 1.05 times the highest: levels of good photos hardly differ
        (their spread is about 1 % of the median).
        """
        known = self.levels[np.isfinite(self.levels)]
        if len(known) < FEWEST:
            return math.nan
        middle = float(np.median(known))
        spread = max(NORMAL * float(np.median(np.abs(known - middle))), LEAST_SPREAD * middle)
        return max(middle + SPREADS * spread, ABOVE * float(known.max()))

    @property
    def known(self) -> bool:
        """Whether it can be told."""
        return math.isfinite(self.limit)

    @property
    def why_unknown(self) -> str:
        """Why it cannot be told, "" if it can."""
        if self.known:
            return ""
        return UNKNOWN + (f"fewer than {FEWEST} good photos could be held out" if len(self.levels) else
                          f"the run has recorded no levels of held-out photos (it is older, or has fewer than "
                          f"{LEAST_GRID} x {LEAST_GRID} patches)")

    def unlike(self, level: float) -> bool | None:
        """Whether a photo of this level is unlike all good ones; None if it is not known."""
        return level > self.limit if self.known and math.isfinite(level) else None

    def note(self, level: float) -> str:
        """Why a photo of this level is unlike all good ones, "" if it is not."""
        if not self.unlike(level):
            return ""
        return (f"unlike anything the memory bank knows: {1 - SHARE:.0%} of its patches score above {level:.3g}, of "
                f"good photos above at most {float(np.nanmax(self.levels)):.3g}; another part, light, size or camera? "
                "Its score says little")

    def badge(self, levels: NDArray[np.floating], paths: Sequence[Path]) -> Badge:
        """The badge for test photos with these levels (N,), whose files are `paths`."""
        if not self.known:
            return Badge(KEY, "note", "photos of other parts not checked", f"{self.why_unknown.capitalize()}.")
        found = np.flatnonzero(levels > self.limit)
        counts = {"test": len(levels), "unlike": len(found)}
        if not len(found):
            return Badge(KEY, "ok", "photos of the same part",
                         "No test photo is unlike anything the memory bank knows.", counts)
        named = ", ".join(shown(paths[place]) for place in found[:NAMED])
        sentence = (f"{len(found)} of {len(levels)} test photos are unlike anything the memory bank knows (another "
                    f"part, light, size or camera), such as {named}.")
        return Badge(KEY, "warning", f"{len(found)} photos unlike the training photos", sentence, counts)
