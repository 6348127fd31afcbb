"""Deleted runs: moved into the store's trash, from which they come back for some days.

A deleted run lies in `<store>/.trash/<id>`, a store of this run alone: where it lay in its store it lies there. The
time of change of that folder is when it was deleted. It takes as much disk as before until the trash is emptied.
"""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from patchcore_core.errors import StoreError, UnknownRunError
from patchcore_core.runs.files import cause, writing
from patchcore_core.runs.folder import JOBS, TRASH, read_run, run_folders
from patchcore_core.runs.keeping.disk import bytes_below
from patchcore_core.runs.listing import find_run, get_run, locked, log_path
from patchcore_core.runs.record import Run

KEPT_DAYS = 30  # in the trash; then the next deletion, or Overview, removes it


@dataclass(frozen=True)
class Deleted:
    """A run in the trash as it was, with the time when it was deleted (seconds since the epoch) and its bytes."""

    run: Run
    deleted_at: float
    bytes: int


def delete_run(root: Path, run_id: str) -> Run:
    """Move a run of the store in `root` into the trash, and return it as it was; what has been there too long goes.

    UnknownRunError without such a run, StoreError for one that is alive.
    """
    with locked(root):
        run = get_run(root, run_id)
        if run.alive:
            raise StoreError(f"run {run_id} is {run.status}: cancel it before deleting it")
        entry = root / TRASH / run_id
        with writing(entry):
            _set_aside(entry)  # an earlier one of this id, which was imported again
            (entry / JOBS).mkdir(parents=True)
            with suppress(FileNotFoundError):
                log_path(root, run_id).rename(log_path(entry, run_id))
            run.folder.rename(entry / run.folder.relative_to(root))
        with suppress(OSError):
            entry.touch()
        _set_old_aside(root)
    _remove_aside(root)
    return run


def restore_run(root: Path, run_id: str) -> Run:
    """Take a run back out of the trash.

    UnknownRunError if it is not there; StoreError if the store has a run of this id or of the same fit by now.
    """
    with locked(root):
        run = _in_trash(root, run_id)
        place = root / run.folder.relative_to(root / TRASH / run_id)
        if place.exists():
            raise StoreError(f"{place}: there is such a run already, and nothing is overwritten")
        same = None if run.broken else find_run(root, run.identity)
        if same is not None and run.status == "finished":
            raise StoreError(f"run {run_id} cannot come back: {same.id} is the same fit by now; delete that one first")
        with writing(place):
            with suppress(FileNotFoundError):
                log_path(root / TRASH / run_id, run_id).rename(log_path(root, run_id))
            run.folder.rename(place)
        _set_aside(root / TRASH / run_id)
    _remove_aside(root)
    return get_run(root, run_id)


def deleted_runs(root: Path) -> tuple[Deleted, ...]:
    """What is in the trash, the last deleted first; StoreError if it cannot be read."""
    found = []
    for entry in run_folders(root / TRASH):
        with suppress(UnknownRunError, OSError):  # somebody has just taken it back
            run = _in_trash(root, entry.name)
            found.append(Deleted(run, entry.stat().st_mtime, bytes_below(entry)))
    return tuple(sorted(found, key=lambda one: (-one.deleted_at, one.run.id)))


def empty_trash(root: Path, run_ids: Iterable[str] | None = None) -> int:
    """Remove these runs from the trash for good, all without any named; returns how many there were."""
    with locked(root):
        wanted = None if run_ids is None else set(run_ids)
        gone = [entry for entry in run_folders(root / TRASH) if wanted is None or entry.name in wanted]
        for entry in gone:
            _set_aside(entry)
    _remove_aside(root)
    return len(gone)


def clear_old(root: Path) -> None:
    """Remove what was deleted more than `KEPT_DAYS` ago."""
    with locked(root):
        _set_old_aside(root)
    _remove_aside(root)


def _set_old_aside(root: Path) -> None:
    for entry in run_folders(root / TRASH):
        with suppress(OSError, StoreError):
            if entry.stat().st_mtime < time.time() - KEPT_DAYS * 86400:
                _set_aside(entry)


def _remove_aside(root: Path) -> None:
    """Remove what was set aside, by processes too that were killed before; without the lock, since it may take long."""
    with suppress(OSError):
        for entry in (root / TRASH).iterdir():
            if entry.name.startswith("."):
                shutil.rmtree(entry, ignore_errors=True)


def _in_trash(root: Path, run_id: str) -> Run:
    entry = root / TRASH / run_id
    if any(entry == listed for listed in run_folders(root / TRASH)):
        for folder in (*run_folders(entry), *run_folders(entry / JOBS)):
            if (run := read_run(folder)) is not None:
                return run
    raise UnknownRunError(f"no run {run_id[:100]!r} in the trash of {root}")


def _set_aside(entry: Path) -> None:
    """Take an entry out of the trash at once, for all who look; its files are removed later."""
    try:
        entry.rename(entry.with_name(f".{entry.name}-{secrets.token_hex(4)}"))
    except FileNotFoundError:
        return
    except OSError as error:
        raise StoreError(f"{entry}: cannot be removed: {cause(error)}") from error
