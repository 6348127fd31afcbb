"""Arrays on disk, each under a hash of what it was made from, up to a size; those used longest ago go first.

An entry is a safetensors file with its CRC-32 behind its end. It is written beside and renamed, so a reader finds all
of it or nothing, and two writers of one entry write the same. What is damaged is removed and made again. Entries are
small and are read whole to be checked; a mapped file that a share takes away, or a disk fails to give, would kill the
process.

A file's modification time says when it was last used. Entries that were used since this object was made are never
removed by it: of photos that do not all fit, the first ones stay, where plain least-recently-used would remove each
entry just before it is wanted again.
"""

from __future__ import annotations

import errno
import logging
import os
import secrets
import shutil
import time
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

SUM = 4  # bytes of the CRC-32
NAME = "values"  # of the array in its file
LEFT_FREE = 2**30  # bytes of the disk that stay free for the results of fits
CHECKED = 2**26  # bytes written between two looks at the disk
SHARE = 16  # entries are counted anew after this share of the limit has been written: others may write too
AFTER_REMOVAL = 0.95  # of the limit: not every entry has others removed
ABANDONED = 3600  # seconds after which a file that was not renamed has lost its writer
NOT_FOR_US = (errno.EROFS, errno.EACCES, errno.EPERM)  # a store that may only be read
_LOG = logging.getLogger(__name__)


class Entries:
    """Arrays in `folder`, at most `limit` bytes of them; any number of threads and processes may use it."""

    def __init__(self, folder: Path, limit: int) -> None:
        self.folder, self.limit = folder, limit
        self._began, self._lock = time.time(), Lock()
        self._held: int | None = None  # bytes, None before they were counted
        self._uncounted = self._unchecked = 0  # bytes written since the count, and since the last look at the disk
        self._open = True  # whether more is kept

    def get(self, key: str) -> NDArray[Any] | None:
        """The array, read-only; None if it is not there or was damaged."""
        path = self._path(key)
        try:
            with path.open("rb") as file:
                values = _read(file)
                if values is not None and os.fstat(file.fileno()).st_mtime < self._began:
                    os.utime(path)
        except FileNotFoundError:
            return None
        except OSError:  # cannot be marked as used, in a store that may only be read; or cannot be read
            return self._unmarked(path)
        if values is None:
            _LOG.info("%s: damaged, and made again", path)
            with suppress(OSError):
                path.unlink()
        return values

    def has(self, key: str) -> bool:
        """Whether there is such an entry, damaged or not."""
        return self._path(key).exists()

    def put(self, key: str, values: NDArray[Any]) -> None:
        """Keep the array, as far as there is room; an error of the disk ends this with one warning."""
        if not self._open or self.get(key) is not None:
            return
        path, data = self._path(key), _written(values)
        if not self._makes_room(len(data)):
            return
        beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                beside.write_bytes(data)
                os.replace(beside, path)
            finally:
                beside.unlink(missing_ok=True)
        except OSError as error:
            self._close(error.strerror or str(error), quiet=error.errno in NOT_FOR_US)

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key[2:]}.safetensors"

    def _unmarked(self, path: Path) -> NDArray[Any] | None:
        with suppress(OSError), path.open("rb") as file:
            return _read(file)
        return None

    def _makes_room(self, size: int) -> bool:
        """Whether so many bytes more may be kept; removes entries for them."""
        with self._lock:
            self._unchecked += size
            if self._held is None or self._unchecked > CHECKED:
                self._unchecked = 0
                self._look_at_disk()
            if self._held is None or self._held + size > self.limit or self._uncounted > self.limit // SHARE:
                self._count(size)
            if not self._open or self._held is None or self._held + size > self.limit:
                return False
            self._held += size
            self._uncounted += size
            return True

    def _look_at_disk(self) -> None:
        there = next(folder for folder in (self.folder, *self.folder.parents) if folder.exists())
        if shutil.disk_usage(there).free < LEFT_FREE:
            self._close("less than 1 GiB of the disk is free")

    def _count(self, size: int) -> None:
        """Count all entries, and remove those used longest ago for `size` bytes more."""
        found = sorted(self._files())
        held = sum(each for _, each, _ in found)
        if held + size > self.limit:
            for used, each, path in found:
                if used >= self._began or held + size <= AFTER_REMOVAL * self.limit:
                    break
                with suppress(OSError):
                    path.unlink()
                    held -= each
            if held + size > self.limit:
                self._open = False
                _LOG.info("%s: full of what is in use; no more is kept", self.folder)
        self._held, self._uncounted = held, 0

    def _files(self) -> Iterator[tuple[float, int, Path]]:
        """When each entry was last used, its bytes, and its file; abandoned files are removed."""
        for path in self.folder.glob("*/*"):
            with suppress(OSError):
                status = path.stat()
                if not path.name.startswith("."):
                    yield status.st_mtime, status.st_size, path
                elif status.st_mtime < time.time() - ABANDONED:
                    path.unlink()

    def _close(self, cause: str, quiet: bool = False) -> None:
        if self._open and not quiet:
            _LOG.warning("%s: feature maps are not kept any more, so a later fit runs the network again: %s",
                         self.folder, cause)  # fmt: skip
        self._open = False


def _written(values: NDArray[Any]) -> bytes:
    data = save({NAME: np.ascontiguousarray(values)})
    return data + _sum(data)


def _read(file: BinaryIO) -> NDArray[Any] | None:
    """The array of an entry; None if the file is not exactly as it was written."""
    data = file.read()
    content = data[:-SUM]
    if data[-SUM:] != _sum(content):
        return None
    try:
        values: NDArray[Any] = load(content)[NAME]
    except (SafetensorError, ValueError, KeyError):  # another file with a sum behind its end
        return None
    values.flags.writeable = False
    return values


def _sum(data: bytes) -> bytes:
    return zlib.crc32(data).to_bytes(SUM, "little")
