"""A disk that keeps of a folder only what POSIX promises: what was synced before the power failed."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CALLS = ("fsync", "rename", "replace", "unlink", "mkdir", "rmdir")  # of os: the power may fail before each
SQLITE = ("queue.sqlite", "queue.sqlite-wal")  # written by a library that syncs by itself
Image = dict[str, bytes | None]  # by path within the folder; None: a folder


class Disk:
    """What could be left of `root`, had the power failed before each call, and in the end.

    Known are the bytes of each file and the names in each folder when they were last synced. A rename between two
    folders is there for both or for neither. `images` are these: names are kept and contents lost (empty, or zeros), or
    names are lost as well; equal ones once. With `lies` nothing is synced.
    """

    def __init__(self, root: Path, lies: bool = False) -> None:
        self.root, self.images, self._lies = root, dict[int, Image](), lies
        self._bytes, self._names = dict[int, bytes](), dict[int, dict[str, tuple[int, bool]]]()
        self._held = list[int]()  # descriptors, so that no number of a file is given to another
        self._sync_folder(os.open(root, os.O_RDONLY))

    @contextmanager
    def watched(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        """Take images while this lasts."""
        with monkeypatch.context() as patch:
            for name in CALLS:
                patch.setattr(os, name, self._seen(name, getattr(os, name)))
            yield
            self._take()
        for descriptor in self._held:
            os.close(descriptor)

    def _seen(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def seen(*args: Any, **named: Any) -> Any:
            self._take()
            done = call(*args, **named)
            if name == "fsync" and not self._lies:
                self._synced(os.dup(args[0]))
            return done

        return seen

    def _synced(self, descriptor: int) -> None:
        status = os.fstat(descriptor)
        if stat.S_ISDIR(status.st_mode):
            self._sync_folder(descriptor)
        else:
            self._held.append(descriptor)
            self._bytes[status.st_ino] = os.pread(descriptor, status.st_size, 0)

    def _sync_folder(self, descriptor: int) -> None:
        self._held.append(descriptor)
        number = os.fstat(descriptor).st_ino
        with os.scandir(descriptor) as entries:
            there = {entry.name: (entry.inode(), entry.is_dir(follow_symlinks=False)) for entry in entries}
        for folder, names in self._names.items():  # what has come from there
            self._names[folder] = {name: one for name, one in names.items() if one not in there.values()}
        gone = {one for one in self._names.get(number, {}).values() if one not in there.values()}
        self._names[number] = there
        for path in self.root.rglob("*") if gone else ():  # what has gone there
            if (one := (path.stat().st_ino, path.is_dir())) in gone:
                self._names.setdefault(path.parent.stat().st_ino, {})[path.name] = one

    def _take(self) -> None:
        live = sorted(self.root.rglob("*"))
        base: Image = {self._name(path): None if path.is_dir() else self._content(path, b"") for path in live}
        zeros = {self._name(path): None if path.is_dir() else self._content(path, bytes(path.stat().st_size))
                 for path in live}  # fmt: skip
        names = dict(self._walk(self.root.stat().st_ino, ""))
        for path in live:
            if path.name in SQLITE and self._name(path.parent) in names:
                names[self._name(path)] = path.read_bytes()
        for image in (base, zeros, names):
            self.images.setdefault(hash(tuple(sorted(image.items()))), image)

    def _content(self, path: Path, lost: bytes) -> bytes:
        return path.read_bytes() if path.name in SQLITE else self._bytes.get(path.stat().st_ino, lost)

    def _walk(self, folder: int, above: str) -> Iterator[tuple[str, bytes | None]]:
        for name, (number, is_folder) in self._names.get(folder, {}).items():
            if is_folder:
                yield f"{above}{name}", None
                yield from self._walk(number, f"{above}{name}/")
            elif not name.endswith("-shm"):
                yield f"{above}{name}", self._bytes.get(number, b"")

    def _name(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()


def written(image: Image, folder: Path) -> Path:
    """The folder, made with what an image holds."""
    folder.mkdir()
    for name, content in sorted(image.items()):
        if content is None:
            (folder / name).mkdir()
        elif not name.endswith("-shm"):
            (folder / name).write_bytes(content)
    return folder
