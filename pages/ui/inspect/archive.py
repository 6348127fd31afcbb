"""Inspect: the images of a ZIP file, read within bounds whatever its headers say.

Nothing is written to disk, and names are only shown: no path of the archive is ever opened.
"""

from __future__ import annotations

import hashlib
import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import streamlit as st

from pages.ui.inspect.upload import Upload, named
from patchcore_core.data.images import EXTENSIONS, shown
from patchcore_core.errors import DataError

LARGEST = 128 * 2**20  # unpacked bytes of one image
MOST_BYTES = 1024 * 2**20  # unpacked bytes of all images together
MOST_LISTED = 4 * 2**20  # bytes of the table of contents, which is read whole
PACKED = frozenset({".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst"})
_END, _END64 = b"PK\x05\x06", b"PK\x06\x07"
_BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, RuntimeError, EOFError, OSError, ValueError, OverflowError)


@dataclass(frozen=True)
class Contents:
    """(place in the table of contents, name, SHA-256) of each image; the number of images in all; and sentences on what
    is left out."""

    images: tuple[tuple[int, str, str], ...]
    total: int
    notes: tuple[str, ...]


def unzipped(name: str, data: bytes, most: int, key: str = "") -> tuple[list[Upload], int, tuple[str, ...]]:
    """At most `most` images of the archive, the number that it has, and sentences on what is left out.

    key: the SHA-256 of the data, if it is known. DataError where the file is no archive that can be read.
    """
    found = _contents(key or hashlib.sha256(data).hexdigest(), data, shown(name), most)
    images = [_member(data, shown(name), place, path, content) for place, path, content in found.images]
    return images, found.total, found.notes


@st.cache_data(max_entries=4, show_spinner="Reading the ZIP file …")
def _contents(key: str, _data: bytes, name: str, most: int) -> Contents:  # noqa: ARG001  (key stands for the data)
    _refuse_long_table(_data, name)
    try:
        with zipfile.ZipFile(io.BytesIO(_data)) as archive:
            return _images(archive, name, most)
    except _BROKEN as error:
        raise DataError(f"{name}: not a ZIP file that can be read") from error


def _images(archive: zipfile.ZipFile, name: str, most: int) -> Contents:
    files = [(place, info) for place, info in enumerate(archive.infolist())
             if not info.is_dir() and not _hidden(info.filename)]
    images = [(place, info) for place, info in files if _is_image(info.filename)]
    found, notes, left = list[tuple[int, str, str]](), list[str](), MOST_BYTES
    for place, info in images[:most]:
        try:
            content = _unpacked(archive, info, min(LARGEST, left))
        except DataError as error:
            notes.append(f"{name}: {error}")
            continue
        left -= len(content)
        found.append((place, info.filename, hashlib.sha256(content).hexdigest()))
    others = [info.filename for _, info in files if not _is_image(info.filename)]
    nested = [path for path in others if PurePosixPath(path).suffix.lower() in PACKED]
    notes += _left_out(name, "archives in the archive are not opened", nested)
    notes += _left_out(name, "not images by their names", [path for path in others if path not in nested])
    if not images:
        notes.append(f"{name}: holds no images")
    return Contents(tuple(found), len(images), tuple(notes))


def _left_out(name: str, why: str, paths: Sequence[str]) -> list[str]:
    more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    return [f"{name}: {why}, left out: {shown(paths[0])}{more}"] if paths else []


def _member(data: bytes, archive: str, place: int, path: str, key: str) -> Upload:
    def read() -> bytes:
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as opened:
                return _unpacked(opened, opened.infolist()[place], LARGEST)
        except _BROKEN as error:
            raise DataError(f"{archive}: not a ZIP file that can be read") from error

    folder, _, last = path.replace("\\", "/").rpartition("/")
    return named(last, key, read, folder)


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> bytes:
    """The bytes of one file, of which no more than `most` are unpacked; DataError with the reason."""
    path = shown(info.filename)
    if stat.S_ISLNK(info.external_attr >> 16):
        raise DataError(f"{path}: is a link, which is not followed")
    if info.flag_bits & 0x1:
        raise DataError(f"{path}: is encrypted")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise DataError(f"{path}: is packed by a method that is not read; only store and deflate are")
    try:
        with archive.open(info) as file:
            content = file.read(most + 1)
    except _BROKEN as error:
        raise DataError(f"{path}: is damaged in the archive") from error
    if len(content) > most:
        raise DataError(f"{path}: unpacks to more than is read ({LARGEST // 2**20} MiB an image, "
                        f"{MOST_BYTES // 2**20} MiB in all)")  # fmt: skip
    return content


def _refuse_long_table(data: bytes, name: str) -> None:
    """DataError where the table of contents, which `zipfile` reads whole, is too long, or is said elsewhere."""
    end = data.rfind(_END)
    if end < 0 or len(data) < end + 22:
        raise DataError(f"{name}: not a ZIP file that can be read")
    (length,) = struct.unpack_from("<I", data, end + 12)
    if data[max(end - 20, 0):end].startswith(_END64):
        raise DataError(f"{name}: is in the ZIP64 format, which is not read; pack fewer files")
    if length > MOST_LISTED:
        raise DataError(f"{name}: lists too many files; pack fewer")


def _hidden(path: str) -> bool:
    return any((part.startswith(".") and part not in (".", "..")) or part == "__MACOSX"
               for part in path.replace("\\", "/").split("/"))


def _is_image(path: str) -> bool:
    return PurePosixPath(path).suffix.lower() in EXTENSIONS
