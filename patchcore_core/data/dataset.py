"""Reading a category of images from its folder."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from patchcore_core.data.files import words
from patchcore_core.data.files.tree import Tree, subfolders
from patchcore_core.data.images import shown
from patchcore_core.data.layouts import is_category, read_category
from patchcore_core.data.layouts.refusal import READ, refuse_images_among
from patchcore_core.data.layouts.unused import in_no_category
from patchcore_core.data.samples import Dataset, Sample
from patchcore_core.errors import DataError

__all__ = ["Dataset", "Sample", "list_categories", "load_dataset"]


def load_dataset(
    path: Path | str, category: str | None = None, needs_train: bool = True, within: Sequence[Path | str] | None = None
) -> Dataset:
    """The category in this folder, or the one of that name in a folder of categories.

    Only file lists and the sizes of masks are read; photos are opened when needed. Raises DataError "<path>: <cause>"
    if there is nothing to train on (unless not needed, as when only test images are scored), if a role matches two
    folders, or if the folder holds several categories and none is named. With several categories, the first also has
    warnings on folders that are no category. Links out of the folders `within` are not followed; None follows all.
    """
    folder, names, tree = _folder(path), list_categories(path), Tree(within)
    if not names:
        if category not in (None, folder.name):
            raise DataError(f"{shown(folder)}: holds no category {category!r}; it is one category itself")
        return read_category(_inside(folder, tree), needs_train, tree)
    if category is None and len(names) > 1:
        raise DataError(f"{shown(folder)}: holds several categories, name one of {', '.join(names)}")
    if category is not None and category not in names:
        raise DataError(f"{shown(folder)}: holds no category {category!r}; there are {', '.join(names)}")
    dataset = read_category(_inside(folder / (category or names[0]), tree), needs_train, tree)
    if dataset.category != names[0]:
        return dataset
    return replace(dataset, warnings=(*dataset.warnings, *in_no_category(folder, names, tree)))


def list_categories(path: Path | str) -> tuple[str, ...]:
    """Names of the category folders in this folder, sorted; () if the folder is a category itself.

    Folders called train, test, good, mask, ... are no categories. DataError if names such as train_2024 and test_2024
    look like parts of one category, or if images lie beside categories.
    """
    folder = _folder(path)
    others = [sub for sub in subfolders(folder) if words.role(sub.name) is None]
    if is_category(folder):
        if not is_category(folder, named=True):
            refuse_images_among(folder, others)
        return ()
    names = tuple(sub.name for sub in others if is_category(sub, named=True))
    train, test = ([name for name in names if words.has_word(name, role)] for role in ("train", "test"))
    if train and test:
        raise DataError(f"{shown(folder)}: {shown(train[0])} and {shown(test[0])} look like parts of one category, not "
                        f"like two; call them train and test; {READ}")  # fmt: skip
    return names


def _folder(path: Path | str) -> Path:
    folder = Path(os.path.abspath(os.path.expanduser(path)))
    try:
        if not folder.is_dir():
            raise DataError(f"{shown(folder)}: {'not a folder' if folder.exists() else 'no such folder'}")
        next(folder.iterdir(), None)
    except (OSError, ValueError) as error:
        raise DataError(f"{shown(folder)}: {getattr(error, 'strerror', None) or 'not a usable path'}") from error
    return folder


def _inside(folder: Path, tree: Tree) -> Path:
    if not tree.may_read(folder):
        raise DataError(f"{shown(folder)}: leads out of the allowed folders")
    return folder
