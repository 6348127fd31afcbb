"""Odd training photos: outliers among the held-out scores."""

from __future__ import annotations

import numpy as np

RULES = ((8.0, 1.1), (4.5, 1.2))  # spreads above the median, and ratio to the highest score below
FEWEST = 5  # least number of scores to detect outliers
MOST = 1 / 3  # largest fraction of odd scores; more would be another kind of part
LEAST_SPREAD = 0.02  # least spread, as a fraction of the median


def odd_scores(scores: np.ndarray) -> np.ndarray:
    """Which held-out scores (n,) are outliers, (n,) bool; NaN, a score that could not be computed, is none.

    An outlier is far from the bulk *and* separated from it: by median and median absolute deviation (the Hampel
    identifier: Davies and Gather 1993, "The identification of multiple outliers"; with a breakdown point of one half)
    at least 8 spreads above the median and more than 1.1 times the highest score below, or 4.5 spreads and 1.2 times (a
    gap, as in Dixon 1950). The gap avoids false outliers where good scores have a heavy right tail, as maxima do: such
    tails have no large gap. All scores above the lowest gap are odd, so that several odd photos do not hide one
    another. The adjusted boxplot (Hubert and Vandervieren 2008) was not taken, since its skewness needs more scores
    than a small set has.

    What it cannot tell: a photo that stands less than 1.2 times above the others, and less than 8 spreads above the
    bulk, is a good part with a high score or a mild odd one. What such a one can do to the threshold is bounded
    (evaluation.operating_point.capped_at).

    Measured on held-out scores of magnetic tiles, hazelnuts, four kinds of paper, woven fabric and brushed metal, on
    which the numbers were chosen, too: at random subsets of 6, 10, 30 and 100 clean photos, 1.1, 1.2, 0.6 and 1.2 % of
    the sets have a photo called odd (5, 9, 5 and 1 % of those of the tiles, which differ most); of single scores of
    1.2, 1.3 and 1.5 times the highest good one, 66, 93 and 100 % are found among 10 photos, 98, 100 and 100 % among 30.
    """
    values = np.asarray(scores, dtype=np.float64)
    places = np.flatnonzero(~np.isnan(values))
    places = places[np.argsort(values[places], kind="stable")]
    odd = np.zeros(len(values), dtype=bool)
    if len(places) < FEWEST:
        return odd
    ordered = values[places]
    middle, spread = _bulk(ordered)
    for kept in range(len(ordered) - int(MOST * len(ordered)), len(ordered)):
        score, below = ordered[kept], ordered[kept - 1]
        if any(score > middle + far * spread and score > gap * below for far, gap in RULES):
            odd[places[kept:]] = True
            break
    return odd


def odd_blanks(scores: np.ndarray, odd: np.ndarray, blank: np.ndarray) -> np.ndarray:
    """Which blank photos (n,) bool, of one colour, are odd beside the `odd` ones: those above all other scores.

    A black frame or a white card shows no part, so no gap is required: with few parts, or parts on black, its score may
    be only slightly above the highest good one. None if they are more than a third.
    """
    others = scores[~odd & ~blank & ~np.isnan(scores)]
    if not len(others) or blank.sum() > MOST * len(scores):
        return np.zeros(len(scores), dtype=bool)
    return blank & (scores > others.max())


def high_scores(scores: np.ndarray) -> np.ndarray:
    """Indices of the scores (n,) that may belong to odd photos, the highest first: at most a third of them."""
    values = np.asarray(scores, dtype=np.float64)
    known = np.count_nonzero(~np.isnan(values))
    return np.argsort(-values, kind="stable")[: int(MOST * known)] if known >= FEWEST else np.empty(0, np.int64)


def _bulk(scores: np.ndarray) -> tuple[float, float]:
    """Median and scaled median absolute deviation of finite scores (n,)."""
    middle = float(np.median(scores))
    return middle, max(1.4826 * float(np.median(np.abs(scores - middle))), LEAST_SPREAD * middle)
