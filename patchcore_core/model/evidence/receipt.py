"""The image score step by step, and what other settings would make of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from patchcore_core.config import PatchCoreConfig
from patchcore_core.model.evidence.explained import Explained
from patchcore_core.model.scoring import BankScores, reweighting

NEIGHBOURS = (1, 3, 5, 9)  # k, and b of eq. 7
BLURS = (0.0, 2.0, 4.0, 8.0)  # pixels


@dataclass(frozen=True)
class Weight:
    """Re-weighting of the image score (Roth et al. 2022, eq. 7): `weight` w in [0, 1], and the Euclidean `distances`
    (b,) of the highest patch to m*, its nearest bank row, and to the rows around that one."""

    weight: float
    distances: tuple[float, ...]


@dataclass(frozen=True)
class Variant:
    """The image score with one setting of the configuration changed."""

    field: str
    value: Any
    score: float
    used: bool  # the setting of this run


@dataclass(frozen=True)
class Receipt:
    """How the image score came about.

    `patch`: place (row, column) of the highest patch score, which is `patch_score`, s*. `pixel`: place of the highest
    value of the anomaly map, which is `map_score`. `base`, the one of them that `image_score` of the configuration
    names, times the weight of eq. 7, if there is one, is `score`.
    """

    patch: tuple[int, int]
    patch_score: float
    pixel: tuple[int, int]
    map_score: float
    base: float
    weight: Weight | None
    score: float


def receipt(explained: Explained) -> Receipt:
    """The receipt of a photo's image score."""
    result = explained.result
    patch, pixel = (_place(values) for values in (result.patch_scores, result.anomaly_map))
    highest, mapped = float(result.patch_scores[patch]), float(result.anomaly_map[pixel])
    base = mapped if explained.by.config.image_score == "map" else highest
    weight = None
    if explained.by.config.reweight_neighbors is not None:
        highest_patch, nearest = explained.patches[0][patch], int(explained.found[0][1][0, *patch, 0])
        around = explained.by.around(nearest)
        distances = np.linalg.norm(around.astype(np.float64) - highest_patch, axis=1)
        weight = Weight(reweighting(highest_patch, around), tuple(map(float, distances)))
    return Receipt(patch, highest, pixel, mapped, base, weight, result.image_score)


def variants(explained: Explained) -> list[Variant]:
    """The image score under other k, b, blur and image score, each alone; all k come from one search."""
    by, found = explained.by, explained.search(max(NEIGHBOURS))
    most = min(distances.shape[3] for distances, _ in found)
    told = []
    for field, value in _changes(by.config, most):
        changed = _with(by, field, value)
        k = changed.config.num_neighbors
        distances = [part[0][..., :k] for part in found]
        rows = [part[1][..., :k] for part in found]
        scores, _ = changed.of([part[None] for part in explained.patches], distances, rows)
        told.append(Variant(field, value, float(scores[0]), value == getattr(by.config, field)))
    return told


def _changes(config: PatchCoreConfig, most: int) -> Iterator[tuple[str, Any]]:
    """Each setting that changes the score, with its values, the present one among them; at most `most` neighbours."""
    for k in sorted({*NEIGHBOURS, config.num_neighbors}):
        if k <= most:
            yield "num_neighbors", k
    if not config.scales and config.image_score == "patch":
        yield "reweight_neighbors", None
        for b in sorted({*NEIGHBOURS[1:], config.reweight_neighbors or NEIGHBOURS[1]}):
            yield "reweight_neighbors", b
    for rule in ("patch", "map"):
        yield "image_score", rule
    if config.image_score == "map":
        for sigma in sorted({*BLURS, config.blur_sigma}):
            yield "blur_sigma", sigma


def _with(by: BankScores, field: str, value: Any) -> BankScores:
    changed: dict[str, Any] = {field: value}
    if changed == {"image_score": "map"}:
        changed["reweight_neighbors"] = None  # eq. 7 is of the highest patch
    maps = replace(by.maps, sigma=value) if field == "blur_sigma" else by.maps
    return replace(by, config=replace(by.config, **changed), maps=maps)


def _place(values: np.ndarray) -> tuple[int, int]:
    row, column = np.unravel_index(int(values.argmax()), values.shape)
    return int(row), int(column)
