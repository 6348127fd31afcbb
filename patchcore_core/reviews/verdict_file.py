"""The SQLite file of a store's verdicts, saved views, chosen thresholds and labels of runs: schema versions,
connections, errors.

Write-ahead logging lets readers and one writer work at the same time; a writer waits up to `PATIENCE` seconds for
another. On file systems without shared memory, such as some network drives, SQLite keeps its older journal, which is as
safe. A connection lives for one call, since pages run in many threads. In a read-only store the file is read with the
contents of its journal.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

from filelock import FileLock

from patchcore_core.errors import StoreError
from patchcore_core.runs.files import cause
from patchcore_core.runs.presence import read_only, refuse_changes, refuse_if_gone

FILE, LOCK = "verdicts.sqlite", ".verdicts.lock"
NAMES_OF = {int: "whole number", str: "text"}
PATIENCE = 30.0  # seconds
ATTEMPTS = 5  # to copy a file that nobody writes meanwhile
MIGRATIONS: tuple[tuple[str, ...], ...] = (  # the n-th upgrades to version n; never changed once released
    (
        """CREATE TABLE entries (
            id INTEGER PRIMARY KEY AUTOINCREMENT, content TEXT NOT NULL, bytes INTEGER NOT NULL,
            label INTEGER NOT NULL, defect_type TEXT NOT NULL, category TEXT NOT NULL, path TEXT NOT NULL,
            verdict TEXT NOT NULL, note TEXT NOT NULL, tags TEXT NOT NULL, author TEXT NOT NULL, given_at TEXT NOT NULL
        )""",
        "CREATE INDEX entries_of_photo ON entries (content, label, defect_type)",
        """CREATE TRIGGER entries_stay BEFORE UPDATE ON entries
            BEGIN SELECT RAISE(ABORT, 'verdicts are only ever added'); END""",
        """CREATE TRIGGER entries_remain BEFORE DELETE ON entries
            BEGIN SELECT RAISE(ABORT, 'verdicts are only ever added'); END""",
        """CREATE TABLE photos (
            path BLOB PRIMARY KEY, bytes INTEGER NOT NULL, changed_ns INTEGER NOT NULL, content TEXT NOT NULL
        )""",
    ),
    (
        """CREATE TABLE views (
            id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, query TEXT NOT NULL, author TEXT NOT NULL,
            saved_at TEXT NOT NULL
        )""",
        "CREATE INDEX views_of_name ON views (name)",
        """CREATE TRIGGER views_stay BEFORE UPDATE ON views
            BEGIN SELECT RAISE(ABORT, 'saved views are only ever added'); END""",
        """CREATE TRIGGER views_remain BEFORE DELETE ON views
            BEGIN SELECT RAISE(ABORT, 'saved views are only ever added'); END""",
    ),
    (
        """CREATE TABLE thresholds (
            id INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL, image REAL, pixel REAL, review_from REAL,
            author TEXT NOT NULL, chosen_at TEXT NOT NULL
        )""",
        "CREATE INDEX thresholds_of_run ON thresholds (run)",
        """CREATE TRIGGER thresholds_stay BEFORE UPDATE ON thresholds
            BEGIN SELECT RAISE(ABORT, 'chosen thresholds are only ever added'); END""",
        """CREATE TRIGGER thresholds_remain BEFORE DELETE ON thresholds
            BEGIN SELECT RAISE(ABORT, 'chosen thresholds are only ever added'); END""",
    ),
    (
        """CREATE TABLE run_labels (
            id INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL, name TEXT NOT NULL, tags TEXT NOT NULL,
            note TEXT NOT NULL, star INTEGER NOT NULL, archived INTEGER NOT NULL, author TEXT NOT NULL,
            set_at TEXT NOT NULL
        )""",
        "CREATE INDEX run_labels_of_run ON run_labels (run)",
        """CREATE TRIGGER run_labels_stay BEFORE UPDATE ON run_labels
            BEGIN SELECT RAISE(ABORT, 'labels of runs are only ever added'); END""",
        """CREATE TRIGGER run_labels_remain BEFORE DELETE ON run_labels
            BEGIN SELECT RAISE(ABORT, 'labels of runs are only ever added'); END""",
    ),
)


def storable(text: str) -> str:
    """The text with lone surrogates and NUL replaced by �."""
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace").replace("\0", "\ufffd")


@contextmanager
def reading(root: Path, what: str = "verdicts") -> Iterator[sqlite3.Connection | None]:
    """A connection for reading, None without a file; also on a read-only disk.

    Else StoreError, saying that `what` cannot be read.
    """
    with _telling(root, f"the {what} cannot be read"):
        refuse_if_gone(root)
        if not (root / FILE).is_file():
            yield None
            return
        with closing(_opened(root)) as connection:
            yield connection


@contextmanager
def writing(root: Path, what: str = "verdicts") -> Iterator[sqlite3.Connection]:
    """One exclusive transaction: committed and flushed to disk, or rolled back.

    The store and the file are created if needed. StoreError if `what` cannot be written.
    """
    with _telling(root, f"the {what} cannot be written", writes=True):
        refuse_changes(f"the {what} cannot be changed")
        refuse_if_gone(root)
        root.mkdir(exist_ok=True)
        with closing(_current(root)) as connection, _transaction(connection):
            yield connection


@contextmanager
def held_open(root: Path) -> Iterator[None]:
    """Keep the file open for several calls. Whoever closes it last has SQLite write its journal back and remove it,
    which takes several flushes to disk; so that is done once, at the end. Nothing is held where it cannot be written.
    """
    held: sqlite3.Connection | None = None
    if not read_only() and (root / FILE).is_file():
        with suppress(sqlite3.Error, OSError):  # the calls themselves say what is wrong
            held = _connect(root, "mode=rw")
            held.execute("PRAGMA user_version").fetchall()  # opens the journal
    try:
        yield
    finally:
        if held is not None:
            held.close()


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # SQLite itself has rolled back on a full disk
            connection.execute("ROLLBACK")
        raise


def _opened(root: Path) -> sqlite3.Connection:
    """The file at the current version; if it is read-only, as it is, or as an upgraded copy in memory."""
    if read_only():  # others may write to it meanwhile, and SQLite keeps files beside it even for readers
        return _copied(root)
    try:
        return _current(root)
    except sqlite3.OperationalError as error:
        refused = error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN)
        if not refused and _writable(root):
            raise
    if _length(_journal(root)):  # entries still in the journal would be missed
        return _copied(root)
    connection = _connect(root, "immutable=1")
    if _version(connection, root) == len(MIGRATIONS):
        return connection
    return _in_memory(connection, root)


def _copied(root: Path) -> sqlite3.Connection:
    """A copy in memory of the file with the contents of its journal, which SQLite can apply only in a writable folder.
    StoreError if somebody keeps writing meanwhile."""
    for _ in range(ATTEMPTS):
        with TemporaryDirectory(prefix="patchcore-") as folder:
            beside, before = Path(folder), _lengths_and_times(root)
            with suppress(FileNotFoundError):  # a journal that has just been applied
                for path in (root / FILE, _journal(root))[:len(before)]:
                    shutil.copyfile(path, beside / path.name)
            if _lengths_and_times(root) == before:
                return _in_memory(_connect(beside, "mode=rw"), root)
    raise StoreError(f"{root / FILE}: cannot be read while others keep writing to it; try again")


def _in_memory(connection: sqlite3.Connection, root: Path) -> sqlite3.Connection:
    """A copy in memory at the current version; the connection is closed."""
    copy = sqlite3.connect(":memory:", isolation_level=None)
    with closing(connection):
        _version(connection, root)  # first, so that a newer file is refused as such
        connection.backup(copy)
    _bring_up(copy, root)
    return copy


def _journal(root: Path) -> Path:
    return root / f"{FILE}-wal"


def _length(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _lengths_and_times(root: Path) -> list[tuple[int, int]]:
    found = [(root / FILE).stat()]
    with suppress(FileNotFoundError):  # no journal
        found.append(_journal(root).stat())
    return [(status.st_size, status.st_mtime_ns) for status in found]


def _writable(root: Path) -> bool:
    return os.access(root if root.exists() else root.parent, os.W_OK)


def _current(root: Path) -> sqlite3.Connection:
    """A connection to the file at the current version."""
    if (root / FILE).is_file():
        connection = _connect(root, "mode=rw")
        try:
            if _version(connection, root) == len(MIGRATIONS):
                return connection
        except BaseException:
            connection.close()
            raise
        connection.close()
    return _migrated(root)


def _migrated(root: Path) -> sqlite3.Connection:
    with FileLock(root / LOCK):  # SQLite does not wait while another process enables write-ahead logging
        connection = _connect(root, "mode=rwc")
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            _bring_up(connection, root)
        except BaseException:
            connection.close()
            raise
        return connection


def _bring_up(connection: sqlite3.Connection, root: Path) -> None:
    """Upgrade the schema to the current version: completely or not at all."""
    with _transaction(connection):
        for number in range(_version(connection, root), len(MIGRATIONS)):
            for statement in MIGRATIONS[number]:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def _connect(root: Path, mode: str) -> sqlite3.Connection:
    address = f"file:{quote(os.fsencode(root / FILE))}?{mode}"
    connection = sqlite3.connect(address, uri=True, timeout=PATIENCE, isolation_level=None)
    connection.execute("PRAGMA synchronous = FULL")  # committed entries survive a power failure
    return connection


def _version(connection: sqlite3.Connection, root: Path) -> int:
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > len(MIGRATIONS):
        raise StoreError(f"{root / FILE}: was written by a newer version of PatchCore Explorer (version {version} of "
                         f"the file, this one knows {len(MIGRATIONS)}); update PatchCore Explorer to read it")
    return version


@contextmanager
def _telling(root: Path, what_fails: str, writes: bool = False) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError, DamagedEntryError) as error:
        why = "the store can only be read here" if writes and not _writable(root) else cause(error)
        raise StoreError(f"{root / FILE}: {what_fails}: {why}") from error


class DamagedEntryError(ValueError):
    """A row that this program has not written."""


def values_of(row: Sequence[Any], kinds: Mapping[str, type]) -> dict[str, Any]:
    """The values of a row by column name; DamagedEntryError if one has a wrong type."""
    for (name, kind), value in zip(kinds.items(), row, strict=True):
        if not isinstance(value, kind):
            raise DamagedEntryError(f"entry {row[0]!r:.40} is damaged: {name} is no {NAMES_OF[kind]}")
    return dict(zip(kinds, row, strict=True))
