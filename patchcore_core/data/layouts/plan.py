"""The roles of a category's folders by name, and the plan that a layout makes of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from patchcore_core.data.files import words
from patchcore_core.data.files.tree import Tree
from patchcore_core.data.images import shown
from patchcore_core.data.layouts.refusal import READ
from patchcore_core.errors import DataError


@dataclass(frozen=True)
class Plan:
    """The folders of a category by use."""

    layout: str
    train: Path  # training photos, directly in it
    tests: tuple[Path, ...] = ()  # each with a folder per type, and unlabelled photos
    types: tuple[Path, ...] = ()  # further folders of one type each
    unlabelled: tuple[Path, ...] = ()  # unlabelled photos
    masks: tuple[Path, ...] = ()  # folders to search for masks
    notes: tuple[str, ...] = ()  # sentences for the user


class Place:
    """A category's folder with its subfolders by role. DataError if a role that must be unique matches two."""

    def __init__(self, folder: Path, tree: Tree) -> None:
        self.folder = folder
        self.tree = tree

    def all(self, role: str, folder: Path | None = None) -> list[Path]:
        """The subfolders of this role (of this folder or `within`), in natural order."""
        return [sub for sub in self.tree.folders(folder or self.folder) if has_role(sub, role, self.tree)]

    def one(self, role: str, folder: Path | None = None) -> Path | None:
        """The folder of a role; among several the one with images, DataError if several have them."""
        found = self.all(role, folder)
        full = [sub for sub in found if self.tree.holds_images(sub)] if len(found) > 1 else found
        if len(full) > 1:
            meaning, named = words.MEANINGS[role].split(",")[0], " and ".join(shown(sub.name) for sub in full)
            raise DataError(f"{shown(folder or self.folder)}: {named} all mean {meaning}, but only "
                            f"one can be used: join, rename or remove one; {READ}")
        return next(iter([*full, *found]), None)

    @cached_property
    def train(self) -> Path | None:
        """The train folder."""
        return self.one("train")

    @cached_property
    def train_good(self) -> Path | None:
        """The good folder in the train folder."""
        return None if self.train is None else self.one("good", self.train)

    @cached_property
    def good(self) -> Path | None:
        """The good folder beside others."""
        return self.one("good")

    @cached_property
    def test(self) -> Path | None:
        """The test folder, else the validation folder."""
        return self.one("test") or (None if self.all("unlabelled") else self.one("validation"))

    @property
    def tests(self) -> tuple[Path, ...]:
        """`test` as a tuple of none or one."""
        return () if self.test is None else (self.test,)

    @property
    def notes(self) -> tuple[str, ...]:
        """A note if validation photos serve as test photos."""
        if self.test is None or words.role(self.test.name) != "validation" or not self.tree.holds_images(self.test):
            return ()
        return (f"{shown(self.test)}: no test folder, so these photos are used for testing",)

    @cached_property
    def masks(self) -> tuple[Path, ...]:
        """The mask folders: beside the others, in the test folder, named after it, and mirroring it."""
        found = self.all("mask")
        for test in self.tests:
            found += self.all("mask", test) + masks_of(test, self.tree)
        return tuple(dict.fromkeys([*found, *(sub for place in found for sub in self.all("test", place))]))


def has_role(folder: Path, role: str, tree: Tree) -> bool:
    """Whether the folder's name has this role. With a train folder in it and none beside it, it is a category."""
    if words.role(folder.name) != role:
        return False
    return role == "mask" or not _has_train(folder, tree) or _has_train(folder.parent, tree, besides=folder)


def _has_train(folder: Path, tree: Tree, besides: Path | None = None) -> bool:
    return any(words.role(sub.name) == "train" and sub != besides for sub in tree.listed(folder).folders)


def masks_of(folder: Path, tree: Tree) -> list[Path]:
    """Folders beside this one that are named as its masks: `crack_mask` beside `crack`."""
    return [sub for sub in tree.folders(folder.parent) if sub != folder and folder.name in words.mask_bases(sub.name)]
