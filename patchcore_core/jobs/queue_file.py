"""The SQLite file of a store's queue: its schema, connections, and what becomes of one that is damaged.

Each change is one exclusive transaction, on disk when it is done, so that a killed process leaves none by half; a lock
that a process held ends with it. What a run shall compute stands in its own folder, and here only when and by whom: so
a file that is damaged is put aside, and made anew from the runs that wait.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from filelock import FileLock

from patchcore_core.errors import DiskFullError, ReadOnlyError, StoreError
from patchcore_core.jobs.job import DamagedRowError, job_of, process_of
from patchcore_core.runs.files import cause
from patchcore_core.runs.folder import JOBS
from patchcore_core.runs.listing import make_store, unfinished
from patchcore_core.runs.presence import read_only, refuse_changes, refuse_if_gone
from patchcore_core.runs.record import Run

FILE, DAMAGED, LOCK = "queue.sqlite", "queue.damaged.sqlite", ".queue.lock"
VERSION = 3
PATIENCE = 30.0  # seconds to wait for another process
ROOM = 2**20  # bytes; with less the disk is full
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)  # on the disk, or for this user
DISK_FULL = "the disk is full: free some space, then resume"
DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)
SCHEMA = (
    """CREATE TABLE jobs (
        number INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL UNIQUE, sweep TEXT NOT NULL DEFAULT '',
        priority INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL DEFAULT 'waiting' CHECK (
            state IN ('waiting', 'paused', 'running', 'finished', 'failed', 'cancelled')),
        attempts INTEGER NOT NULL DEFAULT 0, error TEXT NOT NULL DEFAULT '', within TEXT,
        memory INTEGER NOT NULL DEFAULT 0, seconds REAL, took REAL, added_at TEXT NOT NULL,
        ended_at TEXT NOT NULL DEFAULT '', pid INTEGER, started REAL, host TEXT, birth TEXT NOT NULL DEFAULT '',
        alike TEXT NOT NULL DEFAULT ''
    )""",
    "CREATE INDEX jobs_of_state ON jobs (state)",
    "CREATE INDEX jobs_of_sweep ON jobs (sweep)",
    "CREATE TABLE workers (pid INTEGER NOT NULL, started REAL NOT NULL, host TEXT NOT NULL, "
    "birth TEXT NOT NULL DEFAULT '', works_on TEXT NOT NULL DEFAULT '', PRIMARY KEY (pid, host))",
)
ADDED = {2: (("jobs", "birth"), ("workers", "birth")), 3: (("jobs", "alike"), ("workers", "works_on"))}  # by versions
R = TypeVar("R")
_LOG = logging.getLogger(__name__)


def change(root: Path, work: Callable[[sqlite3.Connection], R]) -> R:
    """What `work` gives, within one exclusive transaction in the file of the store in `root`, made if there is none.

    It may be called twice, where the file was damaged. StoreError where nothing can be written.
    """
    refuse_changes("the queue cannot be changed")
    make_store(root)

    def within(connection: sqlite3.Connection) -> R:
        connection.execute("BEGIN IMMEDIATE")
        try:
            done = work(connection)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:  # SQLite itself has rolled back on a full disk
                connection.execute("ROLLBACK")
            raise
        return done

    return _mending(root, within, "the queue cannot be changed")


def read(root: Path, work: Callable[[sqlite3.Connection], R], nothing: R) -> R:
    """What `work` gives; `nothing` without a file, and in a read-only installation, which has no queue."""
    refuse_if_gone(root)
    if read_only() or not path_of(root).exists():
        return nothing
    return _mending(root, work, "the queue cannot be read")


def path_of(root: Path) -> Path:
    """The file of the store in `root`."""
    return root / JOBS / FILE


def adopt(connection: sqlite3.Connection, run: Run) -> None:
    """Take in a run that waits and is not in the queue; links out of its dataset are not followed."""
    connection.execute("INSERT OR IGNORE INTO jobs (run, sweep, within, added_at) VALUES (?, ?, ?, ?)",
                       (run.id, run.sweep, json.dumps([run.dataset]), run.created_at))  # fmt: skip


def _mending(root: Path, work: Callable[[sqlite3.Connection], R], fails: str) -> R:
    """What `work` gives with a connection; where the file is damaged, with one to a new file."""
    for mended in (False, True):
        try:
            with closing(_opened(root)) as connection:
                return work(connection)
        except (sqlite3.Error, DamagedRowError, OSError) as error:
            if mended or not _is_damage(error):
                if isinstance(error, sqlite3.OperationalError) and is_full(root):  # which SQLite often does not know
                    raise DiskFullError(f"{path_of(root)}: {fails}: {DISK_FULL}") from error
                if isinstance(error, sqlite3.OperationalError) and not os.access(root / JOBS, os.W_OK):
                    raise ReadOnlyError(f"{path_of(root)}: {fails}: its folder may not be written") from error
                raise StoreError(f"{path_of(root)}: {fails}: {cause(error)}") from error
            _put_aside(root, error)
    raise AssertionError


def is_full(root: Path, error: BaseException | None = None) -> bool:
    """Whether the disk of the store in `root` is as good as full, or was so when this error occurred: not every library
    says why it could not write."""
    while error is not None:
        if getattr(error, "errno", None) in NO_ROOM or isinstance(error, DiskFullError):
            return True
        error = error.__cause__ or error.__context__
    try:
        return shutil.disk_usage(root).free < ROOM
    except OSError:  # the store is gone, as a share that is not connected any more
        return False


def _is_damage(error: Exception) -> bool:
    return isinstance(error, DamagedRowError) or getattr(error, "sqlite_errorcode", -1) & 0xFF in DAMAGE


def _opened(root: Path) -> sqlite3.Connection:
    """A connection to the file; one without tables gets them, and the runs that wait."""
    connection = _connected(root)
    try:
        if _version(connection, root) == VERSION:
            return connection
        with FileLock(root / JOBS / LOCK):  # SQLite does not wait while another process enables write-ahead logging
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("BEGIN IMMEDIATE")
            before = _version(connection, root)
            for statement in SCHEMA if before == 0 else ():
                connection.execute(statement)
            for table, name in (one for version in ADDED if 0 < before < version for one in ADDED[version]):
                connection.execute(f"ALTER TABLE {table} ADD COLUMN {name} TEXT NOT NULL DEFAULT ''")
            connection.execute(f"PRAGMA user_version = {VERSION}")
            for run in sorted(unfinished(root), key=lambda run: (run.created_at, run.id)) if before == 0 else ():
                if run.waits:
                    adopt(connection, run)
            connection.execute("COMMIT")
    except BaseException:
        connection.close()
        raise
    return connection


def _connected(root: Path) -> sqlite3.Connection:
    address = f"file:{quote(os.fsencode(path_of(root)))}?mode=rwc"
    connection = sqlite3.connect(address, uri=True, timeout=PATIENCE, isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA synchronous = FULL")  # what is done stays done after a power failure
    return connection


def _version(connection: sqlite3.Connection, root: Path) -> int:
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if not 0 <= version <= VERSION:
        raise StoreError(f"{path_of(root)}: was written by another version of PatchCore Explorer (version {version} of "
                         f"the file, this one knows {VERSION}); update PatchCore Explorer, or delete the file: the "
                         "runs that wait are found without it")  # fmt: skip
    return version


def _put_aside(root: Path, error: Exception) -> None:
    """Move a damaged file out of the way, unless another process has done so."""
    path, aside = path_of(root), root / JOBS / DAMAGED
    try:
        with FileLock(root / JOBS / LOCK):
            if not _damaged(root):
                return
            os.replace(path, aside)
            for journal in (f"{path}-wal", f"{path}-shm"):
                Path(journal).unlink(missing_ok=True)
    except OSError as refused:
        raise StoreError(f"{path}: damaged, and cannot be put aside: {cause(refused)}") from refused
    _LOG.warning("%s: the queue was damaged (%s) and is made anew from the runs that wait, paused ones as "
                 "well, which are computed in their turn now; the old file is %s",
                 path, cause(error), aside.name)  # fmt: skip


def _damaged(root: Path) -> bool:
    try:
        with closing(_connected(root)) as connection:
            for row in connection.execute("SELECT * FROM jobs"):
                job_of(row)
            for row in connection.execute("SELECT * FROM workers"):
                process_of(row)
            return [*connection.execute("PRAGMA quick_check").fetchone()] != ["ok"]
    except (sqlite3.Error, DamagedRowError):
        return True
