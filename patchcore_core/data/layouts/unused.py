"""Unused files: one sentence per folder."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from patchcore_core.data.files import words
from patchcore_core.data.files.tree import MOST_FOLDERS, Tree
from patchcore_core.data.files.unread import Looks, so_many, unread_images, unread_sentence
from patchcore_core.data.images import shown
from patchcore_core.data.layouts.plan import Plan
from patchcore_core.data.masks import marking
from patchcore_core.errors import DataError

MOST_SENTENCES = 60
MOST_LINKS = 40  # from one to the next, as Linux follows them


def unused(folder: Path, plan: Plan, known: Iterable[Path], tree: Tree) -> list[str]:
    """Sentences on images below a category that are neither used nor mentioned elsewhere (`known`)."""
    files, looks, said = _Files(known), Looks(), []
    for number, place in enumerate(tree.below(folder), start=1):
        said += _of_one_folder(place, folder, plan, files, tree, looks)
        if number == MOST_FOLDERS:
            said.append(f"{shown(folder)}: only the first {MOST_FOLDERS} folders in it were searched")
    rest = len(said) - MOST_SENTENCES
    return said if rest <= 1 else [*said[:MOST_SENTENCES], f"{shown(folder)}: {rest} more such notes on folders in it"]


def in_no_category(folder: Path, names: Sequence[str], tree: Tree) -> list[str]:
    """Sentences on folders with images among the categories that are none."""
    said = []
    for sub in tree.folders(folder):
        counts = [] if sub.name in names else [len(tree.listed(place).images) for place in tree.below(sub)]
        if sum(counts):
            said.append(f"{shown(sub)}: {so_many(sum(counts), 'image')} in no known layout, so it is no "
                        "category")  # fmt: skip
    return said


def not_empty(masks: Sequence[Path]) -> str:
    """What to add to a sentence on masks of good photos if some mark a defect; else ""."""
    marked = marking(masks)
    return "" if not marked else (f"; {len(marked)} of them not empty (first: {shown(marked[0].name)}): photos "
                                  "labelled good may be defective")  # fmt: skip


class _Files:
    """Known files, with links resolved."""

    def __init__(self, known: Iterable[Path]) -> None:
        self._folders: dict[str, str] = {}
        self._known = {self._real(path) for path in known}

    def __contains__(self, path: Path) -> bool:
        return self._real(path) in self._known

    def _real(self, path: Path) -> str:
        """As os.path.realpath, which walks down from the root for each file; here for each folder."""
        place = self._in_real_folder(str(path))
        for _ in range(MOST_LINKS):
            if not os.path.islink(place):
                return place
            place = self._in_real_folder(os.path.join(os.path.dirname(place), os.readlink(place)))
        return os.path.realpath(path)

    def _in_real_folder(self, path: str) -> str:
        folder, name = os.path.split(path)
        if folder not in self._folders:
            self._folders[folder] = os.path.realpath(folder)
        return os.path.join(self._folders[folder], name)


def _of_one_folder(place: Path, folder: Path, plan: Plan, known: _Files, tree: Tree, looks: Looks) -> list[str]:
    try:
        listing = tree.at(place)
    except DataError as error:
        return [f"{error}, so what is in it is not used"]
    said = [f"{shown(path)}: skipped, its name is not valid UTF-8 text" for path in listing.nameless]
    left = [path for path in listing.images if path not in known]
    if left:
        said.append(_sentence(place, folder, left, plan))
    if unread := unread_images(place, tree, looks):
        said.append(unread_sentence(place, unread))
    if listing.outside:
        said.append(f"{shown(place)}: {so_many(len(listing.outside), 'link')} not followed, out of the allowed "
                    f"folders (first: {shown(listing.outside[0].name)})")  # fmt: skip
    if listing.drawn:
        said.append(f"{shown(place)}: {so_many(len(listing.drawn), 'picture')} drawn by `score` and neither photo nor "
                    f"mask (first: {shown(listing.drawn[0].name)})")  # fmt: skip
    if listing.special:
        said.append(f"{shown(place)}: {so_many(len(listing.special), 'file')} named like an image but no regular "
                    f"file, and not opened (first: {shown(listing.special[0].name)})")  # fmt: skip
    return said


def _sentence(place: Path, folder: Path, left: list[Path], plan: Plan) -> str:
    count = len(left)
    inside = [words.role(name) for name in place.relative_to(folder).parts]
    first = f"(first: {shown(left[0].name)})"
    if "mask" in inside or any(root in (place, *place.parents) for root in plan.masks):
        good = "being of good photos" if inside[-1] == "good" else "being of no defective photo"
        more = not_empty(left) if "train" in inside or inside[-1] == "good" else ""
        return f"{shown(place)}: {so_many(count, 'mask')} not used, {good} {first}{more}"
    if inside and inside[0] == "validation":
        return f"{shown(place)}: {so_many(count, 'image')} neither used for training nor for testing"
    return f"{shown(place)}: {so_many(count, 'image')} not used{_instead(place, plan)}"


def _instead(place: Path, plan: Plan) -> str:
    """The photos that are used instead of these."""
    if place == plan.train.parent and plan.train.name:
        return f", only those in {shown(plan.train.name)} are used for training"
    if plan.train.parent in place.parents and words.role(plan.train.parent.name) == "train":
        train = f"{shown(plan.train.parent.name)}/{shown(plan.train.name)}"
        return f", only those directly in {train} are used for training"
    for test in plan.tests:
        if test in place.parents:
            return f", only those directly in {shown(test.name)} and in its folders are tested"
    return "" if plan.tests or plan.types else "; test photos are expected in test/<defect>/"

