"""A little memory as a disk, for what happens when it is full."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BLOCK = 2**16  # bytes that a filler writes at a time


@contextmanager
def small_disk(folder: Path, mebibytes: int) -> Iterator[Path]:
    """A disk of this size in this new folder; OSError where none may be mounted, which needs the rights of root."""
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs", str(folder)],
                             capture_output=True)  # fmt: skip
    if mounted.returncode:
        raise OSError(f"no disk may be mounted here: {mounted.stderr.decode().strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


class Filler:
    """A file that takes what is free of a disk, while others go on writing there."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "filler"

    def fill(self, left: int = 0) -> None:
        """Take all that is free, and was given back since the last call, but for `left` bytes."""
        with self._path.open("ab", buffering=0) as file:
            while True:
                status = os.statvfs(self._path.parent)
                size = min(BLOCK, status.f_bavail * status.f_frsize - left)
                if size <= 0:
                    return
                try:
                    file.write(bytes(size))
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
                    return

    def remove(self) -> None:
        """Give everything back."""
        self._path.unlink(missing_ok=True)
