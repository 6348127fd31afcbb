"""Exact nearest neighbours: a cheap lower bound discards almost every bank row, the rest are measured exactly.

The bound is (*) of `exact/__init__.py`, with the distance of the k-th nearest row found so far. Bank rows of many
dimensions are first projected to their RANK leading principal directions. Of equal distances the lower index is nearer.

Where the bound excludes too little (unstructured data, all rows equally far) the search continues with float32
sketches, about as slow as plain flat search. A few queries never do: to sketch the bank for them takes longer than to
measure every row.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from patchcore_core.errors import ConfigError
from patchcore_core.model.exact.nearest import Nearest
from patchcore_core.model.exact.search_kernels import CHUNK, centre_rows, quantise, scan, visit
from patchcore_core.model.exact.sketch import (
    SAMPLE,
    Sketch,
    fastest_product,
    margin,
    norm_and_error,
    unit_of,
)
from patchcore_core.model.network.threads import limit_threads

RANK = 256  # principal directions
TERMS = 256  # of one part of P u
QUERY_ROWS = 512  # sketched at a time
BANK_ROWS = 16384  # compared with at a time
PAIRS = 2**21  # products at a time: they stay in the cache
SCAN_WORK = 10**6  # pairs times (D + 400): up to so much work every pair is measured, without a bound
FEW = 16  # queries for which the bank is not sketched anew
HOPELESS = 0.1  # of all pairs left by the bound: the float32 product is cheaper


class ExactSearch:
    """The exact nearest of finite `rows` (M, D), float32 or float16, which it keeps.

    It adds 12 bytes and one per dimension, at most 256 of a large bank. Any number of threads may search at once.
    """

    def __init__(self, rows: np.ndarray) -> None:
        count, dim = rows.shape
        self._rows = rows.view(np.uint16) if rows.dtype == np.float16 else rows
        largest = max(abs(float(rows.min())), abs(float(rows.max())))
        self._unit = min(max(unit_of(largest, dim), 2.0**-100), 2.0**120)  # 1 / unit is a float32
        self._margin = margin(dim)
        sample = torch.from_numpy(rows[:: -(-count // SAMPLE)].astype(np.float32)) / self._unit
        self._centre = sample.mean(dim=0, dtype=torch.float64).float()
        projects = dim >= 1.5 * RANK and count >= 1.5 * dim  # else the product is cheaper than the projection
        self._basis = _principal_directions(sample - self._centre) if projects else None
        self._product = fastest_product(_whole(dim if self._basis is None else RANK), torch.device("cpu"))
        self._sharp = False  # int8 codes would be hopeless here
        self._sketches = [self._sketch(part, False) for part in self._parts()]

    def __len__(self) -> int:
        return len(self._rows)

    def search(
        self, queries: np.ndarray, k: int, owners: np.ndarray | None = None, owns: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Distances (Q, k) float32 and indices (Q, k) int64 of the k nearest rows of each query (Q, D) float32.

        Rows whose group, of `owns` (M,), is that of the query, of `owners` (Q,), count as absent: where fewer
        than k are left the rest is infinity and -1.
        """
        nearest = self.nearest(queries, k, owners, owns)
        return nearest.distances(k), nearest.rows

    def nearest(
        self, queries: np.ndarray, k: int, owners: np.ndarray | None = None, owns: np.ndarray | None = None,
        before: Nearest | None = None,
    ) -> Nearest:
        """As `search`; `before`: the k nearest of the same queries among the first rows, to go on from."""
        owners = np.zeros(len(queries), np.int64) if owners is None else owners.astype(np.int64, copy=False)
        owns = np.empty(0, np.int64) if owns is None else owns.astype(np.int64, copy=False)
        squared = np.full((len(queries), k), np.inf) if before is None else before.squared.copy()
        indices = np.full((len(queries), k), -1, dtype=np.int64) if before is None else before.rows.copy()
        first = 0 if before is None else before.among
        if len(queries) * len(self._rows) * (queries.shape[1] + 400) <= SCAN_WORK:
            _refuse_not_finite(queries)
            scan(queries, owners, self._rows, owns, squared, indices)
            return Nearest(squared, indices, len(self._rows))
        threads = torch.get_num_threads()
        step = min(QUERY_ROWS, -(-len(queries) // threads)) if len(queries) else 1

        def search_part(start: int) -> None:
            part, many = slice(start, start + step), len(queries) > FEW
            self._search_part(queries[part], owners[part], owns, squared[part], indices[part], first, many)

        starts = range(0, len(queries), step)
        list((_pool(threads).map if threads > 1 and len(starts) > 1 else map)(search_part, starts))
        return Nearest(squared, indices, len(self._rows))

    def _search_part(
        self, queries: np.ndarray, owners: np.ndarray, owns: np.ndarray, nearest: np.ndarray, indices: np.ndarray,
        begin: int, many: bool,
    ) -> None:
        """Bring `nearest` and `indices` up to date with the rows from number `begin` on; `many`: whether there are more
        than `FEW` queries in all."""
        sharp, offered = self._sharp and many, 0
        product = _float_product if sharp else self._product
        ours = self._sketch(queries, sharp)
        for first_row, codes, theirs in self._sketched(begin, sharp):
            worst = theirs[2].reshape(CHUNK, -1).max(axis=0).astype(np.float64)  # errors of each chunk
            step = max(32, PAIRS // len(codes))
            for first in range(0, len(queries), step):
                rows = slice(first, min(first + step, len(queries)))
                dots = product(ours.codes[rows], codes).numpy()
                offered += visit(dots, first_row, queries[rows], owners[rows], ours.numbers.numpy()[:, rows],
                                 self._rows, owns, theirs, worst, ours.enlarge, nearest[rows], indices[rows])
        if many and offered > HOPELESS * len(queries) * (len(self._rows) - begin):
            self._sharp = True

    def _sketched(self, begin: int, sharp: bool) -> Iterator[tuple[int, Tensor, np.ndarray]]:
        """The rows from number `begin` on, part by part and in whole chunks: the number of the first one, codes (n, r)
        and numbers (3, n)."""
        for number, part in enumerate(self._parts()):
            known = max(0, begin - number * BANK_ROWS) // CHUNK * CHUNK  # rows of this part
            if known < len(part):
                made = self._sketch(part, sharp) if sharp else self._sketches[number]
                numbers = np.ascontiguousarray(made.numbers.numpy()[:, known:])
                yield number * BANK_ROWS + known, made.codes[known:], numbers

    def _parts(self) -> Iterator[np.ndarray]:
        for first in range(0, len(self._rows), BANK_ROWS):
            yield self._rows[first : first + BANK_ROWS]

    def _sketch(self, rows: np.ndarray, sharp: bool) -> Sketch:
        """Sketches of rows (n, D), float32 if `sharp`, filled up with empty places to whole chunks."""
        dim = rows.shape[1] if sharp or self._basis is None else RANK
        made = Sketch.empty(_whole(len(rows)), _whole(dim), self._margin / self._unit, torch.device("cpu"),
                            dtype=torch.float32 if sharp else torch.int8)  # fmt: skip
        numbers = made.numbers.numpy()
        for first in range(0, len(rows), QUERY_ROWS):
            part = slice(first, min(first + QUERY_ROWS, len(rows)))
            self._write_sketch(rows[part], sharp, made.codes[part], numbers[:, part])
        return made

    def _write_sketch(self, rows: np.ndarray, sharp: bool, codes: Tensor, numbers: np.ndarray) -> None:
        """Write the codes (n, r) and numbers (3, n) of rows (n, D)."""
        n, dim = rows.shape
        u, length = np.empty((n, dim), dtype=np.float32), np.empty(n, dtype=np.float32)
        centre_rows(rows, np.float32(1 / self._unit), self._centre.numpy(), u, length)
        far = ~np.isfinite(length)
        if far.any():
            _refuse_not_finite(rows[far])
            u[far], length[far] = 0, 0
        z = u if sharp else self._project(u)  # (n, r)
        scale, norm, error = numbers
        if sharp:
            codes[:, :dim] = torch.from_numpy(u)
            scale[:], norm[:], error[:] = 1, length * length, 0
        else:
            quantise(z, codes.numpy(), scale, norm, error)
        rounding = 8 if z is u else 8 + math.sqrt(z.shape[1]) * (TERMS + dim / TERMS)
        norm[:], error[:] = norm_and_error(norm, error, length, self._margin, rounding)
        error[far] = np.inf

    def _project(self, u: np.ndarray) -> np.ndarray:
        if self._basis is None:
            return u
        z = torch.zeros(len(u), self._basis.shape[1])
        for first in range(0, len(self._basis), TERMS):
            z += torch.from_numpy(u[:, first : first + TERMS]) @ self._basis[first : first + TERMS]
        return z.numpy()


@lru_cache(maxsize=4)
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix="search", initializer=limit_threads, initargs=(1,))


def _principal_directions(sample: Tensor) -> Tensor:
    """P transposed, (D, RANK), of a centred sample (n, D); the row sums of P P^T bound its norm.

    The directions are turned at random among themselves, so that no number of z is much larger than the others: that
    halves what rounding to codes loses.
    """
    directions = torch.linalg.eigh(sample.t() @ sample)[1][:, -RANK:].double()
    turn = torch.randn(RANK, RANK, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    directions = directions @ torch.linalg.qr(turn)[0]
    norm = (directions.t() @ directions).abs().sum(dim=1).max().sqrt()
    return (directions * ((1 - 2.0**-16) / norm)).float()


def _float_product(left: Tensor, right: Tensor) -> Tensor:
    return left.float() @ right.float().t()


def _whole(count: int) -> int:
    """Rounded up to whole chunks."""
    return -(-count // CHUNK) * CHUNK


def _refuse_not_finite(rows: np.ndarray) -> None:
    if rows.dtype != np.uint16 and not np.isfinite(rows).all():
        raise ConfigError("features must be finite, got NaN or infinity")
