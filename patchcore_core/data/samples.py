"""The photos of a category: Sample and Dataset."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from patchcore_core.data.exclude import Photos, named_photos
from patchcore_core.data.files.content import content_key
from patchcore_core.data.images import shown
from patchcore_core.data.values import PhotoCounts
from patchcore_core.errors import DataError


@dataclass(frozen=True)
class Sample:
    """One photo and its labels.

    `label`: 0 good, 1 defective, None unknown. `defect_type`: the folder's name, "good" for good photos and "" if
    unknown. `mask_paths`: files whose union is the ground truth; none for a good photo (its mask is empty), and none
    for a defective photo whose mask is unknown.
    """

    path: Path
    split: str  # "train" or "test"
    label: int | None
    defect_type: str
    mask_paths: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Dataset:
    """One category. `root`: its folder; `warnings`: sentences on what could not be used.

    `excluded`: photos excluded on request, as paths relative to the root with forward slashes. `taught`: the last
    training photos, which were added on request; absolute where they are not below the root.
    """

    root: Path
    category: str
    layout: str  # "mvtec", "mvtec_ad2", "mvtec_loco" or "folder"
    train: tuple[Sample, ...]
    test: tuple[Sample, ...]
    warnings: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    taught: tuple[str, ...] = ()

    def without(self, paths: Iterable[Path | str] | Path | str) -> Dataset:
        """The dataset without these photos, or all photos in these folders; paths relative to the root, or absolute.

        DataError for a path that matches nothing, with the nearest photos, or if no training photos are left.
        """
        return exclude([self], [paths] if isinstance(paths, Path | str) else paths)[0]

    def leaving_out(self, photos: Iterable[Path | str]) -> Dataset:
        """The dataset without these photos, paths absolute or relative to the root; unknown paths are ignored.

        DataError if no training photos are left.
        """
        gone = {self.root / photo for photo in photos}
        train, test = (tuple(sample for sample in samples if sample.path not in gone)
                       for samples in (self.train, self.test))
        if self.train and not train:
            raise DataError(f"{shown(self.root)}: no training photos are left, all {len(self.train)} are excluded")
        found = [path.relative_to(self.root).as_posix() for path in self.photos.paths if path in gone]
        return replace(self, train=train, test=test, excluded=tuple(dict.fromkeys([*self.excluded, *found])))

    def teaching(self, photos: Iterable[Path | str]) -> Dataset:
        """The dataset with these photos as its last good training photos, paths absolute or relative to the root; test
        photos among them leave the test set.

        DataError for one that is a training photo already, or is no file. A warning names those with the label of a
        defect.
        """
        paths = tuple(dict.fromkeys(self.root / photo for photo in photos))
        known = {sample.path for sample in self.train}
        for path in paths:
            if path in known:
                raise DataError(f"{shown(path)}: is a training photo already")
            if not path.is_file():
                raise DataError(f"{shown(path)}: there is no such photo to teach")
        taught = tuple(path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else str(path)
                       for path in paths)  # fmt: skip
        return replace(
            self, train=(*self.train, *(Sample(path, "train", 0, "good") for path in paths)),
            test=tuple(sample for sample in self.test if sample.path not in paths), taught=(*self.taught, *taught),
            warnings=(*self.warnings, *(
                f"{shown(sample.path)}: taught as a good photo, but its label is {sample.defect_type or 'defective'}"
                for sample in self.test if sample.path in paths and sample.label == 1
            )),
        )  # fmt: skip

    @property
    def photos(self) -> Photos:
        """The location of its photos."""
        return Photos(self.root, tuple(sample.path for sample in (*self.train, *self.test)))

    def counts(self) -> PhotoCounts:
        """Numbers of photos."""
        labels = Counter(sample.label for sample in self.test)
        types = Counter(sample.defect_type for sample in self.test if sample.label == 1)
        return PhotoCounts(len(self.train), labels[0], labels[1], labels[None], dict(types))

    def fingerprint(self) -> str:
        """SHA-256 over names and content of all images and masks: equal for copies of the same data.

        Unreadable files count as such, since a fit skips them.
        """
        digest = hashlib.sha256()
        for sample in (*self.train, *self.test):
            for role, path in (("image", sample.path), *(("mask", path) for path in sample.mask_paths)):
                place = path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else str(path)
                content = content_key(path) or "unreadable"
                digest.update(f"{role}\0{sample.split}\0{sample.label}\0{place}\0{content}\n".encode())
        return digest.hexdigest()


def exclude(datasets: Sequence[Dataset], paths: Iterable[Path | str]) -> tuple[Dataset, ...]:
    """The datasets without the photos that these paths name, which are then in their `excluded`.

    For the resolution of paths see `data/exclude.py: named_photos`. DataError as there, or if no training photos are
    left.
    """
    named = named_photos([dataset.photos for dataset in datasets], paths)
    return tuple(dataset.leaving_out(photos) for dataset, photos in zip(datasets, named, strict=True))
