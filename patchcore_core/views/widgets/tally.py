"""What operating points find and miss, as the data of views/web/tally: scores by class, by defect type, by region size.

Predicted defective is `score >= threshold`; the browser counts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from patchcore_core.evaluation.curve_points import RegionTable
from patchcore_core.evaluation.explain import explain_figure
from patchcore_core.evaluation.region_recall import recall_from_table
from patchcore_core.evaluation.thresholds.decision import predicted
from patchcore_core.views.colours import COLOURS
from patchcore_core.views.web.packed import packed
from patchcore_core.views.widgets.histograms import notes

INTERVAL = "In brackets: 95 % interval, wide for few images."
WHISKERS = "Thin line: 95 % interval, wide for few of them."
NO_DEFECTS = "No labelled defective images, so recall is unknown."
OLD_REGIONS = "This run predates recorded defect sizes: delete and fit it again to get them."
NO_REGIONS = "No masks with a defect, so recall by size is unknown."
NO_PIXEL_THRESHOLD = "No pixel threshold, so recall by size is unknown."
OUTCOME_COLOURS = {name: COLOURS[name] for name in ("hit", "miss", "false alarm", "good")}


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


def tally(scores: ArrayLike, labels: ArrayLike, kinds: Sequence[str], threshold: float, regions: Regions | str,
          pixel_threshold: float) -> dict[str, Any]:
    """Of images: scores (N,), labels (N,) 1 defective, 0 good, -1 unknown, defect types (N,).

    The type with the lowest recall at `threshold` comes first. `regions` is a sentence if there are none; intervals of
    their recall hold at `pixel_threshold`.
    """
    sizes: list[dict[str, Any]] | str = regions if isinstance(regions, str) else NO_PIXEL_THRESHOLD
    if isinstance(regions, Regions) and not math.isnan(pixel_threshold):
        sizes = regions.data(pixel_threshold)
    return {**_images(scores, labels, kinds, threshold), "sizes": sizes, "label": "What is found and missed",
            "helps": _helps()}


def at_thresholds(
    data: Mapping[str, Any], low: float, high: float, follows: str, pixel_threshold: float = math.nan,
    follows_pixels: str = "", chosen: Mapping[str, Sequence[Any]] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """`tally` with its thresholds and the channels of the operating points that move them; `chosen`: outcomes, defect
    types and ranges of sizes that something is narrowed to."""
    return {
        **data, "follows": follows, "follows_pixels": follows_pixels, "thresholds": packed([low, high]),
        "pixel_threshold": packed([pixel_threshold]), "colours": OUTCOME_COLOURS,
        "chosen": {"outcome": [], "defect": [], "size": [], **(chosen or {})},
    }  # fmt: skip


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
