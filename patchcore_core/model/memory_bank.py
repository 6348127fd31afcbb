"""The memory bank: patch features of good images, and exact nearest-neighbour search in them."""

from __future__ import annotations

from pathlib import Path

import faiss
import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from patchcore_core.errors import ConfigError, StoreError

FILE = "patches.safetensors"
SEARCH_ROWS = 8192  # queries per call, so that temporary arrays stay small


class MemoryBank:
    """Patch features (M, D) float32 with the origin (M, 3) int32 of each: training image, row and column of its grid.

    `device` "cuda" searches with FAISS on the GPU where this FAISS can, else on the CPU; both are exact.
    """

    def __init__(self, patches: np.ndarray, origin: np.ndarray | None = None, device: str = "cpu") -> None:
        patches = np.ascontiguousarray(patches, dtype=np.float32)
        if patches.ndim != 2 or not len(patches):
            raise ConfigError(f"a memory bank needs patches of shape (M, D), got {patches.shape}")
        if origin is not None and np.shape(origin) != (len(patches), 3):
            raise ConfigError(f"origin must have shape ({len(patches)}, 3), got {np.shape(origin)}")
        self.patches = patches
        self.origin = None if origin is None else np.ascontiguousarray(origin, dtype=np.int32)
        self._index = _flat_index(patches, device)

    def __len__(self) -> int:
        return len(self.patches)

    def search(self, queries: np.ndarray, k: int = 1) -> tuple[np.ndarray, np.ndarray]:
        """The k nearest bank rows of each query (Q, D), nearest first.

        Returns Euclidean distances (Q, k) float32 and row indices (Q, k) int64. FAISS finds the rows; their
        distances are then computed from the differences, so that a near-zero distance is not lost to rounding.
        """
        queries = np.ascontiguousarray(queries, dtype=np.float32)
        if queries.ndim != 2 or queries.shape[1] != self.patches.shape[1]:
            raise ConfigError(f"queries must have shape (Q, {self.patches.shape[1]}), got {queries.shape}")
        if not 1 <= k <= len(self):
            raise ConfigError(f"k must be between 1 and the bank's {len(self)} rows, got {k}")
        distances = np.empty((len(queries), k), dtype=np.float32)
        indices = np.empty((len(queries), k), dtype=np.int64)
        for first in range(0, len(queries), SEARCH_ROWS):
            rows = slice(first, first + SEARCH_ROWS)
            distances[rows], indices[rows] = self._search_rows(queries[rows], k)
        return distances, indices

    def _search_rows(self, queries: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        _, indices = self._index.search(queries, k)
        distances = np.empty(indices.shape, dtype=np.float32)
        for column in range(k):
            difference = queries - self.patches[indices[:, column]]
            distances[:, column] = np.sqrt(np.einsum("qd,qd->q", difference, difference))
        order = np.argsort(distances, axis=1, kind="stable")
        return np.take_along_axis(distances, order, axis=1), np.take_along_axis(indices, order, axis=1)

    def save(self, folder: Path) -> None:
        """Write the rows and their origin to `folder` as safetensors."""
        arrays = {"patches": self.patches} | ({} if self.origin is None else {"origin": self.origin})
        save_file(arrays, folder / FILE)

    @classmethod
    def load(cls, folder: Path, device: str = "cpu") -> MemoryBank:
        """Read what `save` wrote; a missing or broken file is a StoreError that names it."""
        path = Path(folder) / FILE
        try:
            arrays = load_file(path)
            return cls(arrays["patches"], arrays.get("origin"), device)
        except FileNotFoundError:
            raise StoreError(f"{path}: the memory bank's file is missing") from None
        except (OSError, SafetensorError, KeyError, ConfigError) as error:
            raise StoreError(f"{path}: the memory bank cannot be read ({error})") from error


def _flat_index(patches: np.ndarray, device: str) -> faiss.Index:
    index: faiss.Index = faiss.IndexFlatL2(patches.shape[1])
    if device.startswith("cuda") and getattr(faiss, "get_num_gpus", lambda: 0)():
        index = faiss.index_cpu_to_gpu(faiss.StandardGpuResources(), 0, index)
    index.add(patches)
    return index
