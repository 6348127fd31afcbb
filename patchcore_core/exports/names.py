"""Names of exported files: unlike on every file system, and of characters that each takes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from pathlib import PurePosixPath

LONGEST = 60  # characters of a part that are kept


def safe(part: str) -> str:
    """A file name without its folder in characters that any file system takes."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", part).strip("._-")[:LONGEST] or "image"


def place_of(name: str) -> str:
    """Folder and stem of an image, whose relative path this is, in such characters."""
    path = PurePosixPath(name.replace("\\", "/"))
    folders = [part for part in path.parts[:-1] if part not in ("/", ".", "..")]
    return "/".join([*map(safe, folders), safe(path.stem)])


def unique(names: Sequence[str]) -> list[str]:
    """The names, numbered where several are one to a file system that ignores case and Unicode normalisation."""
    taken: set[str] = set()
    found = []
    for name in names:
        tries = (name, *(f"{name}-{number}" for number in range(2, len(names) + 2)))
        found.append(next(one for one in tries if _spelling(one) not in taken))
        taken.add(_spelling(found[-1]))
    return found


def _spelling(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
