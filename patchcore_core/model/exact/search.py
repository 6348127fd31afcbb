"""Exact nearest neighbours: a cheap lower bound discards almost every bank row, the rest are measured exactly.

A row x becomes u = (x - c) / unit (c near the bank's mean, `unit` a power of two near its extent) and z = P u, where
P holds the 256 leading principal directions of a bank of many dimensions and many rows, turned among themselves and
scaled such that |P| <= 1, and is the identity otherwise. z is rounded to s q with int8 codes q and the row's own scale
s = max |z_i| / 127, and `error` e is at least |z - s q|.

The bound. If |x - y| <= b, then with beta = b / unit, as |P| <= 1, |s_x q_x - s_y q_y| <= beta + e_x + e_y, that is

    n_x + n_y - 2 s_x s_y (q_x . q_y) <= (beta + e_x + e_y)^2,    n = s^2 |q|^2.                               (*)

A bank row that violates (*) is farther than b. With b the k-th smallest distance found so far, which is never
smaller than the final one, no neighbour is lost, and no row that ties with one. Every row that (*) leaves is
measured in float64 from the differences; of equal distances the lower index is nearer.

Rounding, with v = 2^-24. q_x . q_y is an exact integer, or in float32 wrong by at most (D + 2) v |q_x| |q_y|, and
2 s_x s_y |q_x| |q_y| <= n_x + n_y; so the left side comes out wrong by less than (2 D + 32) v (n_x + n_y), n included,
and underflows below 2^-118. `norm` is stored as n (2 - g) - 2^-118 with g = 1 + (64 + 2 D) v, which covers that. The
right side is float64; e and beta are enlarged by g, which covers their own rounding and that of float64 distances.
e sums up |z - s q| as measured, (8 v) |u| for rounding u, z - s q and their sums, 2^-60 for underflow, and for z
sqrt(256) (256 + D / 256) v |u|, as P u is summed in parts of 256 terms. A query so far away that |u| overflows gets
e = infinity: it is compared with every row.

Where (*) leaves too much (hardly any structure, everything equally far) the same search goes on with q = u in
float32, s = 1, e = 8 v |u|: as dear as plain flat search, as sharp as float32 can be.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from patchcore_core.errors import ConfigError
from patchcore_core.model.exact.search_kernels import CHUNK, centre_rows, quantise, scan, visit
from patchcore_core.model.network.threads import limit_threads

ROUNDOFF = 2.0**-24  # v
SAMPLE = 4096  # centre and principal directions are made from about so many rows
RANK = 256  # principal directions
TERMS = 256  # of one part of P u
QUERY_ROWS = 512  # sketched at a time
BANK_ROWS = 16384  # compared with at a time
PAIRS = 2**21  # products at a time: they stay in the cache
SMALL = 10**6  # pairs times (D + 400): so little work is done without a bound
HOPELESS = 0.1  # of all pairs left by the bound: the float32 product is cheaper

Product = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Sketch:
    """Rows as codes (n', r), with scale, norm and error of each, numbers (3, n') float32; n' a multiple of CHUNK."""

    codes: Tensor
    numbers: np.ndarray


class ExactSearch:
    """The exact nearest of finite `rows` (M, D), float32 or float16, which it keeps.

    It adds 12 bytes and one per dimension, at most 256 of a large bank. Any number of threads may search at once.
    """

    def __init__(self, rows: np.ndarray) -> None:
        count, dim = rows.shape
        self._rows = rows.view(np.uint16) if rows.dtype == np.float16 else rows
        self._margin = 1 + (64 + 2 * dim) * ROUNDOFF  # g
        extent = 2.0 * math.sqrt(dim) * max(abs(float(rows.min())), abs(float(rows.max())))
        self._unit = 2.0 ** min(max(math.ceil(math.log2(extent)), -100), 120) if extent > 0 else 1.0
        sample = torch.from_numpy(rows[:: -(-count // SAMPLE)].astype(np.float32)) / self._unit
        self._centre = sample.mean(dim=0, dtype=torch.float64).float()
        projects = dim >= 1.5 * RANK and count >= 1.5 * dim  # else the product is cheaper than the projection
        self._basis = _principal_directions(sample - self._centre) if projects else None
        self._sharp = False  # int8 codes would be hopeless here
        self._sketches = [self._sketch(part, False) for part in self._parts()]

    def search(
        self, queries: np.ndarray, k: int, owners: np.ndarray | None = None, owns: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Distances (Q, k) float32 and indices (Q, k) int64 of the k nearest rows of each query (Q, D) float32.

        Rows whose group, of `owns` (M,), is that of the query, of `owners` (Q,), count as absent: where fewer
        than k are left the rest is infinity and -1.
        """
        owners = np.zeros(len(queries), np.int64) if owners is None else owners.astype(np.int64, copy=False)
        owns = np.empty(0, np.int64) if owns is None else owns.astype(np.int64, copy=False)
        nearest = np.full((len(queries), k), np.inf)
        indices = np.full((len(queries), k), -1, dtype=np.int64)
        if len(queries) * len(self._rows) * (queries.shape[1] + 400) <= SMALL:
            _refuse_not_finite(queries)
            scan(queries, owners, self._rows, owns, nearest, indices)
            return np.sqrt(nearest, out=nearest).astype(np.float32), indices
        threads = torch.get_num_threads()
        step = min(QUERY_ROWS, -(-len(queries) // threads)) if len(queries) else 1

        def search_part(first: int) -> None:
            part = slice(first, first + step)
            self._search_part(queries[part], owners[part], owns, nearest[part], indices[part])

        starts = range(0, len(queries), step)
        list((_pool(threads).map if threads > 1 and len(starts) > 1 else map)(search_part, starts))
        return np.sqrt(nearest, out=nearest).astype(np.float32), indices

    def _search_part(
        self, queries: np.ndarray, owners: np.ndarray, owns: np.ndarray, nearest: np.ndarray, indices: np.ndarray
    ) -> None:
        sharp, offered = self._sharp, 0
        product = _float_product if sharp else _code_product()
        ours = self._sketch(queries, sharp)
        step = max(32, PAIRS // min(len(self._rows), BANK_ROWS))
        for number, part in enumerate(self._parts()):
            theirs = self._sketch(part, sharp) if sharp else self._sketches[number]
            worst = theirs.numbers[2].reshape(CHUNK, -1).max(axis=0).astype(np.float64)  # errors of each chunk
            for first in range(0, len(queries), step):
                rows = slice(first, min(first + step, len(queries)))
                dots = product(ours.codes[rows], theirs.codes).numpy()
                offered += visit(dots, number * BANK_ROWS, queries[rows], owners[rows], ours.numbers[:, rows],
                                 self._rows, owns, theirs.numbers, worst, self._margin / self._unit, nearest[rows],
                                 indices[rows])  # fmt: skip
        if offered > HOPELESS * len(queries) * len(self._rows):
            self._sharp = True

    def _parts(self) -> Iterator[np.ndarray]:
        for first in range(0, len(self._rows), BANK_ROWS):
            yield self._rows[first : first + BANK_ROWS]

    def _sketch(self, rows: np.ndarray, sharp: bool) -> Sketch:
        """Codes and numbers of rows (n, D), filled up with rows that are close to nothing."""
        numbers = np.zeros((3, -(-len(rows) // CHUNK) * CHUNK), dtype=np.float32)
        numbers[1] = 1e38
        dim = rows.shape[1] if sharp or self._basis is None else RANK
        width = -(-dim // CHUNK) * CHUNK
        codes = torch.zeros(numbers.shape[1], width, dtype=torch.float32 if sharp else torch.int8)  # (n', r)
        for first in range(0, len(rows), QUERY_ROWS):
            part = slice(first, min(first + QUERY_ROWS, len(rows)))
            self._write_sketch(rows[part], sharp, codes[part], numbers[:, part])
        return Sketch(codes, numbers)

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
            scale[:], norm[:] = 1, length * length
        else:
            quantise(z, codes.numpy(), scale, norm, error)
        rounding = 8 if z is u else 8 + math.sqrt(z.shape[1]) * (TERMS + dim / TERMS)
        norm[:] = norm * (2 - self._margin) - 2.0**-118
        error[:] = (error + rounding * ROUNDOFF * length + 2.0**-60) * self._margin
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


def _int8_product(left: Tensor, right: Tensor) -> Tensor:
    return torch._int_mm(left, right.t())


@lru_cache(maxsize=1)
def _code_product() -> Product:
    """The faster product of int8 codes here: by int8 instructions where this processor has them and they are exact."""
    codes = torch.full((256, RANK), 127, dtype=torch.int8)
    codes[::2] = -127
    try:
        if not torch.equal(_int8_product(codes, codes).float(), _float_product(codes, codes)):
            return _float_product
    except RuntimeError:
        return _float_product
    return min(_int8_product, _float_product, key=lambda product: _seconds(product, codes))


def _seconds(product: Product, codes: Tensor) -> float:
    times = []
    for _ in range(3):
        started = time.perf_counter()
        product(codes, codes)
        times.append(time.perf_counter() - started)
    return min(times)


def _refuse_not_finite(rows: np.ndarray) -> None:
    if rows.dtype != np.uint16 and not np.isfinite(rows).all():
        raise ConfigError("features must be finite, got NaN or infinity")
