"""The folder of a store: its runs, its lock, and the removal of a run.

A run is in `<root>/.jobs/<id>` while it waits, computes, or has ended badly, and in `<root>/<id>` once finished.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock

from patchcore_core.errors import StoreError, UnknownRunError
from patchcore_core.runs.files import cause, writing
from patchcore_core.runs.folder import JOBS, LOCK, RUN_ID, read_run, run_folders
from patchcore_core.runs.presence import refuse_changes, refuse_if_gone
from patchcore_core.runs.record import Run


def list_runs(root: Path, read: Callable[[Path], Run | None] = read_run) -> tuple[Run, ...]:
    """All runs, newest first; an unreadable folder is listed as failed with file and cause.

    StoreError if the store itself cannot be read, or has disappeared. read: `read_run`, or one that remembers records.
    """
    refuse_if_gone(root)
    found = {}
    for folder in (*run_folders(root / JOBS), *run_folders(root)):  # in the order of its moves
        if (run := read(folder)) is not None:
            found[run.id] = run
    return tuple(sorted(found.values(), key=lambda run: (run.created_at, run.id), reverse=True))


def get_run(root: Path, run_id: str) -> Run:
    """The run of this id, damaged ones as in `list_runs`; UnknownRunError if there is none."""
    refuse_if_gone(root)
    if RUN_ID.fullmatch(run_id):
        for parent in (root, root / JOBS, root):  # it may move in between
            if (parent / run_id).is_dir() and (run := read_run(parent / run_id)) is not None:
                return run
    raise UnknownRunError(f"no run {run_id[:100]!r} in {root}")


def find_run(root: Path, identity: str) -> Run | None:
    """A finished run of this identity, else one that is alive, else None."""
    same = [run for run in list_runs(root) if run.identity == identity and not run.broken]
    finished = [run for run in same if run.status == "finished"]
    return next(iter(finished + [run for run in same if run.alive]), None)


def ahead_of(root: Path, run: Run) -> tuple[Run, ...]:
    """Earlier runs that are alive."""
    place = (run.created_at, run.id)
    jobs = (other for folder in run_folders(root / JOBS) if (other := read_run(folder)) is not None)
    return tuple(other for other in jobs if other.alive and (other.created_at, other.id) < place)


def log_path(root: Path, run_id: str) -> Path:
    """The log of a run's process until the run is finished."""
    return root / JOBS / f"{run_id}.log"


def remove(root: Path, run: Run) -> None:
    """Remove a run's folder and log; the caller holds the lock."""
    gone = root / JOBS / f".{run.id}-{secrets.token_hex(4)}"
    with writing(run.folder):
        run.folder.rename(gone)  # renamed first, then removed
        shutil.rmtree(gone, ignore_errors=True)
        log_path(root, run.id).unlink(missing_ok=True)


def clear_attempts(root: Path, run: Run) -> None:
    """Remove failed runs with the identity of a finished one; the caller holds the lock."""
    for other in list_runs(root):
        ended_badly = other.folder.parent.name == JOBS and not other.alive
        if ended_badly and other.identity == run.identity and not other.broken:
            remove(root, other)
    log_path(root, run.id).unlink(missing_ok=True)


@contextmanager
def locked(root: Path) -> Iterator[None]:
    """Hold the lock of the store: for a moment, never for the length of a fit."""
    refuse_changes(f"{root}: the runs there cannot be changed")
    refuse_if_gone(root)
    lock = FileLock(root / JOBS / LOCK)
    try:
        with suppress(FileExistsError):
            root.mkdir()
        (root / JOBS).mkdir(exist_ok=True)
        lock.acquire()
    except OSError as error:
        raise StoreError(f"{root}: no runs can be kept there: {cause(error)}") from error
    try:
        yield
    finally:
        lock.release()
