"""Recall and false alarms at the default threshold."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from patchcore_core.evaluation.counts import as_scores
from patchcore_core.evaluation.statistics.proportions import wilson_interval
from patchcore_core.evaluation.thresholds.decision import confusion, default_rule
from patchcore_core.evaluation.values import FALSE_ALARMS, NO_RULE, RECALL, Found

FOUND_FIGURES = (RECALL, FALSE_ALARMS)


def found_at_default(labels: ArrayLike, scores: ArrayLike, thresholds: Mapping[str, float]) -> Found:
    """Count defects found and false alarms at a run's default image threshold.

    labels (N,): 0 good, 1 defective, -1 unknown, not counted; scores (N,). Predicted defective = score >= threshold,
    as everywhere; see `default_rule` for which threshold that is.
    """
    method = default_rule(thresholds) or ""
    return found_at(labels, scores, method, thresholds.get(method, math.nan))


def found_at(labels: ArrayLike, scores: ArrayLike, method: str, threshold: float) -> Found:
    """The same of any threshold; method: how it was set, "" where there is none and it is NaN."""
    counts = confusion(labels, as_scores(scores), threshold)
    return Found(method, threshold, counts.tp, counts.tp + counts.fn, counts.fp, counts.fp + counts.tn)


def per_type(
    names: Sequence[str], types: ArrayLike, labels: ArrayLike, scores: ArrayLike, thresholds: Mapping[str, float]
) -> dict[str, Found]:
    """The same per defect type: its defective images and all good ones. types (N,)."""
    label, score, kinds = np.asarray(labels), as_scores(scores), np.asarray(types, dtype=object)
    found = {}
    for name in names:
        chosen = (label == 0) | ((label == 1) & (kinds == name))
        found[name] = found_at_default(label[chosen], score[chosen], thresholds)
    return found


def found_words(found: Found) -> str:
    """`found 279 of 392 defective (71.2 %, 66.5 to 75.4), 2 of 191 good predicted defective (1.0 %, 0.3 to 3.7)`, each
    with its 95 % interval, or what is missing."""
    if not found.method:
        return f"recall unknown: {NO_RULE}"
    defects = _counted("found", found.found, found.defective, "defective") or "no defective image to find"
    alarms = _counted("", found.false_alarms, found.good, "good predicted defective") or "no good image to test"
    return f"{defects}, {alarms}"


def _counted(verb: str, part: int, whole: int, what: str) -> str:
    if not whole:
        return ""
    low, high = wilson_interval(part, whole)
    return f"{verb} {part} of {whole} {what} ({part / whole:.1%}, {low:.1%} to {high:.1%})".replace("%", " %").strip()
