"""Folder contents: images, folders and other files, in natural order (2 before 10).

Names starting with a dot are skipped; extensions are case-insensitive.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from patchcore_core.data.files.own_pictures import DRAWN_ENDS, is_own_picture
from patchcore_core.data.images import EXTENSIONS, shown
from patchcore_core.errors import DataError

MOST_FOLDERS = 20_000  # most folders searched below one
DEEPEST = 12  # levels


@dataclass(frozen=True)
class Listing:
    """The contents of one folder. A dangling link counts as a file of its name."""

    images: tuple[Path, ...] = ()
    folders: tuple[Path, ...] = ()
    others: tuple[Path, ...] = ()  # files of other extensions
    nameless: tuple[Path, ...] = ()  # names that are not UTF-8, so no report could name them
    outside: tuple[Path, ...] = ()  # links out of the allowed folders
    special: tuple[Path, ...] = ()  # pipes, sockets and devices with an image's name
    drawn: tuple[Path, ...] = ()  # pictures that `score` has drawn of photos


class Tree:
    """Folder listings, each cached. With `within`, links out of those folders are not followed."""

    def __init__(self, within: Sequence[Path | str] | None = None) -> None:
        self._within = None if within is None else tuple(os.path.realpath(root) for root in within)
        self._seen: dict[Path, Listing] = {}

    def at(self, folder: Path) -> Listing:
        """The contents of a folder, empty if there is none; DataError if it cannot be listed."""
        if folder not in self._seen:
            self._seen[folder] = self._list(folder) if self.may_read(folder) else Listing()
        return self._seen[folder]

    def images(self, folder: Path) -> list[Path]:
        """The image files directly in a folder."""
        return list(self.at(folder).images)

    def folders(self, folder: Path) -> list[Path]:
        """The folders directly in a folder."""
        return list(self.at(folder).folders)

    def may_read(self, path: Path) -> bool:
        """Whether the path, with links resolved, lies in the allowed folders."""
        if self._within is None:
            return True
        real = os.path.realpath(path)
        return any(real == root or real.startswith(root.rstrip(os.sep) + os.sep) for root in self._within)

    def below(self, folder: Path, depth: int = DEEPEST, most: int = MOST_FOLDERS) -> Iterator[Path]:
        """The folder and all folders below it, each once even with circular links; at most LOOKED_THROUGH of them.

        Includes folders that cannot be listed.
        """
        met: set[str] = set()
        waiting = [(folder, depth)]
        while waiting and len(met) < most:
            place, left = waiting.pop()
            real = os.path.realpath(place)
            if real in met:
                continue
            met.add(real)
            yield place
            if left > 0:
                waiting += [(sub, left - 1) for sub in reversed(self.listed(place).folders)]

    def listed(self, folder: Path) -> Listing:
        """As `at`, but empty for a folder that cannot be listed."""
        try:
            return self.at(folder)
        except DataError:
            return Listing()

    def holds_images(self, folder: Path, most: int = MOST_FOLDERS) -> bool:
        """Whether there is an image in the folder or below it, within a limit of searched folders."""
        return any(self.listed(place).images for place in self.below(folder, most=most))

    def _list(self, folder: Path) -> Listing:
        found: dict[str, list[Path]] = {name: [] for name in Listing.__dataclass_fields__}
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if not entry.name.startswith("."):
                        found[self._kind(entry)].append(folder / entry.name)
        except (FileNotFoundError, NotADirectoryError):
            return Listing()
        except (OSError, ValueError) as error:
            raise DataError(f"{shown(folder)}: {getattr(error, 'strerror', None) or 'not a usable path'}") from error
        return Listing(**{kind: tuple(sorted(paths, key=lambda path: natural_key(path.name)))
                          for kind, paths in found.items()})  # fmt: skip

    def _kind(self, entry: os.DirEntry[str]) -> str:
        if not _is_text(entry.name):
            return "nameless"
        if entry.is_symlink() and not self.may_read(Path(entry.path)):
            return "outside"
        if os.path.isdir(entry.path) if entry.is_symlink() else entry.is_dir():
            return "folders"
        if os.path.splitext(entry.name)[1].lower() not in EXTENSIONS:
            return "others"
        plain = os.path.isfile(entry.path) or not os.path.exists(entry.path)
        if plain and entry.name.lower().endswith(DRAWN_ENDS) and is_own_picture(entry.path):
            return "drawn"
        return "images" if plain else "special"


def subfolders(folder: Path) -> list[Path]:
    """The folders in a folder, in natural order."""
    return Tree().folders(folder)


def natural_key(name: str) -> tuple[list[str | int], str]:
    """Sort key that puts img2 before img10, ignoring case."""
    parts = re.split(r"([0-9]+)", name.casefold())
    return [int(part) if index % 2 else part for index, part in enumerate(parts)], name


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
