"""The map summary of a run: computed once from maps and masks, then stored in the run's folder.

Like the run's figures it belongs to the masks of the time when it was computed; masks that changed since are not used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from patchcore_core.data.files.orientation import Shape
from patchcore_core.data.mask_set import as_rule
from patchcore_core.data.masks import MaskRule, Truth, read_truth
from patchcore_core.data.transforms import transform_of
from patchcore_core.errors import DataError, StoreError
from patchcore_core.evaluation.map_summary import Advance, MapSummary, MaskOf, score_edges, summarise
from patchcore_core.evaluation.thresholds.rules import level_of
from patchcore_core.evaluation.trim import Trim
from patchcore_core.evaluation.trimmed_maps import TrimmedMaps
from patchcore_core.lasting import replaced
from patchcore_core.runs.arrays import map_maps, read_arrays, refuse_shapes
from patchcore_core.runs.contents import CHANGED, state_of
from patchcore_core.runs.files import reading, writing
from patchcore_core.runs.folder import MAP_SUMMARY, MAPS
from patchcore_core.runs.presence import refuse_changes
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore

IMAGE_BYTES, BESIDE_BYTES = 2**15, 2**20  # more than a summary takes for each image, and in all
TRIMMED = ("defect_trimmed", "rest_trimmed")  # only of runs whose segmentation is trimmed
ReadTruth = Callable[[Sequence[str], Shape, MaskRule], Truth]  # masks, shape of the photo, how they are read


def map_summary(
    store: RunStore, run: Run, read: ReadTruth = read_truth, advance: Advance | None = None
) -> MapSummary:
    """The summary of a finished run, read from its folder, or computed and stored there.

    A mask that cannot be read (DataError from `read`) counts as unknown, and the summary is not stored, as the mask may
    come back; nor is it on a read-only disk. MapsDroppedError where neither summary nor maps are there.
    """
    images, trim = store.images(run), Trim.read(run.trim)
    with suppress(StoreError):  # missing or truncated: computed again
        kept = read_summary(run.folder, len(images))
        if (kept.defect_trimmed is None) == (trim is None):
            return kept
    maps = store.anomaly_maps(run)
    masks = Masks(run, images, read)
    made = summary_of(maps, images["label"].to_numpy(), masks, run.thresholds, advance, trim)
    if not masks.unread:
        with suppress(StoreError):
            keep_summary(run.folder, made)
    return made


def summary_of(
    maps: NDArray[np.floating], labels: NDArray[np.integer], mask_of: MaskOf, thresholds: Mapping[str, float],
    advance: Advance | None = None, trim: Trim | TrimmedMaps | None = None,
) -> MapSummary:
    """`summarise` with a run's settings: exact at its pixel thresholds, hot from the percentile of good pixels."""
    named = [value for name, value in thresholds.items() if level_of(name) == "pixel"]
    level = thresholds.get("pixel_good_p999", np.nan)
    return summarise(maps, labels, mask_of, level, score_edges(maps, named), advance, trim)


def patch_pixels(run: Run) -> float:
    """The patch stride in pixels of a run's maps."""
    from patchcore_core.model.network.probe import probe  # loads torch for a network that it does not know

    return run.input_shape[0] / probe(run.config, run.input_shape).grid[0]


def read_summary(folder: Path, count: int | None = None) -> MapSummary:
    """The stored summary of a run with so many images, by default as many as it has maps; StoreError if there is none
    or it cannot be read."""
    with reading(folder / MAP_SUMMARY):
        count = len(map_maps(folder / MAPS)) if count is None else count
        arrays = read_arrays(folder / MAP_SUMMARY, BESIDE_BYTES + count * IMAGE_BYTES)
        if "side" in arrays:  # of the time when all maps were square
            arrays["height"] = arrays["width"] = arrays.pop("side")
        bins = arrays.get("edges", np.zeros(0)).size
        by_bin = dict.fromkeys(("defect", "rest", *TRIMMED), (count, bins))
        shapes = {"edges": (bins,), "height": (), "width": (), "level": (), "mask_box": (count, 4), **by_bin}
        names = [field.name for field in fields(MapSummary) if field.name not in TRIMMED or TRIMMED[0] in arrays]
        refuse_shapes(arrays, {name: shapes.get(name, (count,)) for name in names})
        return MapSummary.of(arrays)


def keep_summary(folder: Path, summary: MapSummary) -> None:
    """Store the summary in a run's folder; StoreError if that fails."""
    refuse_changes(f"{folder}: nothing is kept there")
    write_summary(folder, summary)


def write_summary(folder: Path, summary: MapSummary) -> None:
    """The same in a folder that is no run of a store, or of one that is being made."""
    with writing(folder / MAP_SUMMARY), replaced(folder / MAP_SUMMARY) as beside:
        np.savez_compressed(beside, allow_pickle=False, **summary.arrays())


class Masks:
    """The masks of a run's images at the size of its maps, read on demand; None if there is none.

    `unread` counts those that `read` refused with DataError, and those changed since the run.
    """

    def __init__(self, run: Run, images: pd.DataFrame, read: ReadTruth) -> None:
        self._transform = transform_of(run.config, run.input_shape)
        self._read = read
        self._run, self._contents = run, images["masks_sha256"].tolist()
        self._paths = images["mask_paths"].tolist()
        self._shapes = [Shape(*each) for each in images[["height", "width", "orientation"]].to_numpy().tolist()]
        self._rule = as_rule(run.pixels, run.config.ignore_value)
        self.unread = 0

    def __call__(self, image: int) -> Truth | None:
        if not self._paths[image]:
            return None
        try:
            truth = self._read(self._paths[image], self._shapes[image], self._rule)
            if state_of(self._paths[image], self._contents[image], self._run) == CHANGED:
                raise DataError("the mask was changed after the run was made")
        except DataError:
            self.unread += 1
            return None
        return self._transform.truth(truth) if truth.defect.any() else None
