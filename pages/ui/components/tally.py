"""Results at an operating point: the four outcomes, recall per defect type and recall per region size.

Predicted defective is `score >= high`. While the handles of an operating point move, the browser recounts. Each cell
and each bar can be chosen; the page decides what that means.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import ArrayLike, NDArray

from pages.ui.components.mount import component
from pages.ui.components.operating_point import notes
from patchcore_core.evaluation.curve_points import RegionTable
from patchcore_core.evaluation.explain import explain_figure
from patchcore_core.evaluation.region_recall import recall_from_table
from patchcore_core.evaluation.thresholds.decision import OUTCOMES, predicted
from patchcore_core.views.colours import COLOURS
from patchcore_core.views.web.packed import packed

Range = tuple[float, float]  # of region areas in pixels, both ends included
Choice = tuple[str, str | Range]
OUTCOME_COLOURS = {name: COLOURS[name] for name in ("hit", "miss", "false alarm", "good")}
INTERVAL = "In brackets: 95 % interval, wide for few images."
WHISKERS = "Thin line: 95 % interval, wide for few of them."
NO_DEFECTS = "No labelled defective images, so recall is unknown."
OLD_REGIONS = "This run predates recorded defect sizes: delete and fit it again to get them."
NO_REGIONS = "No masks with a defect, so recall by size is unknown."
NO_PIXEL_THRESHOLD = "No pixel threshold, so recall by size is unknown."
_mount = component("tally")


@dataclass(frozen=True)
class Chosen:
    """The current selection: outcomes ("TP", "FN", "FP", "TN"), defect types, ranges of region area as in the bars."""

    outcomes: Collection[str] = ()
    defects: Collection[str] = ()
    sizes: Collection[Range] = ()


@dataclass(frozen=True, eq=False)
class Regions:
    """The true defect regions of a run, one row each."""

    table: RegionTable

    @classmethod
    def of(cls, table: RegionTable | None) -> Regions | str:
        """From the table in the curves of a run; a sentence if there are none."""
        if table is None:
            return OLD_REGIONS
        wide = {"peak": table.peak.astype(np.float64), "scores_at": table.scores_at.astype(np.float64)}
        return cls(replace(table, **wide)) if len(table.area) else NO_REGIONS  # compared in float64

    def data(self, threshold: float) -> list[dict[str, Any]]:
        """For the browser: per size class its range of areas, the scores of its regions, intervals at the threshold."""
        classes, found = np.unique(self.table.size_class), []
        for size, row in zip(classes, recall_from_table(self.table, threshold), strict=True):
            chosen = self.table.size_class == size
            found.append({
                "range": [row.area_from, row.area_to], "interval": packed([row.found_low, row.found_high]),
                "peaks": _ascending(self.table.peak[chosen]),
                "steps": _ascending(self.table.scores_at[chosen].ravel()),  # a tenth of a region each
            })  # fmt: skip
        return found


def tally(
    scores: ArrayLike, labels: ArrayLike, kinds: Sequence[str], *, key: str, label: str,
    thresholds: tuple[float, float], follows: str, regions: Regions | str, pixel_threshold: float, follows_pixels: str,
    chosen: Chosen, on_choose: Callable[[str, str | Range], None],
) -> None:  # fmt: skip
    """Draw outcomes and recalls of images: scores (N,), labels (N,) 1 defective, 0 good, -1 unknown, defect types (N,).

    `thresholds` are (low, high) as in `operating_point`, whose key is `follows`; `pixel_threshold` and `follows_pixels`
    are the same for the regions; `regions` is a sentence if there are none. `on_choose` is called with ("outcome",
    "FN"), ("defect", "scratch") or ("size", (low, high)), also for the current selection. Texts are plain text.
    """
    images = _images(scores, labels, kinds, thresholds[1])
    sized: list[dict[str, Any]] | str = regions if isinstance(regions, str) else NO_PIXEL_THRESHOLD
    if isinstance(regions, Regions) and not math.isnan(pixel_threshold):
        sized = _sized(regions, pixel_threshold)
    ranges = [] if isinstance(sized, str) else [(row["range"][0], row["range"][1]) for row in sized]
    data = {
        **images, "sizes": sized, "label": label, "follows": follows, "follows_pixels": follows_pixels,
        "thresholds": packed(thresholds), "pixel_threshold": packed([pixel_threshold]), "helps": _helps(),
        "chosen": {"outcome": list(chosen.outcomes), "defect": list(chosen.defects),
                   "size": [list(one) for one in chosen.sizes]},
        "colours": OUTCOME_COLOURS,
    }  # fmt: skip
    names = {kind["name"] for kind in images["kinds"]}
    _mount(key=key, data=data, on_chosen_change=lambda: _choose(key, names, ranges, on_choose))


def choice(value: object, defects: Collection[str], sizes: Collection[Range]) -> Choice | None:
    """The browser's choice as (what, which), None unless there is such a cell or bar."""
    match value:
        case ["outcome", str(name)] if name in OUTCOMES:
            return "outcome", name
        case ["defect", str(name)] if name in defects:
            return "defect", name
        case ["size", [int() | float() as low, int() | float() as high]] if (low, high) in sizes:
            return "size", (float(low), float(high))
    return None


@lru_cache(maxsize=32)
def _sized(regions: Regions, threshold: float) -> list[dict[str, Any]]:
    """`Regions.data`, cached while the same regions are drawn again."""
    return regions.data(threshold)


def _images(scores: ArrayLike, labels: ArrayLike, kinds: Sequence[str], threshold: float) -> dict[str, Any]:
    """For the browser: scores of good images and per defect type, the type with the lowest recall first."""
    score, label, kind = np.asarray(scores, dtype=np.float64), np.asarray(labels), np.asarray(kinds, dtype=object)
    if not (score.ndim == 1 and score.shape == label.shape == kind.shape):
        raise ValueError(f"all columns must have one shape (N,), got {score.shape}, {label.shape} and {kind.shape}")
    defective = label == 1
    types = {name: score[defective & (kind == name)] for name in sorted(set(kind[defective].tolist()))}
    order = sorted(types, key=lambda name: float(predicted(types[name], threshold).mean()))
    totals = {name: int((label == value).sum()) for name, value in (("good", 0), ("defective", 1), ("unlabelled", -1))}
    return {
        "good": _ascending(score[label == 0]), "notes": notes(totals, "images"),
        "kinds": [{"name": name, "scores": _ascending(types[name])} for name in order], "no_kinds": NO_DEFECTS,
    }  # fmt: skip


def _ascending(scores: NDArray) -> dict[str, str]:
    """Scores for the browser; one that is NaN reaches no threshold, so it stands below all of them."""
    return packed(np.sort(np.where(np.isnan(scores), -np.inf, scores)))


def _helps() -> dict[str, str]:
    shares = {name: f"{explain_figure(name)} {INTERVAL}" for name in ("recall", "precision", "false_positive_rate")}
    return {
        "outcomes": "Actual label against prediction at the threshold.", **shares,
        "defects": f"{explain_figure('recall')} {WHISKERS}", "sizes": f"{explain_figure('region_recall')} {WHISKERS}",
    }  # fmt: skip


def _choose(key: str, defects: Collection[str], sizes: Collection[Range], on_choose: Callable[..., None]) -> None:
    found = choice(st.session_state[key].chosen, defects, sizes)
    if found:
        on_choose(*found)
