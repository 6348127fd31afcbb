"""Farthest-first pick by pick, for inputs so small that anything else takes longer to set up.

The bound (*) of sketch.py holds for q = u in float32, s = 1 and error 8 v |u| + 2^-60 too, as search.py says why:
the float32 product is wrong by at most (D + 2) v |q_x| |q_y|, which g covers. What it leaves is measured in float64.
"""

from __future__ import annotations

import math

import numpy as np

from patchcore_core.model.exact.sketch import ROUNDOFF


def farthest_first(rows: np.ndarray, bound: np.ndarray, picks: list[int], size: int) -> np.ndarray:
    """The picks of farthest_first.py in order, (size,) int64, for finite `rows` (N, D); `bound` (N,) is lowered."""
    dim = rows.shape[1]
    exact = rows.astype(np.float64)
    length = 2.1 * float(np.abs(exact).max()) * math.sqrt(dim)
    unit = 2.0 ** math.ceil(math.log2(length)) if length > 0 else 1.0
    margin = 1 + (64 + 2 * dim) * ROUNDOFF  # g
    u = ((exact - exact.mean(axis=0)) / unit).astype(np.float32)  # (N, D)
    square = np.einsum("nd,nd->n", u, u)
    norm = (square * (2 - margin) - 2.0**-118).astype(np.float32)
    error = ((8 * ROUNDOFF * np.sqrt(square) + 2.0**-60) * margin).astype(np.float32)
    bound[picks] = -1.0
    chosen, waiting = list[int](), list(picks)
    reach = (np.sqrt(np.maximum(bound, 0)) * (margin / unit)).astype(np.float32) + error
    while len(chosen) < size:
        pick = waiting.pop(0) if waiting else int(bound.argmax())
        chosen.append(pick)
        bound[pick] = -1.0
        near = norm + norm[pick] - 2 * (u @ u[pick]) <= np.square(reach + error[pick])
        some = near.nonzero()[0]
        distance = np.square(exact[some] - exact[pick]).sum(axis=1)
        closer = distance < bound[some]
        some, distance = some[closer], distance[closer]
        bound[some] = distance
        reach[some] = (np.sqrt(distance) * (margin / unit)).astype(np.float32) + error[some]
    return np.array(chosen, dtype=np.int64)
