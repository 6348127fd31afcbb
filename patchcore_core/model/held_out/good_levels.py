"""Level and spread of good patch scores at each scale, for standardising the scales of a model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from patchcore_core.model.scale import Good

NORMAL = 1.4826  # standard deviation / median absolute deviation of normal scores


def good_levels(scales: Sequence[np.ndarray]) -> tuple[Good, ...]:
    """Level and spread of good patch scores (m, h_s, w_s) at each scale: their median, and median absolute deviation.

    Medians, since odd photos may be among them; means and standard deviations weight the scales equally within 2 %.
    With one scale, no scores or no variation, all scales have equal weight.
    """
    good = tuple(_good(scores[~np.isnan(scores)]) for scores in scales)
    return good if len(good) > 1 and all(each.spread > 0 for each in good) else (Good(),) * len(good)


def _good(scores: np.ndarray) -> Good:
    if not len(scores):
        return Good(spread=0.0)
    level = float(np.median(scores))
    return Good(level, NORMAL * float(np.median(np.abs(scores - level))))
