"""The photos of a category: what is known of each (Sample), and all of them together (Dataset)."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from patchcore_core.data.exclude import Photos, named_photos
from patchcore_core.data.files.content import content_key
from patchcore_core.data.images import shown
from patchcore_core.errors import DataError


@dataclass(frozen=True)
class Sample:
    """One photo and what is known of it.

    `label` is 0 for good, 1 for defective, None where nobody said. `defect_type` is the folder's name, "good"
    for good photos and "" where unknown. `mask_paths` are the files whose union is the ground truth: none for a good
    photo (its mask is empty), but none for a defective photo means that nobody knows where the defect is.
    """

    path: Path
    split: str  # "train" or "test"
    label: int | None
    defect_type: str
    mask_paths: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Dataset:
    """One category. `root` is its own folder; `warnings` are sentences about what could not be used as it is.

    `excluded` are photos that were left out on request: paths relative to the root, with forward slashes.
    """

    root: Path
    category: str
    layout: str  # "mvtec", "mvtec_ad2", "mvtec_loco" or "folder"
    train: tuple[Sample, ...]
    test: tuple[Sample, ...]
    warnings: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()

    def without(self, paths: Iterable[Path | str] | Path | str) -> Dataset:
        """The same without these photos, or all photos of these folders; paths relative to the root, or absolute.

        DataError for a path that means no photo, with those that are nearest, and where none is left to learn from.
        """
        return exclude([self], [paths] if isinstance(paths, Path | str) else paths)[0]

    def leaving_out(self, photos: Iterable[Path | str]) -> Dataset:
        """The same without these photos, paths absolute or relative to the root; those that it does not hold are none.

        DataError where none is left to learn from.
        """
        gone = {self.root / photo for photo in photos}
        train, test = (tuple(sample for sample in samples if sample.path not in gone)
                       for samples in (self.train, self.test))
        if self.train and not train:
            raise DataError(f"{shown(self.root)}: no photo is left to learn from, all {len(self.train)} are excluded")
        found = [path.relative_to(self.root).as_posix() for path in self.photos.paths if path in gone]
        return replace(self, train=train, test=test, excluded=tuple(dict.fromkeys([*self.excluded, *found])))

    @property
    def photos(self) -> Photos:
        """Where its photos lie."""
        return Photos(self.root, tuple(sample.path for sample in (*self.train, *self.test)))

    def counts(self) -> dict[str, Any]:
        """Numbers of photos: train, test_good, test_defective, test_unknown, and defect_types as name -> number."""
        labels = Counter(sample.label for sample in self.test)
        types = Counter(sample.defect_type for sample in self.test if sample.label == 1)
        return {
            "train": len(self.train), "test_good": labels[0], "test_defective": labels[1],
            "test_unknown": labels[None], "defect_types": dict(types),
        }

    def fingerprint(self) -> str:
        """SHA-256 over names and content of all images and masks: equal for the same data copied elsewhere.

        A file that cannot be read counts as such, since a fit goes on without it.
        """
        digest = hashlib.sha256()
        for sample in (*self.train, *self.test):
            for role, path in (("image", sample.path), *(("mask", path) for path in sample.mask_paths)):
                place = path.relative_to(self.root).as_posix()
                content = content_key(path) or "unreadable"
                digest.update(f"{role}\0{sample.split}\0{sample.label}\0{place}\0{content}\n".encode())
        return digest.hexdigest()


def exclude(datasets: Sequence[Dataset], paths: Iterable[Path | str]) -> tuple[Dataset, ...]:
    """The data sets without the photos that these paths name, which then stand in their `excluded`.

    How a path is read: `data/exclude.py: named_photos`. DataError as there, and where nothing would be left to learn
    from.
    """
    named = named_photos([dataset.photos for dataset in datasets], paths)
    return tuple(dataset.leaving_out(photos) for dataset, photos in zip(datasets, named, strict=True))
