"""Several runs as one file: a ZIP of the files of single runs, each of which is checked and taken by itself."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from patchcore_core.data.images import shown
from patchcore_core.errors import DataError, PatchCoreError, StoreError
from patchcore_core.exports.archive import Pieces
from patchcore_core.exports.run_file.contents import CONTENTS
from patchcore_core.exports.run_file.pack import MOMENT, packed, written
from patchcore_core.exports.run_file.unpack import damage, import_run, opened, refuse_odd
from patchcore_core.runs.folder import RUN_ID
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore

MOST_RUNS = 500  # in one file
ENDING = ".zip"


def packed_runs(store: RunStore, runs: Sequence[Run]) -> Iterator[bytes]:
    """The bytes of the file, piece by piece: of one run as of `packed`; StoreError as there, and for too many."""
    if len(runs) == 1:
        yield from packed(store, runs[0])
        return
    if len(runs) > MOST_RUNS:
        raise StoreError(f"{len(runs)} runs were asked for, and a file holds at most {MOST_RUNS}")
    pieces = Pieces()
    with zipfile.ZipFile(pieces, "w") as archive:
        for run in runs:
            entry = zipfile.ZipInfo(f"{run.id}{ENDING}", MOMENT)  # stored, since its own files are compressed
            entry.external_attr = 0o644 << 16
            with archive.open(entry, "w", force_zip64=True) as into:
                for piece in packed(store, run):
                    into.write(piece)
                    yield pieces.taken()
    yield pieces.taken()


def pack_runs(store: RunStore, runs: Sequence[Run], place: Path) -> None:
    """Write the file; StoreError where there is one already, or nothing can be written. It is whole or absent."""
    written(packed_runs(store, runs), place)


def import_runs(
    store: RunStore, place: Path | IO[bytes], author: str, name: str = ""
) -> Iterator[Run | PatchCoreError]:
    """Take the run or the runs in this file into the store, each as `import_run` does.

    Of several, each is taken or is the error that says why not; the file of one run, or of none, raises it.
    """
    called = name or shown(place if isinstance(place, Path) else "the file")
    with damage(called), opened(place, called) as archive:
        names = archive.namelist()
        if CONTENTS in names or not any(name.endswith(ENDING) for name in names):
            names = []
        _refuse_strange(archive, names, called)
        for member in names:
            with archive.open(member) as file:
                yield _taken(store, file, author, f"{called}: {member}")
    if not names:
        yield import_run(store, place, author, name)


def _refuse_strange(archive: zipfile.ZipFile, names: Sequence[str], called: str) -> None:
    """DataError where not each of these is named after a run, once, and stored."""
    if len(names) > MOST_RUNS or len(set(names)) < len(names):
        raise DataError(f"{called}: lists a run twice, or more than {MOST_RUNS}")
    for entry in archive.infolist() if names else ():
        if not RUN_ID.fullmatch(entry.filename.removesuffix(ENDING)):
            raise DataError(f"{called}: {shown(entry.filename[:200])} is no file of a run; nothing was imported")
        refuse_odd(entry, called)
        if entry.compress_type != zipfile.ZIP_STORED:  # reading it to and fro would unpack it each time
            raise DataError(f"{called}: {shown(entry.filename)} is packed once more; only what was exported is read")


def _taken(store: RunStore, file: IO[bytes], author: str, called: str) -> Run | PatchCoreError:
    try:
        return import_run(store, file, author, called)
    except PatchCoreError as error:
        return error
