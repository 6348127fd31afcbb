"""Rows that may lie in a mapped file: read a few at a time, so that few of its pages stay in memory."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from patchcore_core.data.scratch import Scratch

FAULT = 2**16  # bytes the system may map at one access
LIMIT = 2**25  # bytes that stay mapped at most
BLOCK = 2**22  # bytes read at a time from rows that follow one another


class Resident:
    """Reads tensors that may lie in the arrays of `scratch`, None where all are in memory."""

    def __init__(self, scratch: Scratch | None) -> None:
        self.scratch, self._bytes = scratch, 0

    def blocks(self, rows: Tensor) -> Iterator[tuple[int, Tensor]]:
        """All of `rows` (N, D) in order: the index of the first row and the rows, about 4 MiB at a time."""
        step = max(1, BLOCK // max(1, rows[:1].nbytes))
        for first in range(0, len(rows), step):
            block = rows[first : first + step]
            yield first, block
            self._count(block.nbytes + FAULT)

    def take(self, rows: Tensor, indices: Tensor) -> Tensor:
        """Copies of the rows at `indices`."""
        if self.scratch is None:
            return rows.index_select(0, indices)
        return torch.from_numpy(self.scratch.take(rows.numpy(), indices.numpy()))

    def _count(self, size: int) -> None:
        self._bytes += size
        if self.scratch is not None and self._bytes > LIMIT:
            self.scratch.release()
            self._bytes = 0


def as_tensor(features: np.ndarray | Tensor) -> Tensor:
    """The same memory as a tensor, also where it is read-only; it must not be written to then."""
    if isinstance(features, Tensor):
        return features.detach()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*not writable.*")
        return torch.from_numpy(features)


def readable(tensor: Tensor) -> np.ndarray:
    """The same memory for machine code: float16 as bit patterns (halves.py)."""
    array = tensor.numpy()
    return array.view(np.uint16) if array.dtype == np.float16 else array
