"""From a layout's plan to a Dataset: every image becomes a photo or a mask, or is named in a warning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from patchcore_core.data.files import words
from patchcore_core.data.files.tree import Tree
from patchcore_core.data.files.unread import so_many
from patchcore_core.data.images import shown
from patchcore_core.data.layouts.beside import Content, sorted_out
from patchcore_core.data.layouts.mask_files import Found, find_masks
from patchcore_core.data.layouts.plan import Place, Plan, masks_of
from patchcore_core.data.layouts.refusal import READ
from patchcore_core.data.layouts.same_content import same_content
from patchcore_core.data.layouts.unused import not_empty, unused
from patchcore_core.data.masks import mask_trouble
from patchcore_core.data.samples import Dataset, Sample
from patchcore_core.errors import DataError


@dataclass
class _Building:
    """What has been found so far; `known`: images that are used, or named in a note."""

    tree: Tree
    notes: list[str] = field(default_factory=list)
    known: set[Path] = field(default_factory=set)


def assemble(folder: Path, plan: Plan, tree: Tree) -> Dataset:
    """The dataset of a plan, with warnings on what is not used."""
    building = _Building(tree)
    train = [Sample(path, "train", 0, "good") for path in _photos(plan.train, building, "good").photos]
    groups = _test_groups(folder, plan, tree)
    contents = {place: _photos(place, building, kind) for place, kind in groups}
    found = find_masks({place: contents[place] for place, kind in groups if kind == "bad"}, plan.masks, tree)
    test: list[Sample] = []
    for place, kind in groups:
        if kind == "bad":
            samples, notes = _defective(place, contents[place], found)
            building.notes += notes
        else:
            label, name = (0, "good") if kind == "good" else (None, "")
            samples = [Sample(path, "test", label, name) for path in contents[place].photos]
        test += samples
        if not tree.images(place):
            building.notes.append(f"{shown(place)}: holds no images")
    known = building.known | found.named | {path for paths in found.masks.values() for path in paths}
    notes = [*plan.notes, *unused(folder, plan, known, tree), *building.notes, *found.notes,
             *same_content(folder, [*train, *test])]  # fmt: skip
    return Dataset(folder, folder.name, plan.layout, tuple(train), tuple(test), tuple(dict.fromkeys(notes)))


def _test_groups(folder: Path, plan: Plan, tree: Tree) -> list[tuple[Path, str]]:
    """The folders of test photos in order, each with the kind of its photos: good, bad or unknown."""
    groups: list[tuple[Path, str]] = []
    for test in plan.tests:
        if tree.images(test):
            groups.append((test, "unknown"))
        groups += _kinds(test, tree.folders(test), tree)
    groups += _kinds(folder, plan.types, tree)
    for place in plan.unlabelled:
        groups += [(sub, "unknown") for sub in (place, *tree.folders(place))
                   if tree.images(sub) and words.role(sub.name) != "mask"]  # fmt: skip
    return groups


def _kinds(parent: Path, folders: Sequence[Path], tree: Tree) -> list[tuple[Path, str]]:
    """The kind of the photos in each folder, by its name, without masks. DataError for an ambiguous name."""
    Place(parent, tree).one("good")  # raises if there are two
    kinds: list[tuple[Path, str]] = []
    for place in folders:
        role = words.role(place.name)
        if role == "mask" or any(place in masks_of(other, tree) for other in folders):
            continue
        if role in ("good", "bad", "unlabelled"):
            kinds.append((place, "unknown" if role == "unlabelled" else role))
        elif tree.images(place) and _unclear(place):
            raise DataError(
                f"{shown(place)}: the name does not say whether its {so_many(len(tree.images(place)), 'image')} good "
                "or defective: call it good, join it with the folder that is, or name the defect in words that mean "
                f"nothing else; {READ}"
            )
        else:
            kinds.append((place, "bad"))
    return kinds


def _unclear(place: Path) -> bool:
    return words.half_good(place.name) or words.says_nothing(place.name) or words.role(place.name) is not None


def _photos(place: Path, building: _Building, kind: str) -> Content:
    """The photos of a folder; other files get a note."""
    content = sorted_out(building.tree.images(place))
    building.known.update(content.photos, content.masks, content.orphans)
    for paths, cause in (
        (content.masks, {
            "good": "mask files lie beside good photos and are not used",
            "bad": "mask files lie beside their photos and are read as masks, not as photos",
            "unknown": "mask files lie beside unlabelled photos, and are not used",
        }[kind]),
        (content.orphans, "files are named like masks of photos that do not exist, and are not used"),
        (content.named_alike, "files are named like masks, but so are most here and their photos do not exist, so they "
                              "are read as photos"),
    ):  # fmt: skip
        if paths:
            more = not_empty(paths) if kind == "good" and paths is content.masks else ""
            building.notes.append(f"{shown(place)}: {len(paths)} {_one(cause) if len(paths) == 1 else cause} "
                                  f"(first: {shown(paths[0].name)}){more}")  # fmt: skip
    return content


def _one(cause: str) -> str:
    for many, one in (("files lie", "file lies"), ("their photos", "its photo"), ("files are", "file is"),
                      ("and are", "and is"), ("read as masks", "read as mask"), ("not as photos", "not as photo"),
                      ("like masks", "like a mask"), ("they are", "it is")):  # fmt: skip
        cause = cause.replace(many, one)
    return cause


def _defective(place: Path, content: Content, found: Found) -> tuple[list[Sample], list[str]]:
    """The photos of one defect type, with a warning per reason why some have no mask."""
    samples, without, notes = [], [], []
    for path in content.photos:
        masks = tuple(found.masks.get(path, ()))
        troubles = [trouble for mask in masks if (trouble := mask_trouble(path, mask))]
        samples.append(Sample(path, "test", 1, place.name, () if troubles else masks))
        if not masks:
            without.append(path)
        notes += [f"{trouble}; its image counts as defective with an unknown mask" for trouble in troubles]
    if without:
        looked = " or ".join(shown(folder) for folder in found.looked[place]) or "any folder for masks"
        notes.insert(0, f"{shown(place)}: {len(without)} of {len(samples)} defective images have no mask in {looked} "
                        f"(first: {shown(without[0].name)}); the location of their defects is unknown")  # fmt: skip
    return samples, notes

