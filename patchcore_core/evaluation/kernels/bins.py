"""The scores of a map by bin and by kind of pixel, in one pass."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from patchcore_core.evaluation.kernels.machine_code import machine_code

IS_DEFECT, IS_IGNORED, IS_TRIMMED, KINDS = 1, 2, 4, 8  # bits of a pixel's kind, and their combinations
Floats = NDArray[np.float64]


class Bins:
    """Counts the scores of one image by bin: bin k holds those from edges[k] (B,) to below edges[k + 1].

    in_all: the number of scores of all images.
    """

    def __init__(self, edges: Floats, dtype: np.dtype, in_all: int) -> None:
        self._edges, self._in_all = edges, in_all
        self._table: NDArray[np.uint16] | None = None
        if dtype == np.float16 and len(edges) < 1 << 16:  # each value has its own bin
            values = np.arange(1 << 16, dtype=np.uint16).view(np.float16).astype(np.float64)
            self._table = np.maximum(np.searchsorted(edges, values, side="right") - 1, 0).astype(np.uint16)

    def counts(
        self, scores: NDArray[np.floating], mask: NDArray[np.bool_] | None, ignored: NDArray[np.bool_] | None,
        away: NDArray[np.bool_] | None,
    ) -> dict[str, NDArray[np.int32]]:
        """Of a map (H, W), which is contiguous: the numbers of defect pixels and others (B,), and of the trimmed ones.

        Which pixels are defect, ignored and trimmed (`away`); None: none. Without `away` no trimmed ones are told.
        """
        kinds = np.zeros(scores.size, np.uint8)
        for bit, those in ((IS_DEFECT, mask), (IS_IGNORED, ignored), (IS_TRIMMED, away)):
            if those is not None:
                kinds |= those.ravel().view(np.uint8) * np.uint8(bit)
        counts, kind = self._of_kinds(scores.ravel(), kinds), np.arange(KINDS)
        counts[kind & IS_IGNORED > 0] = 0
        inside, trimmed = kind & IS_DEFECT > 0, kind & IS_TRIMMED > 0
        found = {"defect": counts[inside].sum(axis=0, dtype=np.int32),
                 "rest": counts[~inside].sum(axis=0, dtype=np.int32)}
        if away is not None:
            found |= {"defect_trimmed": counts[inside & trimmed].sum(axis=0, dtype=np.int32),
                      "rest_trimmed": counts[~inside & trimmed].sum(axis=0, dtype=np.int32)}  # fmt: skip
        return found

    def _of_kinds(self, scores: NDArray[np.floating], kinds: NDArray[np.uint8]) -> NDArray[np.int32]:
        """(KINDS, B) of scores (n,), by kind (n,)."""
        if self._table is None:
            places: NDArray = np.searchsorted(self._edges, scores.astype(np.float64), side="right") - 1
        elif machine_code(self._in_all):
            from patchcore_core.evaluation.kernels.counting import add_counts_of_kinds

            counts = np.zeros((KINDS, len(self._edges)), np.int32)
            add_counts_of_kinds(scores.view(np.uint16), kinds, self._table, counts)
            return counts
        else:
            places = self._table[scores.view(np.uint16)]
        found = np.bincount(kinds * np.int64(len(self._edges)) + places, minlength=KINDS * len(self._edges))
        return found.reshape(KINDS, -1).astype(np.int32)
