"""A category of images: which photos are there to learn from, which to be judged, and what is known of each."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from patchcore_core.data.files.content import content_key
from patchcore_core.data.images import shown
from patchcore_core.errors import DataError

if TYPE_CHECKING:
    from patchcore_core.data.files.tree import Tree


@dataclass(frozen=True)
class Sample:
    """One photo and what is known of it.

    `label` is 0 for good, 1 for defective, None where nobody said. `defect_type` is the folder's name, "good"
    for good photos and "" where unknown. `mask_paths` are the files whose union is the ground truth: none for a good
    photo (its mask is empty), but none for a defective photo means that nobody knows where the defect is.
    """

    path: Path
    split: str  # "train" or "test"
    label: int | None
    defect_type: str
    mask_paths: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Dataset:
    """One category. `root` is its own folder; `warnings` are sentences about what could not be used as it is.

    `excluded` are photos that were left out on request: paths relative to the root, with forward slashes.
    """

    root: Path
    category: str
    layout: str  # "mvtec", "mvtec_ad2", "mvtec_loco" or "folder"
    train: tuple[Sample, ...]
    test: tuple[Sample, ...]
    warnings: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()

    def without(self, paths: Iterable[Path | str] | Path | str) -> Dataset:
        """The same without these photos, or all photos of these folders; paths relative to the root, or absolute.

        DataError for a path that means no photo, with those that are nearest, and where none is left to learn from.
        """
        from patchcore_core.data.exclude import exclude  # it builds on the types here

        return exclude([self], [paths] if isinstance(paths, Path | str) else paths)[0]

    def counts(self) -> dict[str, Any]:
        """Numbers of photos: train, test_good, test_defective, test_unknown, and defect_types as name -> number."""
        labels = Counter(sample.label for sample in self.test)
        types = Counter(sample.defect_type for sample in self.test if sample.label == 1)
        return {
            "train": len(self.train), "test_good": labels[0], "test_defective": labels[1],
            "test_unknown": labels[None], "defect_types": dict(types),
        }

    def fingerprint(self) -> str:
        """SHA-256 over names and content of all images and masks: equal for the same data copied elsewhere.

        A file that cannot be read counts as such, since a fit goes on without it.
        """
        digest = hashlib.sha256()
        for sample in (*self.train, *self.test):
            for role, path in (("image", sample.path), *(("mask", path) for path in sample.mask_paths)):
                place = path.relative_to(self.root).as_posix()
                content = content_key(path) or "unreadable"
                digest.update(f"{role}\0{sample.split}\0{sample.label}\0{place}\0{content}\n".encode())
        return digest.hexdigest()


def load_dataset(
    path: Path | str, category: str | None = None, needs_train: bool = True, within: Sequence[Path | str] | None = None
) -> Dataset:
    """The category in this folder, or the one of that name in a folder of categories.

    Only the list of files and the sizes of the masks are read here; photos are opened when they are needed.
    Raises DataError with path and cause when there is nothing to train on (unless it is not needed, as where only
    test images are scored), when two folders could be meant by one role, or when the folder holds several categories
    and none is named. The first of several also has warnings on folders beside them that are no category. Links that
    lead out of the folders `within` are not followed; None follows all.
    """
    from patchcore_core.data.files.tree import Tree
    from patchcore_core.data.layouts import read_category  # layouts build the types above
    from patchcore_core.data.layouts.unused import in_no_category

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
    """Names of the category folders in this folder, sorted; () where the folder is a category itself.

    A folder that is called train, test, good, mask, ... is none. DataError where names such as train_2024 and
    test_2024 look like the parts of one category, and where images lie beside categories.
    """
    from patchcore_core.data.files import words
    from patchcore_core.data.layouts import is_category, subfolders
    from patchcore_core.data.layouts.refusal import READ, refuse_images_among

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
        raise DataError(f"{shown(folder)}: leads out of the folders that may be read")
    return folder
