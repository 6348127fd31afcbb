"""The output folder of `score` and its file names; nothing is overwritten unless allowed."""

from __future__ import annotations

import itertools
import json
import os
import secrets
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from patchcore_core.cli.scores.inputs import TABLE
from patchcore_core.data.files.image_files import shown
from patchcore_core.errors import StoreError
from patchcore_core.exports.archive import TABLE as CSV
from patchcore_core.exports.names import unique
from patchcore_core.exports.pictures import ENDINGS
from patchcore_core.exports.table import csv_bytes
from patchcore_core.runs.files import writing

LONGEST_STEM = 200  # bytes kept of a file name, so that ours fit the limit of 255
_RECORD = 2000  # bytes of one image's lines in both tables, without its path and stem


class Output:
    """The output folder of one call; files are written atomically.

    As a context it creates the folder and reserves space for the tables, so that the scores can be written even if
    pictures fill the disk. A folder that it created and left empty is removed.
    """

    def __init__(self, folder: Path | None, run_id: str, overwrite: bool = False) -> None:
        self.folder = folder or Path("scores", run_id)
        self._numbered = folder is None and not overwrite
        self._overwrite = overwrite
        self._room: Path | None = None
        self._made = False

    def refuse_what_is_there(self, names: Sequence[str], inputs: Iterable[Path], beside: Path | None = None) -> None:
        """StoreError if a file to write exists and may not be overwritten; always if it is a folder, or one of the
        images to score or beside them. `beside`: a file to write elsewhere, which must not be one of those `names`."""
        places = [] if self._numbered else [self.folder / name for name in names]  # if numbered, in a new folder
        if beside is not None:
            if os.path.abspath(beside) in {os.path.abspath(self.folder / name) for name in names}:
                raise StoreError(f"{shown(beside)}: is the name of another output file; name another one")
            places.append(beside)
        kept = {_identity(path) for path in inputs} - {None}
        there = [place for place in places if os.path.lexists(place)]
        for place in there:
            if _identity(place) in kept:
                raise StoreError(f"{shown(place)}: is one of the images to score, or beside them, and would be "
                                 "overwritten; name another folder with --out")  # fmt: skip
            if place.is_dir():
                raise StoreError(f"{shown(place)}: is a folder with the name of an output file; name another folder "
                                 "with --out")  # fmt: skip
        if there and not self._overwrite:
            raise StoreError(f"{shown(there[0])}: exists already{_and_more(len(there) - 1)}, and nothing is "
                             "overwritten; name another folder with --out, or pass --overwrite")  # fmt: skip

    def make(self, images: Sequence[tuple[Path, str]]) -> Self:
        """Create the folder and reserve space for the records of these images and stems."""
        with writing(self.folder):
            self._make_folder()
            room = self.folder / f".{secrets.token_hex(8)}"
            size = _RECORD + sum(_size(path, stem) for path, stem in images)
            block = os.urandom(min(size, 2**20))  # incompressible
            try:
                with open(room, "xb") as file:
                    self._room = room
                    for start in range(0, size, len(block)):
                        file.write(block[: size - start])
            except OSError:
                self.close()
                raise
        return self

    def write(self, name: str, data: bytes) -> None:
        """Write one file of the folder; StoreError if that fails, or if it was created meanwhile."""
        self.write_at(self.folder / name, data)

    def write_at(self, place: Path, data: bytes) -> None:
        """Write one file anywhere, by the same rules."""
        beside = place.with_name(f".{secrets.token_hex(8)}")
        with writing(place):
            place.parent.mkdir(parents=True, exist_ok=True)
            try:
                beside.write_bytes(data)
                self._put(beside, place)
            except OSError as error:
                error.filename = str(place)
                raise
            finally:
                beside.unlink(missing_ok=True)

    def tables(self, records: Sequence[dict[str, Any]]) -> None:
        """Write the scores of all images as JSON and CSV, into the reserved space."""
        self._free()
        self.write(TABLE, (json.dumps(records, indent=1, ensure_ascii=False) + "\n").encode())
        self.write(CSV, csv_bytes(records))

    def close(self) -> None:
        """Release the reserved space, and remove the folder if it is new and empty."""
        self._free()
        if self._made:
            with suppress(OSError):
                self.folder.rmdir()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _make_folder(self) -> None:
        if not self._numbered:
            self._made = not self.folder.is_dir()
            self.folder.mkdir(parents=True, exist_ok=True)
            return
        first = self.folder
        for number in itertools.count(2):
            try:
                self.folder.mkdir(parents=True)
                self._made = True
                return
            except FileExistsError:
                if not first.parent.is_dir():
                    raise
                self.folder = first.with_name(f"{first.name}-{number}")

    def _put(self, beside: Path, place: Path) -> None:
        if self._overwrite:
            os.replace(beside, place)
            return
        try:
            os.link(beside, place)  # fails if the file exists, unlike a rename
        except FileExistsError:
            raise StoreError(f"{shown(place)}: was created while scoring, and is not overwritten") from None
        except OSError:  # a file system without links
            if os.path.lexists(place):
                raise StoreError(f"{shown(place)}: was created while scoring, and is not overwritten") from None
            os.replace(beside, place)

    def _free(self) -> None:
        if self._room is not None:
            with suppress(OSError):
                self._room.unlink(missing_ok=True)
            self._room = None


def stems_of(files: Sequence[Path]) -> list[str]:
    """A file stem for each image, numbered if several share one (ignoring case)."""
    return unique([shown(file.stem).encode()[:LONGEST_STEM].decode(errors="ignore") for file in files])


def names_of(stem: str, masked: bool) -> dict[str, str]:
    """The files of one image by kind, with or without a predicted mask."""
    return {kind: stem + ending for kind, ending in ENDINGS.items() if masked or kind != "mask"}


def _size(path: Path, stem: str) -> int:
    """Most bytes of an image's record in both tables."""
    return _RECORD + 2 * len(shown(path).encode()) + 10 * len(stem.encode())


def _identity(path: Path) -> tuple[int, int] | None:
    """The file that the path leads to, under any name; None for nothing."""
    with suppress(OSError, ValueError):
        found = path.stat()
        return found.st_dev, found.st_ino
    return None


def _and_more(count: int) -> str:
    return f", like {count} more of the files to be written" if count else ""
