"""The predicted and true regions of one image, as the workspace shows them in a table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from pages.ui import cache
from pages.ui.changed import files_of, states
from pages.ui.review import data
from patchcore_core.data.files.content import stamp_of
from patchcore_core.data.masks import Truth
from patchcore_core.data.transforms import Transform, transform_of
from patchcore_core.errors import DataError
from patchcore_core.evaluation.image_regions import Region, regions_of_image
from patchcore_core.evaluation.trim import Trim
from patchcore_core.runs.contents import CHANGED
from patchcore_core.runs.store import Run
from patchcore_core.views.text import score_text

MOST = 200  # in the table: a low threshold leaves thousands of specks
HEADS = (
    ("region", "True (mask) or predicted region. Click to zoom to it."),
    ("outcome", "A true region is found if one of its pixels is predicted; a predicted one is a false alarm if none "
                "of its pixels is a defect."),
    ("area", "Pixels of the anomaly map, and their percentage."),
    ("peak score", "Maximum score in the region."),
    ("overlap", "Percentage of the region covered by the other kind: recall of a true region, precision of a "
                "predicted one."),
)  # fmt: skip


def regions(run: Run, number: int, pixel_threshold: float) -> dict[str, Any]:
    """Of the image in this row: `table`, the data of views/web/region_table, and `boxes`, for each row the part of the
    photo around its region (top, left, bottom, right in pixels)."""
    row = data.test_images(run).iloc[number]
    found, total = _found(run, number, pixel_threshold, _stamps(row["mask_paths"]))
    transform, size = transform_of(run.config, run.input_shape), (int(row["height"]), int(row["width"]))
    table = {"label": _label(len(found), total, good=row["label"] == 0), "heads": [list(head) for head in HEADS],
             "rows": [row_of(region) for region in found]}
    return {"table": table, "boxes": [_part(transform, size, region) for region in found]}


def row_of(region: Region) -> list[str]:
    """A region as the texts of its row."""
    kind = "true defect" if region.kind == "true" else "prediction"
    overlap = "—" if math.isnan(region.overlap) else f"{region.overlap:.1%}"
    return [kind, outcome(region), f"{region.area:,} px ({region.share:.2%})", score_text(region.peak), overlap]


def outcome(region: Region) -> str:
    """Found or missed, on a defect or a false alarm."""
    if region.found is None:
        return "not known"
    if region.kind == "true":
        return "found" if region.found else "missed"
    return "on a defect" if region.found else "false alarm"


def _label(shown: int, total: int, good: bool) -> str:
    if not shown:
        return f"No region above the pixel threshold{'; the mask is empty' if good else ''}."
    return f"The first {shown} of {total:,} regions" if total > shown else "Regions of the image"


def _part(transform: Transform, size: tuple[int, int], region: Region) -> list[float]:
    box = region.box.on_photo(transform, *size).with_surroundings(*size)
    return [box.top, box.left, box.bottom, box.right]


@cache.of_run(max_entries=128)
def _found(
    run: Run, number: int, threshold: float, stamps: tuple[int, ...]  # noqa: ARG001  (the key)
) -> tuple[tuple[Region, ...], int]:
    """The first regions of one image and their number; predicted ones alone where the mask is unknown."""
    row = data.test_images(run).iloc[number]
    known = _truth(run, row)
    mask, ignored = (None, None) if known is None else (known.defect, known.ignored)
    found = regions_of_image(cache.anomaly_map(run, int(row["map_index"])), mask, threshold, ignored,
                             Trim.read(run.trim))
    return found[:MOST], len(found)


def _stamps(mask_paths: Sequence[str]) -> tuple[int, ...]:
    """A number per mask that changes with the file, 0 for one that cannot be read."""
    return tuple(stamp_of(path) for path in mask_paths)


def _truth(run: Run, row: pd.Series) -> Truth | None:
    """At the size of the map, (H, W)."""
    transform = transform_of(run.config, run.input_shape)
    if row["label"] == 0:
        return Truth(np.zeros(transform.shape, bool))
    if not row["mask_paths"]:
        return None
    try:
        if states(run, files_of(row)).masks == CHANGED:
            return None
        truth = cache.truth(run, row)
    except DataError:
        return None
    return transform.truth(truth) if truth.defect.any() else None
