"""What visitors may do: which folders the dashboard reads, and whether anything may be changed.

Folders are those in PATCHCORE_DATA, by default data/ and the built-in sample. With PATCHCORE_READ_ONLY pages show runs
and score what is brought, and nothing else. An event may come from a browser whatever the page shows, so all that
writes into a store, starts a job or lists folders calls `refuse_changes` where it is done (in patchcore_core/runs,
reviews and jobs, and here); `why_unchanged` is its sentence for what a page shows instead.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from pathlib import Path

from patchcore_core.data.dataset import list_categories
from patchcore_core.data.files.tree import Tree, subfolders
from patchcore_core.data.images import shown
from patchcore_core.data.layouts import is_category
from patchcore_core.data.sample.sample_set import sample_root
from patchcore_core.errors import DataError
from patchcore_core.runs.presence import read_only, refuse_changes, why_unchanged

__all__ = ["OutsideError", "allowed", "allowed_roots", "allowing", "dataset_folders", "read_only", "refuse_changes",
           "why_unchanged"]
DEPTH = 3
MOST_FOLDERS = 300
LOOKED_THROUGH = 2000  # most folders searched for images


class OutsideError(DataError):
    """A path outside the folders that the dashboard may read."""


def allowed_roots() -> tuple[Path, ...]:
    """The folders of PATCHCORE_DATA (separated like PATH) or data/, and the built-in sample; resolved."""
    named = os.environ.get("PATCHCORE_DATA") or "data"
    roots = [os.path.expanduser(part) for part in named.split(os.pathsep) if part]
    return tuple(dict.fromkeys(Path(os.path.realpath(root)) for root in [*roots, str(sample_root())]))


def allowed(path: Path | str) -> Path:
    """The path with links resolved, if it lies in an allowed folder; else DataError saying what to set."""
    try:
        resolved = Path(os.path.realpath(os.path.expanduser(path)))
    except ValueError as error:  # a NUL byte
        raise DataError(f"{shown(path)}: not a usable path") from error
    if not any(resolved.is_relative_to(root) for root in allowed_roots()):
        raise OutsideError(f"{shown(path)}: outside the folders the dashboard may read; add its folder to "
                           "PATCHCORE_DATA")  # fmt: skip
    return resolved


def allowing(path: Path | str) -> str:
    """The command that starts the dashboard with this folder allowed besides the present ones.

    The path is taken as it was typed: nothing outside the allowed folders is looked at.
    """
    folder = os.path.abspath(os.path.expanduser(str(path)))
    named = os.environ.get("PATCHCORE_DATA") or os.path.abspath("data")
    folders = shown(os.pathsep.join([named, folder]))
    if os.name == "nt":
        return f'set "PATCHCORE_DATA={folders}" && streamlit run app.py'
    return f"PATCHCORE_DATA={shlex.quote(folders)} streamlit run app.py"


def dataset_folders() -> tuple[Path, ...]:
    """Folders in the allowed roots, at most three levels down, that hold one category or a set of categories.

    Folders with images in no known layout come last.
    """
    refuse_changes("folders are not listed")
    found: list[Path] = []
    for root in allowed_roots():
        _collect(root, DEPTH, found)
    return tuple(dict.fromkeys([*found, *_unread(found)]))


def _unread(found: Sequence[Path]) -> list[Path]:
    """Folders directly in the roots that hold images somewhere, but no category; choosing one says why."""
    tree, roots = Tree(allowed_roots()), allowed_roots()
    others = [sub for root in roots if root not in found and root.is_dir() for sub in tree.listed(root).folders
              if not any(one.is_relative_to(sub) for one in (*found, *roots))]
    return [sub for sub in others if tree.holds_images(sub, LOOKED_THROUGH)]


def _collect(folder: Path, depth: int, found: list[Path]) -> None:
    if not folder.is_dir() or len(found) >= MOST_FOLDERS:
        return
    try:
        categories = list_categories(folder)
    except DataError:  # not listable, or ambiguous
        if Tree().listed(folder).images:  # beside categories, each of which can be chosen
            _collect_in(folder, depth, found)
        return
    if categories or is_category(folder):
        found.append(folder)
    if not categories and not is_category(folder, named=True):
        _collect_in(folder, depth, found)


def _collect_in(folder: Path, depth: int, found: list[Path]) -> None:
    for sub in subfolders(folder) if depth > 0 else ():
        _collect(sub, depth - 1, found)
