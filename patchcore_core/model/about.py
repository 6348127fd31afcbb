"""What stands beside a memory bank's rows: bank.json, read field by field, since anybody may have edited it."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from patchcore_core.checked import anything, between, known, optional, path_text, record, sequence, sides, text
from patchcore_core.config import DEPTHS, MAX_SIDE, PatchCoreConfig
from patchcore_core.data.files.depth import FULL
from patchcore_core.data.proportions import Size
from patchcore_core.errors import StoreError

BANK_FILE = "bank.json"
PATCHES_FILE = "patches.safetensors"
_ABOUT = record({"config": record({}, rest=anything), "weights_sha256": text, "images": sequence(path_text)},
                rest=anything)  # fmt: skip
_ASPECTS = sequence(optional(between(1e-9, 1e9)))
_SCALE = record({"shape": sides(MAX_SIDE), "level": known(between(0, 1e30)), "spread": known(between(1e-30, 1e30))},
                rest=anything)  # fmt: skip
_SCALES = partial(sequence, _SCALE)


def read_about(path: Path) -> dict[str, Any]:
    """The description in this file; StoreError, naming it, where it is none.

    `config` is a configuration. `contents` are those of the training images' files as they were fitted on, "" where
    nobody knows; `aspects` (N,) their width by height, empty where nobody knows; `bits` the scale of photos of more
    than 8 bits; `shape` (H, W) of the network's input, None in a bank of the time when it followed from `config`;
    `scales`: of each memory bank its input's `shape`, and `level` and `spread` of good patch scores, or (None,) of one.
    """
    try:
        about = _ABOUT(json.loads(path.read_text()), "")
        about |= {"config": PatchCoreConfig.from_dict(about["config"])}
    except (OSError, ValueError, RecursionError) as error:
        raise StoreError(f"{path}: the memory bank's description cannot be read ({error})") from error
    try:
        return about | {"contents": _contents(about), "bits": _depth(about), "shape": _shape(about),
                        "aspects": _aspects(about), "scales": _scales(about)}  # fmt: skip
    except ValueError as error:
        raise StoreError(f"{path}: {error}") from error


def as_aspects(values: np.ndarray) -> list[float | None]:
    """Width by height of the training images (N,) as they are kept: four digits, null for what is not known."""
    return [round(value, 4 - math.floor(math.log10(value))) if math.isfinite(value) else None
            for value in values.tolist()]  # fmt: skip


def bank_files(scales: Sequence[int]) -> tuple[str, ...]:
    """Names of the files of the memory banks, one for each of these image sizes; of none one file."""
    stem, _, ending = PATCHES_FILE.partition(".")
    return tuple(f"{stem}_{size}.{ending}" for size in scales) or (PATCHES_FILE,)


def check_origin(folder: Path, origin: np.ndarray | None, images: int) -> None:
    """StoreError where rows (M, 3) of a bank come from others than so many training images."""
    if origin is not None and not ((origin[:, 0] >= 0) & (origin[:, 0] < images)).all():
        raise StoreError(f"{folder}: the memory bank's rows come from other than its {images} training images")


def _scales(about: dict[str, Any]) -> tuple[dict[str, Any] | None, ...]:
    sizes = about["config"].scales
    return _SCALES(len(sizes))(about.get("scales"), "scales") if sizes else (None,)


def _shape(about: dict[str, Any]) -> Size | None:
    found = about.get("shape")
    if found is None and about["config"].proportions == "stretch":
        return None
    return sides(MAX_SIDE)(found, "shape")


def _aspects(about: dict[str, Any]) -> np.ndarray:
    kept = _ASPECTS(about.get("aspects", []), "aspects")
    if len(kept) != len(about["images"]):
        return np.empty(0)
    return np.array([math.nan if aspect is None else aspect for aspect in kept])


def _depth(about: dict[str, Any]) -> int | None:
    """In a bank made before it was found, that of 16 bits."""
    bits = about.get("bits", FULL)
    if bits is not None and (isinstance(bits, bool) or bits not in DEPTHS):
        raise ValueError(f"bits must be one of {', '.join(map(str, DEPTHS))}, got {bits!r}")
    return bits


def _contents(about: dict[str, Any]) -> tuple[str, ...]:
    kept = about.get("contents")
    if isinstance(kept, list) and len(kept) == len(about["images"]):
        return tuple(map(str, kept))
    return ("",) * len(about["images"])
