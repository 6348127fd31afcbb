"""bank.json, the description of a memory bank; each field is checked, since anybody may have edited the file."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from patchcore_core.checked import anything, between, known, optional, path_text, record, sequence, sides, text
from patchcore_core.config import DEPTHS, MAX_SIDE, PatchCoreConfig
from patchcore_core.data.files.depth import FULL
from patchcore_core.data.files.image_files import shown
from patchcore_core.data.proportions import Size
from patchcore_core.errors import StoreError, WeightsError
from patchcore_core.model.detector import TrainingSet

BANK_FILE = "bank.json"
PATCHES_FILE = "patches.safetensors"
PATCHCORE = "patchcore"  # the method
_METHOD = record({}, {"method": text})
_ABOUT = record({"config": record({}, rest=anything), "weights_sha256": text, "images": sequence(path_text)},
                rest=anything)  # fmt: skip
_ASPECTS = sequence(optional(between(1e-9, 1e9)))
_SCALE = record({"shape": sides(MAX_SIDE), "level": known(between(0, 1e30)), "spread": known(between(1e-30, 1e30))},
                rest=anything)  # fmt: skip
_SCALES = partial(sequence, _SCALE)


@dataclass(frozen=True)
class About:
    """The contents of bank.json for a PatchCore model.

    `shape` (H, W) of the network's input, None in older banks, whose `config` determines it. `scales` holds for each
    memory bank its input's `shape` and the `level` and `spread` of good patch scores; (None,) for a single scale.
    `more` is for people and never read.
    """

    config: PatchCoreConfig
    weights_sha256: str
    training: TrainingSet
    shape: Size | None
    scales: tuple[dict[str, Any] | None, ...]
    more: dict[str, Any] = field(default_factory=dict)


def method_of(path: Path) -> str:
    """The method that wrote this bank.json; PatchCore in older files, which name none. StoreError with the path if it
    cannot be read."""
    with _description(path):
        return _method(json.loads(path.read_text()))


def refuse_other_methods(path: Path, method: str) -> None:
    """StoreError if the `method` that wrote the bank.json at `path` is not PatchCore."""
    if method != PATCHCORE:
        raise StoreError(f"{shown(path)}: was written by the method {method!r}, which this version does not know")


def refuse_other_weights(folder: Path, about: About, weights_sha256: str) -> None:
    """WeightsError if the network's weights here are not those of the fit."""
    if weights_sha256 != about.weights_sha256:
        raise WeightsError(f"{folder}: fitted with other weights of {about.config.backbone} (SHA-256 "
                           f"{about.weights_sha256[:12]}…) than the ones here ({weights_sha256[:12]}…)")


def read_about(path: Path) -> About:
    """The description in this file; StoreError with the path if it is invalid or of another method."""
    with _description(path):
        given = json.loads(path.read_text())
        method = _method(given)
    refuse_other_methods(path, method)
    with _description(path):
        about = _ABOUT(given, "")
        config = PatchCoreConfig.from_dict(about["config"])
    try:
        training = TrainingSet(about["images"], _contents(about), _aspects(about), _depth(about))
        return About(config, about["weights_sha256"], training, _shape(about, config), _scales(about, config))
    except ValueError as error:
        raise StoreError(f"{path}: {error}") from error


def write_about(path: Path, about: About) -> None:
    """Write the description; OSError if that fails."""
    training = about.training
    path.write_text(json.dumps({
        "method": PATCHCORE,
        "config": about.config.to_dict(),
        "weights_sha256": about.weights_sha256,
        **about.more,
        "images": training.paths,
        "contents": training.contents,
        "bits": training.bits,
        "shape": about.shape,
        "aspects": as_aspects(training.aspects),
        "scales": [scale for scale in about.scales if scale is not None],
    }, indent=1))  # fmt: skip


def as_aspects(values: np.ndarray) -> list[float | None]:
    """Width / height of the training images (N,) as stored: four significant digits, None for unknown."""
    return [round(value, 4 - math.floor(math.log10(value))) if math.isfinite(value) else None
            for value in values.tolist()]  # fmt: skip


def bank_files(scales: Sequence[int]) -> tuple[str, ...]:
    """File names of the memory banks, one for each of these image sizes; without sizes a single file."""
    stem, _, ending = PATCHES_FILE.partition(".")
    return tuple(f"{stem}_{size}.{ending}" for size in scales) or (PATCHES_FILE,)


def check_origin(folder: Path, origin: np.ndarray | None, images: int) -> None:
    """StoreError if a row's `origin` (M, 3) refers to none of the `images` training images."""
    if origin is not None and not ((origin[:, 0] >= 0) & (origin[:, 0] < images)).all():
        raise StoreError(f"{folder}: the memory bank has rows from outside its {images} training images")


def _method(about: Any) -> str:
    method: str = _METHOD(about, "").get("method", PATCHCORE)
    return method


@contextmanager
def _description(path: Path) -> Iterator[None]:
    """Turn errors of the file as a whole into a StoreError with its path."""
    try:
        yield
    except (OSError, ValueError, RecursionError) as error:
        raise StoreError(f"{path}: the memory bank's description cannot be read ({error})") from error


def _scales(about: dict[str, Any], config: PatchCoreConfig) -> tuple[dict[str, Any] | None, ...]:
    sizes = config.scales
    return _SCALES(len(sizes))(about.get("scales"), "scales") if sizes else (None,)


def _shape(about: dict[str, Any], config: PatchCoreConfig) -> Size | None:
    found = about.get("shape")
    if found is None and config.proportions == "stretch":
        return None
    return sides(MAX_SIDE)(found, "shape")


def _aspects(about: dict[str, Any]) -> np.ndarray:
    kept = _ASPECTS(about.get("aspects", []), "aspects")
    if len(kept) != len(about["images"]):
        return np.empty(0)
    return np.array([math.nan if aspect is None else aspect for aspect in kept])


def _depth(about: dict[str, Any]) -> int | None:
    """The recorded bit depth; older banks, which record none, were read on the scale of 16 bits."""
    bits = about.get("bits", FULL)
    if bits is not None and (isinstance(bits, bool) or bits not in DEPTHS):
        raise ValueError(f"bits must be one of {', '.join(map(str, DEPTHS))}, got {bits!r}")
    return bits


def _contents(about: dict[str, Any]) -> tuple[str, ...]:
    kept = about.get("contents")
    if isinstance(kept, list) and len(kept) == len(about["images"]):
        return tuple(map(str, kept))
    return ("",) * len(about["images"])
