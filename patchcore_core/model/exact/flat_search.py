"""Exact nearest neighbours by FAISS's flat index: without compiled code of our own.

FAISS ranks in float32. It is asked for SPARE rows more than are wanted, those are measured in float64 from the
differences, and the answer is certain where the last of them is farther than the k-th nearest by more than float32 can
err: for squared distances by (2 D + 16) v (|x| + |y|)^2 with v = 2^-24. Other queries are compared with every row.
"""

from __future__ import annotations

import faiss
import numpy as np

from patchcore_core.errors import ConfigError

ROUNDOFF = 2.0**-24  # v
SPARE = 16  # candidates beside the k nearest
QUERIES = 256  # measured at a time


class FlatSearch:
    """The exact nearest of finite `rows` (M, D), float32 or float16; a float32 copy of them is kept."""

    def __init__(self, rows: np.ndarray) -> None:
        self._rows = np.ascontiguousarray(rows, dtype=np.float32)
        self._longest = float(np.linalg.norm(self._rows.astype(np.float64), axis=1).max())
        self._index = faiss.IndexFlatL2(rows.shape[1])
        self._index.add(self._rows)

    def search(self, queries: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Distances (Q, k) float32 and indices (Q, k) int64 of the k nearest rows of each query (Q, D) float32."""
        if not np.isfinite(queries).all():
            raise ConfigError("features must be finite, got NaN or infinity")
        distances = np.empty((len(queries), k), dtype=np.float32)
        indices = np.empty((len(queries), k), dtype=np.int64)
        for first in range(0, len(queries), QUERIES):
            part = slice(first, first + QUERIES)
            distances[part], indices[part] = self._search(queries[part], k)
        return distances, indices

    def _search(self, queries: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        wanted = min(len(self._rows), k + SPARE)
        rough, candidates = self._index.search(queries, wanted)
        squared, order = _nearest(queries, self._rows, np.sort(candidates, axis=1), k)
        lengths = np.linalg.norm(queries.astype(np.float64), axis=1)
        error = (2 * queries.shape[1] + 16) * ROUNDOFF * (lengths + self._longest) ** 2
        certain = (squared[:, -1] < rough[:, -1] - error) & np.isfinite(rough).all(axis=1)
        everything = np.arange(len(self._rows))[None]
        for query in np.flatnonzero(~certain) if wanted < len(self._rows) else ():
            one = slice(query, query + 1)
            squared[one], order[one] = _nearest(queries[one], self._rows, everything, k)
        return np.sqrt(squared).astype(np.float32), order


def _nearest(queries: np.ndarray, rows: np.ndarray, candidates: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Squared distances (Q, k) and indices of the k nearest of ascending `candidates` (Q, n), by float64."""
    squared = np.empty(candidates.shape)
    for query, row in enumerate(candidates):
        squared[query] = np.square(rows[row].astype(np.float64) - queries[query]).sum(axis=1)
    order = np.argsort(squared, axis=1, kind="stable")[:, :k]  # of equals the lower index
    return np.take_along_axis(squared, order, axis=1), np.take_along_axis(candidates, order, axis=1)
