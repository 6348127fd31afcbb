"""How images lie in folders: one function per layout, from a category's folder to a Dataset.

mvtec      train/good/, test/good/, test/<defect>/, ground_truth/<defect>/<stem>_mask.png
folder     good training photos in train/, else in good/, else directly in the folder itself;
           optional test photos in test/<type>/, or directly in test/ (label unknown); where training photos come
           from good/ and there is no test/, the folders beside good/ are the defect types;
           masks in ground_truth/<type>/ as above

A mask is `<stem>_mask` or `<stem>` with any image extension. Names starting with a dot are skipped, extensions
are case-insensitive, and everything is in natural order (2 before 10).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from os.path import isdir  # False, not an error, where a parent may not be entered
from pathlib import Path

from patchcore_core.data.dataset import Dataset, Sample
from patchcore_core.data.images import EXTENSIONS, image_size, shown
from patchcore_core.errors import DataError

_NO_DEFECT_TYPE = frozenset({"train", "test", "good", "ground_truth"})


def read_category(folder: Path, needs_train: bool = True) -> Dataset:
    """The dataset in one category's folder, by the layout found there; without training photos only on request."""
    return (read_mvtec if isdir(folder / "train" / "good") else read_plain)(folder, needs_train)


def is_category(folder: Path, named: bool = False) -> bool:
    """Whether the folder is one category; `named` asks for folder names that say so, not just for images."""
    if any(isdir(folder / name) for name in ("train", "good", "test")):
        return True
    return not named and bool(images_in(folder))


def read_mvtec(folder: Path, needs_train: bool = True) -> Dataset:
    """The MVTec AD layout; DataError without images in train/good where they are needed."""
    train = _training(folder, folder / "train" / "good", "mvtec", needs_train)
    unused = [sub.name for sub in subfolders(folder / "train") if sub.name != "good"]
    warnings = [f"{shown(folder / 'train' / name)}: not used, only train/good is learned from" for name in unused]
    return _complete(folder, "mvtec", train, _test_folders(folder / "test"), warnings)


def read_plain(folder: Path, needs_train: bool = True) -> Dataset:
    """A plain folder of good photos with optional test photos; DataError without those to learn from, where needed."""
    source = next((folder / name for name in ("train", "good") if isdir(folder / name)), folder)
    train = _training(folder, source, "folder", needs_train)
    if isdir(folder / "test") or source != folder / "good":
        types = _test_folders(folder / "test")
    else:
        types = [sub for sub in subfolders(folder) if sub.name not in _NO_DEFECT_TYPE]
    return _complete(folder, "folder", train, types, [])


def images_in(folder: Path) -> list[Path]:
    """The image files directly in a folder, in natural order; none where there is no such folder."""
    return [path for path in _entries(folder) if path.suffix.lower() in EXTENSIONS and not isdir(path)]


def subfolders(folder: Path) -> list[Path]:
    """The folders directly in a folder, in natural order."""
    return [path for path in _entries(folder) if isdir(path)]


def natural_key(name: str) -> tuple[list[str | int], str]:
    """Sorting by it puts img2 before img10, regardless of case."""
    parts = re.split(r"([0-9]+)", name.casefold())
    return [int(part) if index % 2 else part for index, part in enumerate(parts)], name


def _training(folder: Path, source: Path, layout: str, needed: bool) -> list[Sample]:
    train = [Sample(path, "train", 0, "good") for path in images_in(source)]
    if train or not needed:
        return train
    if layout == "mvtec" or source == folder / "good":
        raise DataError(f"{shown(source)}: holds no images")
    if source == folder / "train" or isdir(folder / "test"):
        raise DataError(f"{shown(folder)}: no good images to learn from, expected them in train/good")
    raise DataError(f"{shown(folder)}: holds no images")


def _test_folders(test: Path) -> list[Path]:
    return [*([test] if images_in(test) else []), *subfolders(test)]


def _complete(folder: Path, layout: str, train: list[Sample], types: list[Path], warnings: list[str]) -> Dataset:
    test: list[Sample] = []
    for place in types:
        if place == folder / "test":
            test += [Sample(path, "test", None, "") for path in images_in(place)]
        elif place.name == "good":
            test += [Sample(path, "test", 0, "good") for path in images_in(place)]
        else:
            samples, notes = _defective(place, folder / "ground_truth" / place.name)
            test, warnings = test + samples, warnings + notes
        if not images_in(place):
            warnings.append(f"{shown(place)}: holds no images")
    warnings += _unprintable(folder, (*{sample.path.parent for sample in train}, *types))
    return Dataset(folder, folder.name, layout, tuple(train), tuple(test), tuple(warnings))


def _defective(place: Path, masks: Path) -> tuple[list[Sample], list[str]]:
    """The photos of one defect type and a warning for every cause that leaves some of them without a mask."""
    by_stem = {path.stem: path for path in sorted(images_in(masks), key=lambda path: path.suffix.lower() == ".png")}
    samples, without, notes = [], [], []
    for path in images_in(place):
        mask = by_stem.get(f"{path.stem}_mask") or by_stem.get(path.stem)
        trouble = _mask_trouble(path, mask) if mask else None
        samples.append(Sample(path, "test", 1, place.name, (mask,) if mask and not trouble else ()))
        if mask is None:
            without.append(path)
        elif trouble:
            notes.append(f"{trouble}; its image counts as defective with an unknown mask")
    if without:
        notes.insert(0, f"{shown(place)}: {len(without)} of {len(samples)} defective images have no mask in "
                        f"{shown(masks)} (first: {shown(without[0].name)}); where their defects are is unknown")
    return samples, notes


def _mask_trouble(image: Path, mask: Path) -> str | None:
    """Why this mask cannot belong to this image, from the two headers; None where it can."""
    try:
        expected = image_size(image)
    except DataError:
        return None  # the image itself is reported when it is read
    try:
        found = image_size(mask)
    except DataError as error:
        return str(error)
    if found == expected:
        return None
    return f"{shown(mask)}: the mask is {found[1]} x {found[0]} pixels, its image {expected[1]} x {expected[0]}"


def _unprintable(folder: Path, places: Iterable[Path]) -> list[str]:
    """Warnings about files left out because their names are not text (not UTF-8): no report could name them."""
    lost = [path for place in sorted({*places, folder}) if isdir(place) for path in place.iterdir()
            if not _is_text(path.name)]
    return [f"{shown(path)}: skipped, its name is not valid UTF-8 text" for path in sorted(lost)]


def _entries(folder: Path) -> list[Path]:
    try:
        found = [path for path in folder.iterdir() if not path.name.startswith(".") and _is_text(path.name)]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise DataError(f"{shown(folder)}: {error.strerror}") from error
    return sorted(found, key=lambda path: natural_key(path.name))


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
