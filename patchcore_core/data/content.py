"""Recognising the same photo in two datasets by what is in the file, wherever it lies and whatever its name."""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Iterable
from pathlib import Path


def content_keys(paths: Iterable[Path], unchanged_since: float = math.inf) -> tuple[str, ...]:
    """SHA-256 of each file, hex; "" for one that cannot be read or was changed after `unchanged_since` (seconds since
    the epoch), for nobody knows what it held before: it is the same as no other."""
    return tuple(_digest(path, unchanged_since) for path in paths)


def _digest(path: Path, unchanged_since: float) -> str:
    try:
        with open(path, "rb") as file:
            changed = os.fstat(file.fileno()).st_mtime > unchanged_since
            return "" if changed else hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError):
        return ""
