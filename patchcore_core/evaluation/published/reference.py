"""Published figures on MVTec AD beside ours, with the settings that differ.

`published.csv` (source, protocol, category, metric, value; category "mean" = macro mean of the 15) holds figures only:
those of patchcore-inspection are its committed results files, those of anomalib its README, the per-category ones of
Roth et al. (2022) were taken from later papers' tables whose means are those of the paper.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from types import MappingProxyType

from patchcore_core.config import IMAGE_SCORE_NAMES, PatchCoreConfig
from patchcore_core.data.values import PhotoCounts

CATEGORIES: Mapping[str, tuple[int, int, int]] = MappingProxyType({  # images: train, good test, defective test
    "bottle": (209, 20, 63), "cable": (224, 58, 92), "capsule": (219, 23, 109), "carpet": (280, 28, 89),
    "grid": (264, 21, 57), "hazelnut": (391, 40, 70), "leather": (245, 32, 92), "metal_nut": (220, 22, 93),
    "pill": (267, 26, 141), "screw": (320, 41, 119), "tile": (230, 33, 84), "toothbrush": (60, 12, 30),
    "transistor": (213, 60, 40), "wood": (247, 19, 60), "zipper": (240, 32, 119),
})  # fmt: skip
OWN_K = "The number of neighbours is that of its name; the published command line cannot set it."


@dataclass(frozen=True)
class Protocol:
    """How published figures were made; None if the source does not say. `reweighting`: eq. 7 of the paper."""

    method: str = "PatchCore"
    backbone: str | None = None
    layers: tuple[str, ...] | None = ("layer2", "layer3")
    image_size: int | None = None
    center_crop: int | None = None
    dims: tuple[int, int] | None = None
    patch_size: int | None = 3
    sampler: str | None = None
    coreset_ratio: float | None = None
    num_neighbors: int | None = 1
    reweighting: bool | None = None
    distance: str | None = "euclidean"
    note: str = ""


@dataclass(frozen=True)
class Setting:
    """A setting that differs, in words."""

    name: str
    theirs: str
    ours: str


@dataclass(frozen=True)
class Reference:
    """One published figure beside ours: `difference` is ours - theirs, NaN if we have none.

    `differs`: settings that differ; `not_stated`: settings that the source does not state.
    """

    source: str
    protocol: str
    metric: str
    value: float
    ours: float
    difference: float
    differs: tuple[Setting, ...]
    not_stated: tuple[str, ...]
    note: str = ""


def beside_published(
    category: str, metrics: Mapping[str, float], config: PatchCoreConfig, counts: PhotoCounts | None = None
) -> tuple[Reference, ...]:
    """Every published figure of an MVTec AD category, or of "mean", beside the one of `metrics`; () for other names.

    counts: `Dataset.counts()` of our data, since a folder may have the name of a category and hold other images.
    """
    other_images = _other_images(category, counts)
    rows = []
    for source, protocol, where, metric, value in published():
        if where == category:
            about = PROTOCOLS[source, protocol]
            differs, not_stated = _differences(about, config)
            ours = float(metrics.get(metric, math.nan))
            rows.append(Reference(source, protocol, metric, value, ours, ours - value, (*differs, *other_images),
                                  not_stated, about.note))
    return tuple(rows)


@lru_cache(maxsize=1)
def published() -> tuple[tuple[str, str, str, str, float], ...]:
    """All rows of `published.csv`: source, protocol, category, metric, value in [0, 1]."""
    text = (resources.files("patchcore_core.evaluation.published") / "published.csv").read_text(encoding="utf-8")
    return tuple((row["source"], row["protocol"], row["category"], row["metric"], float(row["value"]))
                 for row in csv.DictReader(text.splitlines()))


def _inspection(size: tuple[int, int], backbone: str, ratio: float, dims: tuple[int, int], patch: int, k: int
                ) -> Protocol:
    several = backbone.startswith("ensemble")
    return Protocol(backbone=backbone, layers=None if several else ("layer2", "layer3"), image_size=size[0],
                    center_crop=size[1], dims=dims, patch_size=patch, sampler="approx_greedy", coreset_ratio=ratio,
                    num_neighbors=k, reweighting=False, distance="squared_euclidean", note=OWN_K if k > 1 else "")


def _paper(ratio: float) -> Protocol:
    return Protocol(backbone="wide_resnet50_2", image_size=256, center_crop=224, sampler="greedy", coreset_ratio=ratio,
                    reweighting=True)


def _anomalib(backbone: str) -> Protocol:
    return Protocol(backbone=backbone, sampler="greedy", coreset_ratio=0.1, reweighting=True)


def _other_method(name: str) -> Protocol:
    return Protocol(method=name, layers=None, patch_size=None, num_neighbors=None, distance=None)


PAPER, INSPECTION, ANOMALIB = "paper (Roth et al. 2022)", "patchcore-inspection", "anomalib README"
IM224, IM320 = (256, 224), (366, 320)
WIDE, ENSEMBLE = "wide_resnet50_2", "ensemble of wide_resnet101_2, resnext101_32x8d and densenet201"
PROTOCOLS: Mapping[tuple[str, str], Protocol] = MappingProxyType({
    (PAPER, "WRN50 L2-3 IM224 coreset 25%"): _paper(0.25),
    (PAPER, "WRN50 L2-3 IM224 coreset 10%"): _paper(0.1),
    (PAPER, "WRN50 L2-3 IM224 coreset 1%"): _paper(0.01),
    (INSPECTION, "IM224_WR50_L2-3_P01_D1024-1024_PS-3_AN-1"): _inspection(IM224, WIDE, 0.1, (1024, 1024), 3, 1),
    (INSPECTION, "IM320_WR50_L2-3_P001_D1024-1024_PS-3_AN-1"): _inspection(IM320, WIDE, 0.01, (1024, 1024), 3, 1),
    (INSPECTION, "IM320_WR50_L2-3_P001_D1024-1024_PS-5_AN-3"): _inspection(IM320, WIDE, 0.01, (1024, 1024), 5, 3),
    (INSPECTION, "IM224_Ensemble_L2-3_P001_D1024-384_PS-3_AN-1"): _inspection(IM224, ENSEMBLE, 0.01, (1024, 384), 3, 1),
    (INSPECTION, "IM320_Ensemble_L2-3_P001_D1024-384_PS-3_AN-1"): _inspection(IM320, ENSEMBLE, 0.01, (1024, 384), 3, 1),
    (INSPECTION, "IM320_Ensemble_L2-3_P001_D1024-384_PS-5_AN-5"): _inspection(IM320, ENSEMBLE, 0.01, (1024, 384), 5, 5),
    (ANOMALIB, "Patchcore WRN50"): _anomalib(WIDE),
    (ANOMALIB, "Patchcore R18"): _anomalib("resnet18"),
    ("SPADE (as cited by Roth et al. 2022)", "published"): _other_method("SPADE"),
    ("PaDiM (as cited by Roth et al. 2022)", "published"): _other_method("PaDiM"),
})


def _differences(about: Protocol, config: PatchCoreConfig) -> tuple[list[Setting], tuple[str, ...]]:
    """The settings that differ from those of a run, and those that the source does not state."""
    if about.method != "PatchCore":
        return [Setting("method", about.method, "PatchCore")], ()
    told = about.image_size is not None  # then no crop means that there was none
    rows: list[tuple[str, object, object]] = [
        ("backbone", about.backbone, config.backbone),
        ("layers", about.layers, config.layers),
        ("image size", about.image_size, " + ".join(map(str, config.scales)) or config.image_size),
        ("centre crop", about.center_crop or "none" if told else None, config.center_crop or "none"),
        ("feature dimensions", about.dims, _dims(config)),
        ("neighbourhood", about.patch_size, config.patch_size),
        ("sampler", about.sampler, config.sampler),
        ("coreset", about.coreset_ratio, 1.0 if config.sampler == "identity" else config.coreset_ratio),
        ("neighbours", about.num_neighbors, config.num_neighbors),
        ("re-weighting", about.reweighting, config.reweight_neighbors is not None),
        ("distance", about.distance, config.distance),
        ("image score", "highest patch", IMAGE_SCORE_NAMES[config.image_score]),
    ]
    differs = [Setting(name, _words(theirs), _words(ours)) for name, theirs, ours in rows if theirs not in (None, ours)]
    return differs, tuple(name for name, theirs, _ in rows if theirs is None)


def _other_images(category: str, counts: PhotoCounts | None) -> tuple[Setting, ...]:
    """A flag if our data does not have as many images as the category of MVTec AD."""
    if counts is None or category not in CATEGORIES:
        return ()
    ours = (counts.train, counts.test_good, counts.test_defective)
    expected = CATEGORIES[category]
    return () if ours == expected else (Setting("images (train, good, defective)", _words(expected), _words(ours)),)


def _dims(config: PatchCoreConfig) -> object:
    return "all" if config.pretrain_dim is None else (config.pretrain_dim, config.target_dim)


def _words(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(str(part) for part in value)
    if isinstance(value, bool):
        return "eq. 7" if value else "none"
    return f"{value * 100:g} %" if isinstance(value, float) else str(value)
