"""The folder of a store: its runs, its lock, and the removal of a run.

A run is in `<root>/.jobs/<id>` while it waits, computes, or has ended badly, and in `<root>/<id>` once finished.
"""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock

from patchcore_core.errors import StoreError, UnknownRunError
from patchcore_core.lasting import sync
from patchcore_core.runs.files import cause, writing
from patchcore_core.runs.folder import JOBS, LOCK, RUN_ID, TRASH, new_id, read_run, run_folders
from patchcore_core.runs.presence import refuse_changes, refuse_if_gone
from patchcore_core.runs.record import Run

LEFT = re.compile(rf"\.{RUN_ID.pattern}-[0-9a-f]{{8}}")  # of a run that is being made or removed


def list_runs(root: Path) -> tuple[Run, ...]:
    """All runs, newest first; an unreadable folder is listed as failed with file and cause.

    StoreError if the store itself cannot be read, or has disappeared.
    """
    refuse_if_gone(root)
    found = {}
    for folder in (*run_folders(root / JOBS), *run_folders(root)):  # in the order of its moves
        if (run := read_run(folder)) is not None:
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
    return same_fit(list_runs(root), identity)


def same_fit(runs: Sequence[Run], identity: str, promised: Container[str] = ()) -> Run | None:
    """The same among these runs; those that are `promised`, by their ids, count as alive though their process is gone.
    """
    same = [run for run in runs if run.identity == identity and not run.broken]
    finished = [run for run in same if run.status == "finished"]
    alive = [run for run in same if run.alive or (run.status == "lost" and run.id in promised)]
    return next(iter(finished + alive), None)


def free_id(root: Path, category: str, taken: Container[str] = ()) -> str:
    """An id that no run has, deleted ones included, and that is not taken: of hundreds that are begun in a second two
    would often share one."""
    run_id = new_id(category)
    while run_id in taken or any((folder / run_id).exists() for folder in (root, root / JOBS, root / TRASH)):
        run_id = new_id(category)
    return run_id


def unfinished(root: Path, without: Container[str] = ()) -> tuple[Run, ...]:
    """The runs that wait, compute, or have ended badly, but for those of these ids."""
    folders = (folder for folder in run_folders(root / JOBS) if folder.name not in without)
    return tuple(run for folder in folders if (run := read_run(folder)) is not None)


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


def tidy(root: Path) -> None:
    """Remove what killed processes have left of runs that they were making or removing."""
    def left() -> list[Path]:
        return [path for path in (root / JOBS).glob(".*-*") if LEFT.fullmatch(path.name)]

    if left():
        with locked(root):  # as those who make and remove them do
            for path in left():
                shutil.rmtree(path, ignore_errors=True)


def put_in_place(root: Path, run: Run) -> None:
    """Remove earlier attempts at a run of which all has been written, and is on the disk, and move it to where finished
    ones lie; the caller holds the lock."""
    with writing(run.folder):
        clear_attempts(root, run)
        run.folder.rename(root / run.id)
        for folder in (root, root / JOBS):
            sync(folder)


def clear_attempts(root: Path, run: Run) -> None:
    """Remove the other runs with the identity of a finished one, which have failed; the caller holds the lock."""
    for other in list_runs(root):
        ended_badly = other.folder.parent.name == JOBS and not other.alive
        if ended_badly and other.identity == run.identity and other.id != run.id and not other.broken:
            remove(root, other)
    log_path(root, run.id).unlink(missing_ok=True)


def make_store(root: Path) -> None:
    """Make the folders of a store unless they are there; StoreError where they cannot be made, or the store is gone."""
    refuse_if_gone(root)
    try:
        for folder in (root, root / JOBS):
            with suppress(FileExistsError):
                folder.mkdir()
                sync(folder.parent)
    except OSError as error:
        raise StoreError(f"{root}: no runs can be kept there: {cause(error)}") from error


@contextmanager
def locked(root: Path) -> Iterator[None]:
    """Hold the lock of the store: for a moment, never for the length of a fit."""
    refuse_changes(f"{root}: the runs there cannot be changed")
    make_store(root)
    lock = FileLock(root / JOBS / LOCK)
    try:
        lock.acquire()
    except OSError as error:
        raise StoreError(f"{root}: no runs can be kept there: {cause(error)}") from error
    try:
        yield
    finally:
        lock.release()
