"""The table of a run's test images on Review: columns, filters, orders, statistics.

`listing` adds to the table of `RunStore.images` outcomes, masks, causes and verdicts; `filtered` and `ordered` select
from it; `statistics` summarises the rest. The given table is never modified.
"""

from __future__ import annotations

import unicodedata
import warnings
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from patchcore_core.evaluation.causes.causes import Causes
from patchcore_core.evaluation.map_summary import MapSummary
from patchcore_core.evaluation.metrics import image_auroc
from patchcore_core.evaluation.thresholds.decision import Confusion, confusion, recall_per_defect
from patchcore_core.views import ranking

ORDERS: dict[str, tuple[str, bool]] = {  # words -> column, ascending
    **ranking.ORDERS,
    "lowest IoU first": ("iou", True),
    "highest IoU first": ("iou", False),
    "most overlooked area first": ("overlooked", False),
    "largest defect first": ("region_area", False),
    "smallest defect first": ("region_area", True),
}
EVERYTHING = (-np.inf, np.inf)


class Verdict(Protocol):
    """What a reviewer said of an image; `reviews.verdicts.Entry` is one."""

    @property
    def verdict(self) -> str: ...

    @property
    def tags(self) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class Filters:
    """Which images to show; an empty selection means all, ranges include their ends.

    verdicts: "" stands for images without one. text: every word must occur in the path, ignoring case. region_area:
    pixels of at least one true region; an image without one is in no narrowed range. causes, tags: images with at least
    one of them; the cause "" stands for errors without any.
    """

    outcomes: Collection[str] = ()
    defect_types: Collection[str] = ()
    verdicts: Collection[str] = ()
    causes: Collection[str] = ()
    tags: Collection[str] = ()
    text: str = ""
    scores: tuple[float, float] = EVERYTHING
    region_area: tuple[float, float] = EVERYTHING


@dataclass(frozen=True)
class Statistics:
    """Counts and figures of the images shown, `shown` of `total`; NaN if undefined.

    recall: defect type -> (found, total). mean_iou: over the images that have one. overlooked: defect pixels below the
    pixel threshold, summed. causes, verdicts: key -> images, "" for those without a verdict.
    """

    shown: int
    total: int
    good: int
    defective: int
    confusion: Confusion
    recall: dict[str, tuple[int, int]]
    image_auroc: float
    mean_iou: float
    overlooked: float
    causes: dict[str, int]
    verdicts: dict[str, int]

    @property
    def sentence(self) -> str:
        """What the figures are of."""
        if self.shown == self.total:
            return f"All {self.total} test images."
        return f"Figures of the {self.shown} of {self.total} test images that are shown."


def listing(
    images: pd.DataFrame, threshold: float, pixel_threshold: float, summary: MapSummary | None = None,
    causes: Causes | None = None, verdicts: Mapping[int, Verdict] | None = None,
    region_areas: Sequence[tuple[int, ...]] | None = None,
) -> pd.DataFrame:
    """`ranking.with_outcomes` with `iou` and `overlooked` (pixels) at the pixel threshold, `region_area` (pixels of the
    largest true region), `region_areas` (of all), `causes` and `tags` (tuples) and `verdict` ("" for none).

    region_areas: per image, from `region_areas_of`; by default the largest only. verdicts: row -> the current verdict.
    Missing data is NaN or empty.
    """
    table, said = ranking.with_outcomes(images, threshold), verdicts or {}
    empty = np.full(len(images), np.nan)
    area = empty if summary is None else np.where(summary.region_area > 0, summary.region_area, np.nan)
    if region_areas is None:
        region_areas = [() if np.isnan(largest) else (int(largest),) for largest in area]
    told = [said.get(row) for row in range(len(images))]
    return table.assign(
        iou=empty if summary is None else summary.iou(pixel_threshold),
        overlooked=empty if summary is None else summary.overlooked(pixel_threshold),
        region_area=area,
        region_areas=pd.Series(region_areas, table.index, dtype=object),
        causes=pd.Series([()] * len(images) if causes is None else causes.keys(), table.index, dtype=object),
        verdict=pd.Series(["" if one is None else one.verdict for one in told], table.index, dtype=object),
        tags=pd.Series([() if one is None else one.tags for one in told], table.index, dtype=object),
    )


def region_areas_of(images: int, region_image: ArrayLike, region_area: ArrayLike) -> list[tuple[int, ...]]:
    """The pixels of all true regions per image (N), from one row per region: its image (R,) and its area (R,)."""
    areas: list[list[int]] = [[] for _ in range(images)]
    for image, area in zip(np.asarray(region_image).tolist(), np.asarray(region_area).tolist(), strict=True):
        areas[image].append(int(area))
    return [tuple(each) for each in areas]


def filtered(table: pd.DataFrame, filters: Filters) -> pd.DataFrame:
    """The rows of a `listing` that pass the filters, in their order."""
    kept = np.ones(len(table), dtype=bool)
    among = {"outcome": filters.outcomes, "defect_type": filters.defect_types, "verdict": filters.verdicts}
    for column, choice in among.items():
        if choice:
            kept &= table[column].isin(list(choice)).to_numpy()
    if filters.tags:
        kept &= _have_any(table["tags"], filters.tags)
    if filters.causes:
        has = _have_any(table["causes"], filters.causes)
        kept &= has | unexplained(table) if "" in filters.causes else has
    if filters.scores != EVERYTHING:
        kept &= table["image_score"].between(*filters.scores).to_numpy()
    if filters.region_area != EVERYTHING:
        low, high = filters.region_area
        kept &= np.array([any(low <= area <= high for area in areas) for areas in table["region_areas"]], dtype=bool)
    if words := _plain(filters.text).split():
        names = [_plain(name) for name in table["name" if "name" in table else "path"]]
        kept &= np.array([all(word in name for word in words) for name in names], dtype=bool)
    return table[kept]


def unexplained(table: pd.DataFrame) -> NDArray[np.bool_]:
    """Which rows of a `listing` (N,) are errors without a cause."""
    return table["outcome"].isin(("FN", "FP")).to_numpy() & np.array([not has for has in table["causes"]], dtype=bool)


def ordered(table: pd.DataFrame, order: str) -> pd.DataFrame:
    """The table in one of `ORDERS`; stable, NaN last."""
    column, ascending = ORDERS[order]
    return table.sort_values(column, ascending=ascending, kind="stable", na_position="last")


def statistics(table: pd.DataFrame, threshold: float, total: int) -> Statistics:
    """Counts and figures of the rows of a `listing` at the image threshold, of `total` images."""
    labels, scores = table["label"].to_numpy(), table["image_score"].to_numpy()
    known = labels != -1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # NaN with one class only
        auroc = float(image_auroc(labels[known], scores[known]))
    return Statistics(
        shown=len(table), total=total, good=int((labels == 0).sum()), defective=int((labels == 1).sum()),
        confusion=confusion(labels, scores, threshold),
        recall=recall_per_defect(table["defect_type"].tolist(), labels, scores, threshold),
        image_auroc=auroc, mean_iou=float(table["iou"].mean()),
        overlooked=float(table["overlooked"].sum(min_count=1)),
        causes=dict(Counter(cause for causes in table["causes"] for cause in causes)),
        verdicts=dict(Counter(table["verdict"])),
    )


def _have_any(column: pd.Series, wanted: Collection[str]) -> NDArray[np.bool_]:
    these = set(wanted)
    return np.array([not these.isdisjoint(has) for has in column], dtype=bool)


def _plain(text: str) -> str:
    """The text for comparison: case folded, Unicode normalised."""
    return unicodedata.normalize("NFKC", text).casefold()
