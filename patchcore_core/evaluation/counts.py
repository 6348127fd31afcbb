"""How many positives and negatives lie at or above each threshold: the one building block under every curve.

Higher score = more anomalous; predicted defective = score >= threshold. A `Tally` says how often each score
occurs; tallies of disjoint data add up with `merge`, and `Counts` is a tally summed from the highest score down.
Scores stored as float16 are tallied by a counting pass over their 65536 bit patterns, all others by a sort.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

BINS = 1 << 16  # bit patterns of a float16
CHUNK = 1 << 20  # scores counted at a time; np.bincount copies them to int64
FLOAT16_VALUES = np.arange(BINS, dtype=np.uint16).view(np.float16)


@dataclass(frozen=True)
class Tally:
    """How often each distinct score occurs, split by label.

    scores (K,) ascending and distinct; positives, negatives (K,) int64; weights (K,) float64, the summed weights of
    the positives with that score (each weighs 1 unless told otherwise).
    """

    scores: NDArray[np.floating]
    positives: NDArray[np.int64]
    negatives: NDArray[np.int64]
    weights: NDArray[np.float64]

    def counts(self) -> Counts:
        """Sum from the highest score down."""
        weights = np.cumsum(self.weights[::-1])
        return Counts(
            thresholds=self.scores[::-1].astype(np.float64),
            true_positives=np.cumsum(self.positives[::-1]),
            false_positives=np.cumsum(self.negatives[::-1]),
            weighted_recall=weights / weights[-1] if len(weights) and weights[-1] > 0 else weights,
        )


@dataclass(frozen=True)
class Counts:
    """What is predicted defective at each threshold.

    thresholds (T,) float64, the distinct scores in descending order; true_positives, false_positives (T,) int64,
    positives and negatives with score >= threshold; weighted_recall (T,) float64, the share of the positives' weight
    at or above the threshold: the plain recall, or the per-region overlap when each defect pixel weighs 1 / area of
    its region.
    """

    thresholds: NDArray[np.float64]
    true_positives: NDArray[np.int64]
    false_positives: NDArray[np.int64]
    weighted_recall: NDArray[np.float64]

    @property
    def positives(self) -> int:
        """Number of positives in all."""
        return int(self.true_positives[-1]) if len(self.true_positives) else 0

    @property
    def negatives(self) -> int:
        """Number of negatives in all."""
        return int(self.false_positives[-1]) if len(self.false_positives) else 0


def counts_by_threshold(labels: ArrayLike, scores: ArrayLike) -> Counts:
    """Counts at every distinct score, exact.

    labels (n,): 0 or False = negative, 1 or True = positive; scores (n,): finite. Both may have any one shape, which
    is flattened. Raises ValueError for other labels, other shapes and scores that are not finite. Time n for float16
    scores, n log n for others.
    """
    return tally(labels, scores).counts()


def tally(labels: ArrayLike, scores: ArrayLike, weights: ArrayLike | None = None) -> Tally:
    """Tally scores (n,) by labels (n,); weights (number of positives,) belong to the positives in their order."""
    labels, scores = as_labels(labels), as_scores(scores)
    if labels.shape != scores.shape:
        raise ValueError(f"labels and scores must have one shape, got {labels.shape} and {scores.shape}")
    labels, scores = labels.ravel(), scores.ravel()
    if scores.dtype == np.float16:
        return _tally_bits(labels, scores, weights)
    return _tally_sorted(labels, scores, weights)


def merge(tallies: Sequence[Tally]) -> Tally:
    """The tally of all the data of several tallies; none at all gives an empty one."""
    if not tallies:
        return tally(np.zeros(0, bool), np.zeros(0))
    tallies = [part for part in tallies if len(part.scores)] or tallies[:1]
    if len(tallies) == 1:
        return tallies[0]
    return _sum_equal(
        np.concatenate([part.scores for part in tallies]),
        np.concatenate([part.positives for part in tallies]),
        np.concatenate([part.negatives for part in tallies]),
        np.concatenate([part.weights for part in tallies]),
    )


def as_labels(values: ArrayLike) -> NDArray[np.bool_]:
    """Labels or mask pixels as bool; anything but 0 and 1 is refused."""
    labels = np.asarray(values)
    if labels.dtype == np.bool_:
        return labels
    known = (labels == 0) | (labels == 1)
    if not known.all():
        raise ValueError(f"labels must be 0 or 1, got {labels[~known].flat[0]}")
    return labels == 1


def as_scores(values: ArrayLike) -> NDArray[np.floating]:
    """Scores in the float type they came in; integers become float64."""
    scores = np.asarray(values)
    return scores if np.issubdtype(scores.dtype, np.floating) else scores.astype(np.float64)


def _tally_bits(labels: NDArray[np.bool_], scores: NDArray[np.floating], weights: ArrayLike | None) -> Tally:
    chosen = scores[labels]
    everything, positives = _count_bits(scores), _count_bits(chosen)
    weight = positives if weights is None else np.bincount(chosen.view(np.uint16), np.asarray(weights), BINS)
    present = np.flatnonzero(everything)
    values = FLOAT16_VALUES[present]
    _refuse_unless(bool(np.isfinite(values).all()))
    return _sum_equal(values, positives[present], (everything - positives)[present], weight[present].astype(np.float64))


def _tally_sorted(labels: NDArray[np.bool_], scores: NDArray[np.floating], weights: ArrayLike | None) -> Tally:
    _refuse_unless(bool(np.isfinite(scores).all()))
    negatives, chosen = np.sort(scores[~labels]), scores[labels]
    order = np.argsort(chosen)
    two_runs = np.concatenate([negatives, chosen[order]])  # which the stable sort of _sum_equal merges in linear time
    positive = np.arange(len(two_runs)) >= len(negatives)
    weight = positive.astype(np.float64)
    if weights is not None:
        weight[len(negatives):] = np.asarray(weights)[order]
    return _sum_equal(two_runs, positive, ~positive, weight)


def _count_bits(scores: NDArray[np.floating]) -> NDArray[np.int64]:
    """How often each of the 65536 float16 bit patterns occurs in scores (n,)."""
    counts = np.zeros(BINS, np.int64)
    for chunk in _chunks(scores):
        counts += np.bincount(chunk.view(np.uint16), minlength=BINS)
    return counts


def _chunks(values: NDArray[np.floating]) -> Iterator[NDArray[np.floating]]:
    for start in range(0, len(values), CHUNK):
        yield np.ascontiguousarray(values[start:start + CHUNK])


def _sum_equal(
    scores: NDArray[np.floating], positives: NDArray, negatives: NDArray, weights: NDArray[np.float64]
) -> Tally:
    """Sort by score and add up what stands at equal scores (0.0 and -0.0 are equal)."""
    if not len(scores):
        return Tally(scores, np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    order = np.argsort(scores, kind="stable")
    ascending = scores[order]
    starts = np.flatnonzero(np.concatenate([[True], ascending[1:] != ascending[:-1]]))
    return Tally(
        ascending[starts],
        np.add.reduceat(positives[order], starts, dtype=np.int64),
        np.add.reduceat(negatives[order], starts, dtype=np.int64),
        np.add.reduceat(weights[order], starts),
    )


def _refuse_unless(finite: bool) -> None:
    if not finite:
        raise ValueError("scores must be finite, got NaN or infinity")
