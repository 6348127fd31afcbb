"""Which patches the memory bank keeps: farthest-first selection (Gonzalez 1985; Roth et al. 2022, section 3.2).

Every pick is the row farthest from all rows picked so far, the lowest index on ties; no row is picked twice. The
order is farthest-first, so the picks of a smaller coreset are a prefix of those of a larger one.

The selection is exact but lazy. Each row keeps `bound`, its squared distance to the first `seen` picks: an upper
bound of its distance to all of them, since distances to a growing set only shrink. A round takes a level a little
below the current radius, brings up to date only the rows whose bound reaches it (most drop below it on the way),
and runs the plain algorithm among the few that stay above. All other rows are below the level, so as long as the
farthest survivor is not, it is the farthest row of all. Bounds come from float64 matrix products of centred rows and
are trusted only to `slack`; survivors compete by distances computed from differences.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from patchcore_core.errors import ConfigError

SURVIVORS = 768  # rows that compete in one round
BLOCK_ROWS, BLOCK_PICKS = 4096, 512  # one matrix product of the update
SLACK = 1e-12  # share of the largest squared norm that a squared distance from a matrix product may be wrong by

Report = Callable[[int, int], None]


def greedy(
    features: np.ndarray | Tensor,
    size: int,
    start: int | None = None,
    *,
    seed: int = 0,
    report: Report | None = None,
) -> np.ndarray:
    """`size` rows of `features` (N, D) by farthest-first from row `start`; (size,) int64 in the order picked.

    `start` None draws it from `seed`. `report(done, size)` is called as picks are made.
    """
    rows = _checked(features, size)
    first = int(np.random.default_rng(seed).integers(len(rows))) if start is None else start
    if not 0 <= first < len(rows):
        raise ConfigError(f"start must be a row in [0, {len(rows)}), got {first}")
    bound = np.full(len(rows), np.inf)
    return _FarthestFirst(rows, bound, [first]).run(size, report)


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
    return _FarthestFirst(rows, mean.square().cpu().numpy(), []).run(size, report)


def random(count: int, size: int, *, seed: int = 0) -> np.ndarray:
    """`size` of `count` rows without replacement, (size,) int64."""
    return np.random.default_rng(seed).choice(count, size, replace=False).astype(np.int64)


def select(
    features: Tensor,
    sampler: str,
    ratio: float,
    *,
    projection_dim: int | None = None,
    seed: int = 0,
    report: Report | None = None,
) -> np.ndarray:
    """The rows of `features` (N, D) that a configuration keeps, int64: at least one, `ratio` of N rounded down."""
    size = max(1, int(len(features) * ratio))
    if sampler == "identity":
        return np.arange(len(features))
    if sampler == "random":
        return random(len(features), size, seed=seed)
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
    if rows.ndim != 2 or not len(rows):
        raise ConfigError(f"features must have shape (N, D), got {tuple(rows.shape)}")
    if not 1 <= size <= len(rows):
        raise ConfigError(f"the coreset must have between 1 and {len(rows)} rows, got {size}")
    return rows


class _FarthestFirst:
    """The state of one lazy selection; `run` drives it."""

    def __init__(self, rows: Tensor, bound: np.ndarray, picks: list[int]) -> None:
        self.rows = rows
        self.centre = rows.mean(dim=0, dtype=torch.float64)
        self.bound = bound  # (N,) squared distance to the first `seen` picks; -1 once picked
        self.seen = np.zeros(len(rows), dtype=np.int64)
        self.nearest = np.full(len(rows), -1)  # (N,) which of the first `seen` picks is nearest; -1 = none yet
        self.picks = picks
        self.picked_rows = torch.empty(0, rows.shape[1], dtype=torch.float64, device=rows.device)
        norms = [float((block.double() - self.centre).square().sum(1).max()) for block in rows.split(65536)]
        self.slack = SLACK * max(norms)
        self.bound[picks] = -1.0

    def run(self, size: int, report: Report | None) -> np.ndarray:
        level, share = np.inf, 0.8
        while len(self.picks) < size:
            self._remember_picks()
            highest = float(self.bound.max())
            level = min(level, highest) * share
            survivors = self._survivors(level)
            while not len(survivors):  # the radius was below the level: all bounds above it are exact now
                level = float(self.bound.max()) * share
                survivors = self._survivors(level)
            share = min(0.9995, share**0.7) if len(survivors) > SURVIVORS else max(0.3, share**1.2)
            level = self._compete(survivors, level, size)
            if report is not None:
                report(len(self.picks), size)
        return np.asarray(self.picks, dtype=np.int64)

    def _remember_picks(self) -> None:
        new = np.array(self.picks[len(self.picked_rows) :], dtype=np.int64)
        self.picked_rows = torch.cat([self.picked_rows, self._block(new) - self.centre])

    def _block(self, indices: np.ndarray) -> Tensor:
        """Float64 copies of some rows."""
        return self.rows[torch.as_tensor(indices, device=self.rows.device)].double()

    def _survivors(self, level: float) -> np.ndarray:
        """Indices, ascending, of the rows whose up-to-date squared distance reaches `level`."""
        candidates = np.flatnonzero(self.bound >= max(level - self.slack, 0.0))
        stale = candidates[self.seen[candidates] < len(self.picks)]
        stale = stale[np.argsort(self.seen[stale], kind="stable")]
        for first in range(0, len(stale), BLOCK_ROWS):
            self._update(stale[first : first + BLOCK_ROWS], level - self.slack)
        candidates = candidates[self.bound[candidates] >= max(level - self.slack, 0.0)]
        for first in range(0, len(candidates), BLOCK_ROWS):
            self._measure(candidates[first : first + BLOCK_ROWS])
        return candidates[self.bound[candidates] >= max(level, 0.0)]

    def _update(self, indices: np.ndarray, level: float) -> None:
        """Show rows the picks they have not seen, dropping each as soon as it is below `level`."""
        rows = self._block(indices) - self.centre
        first = int(self.seen[indices].min())
        while first < len(self.picks) and len(indices):
            picks = self.picked_rows[first : first + BLOCK_PICKS]
            distance, nearest = (part.cpu().numpy() for part in _squared_distances(rows, picks).min(dim=1))
            nearer = distance < self.bound[indices]
            self.bound[indices[nearer]] = distance[nearer]
            self.nearest[indices[nearer]] = first + nearest[nearer]
            first += len(picks)
            self.seen[indices] = np.maximum(self.seen[indices], first)
            kept = self.bound[indices] >= level
            if not kept.all():
                indices, rows = indices[kept], rows[torch.as_tensor(kept, device=rows.device)]

    def _measure(self, indices: np.ndarray) -> None:
        """Replace the bound of rows by the squared distance to their nearest pick, computed from the difference."""
        indices = indices[self.nearest[indices] >= 0]
        picks = np.array(self.picks, dtype=np.int64)[self.nearest[indices]]
        self.bound[indices] = _row_norms((self._block(indices) - self._block(picks)).cpu().numpy())

    def _compete(self, survivors: np.ndarray, level: float, size: int) -> float:
        """Plain farthest-first among the up-to-date survivors while it is certain; returns the level reached."""
        survivors, level, first_tied = _strongest(survivors, self.bound[survivors], level)
        rows = self._block(survivors).cpu().numpy()
        distance, nearest = self.bound[survivors], self.nearest[survivors]
        while len(self.picks) < size:
            best = int(distance.argmax())
            if distance[best] < level or (distance[best] == level and survivors[best] > first_tied):
                break
            to_best = _row_norms(rows - rows[best])
            nearest[to_best < distance] = len(self.picks)
            np.minimum(distance, to_best, out=distance)
            distance[best] = -1.0
            self.picks.append(int(survivors[best]))
        self.bound[survivors], self.nearest[survivors] = distance, nearest
        self.seen[survivors] = len(self.picks)
        return level


def _strongest(survivors: np.ndarray, distance: np.ndarray, level: float) -> tuple[np.ndarray, float, float]:
    """At most about SURVIVORS of them, the level they stay certain above, and the lowest index left out at it."""
    if len(survivors) <= SURVIVORS:
        return survivors, level, np.inf
    level = float(np.partition(distance, len(distance) - SURVIVORS)[len(distance) - SURVIVORS])
    tied = np.flatnonzero(distance == level)
    room = SURVIVORS - int((distance > level).sum())
    kept = np.sort(np.concatenate([np.flatnonzero(distance > level), tied[:room]]))
    return survivors[kept], level, float(survivors[tied[room]]) if room < len(tied) else np.inf


def _squared_distances(rows: Tensor, others: Tensor) -> Tensor:
    """(n, m) squared Euclidean distances by one matrix product."""
    products = torch.addmm(rows.square().sum(1, keepdim=True), rows, others.T, alpha=-2.0)
    return products.add_(others.square().sum(1)).clamp_(min=0.0)


def _row_norms(rows: np.ndarray) -> np.ndarray:
    """(n,) squared norms, each summed in the same order, so that equal rows have equal norms."""
    return np.einsum("nd,nd->n", rows, rows)
