"""What a search has found; no numba."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Nearest:
    """The k nearest of the first `among` rows of each query, nearest first: squared distances (Q, k) float64, and rows
    (Q, k) int64; infinity and -1 where there are fewer."""

    squared: np.ndarray
    rows: np.ndarray
    among: int

    def distances(self, k: int) -> np.ndarray:
        """Euclidean distances (Q, k) float32 to the k nearest."""
        return np.sqrt(self.squared[:, :k]).astype(np.float32)
