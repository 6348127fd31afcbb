"""Which patches the memory bank keeps (Roth et al. 2022, section 3.2).

`greedy` is farthest-first selection (Gonzalez 1985): every pick is the row farthest from all rows picked so far, the
lowest index on ties; no row is picked twice. Its order is farthest-first, so the picks of a smaller coreset are a
prefix of those of a larger one, and it makes the covering radius small (at most twice the best possible).
`kmeans` makes the mean distance small instead. How the selection is exact and fast: farthest_first.py.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from patchcore_core.errors import ConfigError
from patchcore_core.model.farthest_first import FarthestFirst, Report

ROUNDS = 10  # of k-means


def greedy(
    features: np.ndarray | Tensor,
    size: int,
    start: int | None = None,
    *,
    seed: int = 0,
    report: Report | None = None,
) -> np.ndarray:
    """`size` rows of `features` (N, D) by farthest-first from row `start`; (size,) int64 in the order picked.

    Distances are Euclidean, compared in float64, for float32 and float64 rows alike; other types are converted.
    `start` None draws it from `seed`. `report(done, size)` is called several times a second and may raise to cancel.
    A ConfigError refuses a size or start outside the rows, and rows with NaN or infinity.
    """
    rows = _checked(features, size)
    first = int(np.random.default_rng(seed).integers(len(rows))) if start is None else start
    if not 0 <= first < len(rows):
        raise ConfigError(f"start must be a row in [0, {len(rows)}), got {first}")
    bound = torch.full((len(rows),), torch.inf, dtype=torch.float64, device=rows.device)
    return FarthestFirst(rows, bound, [first], size, report).run()


def approx_greedy(
    features: np.ndarray | Tensor,
    size: int,
    start_points: np.ndarray | None = None,
    *,
    seed: int = 0,
    report: Report | None = None,
) -> np.ndarray:
    """Farthest-first that begins at the row with the largest mean distance to some `start_points` (row indices).

    A row's distance never exceeds that mean, as in patchcore-inspection's approximate sampler. `start_points`
    None draws ten rows from `seed`. Returns (size,) int64 in the order picked.
    """
    rows = _checked(features, size)
    if start_points is None:
        start_points = np.random.default_rng(seed).choice(len(rows), min(10, len(rows)), replace=False)
    points = rows[torch.as_tensor(np.asarray(start_points, dtype=np.int64))].double()
    mean = torch.cat([torch.cdist(block.double(), points).mean(dim=1) for block in rows.split(65536)])
    return FarthestFirst(rows, mean.square(), [], size, report).run()


def kmeans(features: np.ndarray | Tensor, size: int, *, seed: int = 0, report: Report | None = None) -> np.ndarray:
    """The rows nearest to `size` k-means centres of `features` (N, D): a selection with a small mean distance.

    Lloyd's algorithm by FAISS, ROUNDS rounds in float32 from centres drawn from `seed`. Where several centres share
    their nearest row, rows drawn from `seed` fill up. (size,) int64, ascending. `report(round, ROUNDS)` is called
    after each round.
    """
    import faiss

    rows = np.ascontiguousarray(_checked(features, size).cpu().numpy(), dtype=np.float32)
    chance = np.random.default_rng(seed)
    centres: np.ndarray = rows[chance.choice(len(rows), size, replace=False)]
    clustering = faiss.Kmeans(rows.shape[1], size, niter=1, seed=seed % 2**31, min_points_per_centroid=1)
    for done in range(ROUNDS):
        clustering.train(rows, init_centroids=centres)
        centres = np.asarray(clustering.centroids)
        if report is not None:
            report(done + 1, ROUNDS)
    index = faiss.IndexFlatL2(rows.shape[1])
    index.add(rows)
    picks = np.unique(index.search(centres, 1)[1])
    others = np.setdiff1d(np.arange(len(rows)), picks)
    return np.sort(np.concatenate([picks, chance.choice(others, size - len(picks), replace=False)])).astype(np.int64)


def random(count: int, size: int, *, seed: int = 0) -> np.ndarray:
    """`size` of `count` rows without replacement, (size,) int64."""
    return np.random.default_rng(seed).choice(count, size, replace=False).astype(np.int64)


def select(
    features: np.ndarray | Tensor,
    sampler: str,
    ratio: float,
    *,
    projection_dim: int | None = None,
    seed: int = 0,
    report: Report | None = None,
    scratch=None, parts=1,
) -> np.ndarray:
    """The rows of `features` (N, D) that a configuration keeps, int64: at least one, `ratio` of N rounded down."""
    size = max(1, int(len(features) * ratio))
    features = torch.as_tensor(features).float()
    if sampler == "identity":
        return np.arange(len(features))
    if sampler == "random":
        return random(len(features), size, seed=seed)
    if sampler == "kmeans":
        return kmeans(features, size, seed=seed, report=report)
    if projection_dim is not None and projection_dim < features.shape[1]:
        features = project(features, projection_dim, seed)
    if sampler == "approx_greedy":
        return approx_greedy(features, size, seed=seed, report=report)
    return greedy(features, size, seed=seed, report=report)


def project(features: Tensor, dim: int, seed: int) -> Tensor:
    """(N, dim): a random Gaussian projection that keeps distances on average (Johnson and Lindenstrauss 1984)."""
    matrix = np.random.default_rng(seed).standard_normal((features.shape[1], dim)) / np.sqrt(dim)
    return features @ torch.as_tensor(matrix, dtype=features.dtype, device=features.device)


def _checked(features: np.ndarray | Tensor, size: int) -> Tensor:
    rows = torch.as_tensor(features)
    if rows.dtype not in (torch.float32, torch.float64):
        rows = rows.float() if rows.is_floating_point() else rows.double()
    rows = rows.detach().contiguous()
    if rows.ndim != 2 or not rows.numel():
        raise ConfigError(f"features must have shape (N, D), got {tuple(rows.shape)}")
    if not 1 <= size <= len(rows):
        raise ConfigError(f"the coreset must have between 1 and {len(rows)} rows, got {size}")
    if not all(math.isfinite(value) for value in rows.aminmax()):
        row = int((~rows.isfinite()).any(dim=1).nonzero()[0])
        raise ConfigError(f"features must be finite, row {row} has NaN or infinity")
    return rows
