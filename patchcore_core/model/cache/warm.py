"""Running a network once for several fits that use other layers of it."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.files.content import content_keys
from patchcore_core.data.files.depth import training_depth
from patchcore_core.data.proportions import Size
from patchcore_core.data.samples import Dataset
from patchcore_core.data.transforms import Transform
from patchcore_core.model import budget
from patchcore_core.model.batches import batches
from patchcore_core.model.cache.entries import Entries
from patchcore_core.model.cache.feature_maps import KeptMaps, maps_of
from patchcore_core.model.cache.rounding import is_known
from patchcore_core.model.network.backbone import load_backbone, resolve_device
from patchcore_core.progress import Report


def keep_maps(
    config: PatchCoreConfig, layers: Sequence[str], shapes: Sequence[Size], dataset: Dataset, cache: Entries,
    report: Report,
) -> float:
    """Keep the maps of all these layers for all photos of a dataset, brought to inputs of `shapes` (H, W), one for each
    image size of the configuration; the seconds for each photo that the network ran on, NaN where it ran on none.

    It is not where the bits of a photo's maps depend on its batch, or on which layers are asked for: then each fit must
    run the network itself.
    """
    of = _Photos(config, layers, shapes, dataset)
    kept = KeptMaps(of.backbone, cache, of.transforms, of.bits, of.batch, "fit")
    if not kept.alone or kept.names_layers:
        return math.nan
    (first, *more), done, ran, started = of.transforms, 0, 0, time.perf_counter()
    for batch in batches(of.samples, first, of.batch, of.bits, more, kept):
        for given in batch.inputs:
            maps_of(of.backbone, given)
        ran += len(batch.inputs[0].images) if batch.inputs else 0
        done += len(batch.samples) + len(batch.unreadable)
        report(done, len(of.samples))
    return (time.perf_counter() - started) / ran if ran else math.nan


def known_share(config: PatchCoreConfig, shapes: Sequence[Size], dataset: Dataset, cache: Entries) -> float:
    """The share of a dataset's photos whose maps are kept already; runs no network."""
    of = _Photos(config, config.layers, shapes, dataset)
    if not all(is_known(of.backbone, each.shape, of.batch, cache) for each in of.transforms):
        return 0.0
    kept = KeptMaps(of.backbone, cache, of.transforms, of.bits, of.batch, "fit")
    found = [kept.has(content) for content in content_keys(sample.path for sample in of.samples)]
    return sum(found) / max(1, len(found))


class _Photos:
    """All photos of a dataset as a fit with this configuration, and these layers, reads them."""

    def __init__(
        self, config: PatchCoreConfig, layers: Sequence[str], shapes: Sequence[Size], dataset: Dataset
    ) -> None:
        device = resolve_device(config.device)
        self.backbone = load_backbone(config.backbone, layers, config.weights, device, config.engine)
        self.transforms = [Transform(side, config.center_crop, self.backbone.mean, self.backbone.std, shape)
                           for side, shape in zip(config.scales or (config.image_size,), shapes, strict=True)]
        self.samples = (*dataset.train, *dataset.test)
        self.bits, self.batch = training_depth(each.path for each in dataset.train), budget.batch_size(config, device)
