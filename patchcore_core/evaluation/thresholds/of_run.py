"""All operating points of a stored run: those it recorded, and those computed from its stored scores."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from numpy.typing import ArrayLike

from patchcore_core.evaluation.curve_points import Curves, HeldOutArrays
from patchcore_core.evaluation.explain import explain_threshold
from patchcore_core.evaluation.thresholds.costs import Costs, cheapest_review
from patchcore_core.evaluation.thresholds.decision import Level
from patchcore_core.evaluation.thresholds.operating_point import (
    GoodScores,
    OperatingPoint,
    cost_weighted,
    f1_max,
    fixed_fpr,
    mean_plus_sd,
    quantile,
    youden,
)
from patchcore_core.evaluation.thresholds.rules import RULES, SOURCES, level_of, source_of
from patchcore_core.evaluation.values import HeldOut, Rule

LEAVE_ONE_OUT = "leave one image out"
UNDOUBTED = 0.9  # fraction of good images below the default review zone


@dataclass(frozen=True)
class ThresholdParameters:
    """Parameters of the methods: the quantile, k of mean + k sd, the largest FPR, and the costs."""

    share: float = 0.99
    k: float = 3.0
    fpr: float = 0.01
    costs: Costs | None = None


def parameters_of(
    quantile_percent: float, k: float, fpr_percent: float, escape: float | None, overkill: float | None,
    defective_percent: float | None, review: float | None,
) -> ThresholdParameters:
    """From the fields of a form, rates in percent; costs need the first three of theirs."""
    costs = None
    if escape is not None and overkill is not None and defective_percent is not None:
        costs = Costs(escape, overkill, defective_percent / 100, review or 0.0)
    return ThresholdParameters(quantile_percent / 100, k, fpr_percent / 100, costs)


def stored_points(stored: Sequence[OperatingPoint], level: Level) -> dict[str, OperatingPoint]:
    """The operating points of one level that a run recorded, by method."""
    return {point.method: point for point in stored if point.level == level}


def named_points(thresholds: Mapping[str, float], level: Level) -> dict[str, OperatingPoint]:
    """The thresholds of one level of a run that recorded only names and values."""
    return {name: OperatingPoint(name, value, source_of(name), level, explain_threshold(name), rule=RULES.get(name))
            for name, value in thresholds.items() if level_of(name) == level and not math.isnan(value)}


def image_points(
    thresholds: Mapping[str, float], stored: Sequence[OperatingPoint], curves: Curves,
    heldout: HeldOut | None, good: ArrayLike, parameters: ThresholdParameters,
) -> dict[str, OperatingPoint]:
    """All image thresholds of a run by method: held-out, then good test images, then oracles.

    Undefined ones are NaN with a reason.

    curves and heldout as stored in the run; good (K,): the scores of its good test images. Recorded thresholds are not
    recomputed, so that a link keeps its meaning.
    """
    sources = [_held_out(curves, heldout),
               GoodScores.of(good, "test good")]
    computed = [point for scores in sources for point in (
        quantile(scores, 0.99), quantile(scores, parameters.share), mean_plus_sd(scores, parameters.k),
        fixed_fpr(scores, parameters.fpr))]
    counts = curves.image.counts()
    computed += [f1_max(counts), youden(counts)]
    if parameters.costs is not None:
        computed.append(cost_weighted(counts, parameters.costs))
    points = {point.method: point for point in computed}
    points |= {name: _with_words_of(points, point) for name, point in named_points(thresholds, "image").items()}
    points |= stored_points(stored, "image")
    return dict(sorted(points.items(), key=lambda item: SOURCES.index(item[1].source)))


def review_starts(high: float, curves: Curves, heldout: HeldOut | None, good: ArrayLike,
                  costs: Costs | None) -> dict[str, OperatingPoint]:
    """Starts of a review zone below the NG threshold `high`, by name: `heldout_p90` or `good_p90`, `cheapest`.

    Only those that are defined and below `high`.
    """
    held = _held_out(curves, heldout)
    chosen = quantile(held if held.total else GoodScores.of(good, "test good"), UNDOUBTED)
    starts = {chosen.method: chosen}
    counts = curves.image.counts()
    if costs is not None and counts.positives and counts.negatives:
        words = "Oracle: lowest cost of the zones at this NG threshold on this test set, chosen with its labels."
        low = cheapest_review(counts, costs, high)
        starts["cheapest"] = OperatingPoint("cheapest", low, "oracle", "image", words, rule=Rule("cheapest", "oracle"))
    return {name: point for name, point in starts.items() if point.value < high}


def _held_out(curves: Curves, heldout: HeldOut | None) -> GoodScores:
    """The held-out scores of images as stored in a run."""
    heldout, stored = heldout or HeldOut(), curves.heldout or HeldOutArrays()
    left_one_out = heldout.method == LEAVE_ONE_OUT
    good = GoodScores.of(stored.scores, "held-out", left_one_out)
    odd = None if stored.odd_scores is None else GoodScores.of(stored.odd_scores, "held-out")
    return replace(good, copies=bool(heldout.copies), odd=odd if odd is not None and odd.total else None,
                   capped=stored.pixel_without is not None)


def _with_words_of(points: Mapping[str, OperatingPoint], named: OperatingPoint) -> OperatingPoint:
    """The named point, with the fuller sentence of a computed one of the same value."""
    computed = points.get(named.method)
    return computed if computed is not None and computed.value == named.value else named
