"""Reviewers' verdicts on images with author and time, kept for ever in one file per store.

A verdict is about a photo and its label: its key is the SHA-256 of the file, the label and the defect type. So it
applies to every run on that photo, whatever its settings and location; it outlives runs, renaming and moving; copies
with the same label share it, and a photo that was relabelled starts without verdicts. Category and path are noted for
information.

Append-only: the newest entry of a key counts, and undo adds the previous one again.
"""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import astuple, dataclass, fields, replace
from pathlib import Path
from typing import Any

from patchcore_core.checked import moment, one_of, sequence, text
from patchcore_core.data.files.content import content_key
from patchcore_core.data.images import shown
from patchcore_core.errors import DataError, StoreError
from patchcore_core.reviews import verdict_file
from patchcore_core.reviews.digests import Digests
from patchcore_core.reviews.verdict_file import storable
from patchcore_core.reviews.words import TAKEN_BACK, VERDICTS, checked, checked_tags, checked_verdict
from patchcore_core.runs.files import cause, for_spreadsheet
from patchcore_core.runs.folder import now


@dataclass(frozen=True)
class Photo:
    """A photo and its label: 1 defective, 0 good, -1 unknown, and its defect type.

    `content`: the SHA-256 of the file that a run has scored, if recorded; "": of the file as it is now.
    """

    path: Path
    label: int
    defect_type: str
    category: str = ""
    content: str = ""

    @property
    def key(self) -> tuple[str, int, str]:
        """The key of its verdicts, where its content is recorded."""
        return _key(self, self.content)


@dataclass(frozen=True)
class Entry:
    """One verdict: `given_at` is ISO time in UTC; `id` grows with every entry of the store."""

    id: int
    given_at: str
    author: str
    verdict: str  # of VERDICTS
    note: str
    tags: tuple[str, ...]
    category: str
    path: str
    label: int
    defect_type: str
    content: str  # SHA-256 of the photo's file

    @property
    def key(self) -> tuple[str, int, str]:
        """The key of the verdict."""
        return self.content, self.label, self.defect_type


_NAMES = [field.name for field in fields(Entry)]
_COLUMNS = ", ".join(_NAMES)
_KINDS = {name: int if name in ("id", "label") else str for name in _NAMES}
_NEWEST = f"""SELECT {_COLUMNS} FROM entries
    WHERE id IN (SELECT max(id) FROM entries GROUP BY content, label, defect_type)"""
_AFTER = f"SELECT {_COLUMNS} FROM entries WHERE id > ? ORDER BY id"
_OF_KEY = f"SELECT {_COLUMNS} FROM entries WHERE content = ? AND label = ? AND defect_type = ? ORDER BY id"


class Verdicts:
    """The verdicts of the store in `root`. Safe for concurrent threads and processes.

    Every method raises StoreError with one sentence if the file cannot be read or written: read-only or full disk,
    damaged file, newer version. Reading an empty store writes nothing.
    """

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root)

    def give(
        self, photo: Photo, verdict: str, author: str, note: str = "", tags: Sequence[str] = ()
    ) -> Entry:
        """Add a verdict and flush it to disk.

        Texts are kept unchanged, apart from characters that cannot be stored. ConfigError for an unknown verdict, no
        author or a text that is too long; DataError if the photo cannot be read and never was, since the verdict would
        have no key, or if the file has changed.
        """
        words: dict[str, Any] = {"author": checked("author", author), "verdict": checked_verdict(verdict),
                                 "note": checked("note", note), "tags": checked_tags(tags)}  # fmt: skip
        digests = self._digests()
        content = digests.of(photo.path)
        if photo.content:
            content = _as_scored(photo, content)
        if not content:
            raise DataError(f"{shown(photo.path)}: the photo cannot be read, so no verdict can be given on it")
        place: dict[str, Any] = {"category": storable(photo.category), "path": shown(photo.path), "content": content,
                                 "label": int(photo.label), "defect_type": storable(photo.defect_type)}  # fmt: skip
        with verdict_file.writing(self.root) as connection:
            digests.keep(connection)
            return _add(connection, Entry(id=0, given_at=now(), **words, **place), digests.size(photo.path))

    def undo(self, entry: Entry, author: str) -> Entry:
        """Restore the verdict, note and tags before `entry`, or that there was no verdict.

        A second undo restores `entry`. StoreError if somebody gave a verdict on the image since.
        """
        who = checked("author", author)
        with verdict_file.writing(self.root) as connection:
            history = _entries(connection, _OF_KEY, entry.key)
            if not history or history[-1].id != entry.id:
                raise StoreError(f"{entry.path}: somebody has judged this image since; look at it again")
            before = history[-2] if len(history) > 1 else None
            words = (before.verdict, before.note, before.tags) if before else (TAKEN_BACK, "", ())
            restored = replace(entry, given_at=now(), author=who, verdict=words[0], note=words[1], tags=words[2])
            size = connection.execute("SELECT bytes FROM entries WHERE id = ?", (entry.id,)).fetchone()[0]
            return _add(connection, restored, size)

    def latest(self, photos: Sequence[Photo]) -> dict[int, Entry]:
        """The current verdict of each photo that has one: its index in `photos` -> the entry.

        Only photos without `content` whose file size matches one with a verdict are read, once: their digests are
        cached.
        """
        with verdict_file.reading(self.root) as connection:
            if connection is None:
                return {}
            newest = {entry.key: entry for entry in _entries(connection, _NEWEST)}
            sizes = {size for (size,) in connection.execute("SELECT DISTINCT bytes FROM entries")}
            known = Digests(connection)
        contents = [photo.content or known.of(photo.path, sizes) for photo in photos]
        if known.found:
            with suppress(StoreError), verdict_file.writing(self.root) as writable:  # otherwise they are computed again
                known.keep(writable)
        keys = [_key(photo, content) for photo, content in zip(photos, contents, strict=True)]
        found = {place: newest[key] for place, key in enumerate(keys) if key in newest}
        return {place: entry for place, entry in found.items() if entry.verdict != TAKEN_BACK}

    def history(self, photo: Photo) -> tuple[Entry, ...]:
        """All entries on a photo, oldest first, including those that were undone."""
        with verdict_file.reading(self.root) as connection:
            if connection is None:
                return ()
            content = photo.content or Digests(connection).of(photo.path)
            return _entries(connection, _OF_KEY, _key(photo, content))

    def of(self, photos: Sequence[Photo]) -> tuple[Entry, ...]:
        """All entries on these photos, oldest first, including those that were undone."""
        with verdict_file.reading(self.root) as connection:
            if connection is None:
                return ()
            sizes = {size for (size,) in connection.execute("SELECT DISTINCT bytes FROM entries")}
            known = Digests(connection)
        keys = {_key(photo, photo.content or known.of(photo.path, sizes)) for photo in photos}
        return tuple(entry for entry in self.entries() if entry.key in keys)

    def entries(self, after: int = 0) -> tuple[Entry, ...]:
        """All entries, oldest first; those after the entry of the id `after`."""
        with verdict_file.reading(self.root) as connection:
            return () if connection is None else _entries(connection, _AFTER, (after,))

    def revision(self) -> int:
        """A number that grows with every entry, 0 before the first; equal numbers mean no changes."""
        with verdict_file.reading(self.root) as connection:
            if connection is None:
                return 0
            return int(connection.execute("SELECT coalesce(max(id), 0) FROM entries").fetchone()[0])

    def to_csv(self) -> bytes:
        """All entries as a CSV file (UTF-8), safe from formula injection."""
        return csv_of(self.entries())

    def _digests(self) -> Digests:
        with verdict_file.reading(self.root) as connection:
            return Digests(connection)


def csv_of(entries: Iterable[Entry]) -> bytes:
    """These entries as a CSV file (UTF-8), safe from formula injection."""
    out = io.StringIO(newline="")
    rows = csv.writer(out)
    rows.writerow(_NAMES)
    for entry in entries:
        values = [", ".join(value) if isinstance(value, tuple) else value for value in astuple(entry)]
        rows.writerow(for_spreadsheet(value) if isinstance(value, str) else value for value in values)
    return out.getvalue().encode()


def _as_scored(photo: Photo, known: str) -> str:
    """The content key of the photo that a run has scored, "" if it cannot be read; `known`: its last known one."""
    now = content_key(photo.path)
    if now and now != photo.content:
        raise DataError(f"{shown(photo.path)}: this file was changed after the run was made, so no verdict can be "
                        "given on the photo that was scored")
    return photo.content if now or known == photo.content else ""


def _key(photo: Photo, content: str) -> tuple[str, int, str]:
    return content, int(photo.label), storable(photo.defect_type)


def _add(connection: sqlite3.Connection, entry: Entry, size: int) -> Entry:
    """Add the entry, on a photo of `size` bytes, under the next id."""
    row_of = vars(entry) | {"tags": json.dumps(entry.tags), "id": None}
    values = (*row_of.values(), size)
    row = connection.execute(f"INSERT INTO entries ({_COLUMNS}, bytes) VALUES (?{', ?' * (len(values) - 1)})", values)
    return replace(entry, id=int(row.lastrowid or 0))


def _entries(connection: sqlite3.Connection, query: str, values: tuple = ()) -> tuple[Entry, ...]:
    return tuple(_entry(row) for row in connection.execute(query, values).fetchall())


def _entry(row: Sequence[Any]) -> Entry:
    """The entry of a row; DamagedEntryError for an invalid one."""
    values = verdict_file.values_of(row, _KINDS)
    try:
        tags = sequence(text)(json.loads(values["tags"]), "tags")
        one_of(*VERDICTS)(values["verdict"], "verdict")
        moment(values["given_at"], "given_at")
    except (ValueError, RecursionError) as error:
        raise verdict_file.DamagedEntryError(f"entry {row[0]} is damaged: {cause(error)}") from error
    return Entry(**values | {"tags": tags})
