"""Farthest-first pick by pick, for inputs so small that other kernels take longer to set up.

Its sketches are the rows in float32, for which the bound (*) of `exact/__init__.py` holds too; pairs that it does not
exclude are measured in float64.
"""

from __future__ import annotations

import numpy as np

from patchcore_core.model.exact.sketch import margin, norm_and_error, unit_of


def farthest_first(rows: np.ndarray, bound: np.ndarray, picks: list[int], size: int) -> np.ndarray:
    """The picks of farthest_first.py in order, (size,) int64, for finite `rows` (N, D); `bound` (N,) is updated."""
    dim = rows.shape[1]
    exact = rows.astype(np.float64)
    unit, g = unit_of(float(np.abs(exact).max()), dim), margin(dim)
    u = ((exact - exact.mean(axis=0)) / unit).astype(np.float32)  # (N, D)
    square = np.einsum("nd,nd->n", u, u)
    norm, error = norm_and_error(square, np.zeros_like(square), np.sqrt(square), g)
    bound[picks] = -1.0
    chosen, waiting = list[int](), list(picks)
    reach = (np.sqrt(np.maximum(bound, 0)) * (g / unit)).astype(np.float32) + error
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
        reach[some] = (np.sqrt(distance) * (g / unit)).astype(np.float32) + error[some]
    return np.array(chosen, dtype=np.int64)
