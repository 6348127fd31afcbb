"""Expected costs of one threshold, or of two with a review zone between them.

Costs are per part in production at a given `defect_rate`: the test set shows how each class scores, not how often it
occurs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from patchcore_core.evaluation.counts import Counts


@dataclass(frozen=True)
class Costs:
    """Costs in one currency: `escape` per missed defect, `overkill` per false reject, `review` per manual check.

    defect_rate: fraction of defective parts in production.
    """

    escape: float
    overkill: float
    defect_rate: float
    review: float = 0.0

    def __post_init__(self) -> None:
        for name in ("escape", "overkill", "review"):
            if not 0 <= getattr(self, name) < math.inf:
                raise ValueError(f"the cost {name} must be 0 or more, got {getattr(self, name)!r}")
        if not 0 <= self.defect_rate <= 1:
            raise ValueError(f"defect_rate must be in [0, 1], got {self.defect_rate!r}")


@dataclass(frozen=True)
class Zone:
    """One of three zones of scores.

    good, defective, unknown: number of test images in it; `share`: their fraction. `expected`: fraction of the parts
    in production, `cost`: per part in production; NaN without costs, or if a class that matters has no test image.
    """

    name: str  # OK, review or NG
    good: int
    defective: int
    unknown: int
    share: float
    expected: float
    cost: float


@dataclass(frozen=True)
class Zones:
    """OK below `low`, NG from `high` up, review from `low` up to below `high`; `cost` per part of all three."""

    low: float
    high: float
    ok: Zone
    review: Zone
    ng: Zone
    cost: float
    reason: str | None = None  # why a figure is NaN


def expected_cost(counts: Counts, costs: Costs, tp: ArrayLike, fp: ArrayLike) -> NDArray[np.float64]:
    """Expected cost per part at tp and fp of the test set; NaN with one class only."""
    if not (counts.positives and counts.negatives):
        return np.full(np.shape(tp), np.nan)
    escapes = costs.defect_rate * costs.escape * (counts.positives - np.asarray(tp)) / counts.positives
    return escapes + (1 - costs.defect_rate) * costs.overkill * np.asarray(fp) / counts.negatives


def zones(labels: ArrayLike, scores: ArrayLike, low: float, high: float, costs: Costs | None = None) -> Zones:
    """Count images per zone: labels (N,) 0 good, 1 defective, -1 unknown; scores (N,)."""
    label, score = np.asarray(labels), np.asarray(scores, dtype=np.float64)
    if label.shape != score.shape:
        raise ValueError(f"labels and scores must have one shape, got {label.shape} and {score.shape}")
    if not low <= high:
        raise ValueError(f"the threshold of OK must not be above that of NG, got {low} and {high}")
    place = (score >= low).astype(int) + (score >= high)  # 0 OK, 1 review, 2 NG
    held = [[int(np.count_nonzero(place[label == kind] == zone)) for kind in (0, 1, -1)] for zone in range(3)]
    price = [(0.0, costs.escape), (costs.review, costs.review), (costs.overkill, 0.0)] if costs else [(0.0, 0.0)] * 3
    totals = [sum(column) for column in zip(*held, strict=True)]
    ok, review, ng = (
        _zone(name, row, totals, costs, *prices)
        for name, row, prices in zip(("OK", "review", "NG"), held, price, strict=True)
    )
    return Zones(low, high, ok, review, ng, ok.cost + review.cost + ng.cost, _why(totals, costs))


def cheapest_review(counts: Counts, costs: Costs, high: float) -> float:
    """The start of the review zone below `high` with the lowest expected cost on the test set.

    An oracle; `high` itself if a review zone does not pay, NaN with one class only.
    """
    if not (counts.positives and counts.negatives):
        return math.nan
    called = int(np.count_nonzero(counts.thresholds >= high))  # thresholds that call no more defective than `high`
    low = np.concatenate([[high], counts.thresholds[called:]])
    found, alarms = (np.concatenate([[part[called - 1] if called else 0], part[called:]])
                     for part in (counts.true_positives, counts.false_positives))
    good, defective = alarms / counts.negatives * (1 - costs.defect_rate), found / counts.positives * costs.defect_rate
    return float(low[np.argmin(costs.review * (defective + good) - costs.escape * defective)])


def _zone(name: str, held: list[int], totals: list[int], costs: Costs | None, of_good: float, of_bad: float) -> Zone:
    share = sum(held) / sum(totals) if sum(totals) else math.nan
    if costs is None:
        return Zone(name, held[0], held[1], held[2], share, math.nan, math.nan)
    good, bad = ((rate * held[kind] / totals[kind] if totals[kind] else math.nan) if rate else 0.0
                 for kind, rate in enumerate((1 - costs.defect_rate, costs.defect_rate)))
    cost = (of_good * good if of_good else 0.0) + (of_bad * bad if of_bad else 0.0)
    return Zone(name, held[0], held[1], held[2], share, good + bad, cost)


def _why(totals: list[int], costs: Costs | None) -> str | None:
    if costs is None:
        return "no costs were given"
    rates = ("good", 1 - costs.defect_rate), ("defective", costs.defect_rate)
    missing = [name for (name, rate), total in zip(rates, totals, strict=False) if rate and not total]
    return f"there is no {' and no '.join(missing)} test image" if missing else None
