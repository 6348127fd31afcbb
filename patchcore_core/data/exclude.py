"""Leaving photos out of data sets: which photos the paths that people type mean."""

from __future__ import annotations

import dataclasses
import difflib
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from patchcore_core.data.dataset import Dataset
from patchcore_core.data.images import shown
from patchcore_core.errors import DataError

NEAREST = 3  # photos that are named where a path means none


def exclude(datasets: Sequence[Dataset], paths: Iterable[Path | str]) -> tuple[Dataset, ...]:
    """The data sets without the photos that these paths name, which then stand in their `excluded`.

    A path is that of a photo, to learn from or to test, or of a folder whose photos are all meant. It is read as
    relative to the folder of categories, to a category, or as it stands (absolute, or from the working folder).
    DataError, naming the nearest photos, for a path that means none; for one that means photos of several
    categories without saying so; and where nothing would be left to learn from.
    """
    left_out: list[set[Path]] = [set() for _ in datasets]
    for path in paths:
        for number, photos in _meant(datasets, str(path)).items():
            left_out[number].update(photos)
    return tuple(leaving_out(dataset, photos) for dataset, photos in zip(datasets, left_out, strict=True))


def leaving_out(dataset: Dataset, photos: Iterable[Path | str]) -> Dataset:
    """The data set without these photos, paths absolute or relative to it; those that it does not hold are none."""
    gone = {dataset.root / photo for photo in photos}
    train, test = (tuple(sample for sample in samples if sample.path not in gone)
                   for samples in (dataset.train, dataset.test))
    if dataset.train and not train:
        raise DataError(f"{shown(dataset.root)}: no photo is left to learn from, all {len(dataset.train)} are excluded")
    found = [sample.path.relative_to(dataset.root).as_posix()
             for sample in (*dataset.train, *dataset.test) if sample.path in gone]
    return dataclasses.replace(dataset, train=train, test=test,
                               excluded=tuple(dict.fromkeys([*dataset.excluded, *found])))


def _meant(datasets: Sequence[Dataset], text: str) -> dict[int, list[Path]]:
    """Photos meant by one path, by the number of their data set."""
    within = _found(datasets, [dataset.root.parent / text for dataset in datasets])
    if not within:
        within = _found(datasets, [dataset.root / text for dataset in datasets])
        if len(within) > 1 and not os.path.isabs(text):
            first, second = (shown(f"{datasets[number].category}/{text}") for number in list(within)[:2])
            raise DataError(f"{shown(text)}: means photos of several categories; write {first} or {second}")
    within = within or _found(datasets, [Path(os.path.expanduser(text))] * len(datasets))
    if not within:
        raise DataError(_no_photo(datasets, text))
    return within


def _found(datasets: Sequence[Dataset], places: Sequence[Path]) -> dict[int, list[Path]]:
    pairs = zip(datasets, places, strict=True)
    return {number: photos for number, (dataset, place) in enumerate(pairs) if (photos := _photos_at(dataset, place))}


def _photos_at(dataset: Dataset, place: Path) -> list[Path]:
    """The photo with this path, or all below this folder; also where a link leads to the data set."""
    photos = [sample.path for sample in (*dataset.train, *dataset.test)]
    target = Path(os.path.abspath(place))
    if found := [photo for photo in photos if photo == target or photo.is_relative_to(target)]:
        return found
    with suppress(OSError, ValueError):  # a path that no system knows, such as one with a NUL byte
        target, root = Path(os.path.realpath(place)), Path(os.path.realpath(dataset.root))
        if target.is_relative_to(root):
            inside = dataset.root / target.relative_to(root)
            return [photo for photo in photos if photo == inside or photo.is_relative_to(inside)]
    return []


def _no_photo(datasets: Sequence[Dataset], text: str) -> str:
    names = [sample.path.relative_to(dataset.root.parent if len(datasets) > 1 else dataset.root).as_posix()
             for dataset in datasets for sample in (*dataset.train, *dataset.test)]
    places = ", ".join(shown(dataset.root) for dataset in datasets)
    near = ", ".join(shown(name) for name in _nearest(names, Path(text).as_posix()))
    return f"{shown(text)}: cannot be excluded, no photo of {places} has this path; the nearest are {near}"


def _nearest(names: Sequence[str], text: str) -> list[str]:
    """Names that may have been meant: those with the same or a like file name first, else any like the text."""
    last = text.rpartition("/")[2]
    by_last: dict[str, list[str]] = {}
    for name in names:
        by_last.setdefault(name.rpartition("/")[2], []).append(name)
    alike = difflib.get_close_matches(last, by_last, NEAREST, 0.5)
    found = [name for one in alike for name in difflib.get_close_matches(text, by_last[one], NEAREST, 0.0)]
    return (found or difflib.get_close_matches(text, names, NEAREST, 0.0))[:NEAREST]
