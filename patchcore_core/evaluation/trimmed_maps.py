"""Which pixels of many maps are trimmed, computed once for each map."""

from __future__ import annotations

from threading import Lock
from typing import Self

import numpy as np
from numpy.typing import NDArray

from patchcore_core.data.scratch import Scratch
from patchcore_core.evaluation.thresholds.decision import predicted
from patchcore_core.evaluation.trim import Trim


class TrimmedMaps:
    """The maps (N, H, W) with their `trim`. With a scratch, what is trimmed is kept there, as a bit for each pixel;
    else it is computed each time."""

    def __init__(self, trim: Trim, maps: NDArray[np.floating], scratch: Scratch | None = None) -> None:
        self.trim, self._maps = trim, np.asarray(maps)
        packed = -(-self._maps[:1].size // 8)
        self._bits = None if scratch is None else scratch.array((len(maps), packed), np.uint8)
        self._known, self._lock = np.zeros(len(maps), bool), Lock()

    @classmethod
    def of(cls, trim: Trim | Self | None, maps: NDArray[np.floating]) -> Self | None:
        """These maps trimmed so, if they are not yet."""
        return cls(trim, maps) if isinstance(trim, Trim) else trim

    def trimmed(self, image: int) -> NDArray[np.bool_]:
        """`Trim.trimmed` of the map of an image, (H, W)."""
        scores = self._maps[image]
        if self._bits is None:
            return self.trim.trimmed(scores)
        if self._known[image]:
            return np.unpackbits(self._bits.values[image], count=scores.size).view(bool).reshape(scores.shape)
        found = self.trim.trimmed(scores)
        with self._lock:
            self._bits.write(image, np.packbits(found)[None])
        self._known[image] = True
        return found

    def reaching(self, image: int, threshold: float) -> NDArray[np.bool_]:
        """`Trim.reaching` of the map of an image, (H, W)."""
        if self._bits is None:
            return self.trim.reaching(self._maps[image], threshold)
        return predicted(self._maps[image], threshold) & ~self.trimmed(image)
