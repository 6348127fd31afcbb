"""Inspect: the images of a folder that the dashboard may read, and of the folders in it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.ui.access import allowed, allowed_roots, refuse_changes
from pages.ui.inspect.upload import Upload, of_file
from patchcore_core.data.files.tree import Tree
from patchcore_core.data.files.words import role
from patchcore_core.data.images import shown
from patchcore_core.data.layouts.beside import sorted_out
from patchcore_core.errors import DataError


def in_folder(path: str, most: int) -> tuple[list[Upload], int, tuple[str, ...]]:
    """At most `most` images of the folder (or the one file), the number that it has, and sentences on what is left out.

    Masks are no photos. DataError where the path may not be read or holds no image.
    """
    refuse_changes("no folder is read")
    place = allowed(path)
    photos, masks, outside = _photos(str(place), tuple(map(str, allowed_roots())))
    if not photos:
        raise DataError(f"{shown(path)}: " + ("no such file or folder" if not place.exists() else "holds no images"))
    notes = [f"{shown(path)}: {masks} masks are not scored"] if masks else []
    notes += [f"{shown(path)}: {outside} links out of the allowed folders are not followed"] if outside else []
    given = [of_file(photo, photo.relative_to(place).as_posix() if photo != place else place.name)
             for photo in photos[:most]]
    return given, len(photos), tuple(notes)


@st.cache_data(max_entries=8, ttl=10, show_spinner="Reading the folder …")
def _photos(folder: str, roots: tuple[str, ...]) -> tuple[list[Path], int, int]:
    """The photos, the number of masks, and that of links that are not followed."""
    tree, top = Tree(within=roots), Path(folder)
    if top.is_file():
        return [top], 0, 0
    photos, masks, outside = list[Path](), 0, 0
    for place in tree.below(top):
        listing = tree.listed(place)
        outside += len(listing.outside)
        if any(role(part) == "mask" for part in place.relative_to(top).parts):
            masks += len(listing.images)
            continue
        content = sorted_out(list(listing.images))
        photos += content.photos
        masks += len(content.masks) + len(content.orphans)
    return photos, masks, outside
