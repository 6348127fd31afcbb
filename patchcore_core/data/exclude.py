"""Resolving the paths of photos to exclude."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from patchcore_core.data.images import shown
from patchcore_core.errors import DataError

NEAREST = 3  # suggestions for a path that matches nothing


@dataclass(frozen=True)
class Photos:
    """The photos of a category: its folder, and the path of each."""

    root: Path
    paths: tuple[Path, ...]


def named_photos(categories: Sequence[Photos], paths: Iterable[Path | str]) -> tuple[set[Path], ...]:
    """The photos of each category that these paths name.

    A path names a photo (train or test) or a folder, for all its photos. It is resolved against the folder of
    categories, a category, or as it stands (absolute, or from the working directory). DataError for a path that matches
    nothing, naming the nearest photos, or that matches photos of several categories.
    """
    named: list[set[Path]] = [set() for _ in categories]
    for path in paths:
        for number, photos in _meant(categories, str(path)).items():
            named[number].update(photos)
    return tuple(named)


def _meant(categories: Sequence[Photos], text: str) -> dict[int, list[Path]]:
    """The photos that one path names, by the index of their category."""
    within = _found(categories, [category.root.parent / text for category in categories])
    if not within:
        within = _found(categories, [category.root / text for category in categories])
        if len(within) > 1 and not os.path.isabs(text):
            first, second = (shown(f"{categories[number].root.name}/{text}") for number in list(within)[:2])
            raise DataError(f"{shown(text)}: means photos of several categories; write {first} or {second}")
    within = within or _found(categories, [Path(os.path.expanduser(text))] * len(categories))
    if not within:
        raise DataError(_no_photo(categories, text))
    return within


def _found(categories: Sequence[Photos], places: Sequence[Path]) -> dict[int, list[Path]]:
    pairs = zip(categories, places, strict=True)
    return {number: photos for number, (category, place) in enumerate(pairs) if (photos := _photos_at(category, place))}


def _photos_at(category: Photos, place: Path) -> list[Path]:
    """The photo with this path, or all below this folder; also if a link leads to the category."""
    target = Path(os.path.abspath(place))
    if found := [photo for photo in category.paths if photo == target or photo.is_relative_to(target)]:
        return found
    with suppress(OSError, ValueError):  # an invalid path, such as one with a NUL byte
        target, root = Path(os.path.realpath(place)), Path(os.path.realpath(category.root))
        if target.is_relative_to(root):
            inside = category.root / target.relative_to(root)
            return [photo for photo in category.paths if photo == inside or photo.is_relative_to(inside)]
    return []


def _no_photo(categories: Sequence[Photos], text: str) -> str:
    names = [path.relative_to(category.root.parent if len(categories) > 1 else category.root).as_posix()
             for category in categories for path in category.paths]
    places = ", ".join(shown(category.root) for category in categories)
    near = ", ".join(shown(name) for name in _nearest(names, Path(text).as_posix()))
    return f"{shown(text)}: cannot be excluded, no photo of {places} has this path; the nearest are {near}"


def _nearest(names: Sequence[str], text: str) -> list[str]:
    """Suggestions: photos with the same or a similar file name, else with a similar path."""
    last = text.rpartition("/")[2]
    by_last: dict[str, list[str]] = {}
    for name in names:
        by_last.setdefault(name.rpartition("/")[2], []).append(name)
    alike = difflib.get_close_matches(last, by_last, NEAREST, 0.5)
    found = [name for one in alike for name in difflib.get_close_matches(text, by_last[one], NEAREST, 0.0)]
    return (found or difflib.get_close_matches(text, names, NEAREST, 0.0))[:NEAREST]
