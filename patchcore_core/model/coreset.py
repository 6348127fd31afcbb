"""Coreset selection: which patches the memory bank keeps (Roth et al. 2022, section 3.2).

`greedy` is farthest-first selection (Gonzalez 1985): every pick is the row farthest from all rows picked so far, the
lowest index on ties; no row is picked twice. Its order is farthest-first, so the picks of a smaller coreset are a
prefix of those of a larger one, and it makes the covering radius small (at most twice the best possible).
`streaming_greedy` needs less memory; its radius is at most four times the best possible. `kmeans` minimises the mean
distance instead. The fast exact selection: exact/farthest_first.py.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from patchcore_core.data.scratch import Scratch
from patchcore_core.errors import ConfigError
from patchcore_core.model.exact import plain
from patchcore_core.model.exact.farthest_first import EAGER_WORK, FarthestFirst, Report
from patchcore_core.model.exact.resident import Resident, as_tensor

ROUNDS = 10  # of k-means
PLAIN_WORK = 3 * 10**8  # rows x picks x dimensions up to which exact/plain.py is faster


def greedy(
    features: np.ndarray | Tensor,
    size: int,
    start: int | None = None,
    *,
    seed: int = 0,
    report: Report | None = None,
    scratch: Scratch | None = None,
) -> np.ndarray:
    """`size` rows of `features` (N, D) by farthest-first from row `start`; (size,) int64 in the order picked.

    Distances are Euclidean, compared in float64, for float16, float32 and float64 rows alike; other types are
    converted. Rows may be a read-only mapping. With `scratch` arrays of D values per row are stored there, and pages
    of its arrays (`features` may be one) are released once read. `start` None draws it from `seed`.
    `report(done, size)` is called several times a second and may raise to cancel. A ConfigError refuses a size or
    start outside the rows, and rows with NaN or infinity.
    """
    resident = Resident(scratch)
    rows = _checked(features, size, resident)
    first = int(np.random.default_rng(seed).integers(len(rows))) if start is None else start
    if not 0 <= first < len(rows):
        raise ConfigError(f"start must be a row in [0, {len(rows)}), got {first}")
    bound = torch.full((len(rows),), torch.inf, dtype=torch.float64, device=rows.device)
    return _farthest_first(rows, bound, [first], size, report, scratch)


def approx_greedy(
    features: np.ndarray | Tensor,
    size: int,
    start_points: np.ndarray | None = None,
    *,
    seed: int = 0,
    report: Report | None = None,
    scratch: Scratch | None = None,
) -> np.ndarray:
    """Farthest-first that begins at the row with the largest mean distance to some `start_points` (row indices).

    A row's distance never exceeds that mean, as in patchcore-inspection's approximate sampler. `start_points`
    None draws ten rows from `seed`. Returns (size,) int64 in the order picked. `scratch` as for `greedy`.
    """
    resident = Resident(scratch)
    rows = _checked(features, size, resident)
    if start_points is None:
        start_points = np.random.default_rng(seed).choice(len(rows), min(10, len(rows)), replace=False)
    points = rows[torch.as_tensor(np.asarray(start_points, dtype=np.int64))].double()
    bound = torch.empty(len(rows), dtype=torch.float64, device=rows.device)
    for first, block in resident.blocks(rows):
        bound[first : first + len(block)] = torch.cdist(block.double(), points).mean(dim=1).square()
    return _farthest_first(rows, bound, [], size, report, scratch)


def _farthest_first(
    rows: Tensor, bound: Tensor, picks: list[int], size: int, report: Report | None, scratch: Scratch | None
) -> np.ndarray:
    if rows.device.type != "cpu" or rows.numel() * size > PLAIN_WORK:
        return FarthestFirst(rows, bound, picks, size, report, scratch).run()
    chosen = plain.farthest_first(rows.numpy(), bound.numpy(), picks, size)
    if report is not None:
        report(size, size)
    return chosen


def streaming_greedy(
    features: np.ndarray | Tensor,
    size: int,
    parts: int,
    *,
    seed: int = 0,
    report: Report | None = None,
    scratch: Scratch | None = None,
) -> np.ndarray:
    """Farthest-first within each of `parts` blocks of rows, then among their picks: state for few rows at a time.

    The covering radius is at most 4 times the best possible for `size` rows: every row is within 2 of its part's
    picks, since of `size` + 1 rows farther apart two would share a centre of the best, and those picks are within 2
    of the final ones for the same reason (Malkomes, Kusner, Chen, Weinberger and Moseley, "Fast Distributed k-Center
    Clustering with Outliers on Massive Data", NIPS 2015). There is never more state than that of one part, N / parts
    rows, or of the union of their picks, parts x size rows, which are copied. One part is `greedy`, whose factor is 2.
    Returns (size,) int64 in the order picked; `scratch` as for `greedy`.
    """
    if parts < 1:
        raise ConfigError(f"parts must be at least 1, got {parts}")
    if parts == 1:
        return greedy(features, size, seed=seed, report=report, scratch=scratch)
    resident = Resident(scratch)
    rows = _checked(features, size, resident)
    edges = np.linspace(0, len(rows), parts + 1).astype(int)
    spans = [(first, last) for first, last in pairwise(edges) if last > first]
    progress = Progress(report, size, sum(min(size, last - first) for first, last in spans) + size)
    kept = []
    for first, last in spans:
        picks = greedy(rows[first:last], min(size, last - first), seed=seed, report=progress.step, scratch=scratch)
        kept.append(first + np.sort(picks))
        progress.passed += len(picks)
    union = np.concatenate(kept)
    copied = _gathered(rows, torch.from_numpy(union), resident)
    return union[greedy(copied, size, seed=seed, report=progress.step, scratch=scratch)]


class Progress:
    """Progress over several selections, reported as a fraction of `size`."""

    def __init__(self, report: Report | None, size: int, total: int) -> None:
        self._report, self._size, self._total, self.passed = report, size, total, 0

    def step(self, done: int, _: int) -> None:
        """`done` picks of the present selection."""
        if self._report is not None:
            self._report(self._size * (self.passed + done) // self._total, self._size)


def _gathered(rows: Tensor, indices: Tensor, resident: Resident) -> Tensor:
    """Copies of some rows, in scratch if there is any."""
    if resident.scratch is None:
        return rows[indices.to(rows.device)]
    stored = resident.scratch.array((len(indices), rows.shape[1]), rows.numpy().dtype)
    for first, block in zip(range(0, len(indices), 4096), indices.split(4096), strict=True):
        stored.write(first, resident.take(rows, block).numpy())
    return as_tensor(stored.values)


def kmeans(features: np.ndarray | Tensor, size: int, *, seed: int = 0, report: Report | None = None) -> np.ndarray:
    """The rows nearest to `size` k-means centres of `features` (N, D): a selection with a small mean distance.

    Lloyd's algorithm by FAISS, ROUNDS rounds in float32 from centres drawn from `seed`. Where several centres share
    their nearest row, rows drawn from `seed` fill up. (size,) int64, ascending. `report(round, ROUNDS)` is called
    after each round.
    """
    import faiss

    rows = np.ascontiguousarray(_checked(features, size, Resident(None)).cpu().numpy(), dtype=np.float32)
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
    scratch: Scratch | None = None,
    parts: int = 1,
) -> np.ndarray:
    """The rows of `features` (N, D) that a configuration keeps, int64: at least one, `ratio` of N rounded down.

    `scratch` as for `greedy`; it also holds the projected features, and k-means does not use it. `parts` are those
    of `streaming_greedy`.
    """
    size = max(1, int(len(features) * ratio))
    if sampler == "identity":
        return np.arange(len(features))
    if sampler == "random":
        return random(len(features), size, seed=seed)
    if sampler == "kmeans":
        return kmeans(features, size, seed=seed, report=report)
    if projection_dim is not None and projection_dim < features.shape[1]:
        features = project(features, projection_dim, seed, scratch)
    if sampler == "approx_greedy":
        return approx_greedy(features, size, seed=seed, report=report, scratch=scratch)
    if sampler == "streaming_greedy":
        return streaming_greedy(features, size, parts, seed=seed, report=report, scratch=scratch)
    return greedy(features, size, seed=seed, report=report, scratch=scratch)


def nested(features: np.ndarray | Tensor, projection_dim: int | None, one: int, other: int) -> bool:
    """Whether farthest-first selections of these two sizes are computed by the same kernels, so that the smaller one is
    the beginning of the larger one to the bit: kernels may round the distances of nearly equal rows differently."""
    count, dim = features.shape
    values = count * min(projection_dim or dim, dim)
    if isinstance(features, Tensor) and features.device.type != "cpu":
        return True
    return all((values * one > work) == (values * other > work) for work in (PLAIN_WORK, EAGER_WORK))


def project(features: np.ndarray | Tensor, dim: int, seed: int, scratch: Scratch | None = None) -> Tensor:
    """(N, dim): a random Gaussian projection that keeps distances on average (Johnson and Lindenstrauss 1984).

    Float64 rows stay float64, others become float32. Computed block by block, so that results do not depend on
    `scratch`; if given, the rows are stored there and read-only.
    """
    rows = as_tensor(features)
    kind = torch.float64 if rows.dtype == torch.float64 else torch.float32
    gaussian = np.random.default_rng(seed).standard_normal((rows.shape[1], dim)) / np.sqrt(dim)
    matrix = torch.as_tensor(gaussian, dtype=kind, device=rows.device)
    stored = None if scratch is None else scratch.array((len(rows), dim), matrix.cpu().numpy().dtype)
    projected = rows.new_empty(len(rows), dim, dtype=kind) if stored is None else as_tensor(stored.values)
    for first, block in Resident(scratch).blocks(rows):
        made = block.to(kind) @ matrix  # (n, dim)
        if stored is None:
            projected[first : first + len(block)] = made
        else:
            stored.write(first, made.numpy())
    return projected


def _checked(features: np.ndarray | Tensor, size: int, resident: Resident) -> Tensor:
    rows = as_tensor(features)
    if rows.dtype not in (torch.float16, torch.float32, torch.float64):
        rows = rows.float() if rows.is_floating_point() else rows.double()
    rows = rows.contiguous()
    if rows.ndim != 2 or not rows.numel():
        raise ConfigError(f"features must have shape (N, D), got {tuple(rows.shape)}")
    if not 1 <= size <= len(rows):
        raise ConfigError(f"the coreset must have between 1 and {len(rows)} rows, got {size}")
    for first, block in resident.blocks(rows):
        if not all(math.isfinite(value) for value in block.aminmax()):
            row = first + int((~block.isfinite()).any(dim=1).nonzero()[0])
            raise ConfigError(f"features must be finite, row {row} has NaN or infinity")
    return rows
