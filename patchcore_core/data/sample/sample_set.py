"""The built-in sample set: photographs of a woven fabric and of brushed metal, generated, with exact masks.

The same code writes the same pictures everywhere (a mask is where the very coverage that drew the defect is above
MASK_COVERAGE). Contrast and extent go down with each image of a defect type; the last ones are faint.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from patchcore_core.data.images import shown
from patchcore_core.data.sample import fabric, metal
from patchcore_core.data.sample.camera import photograph
from patchcore_core.errors import DataError
from patchcore_core.lasting import sync_all

SAMPLE_VERSION = 1  # raise it when the pictures change: an older set is then replaced
MASK_COVERAGE = 0.3
TEXTURES = {"woven_fabric": fabric, "brushed_metal": metal}
TRAIN, TEST_GOOD = 30, 9  # per category
SEVERITIES = (1.0, 0.6, 0.35, 0.15)  # of the images of each defect type

_MARKER = "sample.json"
_PREVIOUS = "-previous"


class _Picture(NamedTuple):
    category: str
    folder: str  # inside the category, such as test/hole
    defect: str  # "" for a good part
    number: int
    severity: float


def sample_root() -> Path:
    """The folder of the sample set: $PATCHCORE_SAMPLE, by default data/sample under the current folder."""
    return Path(os.environ.get("PATCHCORE_SAMPLE") or Path.cwd() / "data" / "sample")


def write_sample(folder: Path | str, progress: Callable[[str, int, int], None] | None = None) -> tuple[Path, ...]:
    """Write the set in MVTec AD layout unless this version is there already; returns its category folders.

    The folder is complete or absent: it is written beside and renamed. A folder that holds anything else is
    refused. `progress(stage, done, total)` counts images.
    """
    folder = Path(os.path.abspath(folder))
    try:
        if not _is_current(folder):
            _refuse_others(folder)
            folder.parent.mkdir(parents=True, exist_ok=True)
            _write_beside(folder, progress)
    except OSError as error:
        raise DataError(f"{shown(folder)}: the sample set cannot be written ({error.strerror or error})") from error
    return tuple(folder / name for name in TEXTURES)


def picture(category: str, defect: str, number: int, severity: float, place: str) -> tuple[np.ndarray, np.ndarray]:
    """One photo (H, W, 3) uint8 and its mask (H, W) bool; place and number choose the part and the moment."""
    seed = [SAMPLE_VERSION, number, *f"{category}/{place}".encode()]
    rng = np.random.default_rng(seed)
    surface, coverage = TEXTURES[category].render(rng, defect, severity)
    return photograph(rng, surface), coverage >= MASK_COVERAGE


def _plan() -> Iterator[_Picture]:
    for category, texture in TEXTURES.items():
        yield from (_Picture(category, "train/good", "", number, 0.0) for number in range(TRAIN))
        yield from (_Picture(category, "test/good", "", number, 0.0) for number in range(TEST_GOOD))
        for defect in texture.DEFECTS:
            for number, severity in enumerate(SEVERITIES):
                yield _Picture(category, f"test/{defect}", defect, number, severity)


def _write_beside(folder: Path, progress: Callable[[str, int, int], None] | None) -> None:
    beside = folder.with_name(f".{folder.name}-{secrets.token_hex(4)}")
    try:
        plan = list(_plan())
        for done, each in enumerate(plan):
            if progress:
                progress("sample", done, len(plan))
            _write_picture(beside / each.category, each)
        (beside / _MARKER).write_text(json.dumps({"version": SAMPLE_VERSION, "images": len(plan)}) + "\n")
        sync_all(beside)
        _swap(beside, folder)
        if progress:
            progress("sample", len(plan), len(plan))
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _write_picture(category: Path, each: _Picture) -> None:
    photo, mask = picture(each.category, each.defect, each.number, each.severity, each.folder)
    path = category / each.folder / f"{each.number:03}.jpg"
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(photo).save(path, quality=93, subsampling=0)
    if each.defect:
        place = category / "ground_truth" / each.defect
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(mask.astype(np.uint8) * 255).save(place / f"{each.number:03}_mask.png")


def _swap(beside: Path, folder: Path) -> None:
    """Put the finished set in its place; one that another process finished meanwhile stays."""
    if folder.exists() and not _is_current(folder):
        old = beside.with_name(beside.name + _PREVIOUS)
        folder.rename(old)
        shutil.rmtree(old)
    try:
        beside.rename(folder)
    except OSError:
        if not _is_current(folder):
            raise


def _refuse_others(folder: Path) -> None:
    for place in (folder, *folder.parents):
        if place.exists() and not place.is_dir():
            raise DataError(f"{shown(place)}: is a file; name an empty or new folder")
    if folder.exists() and any(folder.iterdir()) and _version(folder) is None:
        raise DataError(f"{shown(folder)}: holds something else than the sample set; name an empty or new folder")


def _is_current(folder: Path) -> bool:
    return _version(folder) == SAMPLE_VERSION


def _version(folder: Path) -> int | None:
    try:
        marker = json.loads((folder / _MARKER).read_text())
        return int(marker["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
