"""The files that `score` scores, and those beside them that it does not."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from patchcore_core.data.files.image_files import shown
from patchcore_core.data.files.own_pictures import is_own_picture
from patchcore_core.data.files.tree import Tree
from patchcore_core.data.files.unread import RAW, Looks, so_many, unread_images, unread_sentence
from patchcore_core.data.files.words import mask_bases
from patchcore_core.data.images import image_size
from patchcore_core.data.layouts.beside import sorted_out
from patchcore_core.errors import DataError

TABLE = "scores.json"  # its records name the files beside it
WRITTEN = ("map_values", "anomaly_map", "overlay", "mask")


@dataclass(frozen=True)
class Inputs:
    """What to score. `found`: each file, or a path without image with a sentence; `notes`: sentences on what is
    skipped; `beside`: masks and unreadable images in the same folders, which are not scored."""

    found: tuple[tuple[Path, str | None], ...]
    notes: tuple[str, ...]
    beside: tuple[Path, ...]

    @property
    def files(self) -> list[Path]:
        """The files to score."""
        return [path for path, trouble in self.found if trouble is None]


def gather(paths: Sequence[Path]) -> Inputs:
    """The images at these paths, for a folder those directly in it, in natural order.

    Skipped in folders, with a note: pictures written by `score`, masks beside their photos, subfolders, and images in
    unsupported formats. Files are read only as far as needed to recognise images. DataError if there is nothing to
    score.
    """
    found: list[tuple[Path, str | None]] = []
    notes: list[str] = []
    beside: list[Path] = []
    masks_in = lru_cache(maxsize=None)(_masks_in)
    for path in paths:
        if not os.path.isdir(path):
            found.append((path, _trouble(path)))
            beside += masks_in(path.parent).get(path.stem, [])
            if is_own_picture(path):
                notes.append(f"{shown(path)}: is a picture written by `score`, not a photo")
            continue
        photos, others, said = _in_folder(path)
        if not photos:
            more = [one.removeprefix(f"{shown(path)}: ") for one in said]
            found.append((path, "; ".join([f"{shown(path)}: holds no images to score", *more])))
        else:
            notes += said
        found += [(photo, None) for photo in photos]
        beside += others
    if all(trouble for _, trouble in found):
        raise DataError("; ".join(str(trouble) for _, trouble in found))
    return Inputs(tuple(found), tuple(notes), tuple(beside))


def _trouble(path: Path) -> str | None:
    """Why a named file is no image, as far as its first bytes tell."""
    try:
        image_size(path)
    except DataError as error:
        return str(error)
    return None


def _masks_in(folder: Path) -> dict[str, list[Path]]:
    """Files in a folder that are named as masks and not written by `score`, by the stem of their photo."""
    masks = [path for path in Tree().listed(folder).images if mask_bases(path.stem)]
    written, found = set(_written_here(folder, masks)), defaultdict[str, list[Path]](list)
    for path in masks:
        for stem in mask_bases(path.stem) if path not in written else ():
            found[stem].append(path)
    return found


def _in_folder(folder: Path) -> tuple[list[Path], list[Path], list[str]]:
    """Photos of a folder, its masks and unsupported images, and notes on what is skipped."""
    tree, looks = Tree(), Looks()
    try:
        images = list(tree.at(folder).images)
    except DataError as error:
        return [], [], [str(error)]
    ours = [*tree.at(folder).drawn, *_written_here(folder, images)]
    unread = unread_images(folder, tree, looks)
    by_content = [path for path in unread if _is_readable(path)]
    content = sorted_out([path for path in images if path not in ours])
    masks, lost = [*content.masks, *content.orphans], [path for path in unread if path not in by_content]
    said = [_note(folder, ours, "picture", "drawn by `score` and", "scored")] if ours else []
    said += [_note(folder, masks, "mask", "beside the photos and", "scored")] if masks else []
    said += [unread_sentence(folder, lost)] if lost else []
    return [*content.photos, *by_content], [*masks, *lost], [*said, *_nested(folder, tree, looks)]


def _note(folder: Path, paths: Sequence[Path], what: str, why: str, done: str) -> str:
    return f"{shown(folder)}: {so_many(len(paths), what)} {why} not {done} (first: {shown(paths[0].name)})"


def _nested(folder: Path, tree: Tree, looks: Looks) -> list[str]:
    """A note on images in subfolders, which are not searched; outputs of `score` do not count."""
    counts: dict[Path, int] = {}
    for place in tree.below(folder):
        images = [*tree.listed(place).images, *unread_images(place, tree, looks)] if place != folder else []
        if count := len(images) - len(_written_here(place, images)):
            counts[place] = count
    if not counts:
        return []
    first = next(iter(counts))
    where = f"a folder in it ({shown(first.relative_to(folder))})" if len(counts) == 1 else (
        f"{len(counts)} folders in it (first: {shown(first.relative_to(folder))}, {counts[first]})")
    return [f"{shown(folder)}: {so_many(sum(counts.values()), 'image')} in {where} and not scored; name the folder "
            "itself to score what is in it"]  # fmt: skip


def _written_here(folder: Path, images: Sequence[Path]) -> list[Path]:
    """Images in a folder that earlier versions of `score`, which set no mark, have written, by its table."""
    listed: set[str] = set()
    with suppress(OSError, ValueError, TypeError, AttributeError):  # no table, or a foreign one
        records = json.loads((folder / TABLE).read_text(encoding="utf-8"))
        listed = {str(record.get(kind)) for record in records if "image_score" in record for kind in WRITTEN}
    return [path for path in images if path.name in listed]


def _is_readable(path: Path) -> bool:
    try:
        return path.suffix.lower() not in RAW and min(image_size(path)) > 0
    except DataError:
        return False
