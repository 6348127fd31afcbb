"""Recognising the same photo in two datasets by what is in the file, wherever it lies and whatever its name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path


def content_keys(paths: Iterable[Path]) -> tuple[str, ...]:
    """SHA-256 of each file, hex; "" for one that cannot be read (it is the same as no other)."""
    return tuple(_digest(path) for path in paths)


def _digest(path: Path) -> str:
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError):
        return ""
