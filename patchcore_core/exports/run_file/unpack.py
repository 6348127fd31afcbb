"""A run from a file that anybody may have made, taken into a store: complete and checked, or not at all.

Nothing of the file decides where bytes go: only names of a run's own files are read, each within the size that is
announced and only if its SHA-256 is right. They are written beside the runs, read as a run, and put in their place by
one renaming. Nothing is overwritten, nothing executed, nothing unpickled.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
import stat
import struct
import time
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from patchcore_core.data.images import shown
from patchcore_core.errors import ConfigError, DataError, PatchCoreError, StoreError
from patchcore_core.exports.run_file.contents import CONTENTS, Contents, may_be_in, read_contents
from patchcore_core.lasting import sync, sync_all
from patchcore_core.reviews.run_labels import RunLabelsOf, stored_labels
from patchcore_core.runs.files import cause, writing
from patchcore_core.runs.folder import BANK
from patchcore_core.runs.presence import refuse_changes, refuse_if_gone
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore

BLOCK = 2**20
MOST_FILES = 64  # in one file
MOST_LISTED = 2**17  # bytes of the archive's own table, which is read whole
MOST_CONTENTS = 2**18  # bytes of contents.json
SPARE = 2**30  # bytes of the disk that stay free
A_DAY = 86400.0  # seconds
END, END64, LOCATOR64 = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, RuntimeError, EOFError, OSError, ValueError, OverflowError)


def import_run(store: RunStore, place: Path | IO[bytes], author: str, name: str = "") -> Run:
    """Take the run in this file into the store, with its labels by `author`; `name` is what errors call it.

    DataError for a file that is no run or is damaged, StoreError where the store has this run or this fit already, has
    no room, or cannot be written.
    """
    refuse_changes("no run can be imported")
    refuse_if_gone(store.root)
    called = name or shown(place if isinstance(place, Path) else "the file")
    with damage(called), opened(place, called) as archive:
        contents = _contents(archive, called)
        labels = _labels(contents, called)
        _refuse_known(store, contents.run, called)
        with _staged(store) as staging:
            _write_all(archive, contents, staging.root / contents.run, called)
            _check(staging, contents.run, called)
            run = _put(store, staging, contents.run, called)
    if labels and author:
        RunLabelsOf(store.root).change(run.id, author, **labels)
    return run


@contextmanager
def damage(called: str) -> Iterator[None]:
    """Turn what a damaged archive provokes into a DataError; our own errors pass."""
    try:
        yield
    except PatchCoreError:
        raise
    except BROKEN as error:
        raise DataError(f"{called}: no file of a run that can be read: {cause(error)}") from error


@contextmanager
def opened(place: Path | IO[bytes], called: str) -> Iterator[zipfile.ZipFile]:
    """The archive in this place, or in this file, which stays open; DataError where its table is too long."""
    file = place.open("rb") if isinstance(place, Path) else place
    try:
        _refuse_long_table(file, called)
        with zipfile.ZipFile(file) as archive:
            yield archive
    finally:
        if isinstance(place, Path):
            file.close()


def _refuse_long_table(file: IO[bytes], called: str) -> None:
    """DataError where the archive's table, which `zipfile` reads whole, is longer than one of ours."""
    file.seek(0, 2)
    size = file.tell()
    file.seek(max(0, size - 2**16 - 22 - 20 - 56))
    tail = file.read()
    end = tail.rfind(END)
    if end < 0 or len(tail) != end + 22:  # ours have no comment, and an archive within is not meant
        raise DataError(f"{called}: no ZIP file, or cut off at its end")
    length = struct.unpack_from("<I", tail, end + 12)[0]
    if tail[max(end - 20, 0) : end].startswith(LOCATOR64):
        large = tail.rfind(END64, 0, end)
        length = struct.unpack_from("<Q", tail, large + 40)[0] if large >= 0 else MOST_LISTED + 1
    if length > MOST_LISTED:
        raise DataError(f"{called}: lists too many files for a run")


def _contents(archive: zipfile.ZipFile, called: str) -> Contents:
    """The checked table of contents, which the archive has exactly."""
    entries = {entry.filename: entry for entry in archive.infolist()}
    if len(entries) != len(archive.infolist()) or len(entries) > MOST_FILES:
        raise DataError(f"{called}: lists a file twice, or too many files for a run")
    if CONTENTS not in entries:
        raise DataError(f"{called}: holds no run, since {CONTENTS} is missing; only what was exported can be imported")
    for entry in entries.values():
        if entry.filename != CONTENTS and not may_be_in(entry.filename):
            raise DataError(f"{called}: {shown(entry.filename[:200])} is no file of a run; nothing was imported")
        refuse_odd(entry, called)
    with archive.open(entries.pop(CONTENTS)) as file:
        text = file.read(MOST_CONTENTS + 1)
    if len(text) > MOST_CONTENTS:
        raise DataError(f"{called}: {CONTENTS} is too long")
    try:
        contents = read_contents(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise DataError(f"{called}: {CONTENTS}: {shown(cause(error))}") from error
    if differing := set(entries) ^ set(contents.files):
        raise DataError(f"{called}: {shown(min(differing))} is in the archive or in {CONTENTS}, not in both")
    return contents


def _labels(contents: Contents, called: str) -> dict[str, Any]:
    """The labels that the file gives; DataError, before anything is written, for one that cannot be stored."""
    given = {name: value for name, value in vars(contents.labels).items() if value}
    try:
        stored_labels(given)
    except ConfigError as error:
        raise DataError(f"{called}: {CONTENTS}: {shown(str(error))}") from error
    return given


def refuse_odd(entry: zipfile.ZipInfo, called: str) -> None:
    """DataError for what is never exported: links, encrypted files, other ways of packing."""
    name = shown(entry.filename[:200])
    if entry.flag_bits & 0x1:
        raise DataError(f"{called}: {name} is encrypted")
    if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG):
        raise DataError(f"{called}: {name} is no ordinary file")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise DataError(f"{called}: {name} is packed by a method that is not read; only store and deflate are")


def _refuse_known(store: RunStore, run_id: str, called: str) -> None:
    if any(run.id == run_id for run in store.list()):
        raise StoreError(f"{called}: run {run_id} is in the store already, and nothing is overwritten")


@contextmanager
def _staged(store: RunStore) -> Iterator[RunStore]:
    """A folder beside the runs, a store of its own, which goes in the end."""
    with store.locked():  # makes the store, where there is none yet
        for left in store.root.glob(".import-*"):  # by a process that was killed
            with suppress(FileNotFoundError):  # another import has just ended
                if left.stat().st_mtime < time.time() - A_DAY:
                    shutil.rmtree(left, ignore_errors=True)
        staging = RunStore(store.root / f".import-{secrets.token_hex(4)}")
        with writing(staging.root):
            staging.root.mkdir()
    try:
        yield staging
    finally:
        shutil.rmtree(staging.root, ignore_errors=True)


def _write_all(archive: zipfile.ZipFile, contents: Contents, folder: Path, called: str) -> None:
    wanted, free = sum(file.bytes for file in contents.files.values()), shutil.disk_usage(folder.parent).free
    if wanted > free - SPARE:
        raise StoreError(f"{called}: takes {wanted / 1e9:.1f} GB, where {free / 1e9:.1f} GB are free")
    with writing(folder):
        (folder / BANK).mkdir(parents=True)
    for name, file in contents.files.items():
        if archive.getinfo(name).file_size != file.bytes:
            raise DataError(f"{called}: {name} has another size than {CONTENTS} says")
        if _written(archive, name, folder / name, file.bytes) != file.sha256:
            raise DataError(f"{called}: {name} is damaged: its SHA-256 is not the one in {CONTENTS}")


def _written(archive: zipfile.ZipFile, name: str, path: Path, size: int) -> str:
    """Write one file, of which no more than `size` bytes are unpacked; returns its SHA-256."""
    digest, left = hashlib.sha256(), size
    with writing(path):
        into = path.open("xb")
    with into, archive.open(name) as file:
        while left > 0 and (block := file.read(min(BLOCK, left))):
            with writing(path):
                into.write(block)
            digest.update(block)
            left -= len(block)
    return digest.hexdigest()


def _check(staging: RunStore, run_id: str, called: str) -> None:
    """DataError unless all that the pages read of a run can be read."""
    try:
        run = staging.get(run_id)
        if run.status != "finished" or run.broken:
            raise StoreError(run.error or f"the run is {run.status}")
        staging.images(run)
        staging.curves(run)
        staging.training_images(run)
    except StoreError as error:
        words = str(error).replace(f"{staging.root / run_id}/", "")
        raise DataError(f"{called}: holds a run that cannot be read: {words}") from error


def _put(store: RunStore, staging: RunStore, run_id: str, called: str) -> Run:
    """Rename the run into the store, unless it, or the same fit, has come there meanwhile."""
    with store.locked():
        _refuse_known(store, run_id, called)
        same = store.find(staging.get(run_id).identity)
        if same is not None:
            raise StoreError(f"{called}: run {same.id} is the same fit and is {same.status}; nothing was imported")
        with writing(store.root / run_id):
            sync_all(staging.root / run_id)
            (staging.root / run_id).rename(store.root / run_id)
            sync(store.root)
    return store.get(run_id)
