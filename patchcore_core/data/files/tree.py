"""What lies in folders: images, folders and other files, in natural order (2 before 10).

Names starting with a dot are skipped, extensions are case-insensitive.
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

MOST_FOLDERS = 20_000  # so many folders are looked through below one
DEEPEST = 12  # levels


@dataclass(frozen=True)
class Listing:
    """What lies directly in one folder. A dangling link counts as the file that its name says."""

    images: tuple[Path, ...] = ()
    folders: tuple[Path, ...] = ()
    others: tuple[Path, ...] = ()  # files of other extensions
    nameless: tuple[Path, ...] = ()  # their names are not text (not UTF-8): no report could name them
    outside: tuple[Path, ...] = ()  # links that lead out of the folders that may be read
    special: tuple[Path, ...] = ()  # pipes, sockets and devices with an image's name
    drawn: tuple[Path, ...] = ()  # pictures that `score` has drawn of photos


class Tree:
    """Folders, each listed once. With `within`, links that lead out of those folders are not followed."""

    def __init__(self, within: Sequence[Path | str] | None = None) -> None:
        self._within = None if within is None else tuple(os.path.realpath(root) for root in within)
        self._seen: dict[Path, Listing] = {}

    def at(self, folder: Path) -> Listing:
        """What lies in a folder, nothing where there is no such folder; DataError where it may not be listed."""
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
        """Whether the path, links resolved, lies in the folders that may be read."""
        if self._within is None:
            return True
        real = os.path.realpath(path)
        return any(real == root or real.startswith(root.rstrip(os.sep) + os.sep) for root in self._within)

    def below(self, folder: Path, depth: int = DEEPEST, most: int = MOST_FOLDERS) -> Iterator[Path]:
        """The folder and all folders in it, each once however links lead in circles; at most so many of them.

        A folder that may not be listed is among them.
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
        """As `at`, and nothing where the folder may not be listed."""
        try:
            return self.at(folder)
        except DataError:
            return Listing()

    def holds_images(self, folder: Path, most: int = MOST_FOLDERS) -> bool:
        """Whether there is an image in the folder or anywhere below it, in the first so many folders."""
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


def images_in(folder: Path) -> list[Path]:
    """The image files directly in a folder, in natural order; none where there is no such folder."""
    return Tree().images(folder)


def subfolders(folder: Path) -> list[Path]:
    """The folders directly in a folder, in natural order."""
    return Tree().folders(folder)


def natural_key(name: str) -> tuple[list[str | int], str]:
    """Sorting by it puts img2 before img10, regardless of case."""
    parts = re.split(r"([0-9]+)", name.casefold())
    return [int(part) if index % 2 else part for index, part in enumerate(parts)], name


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
