"""What is written stays written when the power fails: file systems may keep a file's name and lose its content, which
they write later, or the other way round."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from patchcore_core.in_threads import in_threads

AT_ONCE = 8  # files: the disk then writes its journal once for several
NOT_FOR_FOLDERS = (errno.EINVAL, errno.ENOTSUP, errno.EBADF)  # some file systems cannot be asked this


def sync(path: Path) -> None:
    """Return when a file's content, or the names in a folder, are on the disk."""
    if not path.is_dir():
        with path.open("rb+") as file:
            os.fsync(file.fileno())
        return
    if os.name == "nt":  # which writes names at once
        return
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    except OSError as error:
        if error.errno not in NOT_FOR_FOLDERS:
            raise
    finally:
        os.close(folder)


def sync_each(paths: Iterable[Path]) -> None:
    """The same for several."""
    for _ in in_threads(sync, paths, AT_ONCE):
        pass


def sync_all(folder: Path) -> None:
    """The same for a folder with all that is in it."""
    sync_each([folder, *folder.rglob("*")])


@contextmanager
def replaced(path: Path, synced: bool = True) -> Iterator[Path]:
    """A path beside a file, to write to: it then takes the file's place, whole, or the file stays as it was before.
    Unless `synced`, that does not hold when the power fails."""
    beside = path.with_name(f".{path.stem}.{secrets.token_hex(4)}{path.suffix}")
    try:
        yield beside
        if synced:
            sync(beside)
        os.replace(beside, path)
        if synced:
            sync(path.parent)
    except OSError as error:
        if str(error.filename) == str(beside):  # a name that nobody knows
            error.filename = str(path)
        raise
    finally:
        with suppress(OSError):  # on a read-only disk that is refused even where nothing is there
            beside.unlink()
