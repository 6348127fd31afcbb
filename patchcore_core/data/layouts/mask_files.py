"""Matching mask files to defective photos.

Masks are in a mask folder (in a subfolder named after the defect type, in one per photo, or directly), in such a folder
among the photos, or beside the photos. All masks of a photo are united. Ambiguous masks are not used.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from patchcore_core.data.files import words
from patchcore_core.data.files.tree import Tree, natural_key
from patchcore_core.data.files.unread import so_many
from patchcore_core.data.files.words import mask_bases
from patchcore_core.data.images import shown
from patchcore_core.data.layouts.beside import Content, Owners
from patchcore_core.data.layouts.plan import masks_of


@dataclass
class Found:
    """The masks of each photo, in natural order within their folder; `named`: files mentioned in notes."""

    masks: dict[Path, list[Path]] = field(default_factory=lambda: defaultdict(list))
    notes: list[str] = field(default_factory=list)
    named: set[Path] = field(default_factory=set)
    looked: dict[Path, list[Path]] = field(default_factory=dict)  # type folder -> folders where its masks may be


def find_masks(types: Mapping[Path, Content], roots: Sequence[Path], tree: Tree) -> Found:
    """The masks of the defective photos, given by the folder of their type; `roots`: the mask folders."""
    found = Found()
    for place, content in types.items():
        found.looked[place] = _folders_of(place, types, roots, tree)
        owners = Owners(content.photos)
        for folder in found.looked[place]:
            _take(folder, tree.images(folder), owners, found)
            _take_folders(tree.folders(folder), owners, found, tree)
        _take(place, content.masks, owners, found)
    everybody = Owners(photo for content in types.values() for photo in content.photos)
    of_types = {folder for folders in found.looked.values() for folder in folders}
    for root in roots:
        _take(root, tree.images(root), everybody, found)
        _take_folders([sub for sub in tree.folders(root) if sub not in of_types], everybody, found, tree)
    _note_several_places(types, found)
    return found


def _folders_of(place: Path, types: Mapping[Path, Content], roots: Sequence[Path], tree: Tree) -> list[Path]:
    """The folders with masks of this type only: of its name in the mask folders, or inside or beside its own."""
    own = [sub for sub in tree.folders(place) if words.role(sub.name) == "mask"]
    others = {other.name for other in types if other != place}
    named = [sub for root in roots for sub in tree.folders(root) if sub.name not in others
             and (sub.name == place.name or _alike(sub.name, place.name, others))]
    return list(dict.fromkeys([*named, *own, *masks_of(place, tree)]))


def _alike(name: str, wanted: str, others: Collection[str]) -> bool:
    """Whether a name means only this type: equal up to case and separators, or another word for bad."""
    if words.key(name) == words.key(wanted):
        return all(words.key(other) != words.key(name) for other in others)
    bad = words.role(name) == words.role(wanted) == "bad"
    return bad and all(words.role(other) != "bad" for other in others)


def _take(folder: Path, images: Sequence[Path], owners: Owners, found: Found) -> None:
    """Assign the masks of a folder to their photos."""
    worded: dict[Path, list[Path]] = defaultdict(list)
    bare: dict[Path, list[Path]] = defaultdict(list)
    by_ending: list[Path] = []
    for image in images:
        names = [name for name in mask_bases(image.stem) if owners.of(name)]
        name = names[0] if names else image.stem
        photos = owners.of(name, image.suffix)
        if len(photos) > 1:
            found.named.add(image)
            found.notes.append(f"{shown(image)}: may be the mask of {_listed(photos)}, so it is used for none; "
                               f"{_clearer(photos)} would say which")
        elif photos:
            (worded if names else bare)[photos[0]].append(image)
            by_ending += [image] if owners.shared(name) else []
    _keep(folder, worded, bare, found)
    if by_ending:
        found.notes.append(f"{shown(folder)}: {so_many(len(by_ending), 'mask')} assigned to the photo of the same "
                           f"name and extension (first: {shown(by_ending[0].name)})")  # fmt: skip


def _keep(folder: Path, worded: Mapping[Path, list[Path]], bare: Mapping[Path, list[Path]], found: Found) -> None:
    """A name with a mask word wins over a bare name, which may be a copy of the photo; among formats of one name, PNG
    wins."""
    unused: list[Path] = []
    for photo in dict.fromkeys([*worded, *bare]):
        chosen = _one_format(worded.get(photo) or bare[photo])
        unused += [image for image in (*worded.get(photo, ()), *bare.get(photo, ())) if image not in chosen]
        found.masks[photo] += [image for image in chosen if image not in found.masks[photo]]
    if unused:
        found.named |= set(unused)
        found.notes.append(f"{shown(folder)}: {so_many(len(unused), 'file')} not used, since the photo has "
                           f"another mask (first: {shown(unused[0].name)})")  # fmt: skip


def _one_format(images: Sequence[Path]) -> list[Path]:
    by_name: dict[str, Path] = {}
    for image in sorted(images, key=lambda path: path.suffix.lower() == ".png"):
        by_name[image.stem] = image
    return sorted(by_name.values(), key=lambda path: natural_key(path.name))


def _take_folders(folders: Sequence[Path], owners: Owners, found: Found, tree: Tree) -> None:
    """Assign masks in a folder per photo to that photo."""
    for folder in folders:
        images = tree.images(folder)
        photos = owners.of(folder.name) or [photo for name in mask_bases(folder.name) for photo in owners.of(name)]
        if len(photos) == 1:
            found.masks[photos[0]] += images
        elif photos and images:
            found.named |= set(images)
            found.notes.append(f"{shown(folder)}: may hold the masks of {_listed(photos)}, so they are used for none; "
                               f"{_clearer(photos)} would say which")


def _listed(photos: Sequence[Path]) -> str:
    several = len({photo.parent for photo in photos}) > 1
    names = [shown(f"{photo.parent.name}/{photo.name}" if several else photo.name) for photo in photos]
    return " and ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _clearer(photos: Sequence[Path]) -> str:
    """A name or place that would assign the mask to only one of these photos."""
    if len({photo.parent for photo in photos}) > 1:
        return f"a folder {shown(photos[0].parent.name)} around it"
    return f"the name {shown(photos[0].name)}_mask"


def _note_several_places(types: Mapping[Path, Content], found: Found) -> None:
    for place, content in types.items():
        several = [photo for photo in content.photos if len({_home(photo, mask) for mask in found.masks[photo]}) > 1]
        if several:
            homes = {home for photo in several for mask in found.masks[photo] if (home := _home(photo, mask))}
            found.notes.append(f"{shown(place)}: {so_many(len(several), 'photo')} given the masks of several folders, "
                               f"united ({', '.join(sorted(shown(home) for home in homes))})")  # fmt: skip


def _home(photo: Path, mask: Path) -> Path:
    """The folder of a mask; for one in a photo's own folder, the parent of that."""
    return mask.parent.parent if photo.stem in mask.parent.name and mask.parent != photo.parent else mask.parent
