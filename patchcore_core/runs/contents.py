"""Whether a file is still the one that a run was made from: by its content where the run recorded it, else by time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from patchcore_core.data.files.content import content_key, content_keys, one_key
from patchcore_core.runs.record import Run

CHANGED, PERHAPS, SAME = "changed", "perhaps", ""
MARGIN = 1.0  # seconds: some file systems keep whole ones


def state_of(paths: Sequence[Path | str], recorded: str, run: Run) -> str:
    """CHANGED, PERHAPS or SAME: what became of one or more files since `run` was made.

    recorded: `data.files.content.one_key` of them as they were then. Where it is "", as in older runs, files that were
    written since are PERHAPS other ones. A file that cannot be read is none of this: its reader says so.
    """
    if not recorded:
        made = _made(run)
        return PERHAPS if any(_written(path) > made for path in paths) else SAME
    now = one_key(content_keys(map(Path, paths)))
    return CHANGED if now and now != recorded else SAME


def contents_then(paths: Sequence[str], recorded: Sequence[str], run: Run) -> tuple[str, ...]:
    """The contents of files when `run` was made, N each: as recorded, else as they are now if nobody wrote them since,
    else ""."""
    made = _made(run)
    return tuple(known or content_key(Path(path), unchanged_since=made)
                 for path, known in zip(paths, recorded, strict=True))


def _written(path: Path | str) -> float:
    try:
        return Path(path).stat().st_mtime
    except (OSError, ValueError):
        return float("-inf")


def _made(run: Run) -> float:
    try:
        return datetime.fromisoformat(run.created_at).timestamp() + MARGIN
    except ValueError:
        return float("-inf")
