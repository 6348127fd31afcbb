"""Whether the store is there, and whether it may be changed.

An unmounted share looks like an empty folder, and no new store may be created in it.

A store has its folder of jobs from the first run on. If this process has seen a store that has disappeared, or even its
parent folder has, nothing is read as empty and nothing is created until it is back.

With PATCHCORE_READ_ONLY nothing is written into a store, whoever asks: all that writes there calls `refuse_changes`.
"""

from __future__ import annotations

import os
from pathlib import Path

from patchcore_core.errors import ReadOnlyError, StoreError
from patchcore_core.runs.files import cause
from patchcore_core.runs.folder import JOBS, run_folders

READ_ONLY = "PATCHCORE_READ_ONLY"  # the variable
NO = ("", "0", "false", "no", "off")
_seen: set[Path] = set()  # the stores that this process has found; what is remembered of a share must lie beside it


def refuse_if_gone(root: Path) -> None:
    """Return if there is a store in `root`, or if one may be created there.

    StoreError, naming the folder, if there was one or if its parent folder is gone.
    """
    try:
        if (root / JOBS).is_dir() or (root.is_dir() and run_folders(root)):
            _seen.add(root)
        elif root in _seen:
            raise StoreError(f"{root}: the runs that were there are gone; connect the share or disk that they lie on, "
                             "or start the program anew for an empty store")  # fmt: skip
        elif not root.parent.exists():
            raise StoreError(f"{root}: no runs can be kept there: the folder {root.parent} does not exist; make it, or "
                             "connect the share or disk that it lies on")  # fmt: skip
    except OSError as error:  # such as a share whose server does not respond
        raise StoreError(f"{root}: the runs there cannot be read: {cause(error)}") from error


def read_only() -> bool:
    """Whether PATCHCORE_READ_ONLY keeps stores as they are: any value but those that say no."""
    return os.environ.get(READ_ONLY, "").strip().lower() not in NO


def why_unchanged(what_not: str) -> str:
    """`what_not`, as "no run can be deleted", and why; "" where stores may be changed."""
    return f"{what_not}: this is a read-only installation ({READ_ONLY})" if read_only() else ""


def refuse_changes(what_not: str) -> None:
    """Return where stores may be changed; else ReadOnlyError with the sentence of `why_unchanged`."""
    if words := why_unchanged(what_not):
        raise ReadOnlyError(words)
