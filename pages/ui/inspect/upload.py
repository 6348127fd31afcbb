"""Inspect: one image to score, wherever it comes from, with a name to show and names for files."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from pages.ui.access import allowed
from pages.ui.format import shortened
from patchcore_core.data.files.content import content_key
from patchcore_core.data.images import shown
from patchcore_core.errors import DataError
from patchcore_core.exports.names import place_of, safe

LONGEST_NAME = 60  # characters of a file name that are kept
LARGEST = 256 * 2**20  # bytes of one file


@dataclass(frozen=True)
class Upload:
    """One image: `key` identifies its content, `name` is for the screen, `stem` for the names of files; `folder` holds
    it ("" for none), for the screen too. `read` gives the file's bytes, or DataError."""

    key: str
    name: str
    stem: str
    read: Callable[[], bytes]
    folder: str = ""

    @property
    def data(self) -> bytes:
        """The bytes of the file."""
        return self.read()

    @property
    def title(self) -> str:
        """The name with its folder."""
        return f"{self.folder}/{self.name}" if self.folder else self.name

    @property
    def place(self) -> str:
        """Folder and stem as a relative path of safe characters, for files of a ZIP."""
        return place_of(self.title)


def upload(name: str, data: bytes, key: str = "") -> Upload:
    """An upload with a safe name, whatever path, markup or control characters its own contains; key: the SHA-256 of the
    data, if it is known."""
    return named(PurePath(name.replace("\\", "/")).name, key or hashlib.sha256(data).hexdigest(), lambda: data)


def of_file(path: Path | str, inside: str) -> Upload:
    """A file in an allowed folder, read when it is needed; `inside`: its path below the folder that was named."""
    folder, _, last = inside.rpartition("/")
    key = content_key(allowed(path)) or hashlib.sha256(str(path).encode(errors="replace")).hexdigest()
    return named(last, key, lambda: _read(path), folder)


def named(last: str, key: str, read: Callable[[], bytes], folder: str = "") -> Upload:
    """An upload of this file name in this folder, both of any characters."""
    printed = shown(last) or "image"
    parts = [shown(part) for part in folder.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return Upload(key, shortened(printed, LONGEST_NAME), safe(PurePath(printed).stem), read,
                  "/".join(shortened(part, LONGEST_NAME) for part in parts))


def unique(given: Sequence[Upload]) -> list[Upload]:
    """The uploads without repeated content, in their order."""
    return list({item.key: item for item in reversed(given)}.values())[::-1]


def _read(path: Path | str) -> bytes:
    place = allowed(path)
    try:
        if place.stat().st_size > LARGEST:
            raise DataError(f"{shown(path)}: has more than {LARGEST // 2**20} MiB")
        return place.read_bytes()
    except OSError as error:
        raise DataError(f"{shown(path)}: {error.strerror or 'cannot be read'}") from error
