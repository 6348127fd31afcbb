"""Which folders the dashboard may read: those in PATCHCORE_DATA, by default data/ and the built-in sample."""

from __future__ import annotations

import os
from pathlib import Path

from patchcore_core.data.dataset import list_categories
from patchcore_core.data.layouts import is_category, subfolders
from patchcore_core.data.sample import sample_root
from patchcore_core.errors import DataError

DEPTH = 3
MOST_FOLDERS = 300


def allowed_roots() -> tuple[Path, ...]:
    """The folders of PATCHCORE_DATA (separated like PATH) or data/, and the built-in sample; resolved."""
    named = os.environ.get("PATCHCORE_DATA") or "data"
    roots = [Path(part).expanduser() for part in named.split(os.pathsep) if part]
    return tuple(dict.fromkeys(root.resolve() for root in [*roots, sample_root()]))


def allowed(path: Path | str) -> Path:
    """The path with links resolved, if it lies in an allowed folder; else DataError saying what to set."""
    resolved = Path(path).expanduser().resolve()
    if not any(resolved.is_relative_to(root) for root in allowed_roots()):
        raise DataError(f"{path}: outside the folders the dashboard may read; add its folder to PATCHCORE_DATA")
    return resolved


def dataset_folders() -> tuple[Path, ...]:
    """Folders in the allowed roots, at most three levels down, that hold one category or a set of categories."""
    found: list[Path] = []
    for root in allowed_roots():
        _collect(root, DEPTH, found)
    return tuple(dict.fromkeys(found))


def _collect(folder: Path, depth: int, found: list[Path]) -> None:
    if not folder.is_dir() or len(found) >= MOST_FOLDERS:
        return
    try:
        categories = list_categories(folder)
        if categories or is_category(folder):
            found.append(folder)
        if not categories and not is_category(folder, named=True) and depth > 0:
            for sub in subfolders(folder):
                _collect(sub, depth - 1, found)
    except DataError:
        return  # a folder that may not be listed is none to choose
