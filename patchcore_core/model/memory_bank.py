"""The memory bank: patch features of good images, and exact nearest-neighbour search in them."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

import faiss
import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import save_file

from patchcore_core.errors import ConfigError, StoreError
from patchcore_core.model.bank_rows import read_rows
from patchcore_core.model.exact.flat_search import FlatSearch
from patchcore_core.model.shared.growing import At, LeftOutNearest

if TYPE_CHECKING:
    from patchcore_core.model.exact.search import ExactSearch

logger = logging.getLogger(__name__)

FILE = "patches.safetensors"
SEARCH_ROWS = 8192  # queries per call on a GPU, so that temporary arrays stay small
HALF_LEAST = 0.1  # features whose largest value is smaller lose precision as float16


class MemoryBank:
    """Patch features (M, D) with the origin (M, 3) int32 of each: training image, row and column of its grid.

    Float16 features stay float16, all others become float32. `device` "cuda" searches with FAISS on the GPU where this
    FAISS can, else on the CPU.
    """

    def __init__(self, patches: np.ndarray, origin: np.ndarray | None = None, device: str = "cpu") -> None:
        kept = np.float16 if np.asarray(patches).dtype == np.float16 else np.float32
        patches = np.ascontiguousarray(patches, dtype=kept)
        if patches.ndim != 2 or not patches.size:
            raise ConfigError(f"a memory bank needs patches of shape (M, D), got {patches.shape}")
        if not np.isfinite(patches).all():
            raise ConfigError("a memory bank needs finite patches, got NaN or infinity")
        if origin is not None and np.shape(origin) != (len(patches), 3):
            raise ConfigError(f"origin must have shape ({len(patches)}, 3), got {np.shape(origin)}")
        self.patches = patches
        self.origin = None if origin is None else np.ascontiguousarray(origin, dtype=np.int32)
        gpu = _gpu_index(patches) if device.startswith("cuda") else None
        self._index: ExactSearch | FlatSearch | faiss.Index = exact_search(patches) if gpu is None else gpu
        self.left_out: LeftOutNearest | None = None  # what is known of training patches from a bank of its first rows

    def __len__(self) -> int:
        return len(self.patches)

    @property
    def leaves_out(self) -> bool:
        """Whether `search` can leave out rows: on the CPU, if numba can compile here."""
        return not isinstance(self._index, FlatSearch | faiss.Index)

    def search(
        self, queries: np.ndarray, k: int = 1, owners: np.ndarray | None = None, owns: np.ndarray | None = None,
        at: At | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """The k nearest bank rows of each query (Q, D), nearest first.

        Returns Euclidean distances (Q, k) float32, computed from the differences so that a near-zero distance is
        not lost to rounding, and row indices (Q, k) int64. On the CPU they are the ones of float64 brute force, the
        lower index first among equals; on a GPU, FAISS may swap rows that are equally far in float32. Queries that
        are not finite are a ConfigError. Where the bank `leaves_out`, rows whose group, of owns (M,), is that of the
        query, of owners (Q,), count as absent: where fewer than k are left the rest is infinity and -1. `at`: where
        what is found of these queries is kept.
        """
        queries = np.ascontiguousarray(queries, dtype=np.float32)
        if queries.ndim != 2 or queries.shape[1] != self.patches.shape[1]:
            raise ConfigError(f"queries must have shape (Q, {self.patches.shape[1]}), got {queries.shape}")
        if not 1 <= k <= len(self):
            raise ConfigError(f"k must be between 1 and the bank's {len(self)} rows, got {k}")
        if isinstance(self._index, FlatSearch):
            return self._index.search(queries, k)
        if not isinstance(self._index, faiss.Index):
            if at is not None:
                return at.kept.search(self._index, at.places, queries, k, owners, owns)
            return self._index.search(queries, k, owners, owns)
        distances = np.empty((len(queries), k), dtype=np.float32)
        indices = np.empty((len(queries), k), dtype=np.int64)
        for first in range(0, len(queries), SEARCH_ROWS):
            rows = slice(first, first + SEARCH_ROWS)
            distances[rows], indices[rows] = self._search_on_gpu(queries[rows], k)
        return distances, indices

    def _search_on_gpu(self, queries: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        if not np.isfinite(queries).all():
            raise ConfigError("features must be finite, got NaN or infinity")
        _, indices = self._index.search(queries, k)
        distances = np.empty(indices.shape, dtype=np.float32)
        for column in range(k):
            difference = queries - self.patches[indices[:, column]]  # (Q, D) float32
            distances[:, column] = np.sqrt(np.einsum("qd,qd->q", difference, difference))
        order = np.argsort(distances, axis=1, kind="stable")
        return np.take_along_axis(distances, order, axis=1), np.take_along_axis(indices, order, axis=1)

    def save(self, folder: Path, name: str = FILE) -> None:
        """Write the rows and their origin to `folder` as safetensors; StoreError where the disk is full."""
        arrays = {"patches": self.patches} | ({} if self.origin is None else {"origin": self.origin})
        try:
            save_file(arrays, folder / name)
        except (OSError, SafetensorError) as error:
            raise StoreError(f"{folder / name}: the memory bank cannot be written ({error})") from error

    @classmethod
    def load(cls, folder: Path, device: str = "cpu", name: str = FILE) -> MemoryBank:
        """Read what `save` wrote; a missing or broken file is a StoreError that names it."""
        rows = read_rows(Path(folder) / name)
        return cls(rows.patches, rows.origin, device)


def exact_search(rows: np.ndarray) -> ExactSearch | FlatSearch:
    """Search of rows (M, D) on the CPU: ours, or FAISS's with a check if numba cannot compile here."""
    try:
        from patchcore_core.model.exact.search import ExactSearch

        return ExactSearch(rows)
    except Exception as error:  # numba is missing, or fails in one of its many ways
        logger.warning("Search is slower here, since no machine code can be made: %s", error)
        return FlatSearch(rows)


def as_stored(patches: np.ndarray, dtype: str) -> np.ndarray:
    """Features (M, D) in the precision of the bank, "float16" or "float32".

    Features beyond the range of float16, or so small that it would lose them, stay float32, with a warning.
    """
    patches = np.asarray(patches, dtype=np.float32)
    if dtype == "float32":
        return patches
    with np.errstate(over="ignore"):
        half = patches.astype(np.float16)
    largest = float(np.abs(patches).max(initial=0))
    if largest > float(np.finfo(np.float16).max) or 0 < largest < HALF_LEAST:
        logger.warning("The features reach %.3g, which float16 cannot hold well; the bank is kept as float32", largest)
        return patches
    return half


def _gpu_index(patches: np.ndarray) -> faiss.Index | None:
    """FAISS's flat index on the first GPU, None if there is none, or this FAISS does not support it."""
    if not getattr(faiss, "get_num_gpus", lambda: 0)():
        return None
    index = faiss.index_cpu_to_gpu(faiss.StandardGpuResources(), 0, faiss.IndexFlatL2(patches.shape[1]))
    index.add(patches.astype(np.float32))
    return index
