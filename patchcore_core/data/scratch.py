"""Arrays too large for memory: memory-mapped, unnamed files that the system removes even after a crash.

They are written by ordinary writes, since a full disk under a mapping kills the process. So does reading a hole of a
file on a full tmpfs; so all space is reserved at the beginning and there are no holes. Pages that were read stay
resident until `release`; the system keeps them in its cache while there is room, so reading them again is cheap.
"""

from __future__ import annotations

import errno
import mmap
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray

from patchcore_core.errors import StoreError

WRITE_BYTES = 2**24  # written at a time
UNSUPPORTED = (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP)  # errors of file systems that cannot reserve space


class Scratch:
    """Space in one folder for arrays that live until `close`, or until the process ends in any way."""

    def __init__(self, folder: Path | str | None = None) -> None:
        """`folder` must exist; None = the system's folder for temporary files."""
        self.folder = Path(folder or tempfile.gettempdir())
        self._arrays: list[ScratchArray] = []

    @property
    def used(self) -> bool:
        """Whether there are arrays in it."""
        return bool(self._arrays)

    def array(self, shape: tuple[int, ...], dtype: DTypeLike) -> ScratchArray:
        """An array of zeros; StoreError, naming folder and size, if the disk is full."""
        made = ScratchArray(self.folder, shape, np.dtype(dtype))
        self._arrays.append(made)
        return made

    def take(self, rows: NDArray[Any], indices: NDArray[np.integer]) -> NDArray[Any]:
        """Copies (n, D) of the rows at `indices` of `rows` (N, D), contiguous and possibly part of an array's values.

        They are read from the file: through a mapping, scattered rows load far more of it into memory.
        """
        address = rows.__array_interface__["data"][0]
        for array in self._arrays:
            offset = address - array.values.__array_interface__["data"][0]
            if 0 <= offset < array.values.nbytes and hasattr(os, "preadv"):
                return array.read(offset, indices, rows.shape[1])
        return rows[indices]

    def release(self) -> None:
        """Give back the memory of all pages that have been read."""
        for array in self._arrays:
            array.release()

    def close(self) -> None:
        """Remove the files. The arrays must not be read any more."""
        for array in self._arrays:
            array.close()
        self._arrays.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class ScratchArray:
    """`values` (shape) is a read-only view of the file; `write` changes it."""

    def __init__(self, folder: Path, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
        self._folder, self._row_bytes = folder, int(np.prod(shape[1:], dtype=np.int64)) * dtype.itemsize
        size = shape[0] * self._row_bytes
        with _on(folder, size):
            if size > shutil.disk_usage(folder).free:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 - closed by close()
            try:
                _reserve(self._file, max(size, 1))
                self._map = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
            except BaseException:
                self._file.close()
                raise
        self.values: NDArray[Any] = np.frombuffer(self._map, dtype, count=size // dtype.itemsize).reshape(shape)

    def write(self, first: int, rows: NDArray[Any]) -> None:
        """Store `rows` from row `first` on; StoreError where the disk is full."""
        block = np.ascontiguousarray(rows, dtype=self.values.dtype).reshape(-1).view(np.uint8).data
        with _on(self._folder, len(self.values) * self._row_bytes):
            self._file.seek(first * self._row_bytes)
            _write(self._file, block)

    def read(self, offset: int, indices: NDArray[np.integer], dim: int) -> NDArray[Any]:
        """Some of the rows (n, dim) that follow one another from byte `offset` of the file on."""
        taken = np.empty((len(indices), dim), dtype=self.values.dtype)
        if not taken.size:
            return taken
        into = taken.reshape(-1).view(np.uint8).data
        starts = np.flatnonzero(np.diff(indices, prepend=-2) != 1)  # of rows that follow one another
        ends = np.append(starts[1:], len(indices))
        size, file = dim * self.values.itemsize, self._file.fileno()
        for start, end, first in zip(starts.tolist(), ends.tolist(), indices[starts].tolist(), strict=True):
            os.preadv(file, [into[start * size : end * size]], offset + first * size)
        return taken

    def release(self) -> None:
        """Give back the memory of the pages that have been read."""
        _release(self._map)

    def close(self) -> None:
        """Remove the file; its mapping goes with the last view of `values`."""
        del self.values
        self._file.close()


def release(values: NDArray[Any]) -> None:
    """Give back the memory of the pages of a memory-mapped file that have been read; nothing for other arrays."""
    if isinstance(values, np.memmap) and isinstance(values._mmap, mmap.mmap):  # type: ignore[attr-defined]
        _release(values._mmap)  # type: ignore[attr-defined]


def _reserve(file: IO[bytes], size: int) -> None:
    """Make the file `size` bytes of zeros with reserved disk space; OSError if the disk is full."""
    if hasattr(os, "posix_fallocate"):  # not on Windows and macOS
        try:
            os.posix_fallocate(file.fileno(), 0, size)
            return
        except OSError as error:
            if error.errno not in UNSUPPORTED:
                raise
    zeros = memoryview(bytes(min(size, WRITE_BYTES)))
    for first in range(0, size, WRITE_BYTES):
        _write(file, zeros[: size - first])


def _write(file: IO[bytes], block: memoryview) -> None:
    """Write all of `block` (n,) bytes at the current position; a single call may write less."""
    while len(block):
        block = block[file.write(block[:WRITE_BYTES]) :]


def _release(mapping: mmap.mmap) -> None:
    if hasattr(mmap, "MADV_DONTNEED"):  # not on Windows
        mapping.madvise(mmap.MADV_DONTNEED)


@contextmanager
def _on(folder: Path, size: int) -> Iterator[None]:
    """Turn an OSError into a StoreError with the folder, the required size and the cause."""
    try:
        yield
    except OSError as error:
        cause = error.strerror or str(error)
        need = f"{size / 1e9:.3g} GB" if size >= 1e8 else f"{size / 1e6:.3g} MB"
        raise StoreError(f"{folder}: {need} of temporary data cannot be written: {cause}") from error
