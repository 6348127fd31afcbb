"""Whether a file is still the one of the run: by content key if recorded, else by time."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from patchcore_core.data.files.content import content_key, content_keys, one_key
from patchcore_core.runs.record import Run

CHANGED, PERHAPS, SAME = "changed", "perhaps", ""
MARGIN = 1.0  # seconds: resolution of some file systems
BEFORE = 3.0  # seconds before a run within which a file may have been written after it was read


def state_of(paths: Sequence[Path | str], recorded: str, run: Run) -> str:
    """CHANGED, PERHAPS or SAME: the state of one or more files since `run`.

    recorded: their `data.files.content.one_key` at the time. If it is "", as in older runs, files written since are
    PERHAPS changed. Unreadable files are SAME: their reader reports them.
    """
    if not recorded:
        made = _made(run)
        return PERHAPS if any(_written(path) > made for path in paths) else SAME
    now = one_key(content_keys(map(Path, paths)))
    return CHANGED if now and now != recorded else SAME


def untouched(paths: Sequence[Path | str], run: Run) -> bool:
    """Whether these files were certainly neither written nor replaced since `run` began, so that they hold what it
    recorded; they are not read."""
    made = _made(run) - MARGIN - BEFORE
    return all(_touched(path) < made for path in paths)


def contents_then(paths: Sequence[str], recorded: Sequence[str], run: Run) -> tuple[str, ...]:
    """Content keys (N,) at the time of `run`: as recorded, else current ones of files unchanged since, else ""."""
    made = _made(run)
    return tuple(known or content_key(Path(path), unchanged_since=made)
                 for path, known in zip(paths, recorded, strict=True))


def _written(path: Path | str) -> float:
    try:
        return Path(path).stat().st_mtime
    except (OSError, ValueError):
        return float("-inf")


def _touched(path: Path | str) -> float:
    """When the file was last written, replaced, renamed or given other rights; infinity if it cannot be told."""
    try:
        status = os.stat(path)  # thousands are asked for at a time: faster than by Path
    except (OSError, ValueError):
        return math.inf
    return max(status.st_mtime, status.st_ctime)


def _made(run: Run) -> float:
    return _made_at(run.created_at)


@lru_cache(maxsize=64)
def _made_at(created_at: str) -> float:
    try:
        return datetime.fromisoformat(created_at).timestamp() + MARGIN
    except ValueError:
        return float("-inf")
