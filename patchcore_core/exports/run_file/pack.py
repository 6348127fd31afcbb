"""A finished run as one ZIP file: its files as they are, and their sizes and SHA-256 in `contents.json`."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

from patchcore_core.codec import plain
from patchcore_core.data.images import shown
from patchcore_core.errors import StoreError
from patchcore_core.exports.archive import Pieces
from patchcore_core.exports.run_file.contents import CONTENTS, KIND, VERSION, Contents, File, Labels, may_be_in
from patchcore_core.lasting import replaced
from patchcore_core.reviews.run_labels import RunLabelsOf
from patchcore_core.runs.files import cause, reading, writing
from patchcore_core.runs.folder import BANK, RECORD
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore

BLOCK = 2**20
PACKED = (".npy", ".csv", ".json", ".txt")  # the others are compressed already, or hardly can be
MOMENT = (1980, 1, 1, 0, 0, 0)  # of every file, so that one run always gives the same bytes


def packed(store: RunStore, run: Run) -> Iterator[bytes]:
    """The bytes of the file, piece by piece; StoreError for a run that is not finished, or cannot be read."""
    names = _names(run)
    pieces, files = Pieces(), dict[str, File]()
    with zipfile.ZipFile(pieces, "w") as archive:
        for name in names:
            yield from _file(archive, pieces, run.folder, name, files)
        given = RunLabelsOf(store.root).current(run.id)
        contents = Contents(KIND, VERSION, run.id, files, Labels(given.name, given.tagged, given.note))
        archive.writestr(_entry(CONTENTS), json.dumps(plain(contents), indent=1).encode())
    yield pieces.taken()


def pack_run(store: RunStore, run: Run, place: Path) -> None:
    """Write the file; StoreError where there is one already, or nothing can be written. It is whole or absent."""
    written(packed(store, run), place)


def written(pieces: Iterator[bytes], place: Path) -> None:
    """Write these bytes beside, then put them in their place; StoreError where something is there already."""
    refuse_existing(place)
    with writing(place), replaced(place) as beside, beside.open("wb") as file:
        for piece in pieces:
            file.write(piece)


def refuse_existing(place: Path) -> None:
    """StoreError where something is in this place."""
    if os.path.lexists(place):
        raise StoreError(f"{shown(place)}: exists already, and nothing is overwritten; name another file")


def _names(run: Run) -> list[str]:
    """The files of the run that go into the file."""
    if run.status != "finished":
        raise StoreError(f"run {run.id} is {run.status}, and only a finished run can be exported")
    with reading(run.folder):
        places = [folder for folder in (run.folder, run.folder / BANK) if folder.is_dir()]
        files = [path for place in places for path in place.iterdir() if path.is_file() and not path.is_symlink()]
    found = [path.relative_to(run.folder).as_posix() for path in files]
    return sorted((name for name in found if may_be_in(name)), key=lambda name: (name != RECORD, name))


def _file(
    archive: zipfile.ZipFile, pieces: Pieces, folder: Path, name: str, files: dict[str, File]
) -> Iterator[bytes]:
    path, digest, count = folder / name, hashlib.sha256(), 0
    entry = _entry(name)
    try:
        entry.file_size = path.stat().st_size  # decides on the large format
        with path.open("rb") as file, archive.open(entry, "w") as into:
            while block := file.read(BLOCK):
                into.write(block)
                digest.update(block)
                count += len(block)
                yield pieces.taken()
    except OSError as error:
        raise StoreError(f"{path}: cannot be read: {cause(error)}") from error
    files[name] = File(count, digest.hexdigest())


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, MOMENT)
    entry.compress_type = zipfile.ZIP_DEFLATED if name.endswith(PACKED) else zipfile.ZIP_STORED
    entry.external_attr = 0o644 << 16  # nobody may execute it
    return entry
