"""The functions of native.py in torch and numpy: for GPUs, and for inputs too small to be worth loading numba."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

PAIRS = 2**16  # pairs whose distances are computed at a time


def squared_distances(x: Tensor, y: Tensor) -> Tensor:
    """(n,) of the pairs x, y (n, D), float64, summed in the order of `numpy.sum`."""
    count = x.shape[1]
    if count > 128:
        half = count // 2
        half -= half % 8
        return squared_distances(x[:, :half], y[:, :half]) + squared_distances(x[:, half:], y[:, half:])
    whole = count - count % 8
    squares = (x.double() - y.double()).square_()  # (n, D)
    total = torch.zeros(len(x), dtype=torch.float64, device=x.device)
    if whole:
        parts = squares[:, :8]
        for first in range(8, whole, 8):
            parts = parts + squares[:, first : first + 8]
        while parts.shape[1] > 1:  # ((0 + 1) + (2 + 3)) + ((4 + 5) + (6 + 7))
            parts = parts[:, ::2] + parts[:, 1::2]
        total = parts[:, 0]
    for i in range(whole, count):
        total = total + squares[:, i]
    return total


def tighten(
    dots: Tensor, rows: Tensor, places: Tensor, ours: Tensor, bound: Tensor, pick_rows: Tensor, columns: Tensor,
    theirs: Tensor, enlarge: float,
) -> None:  # fmt: skip
    """As `native.tighten`: first by the pick with the smallest lower bound, then by those not excluded after that."""
    scale, norm, error = ours[:, :, None]  # (n, 1) each
    reach = (bound.sqrt() * enlarge).float()[:, None]  # beta, enlarged
    far = (reach + error) + theirs[2]
    left = norm + theirs[1] + (-2 * scale) * theirs[0] * dots.float()  # (n, m)
    gap = left - far * far
    hit = gap <= 0  # (*); NaN where neither has a bound
    some = hit.any(dim=1).nonzero()[:, 0]
    best = torch.where(hit[some], gap[some], torch.inf).argmin(dim=1)
    _lower(rows, places, some, pick_rows, columns[best], bound)
    hit[some, best] = False
    far = torch.minimum(reach, (bound.sqrt() * enlarge).float()[:, None]) + error + theirs[2]
    pairs = (hit & (left <= far * far)).nonzero()  # (pairs, 2)
    _lower(rows, places, pairs[:, 0], pick_rows, columns[pairs[:, 1]], bound)


def _lower(rows: Tensor, places: Tensor, which: Tensor, pick_rows: Tensor, others: Tensor, bound: Tensor) -> None:
    for some, other in zip(which.split(PAIRS), others.split(PAIRS), strict=True):
        bound.scatter_reduce_(0, some, squared_distances(rows[places[some]], pick_rows[other]), "amin")


def compete(
    rows: np.ndarray, indices: np.ndarray, distance: np.ndarray, seen: np.ndarray, level: float, first_tied: int,
    limit: int,
) -> np.ndarray:  # fmt: skip
    """As `native.compete`."""
    chosen: list[int] = []
    rows = rows.astype(np.float64)
    while len(chosen) < limit:
        best = int(distance.argmax())
        if distance[best] < level or (distance[best] == level and indices[best] > first_tied):
            break
        np.minimum(distance, np.square(rows - rows[best]).sum(axis=1), out=distance)
        distance[best] = -1.0
        chosen.append(best)
    seen[:] = len(chosen)
    return np.array(chosen, dtype=np.int64)
