"""The speed of fitting on this machine, measured on a few images: for a forecast without a comparable run.

The first images load everything (network, its conversion, kernels); then some are embedded for about SECONDS. Scoring
is timed against a small and a large bank of all their patches, selection on the embedded patches. These are steps of
PatchCore, not of every `Detector`, so this module alone among those that fit uses the class itself.
"""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.samples import Dataset, Sample
from patchcore_core.evaluation.trim import Trim
from patchcore_core.fitting.forecast import Forecast, held_out_cost, selection_growth
from patchcore_core.fitting.judge import judge
from patchcore_core.model.detector import Detector

if TYPE_CHECKING:
    from patchcore_core.model.patchcore import PatchCore

SECONDS = 1.0  # seconds of embedding for an estimate
FIRST, BATCH = 2, 4  # images for loading everything, and for a first estimate
TESTED = (20, 60)  # test images that are scored: what a few cost, and what each more does
HELD_OUT_COST = 0.5  # of a search for all patches of an image, for one that is scored without its own rows
Item = TypeVar("Item")


@dataclasses.dataclass(frozen=True)
class Pace:
    """Seconds: `once` for loading; `train` and `evaluate` per image; `predict` per image without a bank and `search`
    more per bank row; `few` for evaluating any number; `select` for a coreset of `rows` out of `patches`, which with
    k-means (`uniform`) scales with both."""

    once: float
    train: float
    predict: float
    search: float
    evaluate: float
    select: float
    patches: int
    rows: int
    few: float = 0.0
    uniform: bool = False
    image_score: str = "patch"

    def stages(self, cost: Forecast, train_images: int, test_images: int) -> dict[str, float]:
        """Seconds per stage of a fit of this size."""
        patches, rows = cost.patches / self.patches, cost.rows / self.rows
        return {
            "network": self.once,
            "features": self.train * train_images,
            "coreset": self.select * (patches * rows if self.uniform else selection_growth(patches, rows)),
            "held-out": HELD_OUT_COST * self.search * cost.rows * held_out_cost(train_images, self.image_score),
            "predict": (self.predict + self.search * cost.rows) * test_images,
            "evaluate": self.few + self.evaluate * test_images,
        }


def measure(dataset: Dataset, config: PatchCoreConfig) -> Pace:
    """The pace of fitting `config` on this data, in a few seconds; DataError if its images cannot be read."""
    started = time.perf_counter()
    from patchcore_core.model.patchcore import PatchCore  # brings torch

    model = PatchCore(dataclasses.replace(config, sampler="identity", memory_limit=None))
    some, tested = (spread(dataset.test, count) for count in TESTED)
    model.fit(spread(dataset.train, FIRST), held_out=0)
    _judged(model, some)
    loaded = time.perf_counter() - started
    few_rows, few, evaluated = model.size.rows, _judged(model, tested), _judged(model, some)["evaluate"]
    first = spread(dataset.train, BATCH)
    each = model.fit(first, held_out=0).report.seconds["features"] / len(first)
    chosen = spread(dataset.train, max(2 * BATCH, math.ceil(SECONDS / each)))
    model.fit(chosen, held_out=0)
    embedding, seconds = model.report.seconds["features"], _judged(model, tested)
    rows, images = model.size.rows, max(1, len(tested))
    search = max(0.0, (seconds["predict"] - few["predict"]) / max(1, rows - few_rows)) / images
    evaluate = max(0.0, few["evaluate"] - evaluated) / max(1, len(tested) - len(some))
    once, select, picked = _selection(model, config)
    return Pace(
        once=loaded + max(0.0, once - select),
        train=embedding / len(chosen),
        predict=max(0.0, seconds["predict"] / images - search * rows),
        search=search,
        evaluate=evaluate,
        select=select,
        patches=rows,
        rows=picked,
        few=max(0.0, evaluated - evaluate * len(some)),
        uniform=config.sampler == "kmeans",
        image_score=config.image_score,
    )  # fmt: skip


def spread(items: Sequence[Item], count: int) -> tuple[Item, ...]:
    """`count` of the items, or all, evenly spaced: some of each defect type."""
    places = np.linspace(0, len(items) - 1, min(count, len(items))).round().astype(int)
    return tuple(items[place] for place in places)


def _judged(model: Detector, samples: Sequence[Sample]) -> dict[str, float]:
    """Seconds of predicting and evaluating these images."""
    trim = Trim.of(0.0, 8.0) if model.config.region_trim else None  # any selection takes as long
    with TemporaryDirectory() as folder:
        return judge(model, samples, Path(folder), trim=trim).seconds


def _selection(model: PatchCore, config: PatchCoreConfig) -> tuple[float, float, int]:
    """Seconds of the first selection from the bank and of the best later one, and the number of rows kept."""
    import torch

    from patchcore_core.model import coreset

    scales, seconds, picked = [torch.from_numpy(bank.patches) for bank in model.banks], [], 0
    for _ in range(4):
        started = time.perf_counter()
        chosen = [
            coreset.select(
                patches, config.sampler, config.coreset_ratio, projection_dim=config.projection_dim, seed=config.seed
            )
            for patches in scales
        ]
        seconds.append(time.perf_counter() - started)
        picked = sum(map(len, chosen))
    return seconds[0], min(seconds[1:]), picked
