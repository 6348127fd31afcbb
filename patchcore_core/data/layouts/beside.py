"""Telling photos from masks by file name, and matching masks to photos."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from patchcore_core.data.files.words import mask_bases


class Owners:
    """Photos by the names that masks may use: stem, whole name, or stem and extension joined (`01`, `01.png`,
    `01_png`).

    An exact match wins over one that differs in case or Unicode normalisation.
    """

    def __init__(self, photos: Iterable[Path] = ()) -> None:
        self._exact: dict[str, list[Path]] = defaultdict(list)
        self._alike: dict[str, list[Path]] = defaultdict(list)
        for photo in photos:
            self.add(photo)

    def add(self, photo: Path) -> None:
        """Add a photo."""
        ending = photo.suffix[1:]
        for name in {photo.stem, photo.name, f"{photo.stem}_{ending}", f"{photo.stem}-{ending}"}:
            self._exact[name].append(photo)
            self._alike[_spelling(name)].append(photo)

    def of(self, name: str, ending: str = "") -> list[Path]:
        """The photos of this name; of several with one stem only the one with the extension `ending`, if it exists."""
        found = self._exact.get(name) or self._alike.get(_spelling(name)) or []
        same = [photo for photo in found if photo.suffix.lower() == ending.lower()]
        return same if len(found) > 1 and len(same) == 1 else list(found)

    def shared(self, name: str) -> bool:
        """Whether several photos have this name, whatever their extension."""
        return len(self.of(name)) > 1


@dataclass(frozen=True)
class Content:
    """The images of a folder of photos: photos, masks, and files named like masks without a photo."""

    photos: tuple[Path, ...]
    masks: tuple[Path, ...] = ()  # has a mask word, and the photo of its stem exists
    orphans: tuple[Path, ...] = ()  # has a mask word but no photo: unused
    named_alike: tuple[Path, ...] = ()  # have a mask word like most files here: photos


def sorted_out(images: Sequence[Path]) -> Content:
    """Photos and masks among the images of a folder, in their order.

    A file with a mask word is a mask if the photo of its stem exists. Otherwise it is unused, unless at least half of
    the folder is named so: then the word is part of the photos' names.
    """
    plain = [path for path in images if not mask_bases(path.stem)]
    owners, masks, unowned = Owners(plain), set(), []
    for path in sorted((path for path in images if mask_bases(path.stem)), key=lambda path: len(path.stem)):
        if any(owners.of(base) for base in mask_bases(path.stem)):
            masks.add(path)
        else:  # `label_mask` may be the mask of a photo named `label`
            unowned.append(path)
            owners.add(path)
    most = 2 * len(unowned) >= len(plain) + len(unowned)
    lost = set() if most else set(unowned)
    return Content(
        photos=tuple(path for path in images if path not in masks and path not in lost),
        masks=tuple(path for path in images if path in masks),
        orphans=tuple(path for path in images if path in lost),
        named_alike=tuple(path for path in images if path in unowned) if most else (),
    )


def _spelling(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
