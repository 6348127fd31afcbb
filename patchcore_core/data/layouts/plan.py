"""Which folder of a category is for what: the roles found by name, and the plan that a layout makes of them."""

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
    """What a layout makes of a category's folder."""

    layout: str
    train: Path  # the photos directly in it are learned from
    tests: tuple[Path, ...] = ()  # each holds a folder per type, and photos of which nothing is known
    types: tuple[Path, ...] = ()  # further folders of one type each
    unlabelled: tuple[Path, ...] = ()  # photos of which nothing is known
    masks: tuple[Path, ...] = ()  # folders in which masks are looked for
    notes: tuple[str, ...] = ()  # sentences for the user


class Place:
    """A category's folder with the folders in it by role. DataError where two could be meant and only one can be."""

    def __init__(self, folder: Path, tree: Tree) -> None:
        self.folder = folder
        self.tree = tree

    def all(self, role: str, folder: Path | None = None) -> list[Path]:
        """The folders of a role directly in this one (or in another), in natural order."""
        return [sub for sub in self.tree.folders(folder or self.folder) if has_role(sub, role, self.tree)]

    def one(self, role: str, folder: Path | None = None) -> Path | None:
        """The folder of a role; of several the one that holds images, and where several do, a DataError."""
        found = self.all(role, folder)
        full = [sub for sub in found if self.tree.holds_images(sub)] if len(found) > 1 else found
        if len(full) > 1:
            meaning, named = words.MEANINGS[role].split(",")[0], " and ".join(shown(sub.name) for sub in full)
            raise DataError(f"{shown(folder or self.folder)}: {named} are all called by a word for {meaning}, only one "
                            f"can be meant: join, rename or remove one; {READ}")
        return next(iter([*full, *found]), None)

    @cached_property
    def train(self) -> Path | None:
        """The folder called train."""
        return self.one("train")

    @cached_property
    def train_good(self) -> Path | None:
        """The folder called good in the one called train."""
        return None if self.train is None else self.one("good", self.train)

    @cached_property
    def good(self) -> Path | None:
        """The folder called good beside others."""
        return self.one("good")

    @cached_property
    def test(self) -> Path | None:
        """The folder called test, or where there is none, the one called validation."""
        return self.one("test") or (None if self.all("unlabelled") else self.one("validation"))

    @property
    def tests(self) -> tuple[Path, ...]:
        """The same as a tuple of none or one."""
        return () if self.test is None else (self.test,)

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence where validation photos serve as tests."""
        if self.test is None or words.role(self.test.name) != "validation" or not self.tree.holds_images(self.test):
            return ()
        return (f"{shown(self.test)}: there is no folder called test, so these photos are tested on",)

    @cached_property
    def masks(self) -> tuple[Path, ...]:
        """The folders called mask: beside the others, in the test folder, named after it, and mirroring it."""
        found = self.all("mask")
        for test in self.tests:
            found += self.all("mask", test) + masks_of(test, self.tree)
        return tuple(dict.fromkeys([*found, *(sub for place in found for sub in self.all("test", place))]))


def has_role(folder: Path, role: str, tree: Tree) -> bool:
    """Whether the folder is called so. One with a folder called train in it, and none beside it, is a category."""
    if words.role(folder.name) != role:
        return False
    return role == "mask" or not _has_train(folder, tree) or _has_train(folder.parent, tree, besides=folder)


def _has_train(folder: Path, tree: Tree, besides: Path | None = None) -> bool:
    return any(words.role(sub.name) == "train" and sub != besides for sub in tree.listed(folder).folders)


def masks_of(folder: Path, tree: Tree) -> list[Path]:
    """Folders beside this one that are named as its masks: `crack_mask` beside `crack`."""
    return [sub for sub in tree.folders(folder.parent) if sub != folder and folder.name in words.mask_bases(sub.name)]
