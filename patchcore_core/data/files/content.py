"""Content keys: recognising the same photo in two datasets, and files that have changed."""

from __future__ import annotations

import hashlib
import math
import os
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from threading import Lock
from typing import BinaryIO, Generic, TypeVar

SETTLED = 2.5  # seconds after which file times reveal any change: some file systems round them to 2 s
MOST_KNOWN = 100_000  # files

Stamp = tuple[str, int, int, int, int, int]
Found = TypeVar("Found")


def content_keys(paths: Iterable[Path], unchanged_since: float = math.inf) -> tuple[str, ...]:
    """SHA-256 of each file, hex; "" for one that cannot be read or was changed after `unchanged_since` (seconds since
    the epoch), since its earlier content is unknown.

    A file that this process has read is not read again while its length, times and inode stay the same.
    """
    return tuple(content_key(path, unchanged_since) for path in paths)


def content_key(path: Path, unchanged_since: float = math.inf) -> str:
    """`content_keys` of one file."""
    try:
        with open(path, "rb") as file:
            status = os.fstat(file.fileno())
            if status.st_mtime > unchanged_since:
                return ""
            return _DIGESTS.of(file, str(path), lambda: hashlib.file_digest(file, "sha256").hexdigest(), status)
    except (OSError, ValueError):
        return ""


def stamp_of(path: Path | str) -> int:
    """A number that changes when the file is replaced or rewritten; 0 if there is none.

    Does not read the file. Comparable only within one process.
    """
    try:
        return hash(_identity(os.stat(path))) or 1
    except (OSError, ValueError):
        return 0


def one_key(keys: Sequence[str]) -> str:
    """One key for several files in this order, given their keys; "" for none, or if one of them is unknown.

    For one file its own key, for several the SHA-256 of their keys, one per line.
    """
    if not keys or not all(keys):
        return ""
    return keys[0] if len(keys) == 1 else hashlib.sha256("\n".join(keys).encode()).hexdigest()


def _identity(status: os.stat_result) -> tuple[int, int, int, int, int]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


class Remembered(Generic[Found]):
    """What this process has found in files, as long as their length, times and inode stay the same."""

    def __init__(self) -> None:
        self._known: OrderedDict[Stamp, Found] = OrderedDict()  # oldest first
        self._lock = Lock()

    def of(self, file: BinaryIO, path: str, find: Callable[[], Found], status: os.stat_result | None = None) -> Found:
        """What `find` gives for this open file, or gave before; `status`: that of the file, where it is known."""
        status = status or os.fstat(file.fileno())
        stamp = (path, *_identity(status))
        with self._lock:
            if stamp in self._known:
                return self._known[stamp]
        settled = time.time() - max(status.st_mtime, status.st_ctime) > SETTLED  # a later change gives another stamp
        found = find()
        if settled:
            with self._lock:
                self._known[stamp] = found
                while len(self._known) > MOST_KNOWN:
                    self._known.popitem(last=False)
        return found


_DIGESTS: Remembered[str] = Remembered()
