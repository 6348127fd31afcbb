"""How much disk runs and caches take."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from patchcore_core.runs.folder import BANK, FEATURES, JOBS, MAPS, TRASH, TRIALS, run_folders


@dataclass(frozen=True)
class StoreDisk:
    """Bytes of a store by what takes them.

    maps, banks, other: of the finished runs, by file; jobs: runs at work and those that ended badly, with logs;
    features: the feature cache, which may be deleted; trials: photos taught on trial; trash: deleted runs.
    """

    maps: int
    banks: int
    other: int
    jobs: int
    features: int
    trials: int
    trash: int

    @property
    def total(self) -> int:
        """All of them."""
        return sum(vars(self).values())


def bytes_below(folder: Path | str) -> int:
    """Bytes of all files in a folder and below; what is gone or cannot be read counts as none. Links are not followed.
    """
    total = 0
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    total += bytes_below(entry.path)
                else:
                    total += _size(entry)
    except OSError:
        return total
    return total


def store_disk(root: Path) -> StoreDisk:
    """What the store in `root` takes; StoreError if its runs cannot be listed."""
    runs = run_folders(root)
    maps = sum(_bytes_of(run / MAPS) for run in runs)
    banks = sum(bytes_below(run / BANK) for run in runs)
    whole = sum(map(bytes_below, runs))
    parts = {name: bytes_below(root / folder) for name, folder in
             (("jobs", JOBS), ("features", FEATURES), ("trials", TRIALS), ("trash", TRASH))}  # fmt: skip
    return StoreDisk(maps=maps, banks=banks, other=whole - maps - banks, **parts)


def _bytes_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _size(entry: os.DirEntry[str]) -> int:
    try:
        return entry.stat(follow_symlinks=False).st_size
    except OSError:
        return 0
