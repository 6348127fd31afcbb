"""Recognising the same photo in two datasets, or another one in its place, by what is in the file."""

from __future__ import annotations

import hashlib
import math
import os
import time
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from io import BufferedReader
from pathlib import Path
from threading import Lock

SETTLED = 2.5  # seconds after which a file's times tell any further change: some file systems keep every second one
MOST_KNOWN = 100_000  # files whose digests this process remembers

Stamp = tuple[str, int, int, int, int, int]


def content_keys(paths: Iterable[Path], unchanged_since: float = math.inf) -> tuple[str, ...]:
    """SHA-256 of each file, hex; "" for one that cannot be read or was changed after `unchanged_since` (seconds since
    the epoch), for nobody knows what it held before: it is the same as no other.

    A file that this process has read before and that was not changed since, by its length, its times and its place on
    the disk, is not read again.
    """
    return tuple(content_key(path, unchanged_since) for path in paths)


def content_key(path: Path, unchanged_since: float = math.inf) -> str:
    """`content_keys` of one file."""
    try:
        with open(path, "rb") as file:
            status = os.fstat(file.fileno())
            if status.st_mtime > unchanged_since:
                return ""
            return _digest(file, (str(path), *_identity(status)), max(status.st_mtime, status.st_ctime))
    except (OSError, ValueError):
        return ""


def stamp_of(path: Path | str) -> int:
    """A number that is another one as soon as another file lies there, or it was written anew; 0 where there is none.

    It is told without reading the file, and the same only within one process.
    """
    try:
        return hash(_identity(os.stat(path))) or 1
    except (OSError, ValueError):
        return 0


def one_key(keys: Sequence[str]) -> str:
    """One key for several files in this order, given their keys: "" for none, or where one of them is not known.

    Of one file it is the file's own key, of several the SHA-256 of their keys, a line each.
    """
    if not keys or not all(keys):
        return ""
    return keys[0] if len(keys) == 1 else hashlib.sha256("\n".join(keys).encode()).hexdigest()


def _identity(status: os.stat_result) -> tuple[int, int, int, int, int]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _digest(file: BufferedReader, stamp: Stamp, changed: float) -> str:
    with _LOCK:
        known = _KNOWN.get(stamp)
    if known is not None:
        return known
    settled = time.time() - changed > SETTLED  # before it is read: one changed since has another stamp
    found = hashlib.file_digest(file, "sha256").hexdigest()
    if settled:
        with _LOCK:
            _KNOWN[stamp] = found
            while len(_KNOWN) > MOST_KNOWN:
                _KNOWN.popitem(last=False)
    return found


_KNOWN: OrderedDict[Stamp, str] = OrderedDict()  # oldest first
_LOCK = Lock()
