"""Errors for folders that cannot be read: what was found, and what is expected."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from patchcore_core.data.files import words
from patchcore_core.data.files.tree import Tree
from patchcore_core.data.files.unread import Looks, counted, unread_images
from patchcore_core.data.images import shown
from patchcore_core.errors import DataError

READ = ("read are train/good/ with test/good/, test/<defect>/ and ground_truth/<defect>/ (as MVTec AD, MVTec AD 2 and "
        "MVTec LOCO), or good photos directly in the folder, in good/ or in train/, with test/<defect>/ or, beside "
        "good/, bad/ and mask/; the README lists the words")  # fmt: skip
PARTS = {"test": "test photos", "validation": "test photos", "unlabelled": "test photos",
         "bad": "defective photos", "mask": "masks"}  # fmt: skip
MOST_NAMED = 4  # folders
MOST_LOOKED = 5000  # folders below a wrong one
NEAR = 3  # levels searched below a wrong folder


def nothing_to_learn_from(
    folder: Path, source: Path, tree: Tree, is_category: Callable[[Path], bool], where: str
) -> DataError:
    """The error for a category without training photos in `source`, where they are expected."""
    found = holdings(folder, tree)
    if not found:
        looks = Looks()
        unread = [path for place in tree.below(folder, most=MOST_LOOKED) for path in unread_images(place, tree, looks)]
        kinds = sorted({shown(path.suffix.lower()) or "no extension" for path in unread})
        other = f" of a kind that is read, but {counted(len(unread), 'other')} ({', '.join(kinds)})" if unread else ""
        return DataError(f"{shown(source)}: holds no images{other}; {READ}")
    cause = f"no good images to train on, expected in {where}"
    near = [place for place in tree.below(folder, NEAR, MOST_LOOKED) if place != folder and is_category(place)]
    right = f"; {' or '.join(shown(place) for place in near[:MOST_NAMED])} can be read" if near else ""
    return DataError(f"{shown(folder)}: {cause}; found {_listed(folder, found)}{right}; {READ}")


def holdings(folder: Path, tree: Tree) -> list[tuple[Path, int]]:
    """The folders with images and their numbers: this one and those below it."""
    places = tree.below(folder, most=MOST_LOOKED)
    return [(place, count) for place in places if (count := len(tree.listed(place).images))]


def refuse_part(folder: Path, tree: Tree) -> None:
    """DataError for test photos, defective ones or masks used as a category: training on them would go unnoticed."""
    if any(words.role(sub.name) == "train" for sub in tree.folders(folder)):
        return  # a category with such a name
    if words.has_word(folder.name, "test") and words.role(folder.name) is None:
        _refuse_twin(folder, tree)
    for part in (folder, *folder.parents[:2]):
        role, whole = words.role(part.name), part.parent
        if role in PARTS and has_good_photos(whole, tree):
            raise DataError(f"{shown(folder)}: {'holds' if part == folder else 'lies among'} the {PARTS[role]} of "
                            f"{shown(whole)}, which is the folder to give")  # fmt: skip


def refuse_images_among(folder: Path, folders: Sequence[Path]) -> None:
    """DataError if images lie beside folders with train and test in them: ambiguous."""
    tree = Tree()
    for sub in folders:
        if {"train", "test"} <= {words.role(inner.name) for inner in tree.listed(sub).folders}:
            images = tree.images(folder)
            raise DataError(f"{shown(folder)}: holds {counted(len(images), 'image')} (first: {shown(images[0].name)}) "
                            f"beside the category {shown(sub.name)}; give {shown(sub)}, or move the "
                            f"{'image' if len(images) == 1 else 'images'} away; {READ}")  # fmt: skip


def _refuse_twin(folder: Path, tree: Tree) -> None:
    """DataError for bottle_test if there is a bottle_train."""
    for other in tree.listed(folder.parent).folders:
        if words.has_word(other.name, "train") and words.rest(other.name, "train") == words.rest(folder.name, "test"):
            raise DataError(f"{shown(folder)}: looks like the test photos of {shown(other)}; call "
                            f"them train and test in one folder; {READ}")  # fmt: skip


def part_of(folder: Path, tree: Tree) -> str | None:
    """A note if the folder holds only the good photos of a larger category."""
    names = (words.role(folder.name), words.role(folder.parent.name))
    whole = folder.parent.parent if names == ("good", "train") else folder.parent
    beside = {words.role(sub.name) for sub in tree.listed(whole).folders}
    if names[0] not in ("good", "train") or not beside & {"test", "bad"}:
        return None
    return f"{shown(folder)}: used for training only; give {shown(whole)} to test its other photos"


def has_good_photos(folder: Path, tree: Tree) -> bool:
    """Whether there are training photos in a train or good folder."""
    places = [sub for sub in tree.listed(folder).folders if words.role(sub.name) in ("train", "good")]
    goods = [sub for train in places for sub in tree.listed(train).folders if words.role(sub.name) == "good"]
    return any(tree.listed(place).images for place in (*places, *goods))


def _listed(folder: Path, found: Sequence[tuple[Path, int]]) -> str:
    named = [f"{_below(folder, place)} ({counted(count, 'image')})" for place, count in found[:MOST_NAMED]]
    rest = len(found) - len(named)
    return ", ".join(named) + (f" and {rest} more folders with images" if rest else "")


def _below(folder: Path, place: Path) -> str:
    return "in the folder itself" if place == folder else shown(place.relative_to(folder).as_posix())
