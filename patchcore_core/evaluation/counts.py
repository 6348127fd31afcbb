"""Positives and negatives at or above each threshold: the common basis of all curves.

Higher score = more anomalous; predicted defective = score >= threshold. A `Scale` bins the scores; a `Tally` holds the
positives and negatives per bin; tallies of disjoint data are combined by `merge`, and `Counts` is a tally cumulated
from the highest score down.

Nothing is rounded. Float16 scores have a bin per value. Of wider scores, each positive's score has a bin of its own,
and negatives share a bin if no positive lies between them: there the true positives are constant, so no curve and no
figure changes. Few scores have a bin each, whatever their type.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from patchcore_core.evaluation.kernels.machine_code import machine_code

PATTERNS = 1 << 16  # bit patterns of a float16
CHUNK = 1 << 20  # scores counted at a time
FEW = 1 << 18  # most scores for which every distinct one is a threshold
TOO_FEW_TO_COMPILE = 1 << 14  # scores that sort faster than the kernels are found
GRID = 1 << 12  # steps between the lowest and the highest score that have a bin each, for drawing curves
MINUS_ZERO, INFINITE = 1 << 15, 0x7C00  # their bit patterns
FLOAT16_ORDER = np.concatenate([np.arange(0xFBFF, MINUS_ZERO, -1), np.arange(INFINITE)])  # finite patterns, ascending
FLOAT16_VALUES = FLOAT16_ORDER.astype(np.uint16).view(np.float16)
FLOAT16_BINS = np.zeros(PATTERNS, np.int64)  # bit pattern -> place in FLOAT16_VALUES
FLOAT16_BINS[FLOAT16_ORDER] = np.arange(len(FLOAT16_ORDER))
FLOAT16_BINS[MINUS_ZERO] = FLOAT16_BINS[0]


@dataclass(frozen=True)
class Scale:
    """Bins of scores: bin k holds scores from edges[k] to below edges[k + 1], the last bin all above.

    edges (K,) ascending, in the type of the scores.
    """

    edges: NDArray[np.floating]

    def count(self, scores: NDArray[np.floating]) -> NDArray[np.int64]:
        """The number of scores (any shape) per bin: (K,). ValueError for a score that is not finite.

        Linear time for float16 and float32. Scores below the first edge, as ignored pixels may have, are in no bin.
        """
        if scores.dtype == np.float16:
            return self._count_patterns(scores)
        below = np.zeros(len(self.edges), np.int64)  # scores below each edge
        for chunk in _chunks(scores, max(CHUNK, len(self.edges))):
            below += self._count_below(chunk, scores.size)
        return np.diff(below, append=scores.size)

    def place(self, scores: NDArray[np.floating]) -> NDArray[np.int64]:
        """The bin of each score: (n,) for scores (n,)."""
        if scores.dtype == np.float16:
            return self._places[scores.view(np.uint16)]
        return np.searchsorted(self.edges, scores, side="right") - 1

    def _count_patterns(self, scores: NDArray[np.floating]) -> NDArray[np.int64]:
        counts = np.zeros(len(self.edges) + 2, np.int64)  # the last two: below the first edge, not finite
        for chunk in _chunks(scores, CHUNK):
            if len(chunk) > TOO_FEW_TO_COMPILE and machine_code(scores.size):
                from patchcore_core.evaluation.kernels.counting import add_counts

                add_counts(chunk.view(np.uint16), self._places, counts)
            else:
                counts += np.bincount(self._places[chunk.view(np.uint16)], minlength=len(counts))
        _refuse_unless(counts[-1] == 0)
        return counts[:-2]

    def _count_below(self, chunk: NDArray[np.floating], in_all: int) -> NDArray[np.int64]:
        if chunk.dtype == np.float32 and len(chunk) > TOO_FEW_TO_COMPILE and machine_code(in_all):
            from patchcore_core.evaluation.kernels.counting import add_counts_below

            below = np.zeros(len(self.edges), np.int64)
            _refuse_unless(add_counts_below(chunk.view(np.uint32), self._keys, below))
            return below
        ascending = np.sort(chunk)
        _refuse_unless(bool(np.isfinite(ascending[[0, -1]]).all()))
        return np.searchsorted(ascending, self.edges)

    @cached_property
    def _places(self) -> NDArray[np.int64]:
        """The bin of the scores with each bit pattern of float16, (PATTERNS,); one more for those below the first edge,
        and another one for those that are not finite."""
        below = len(self.edges)
        bins = np.cumsum(np.bincount(FLOAT16_BINS[self.edges.view(np.uint16)], minlength=len(FLOAT16_VALUES))) - 1
        bins[bins < 0] = below
        places = np.full(PATTERNS, below + 1)
        places[FLOAT16_ORDER] = bins
        places[MINUS_ZERO] = bins[FLOAT16_BINS[0]]
        return places

    @cached_property
    def _keys(self) -> NDArray[np.uint32]:
        from patchcore_core.evaluation.kernels.counting import keys

        return keys(self.edges.view(np.uint32))


FLOAT16 = Scale(FLOAT16_VALUES)


@dataclass(frozen=True)
class Tally:
    """Scores per bin by label; empty bins are left out.

    scores (K,) ascending, the lower edges of the bins; positives, negatives (K,) int64; weights (K,) float64, the
    summed weights of the positives (1 each by default).
    """

    scores: NDArray[np.floating]
    positives: NDArray[np.int64]
    negatives: NDArray[np.int64]
    weights: NDArray[np.float64]

    def counts(self) -> Counts:
        """Sum from the highest score down."""
        return summed(self.scores[::-1], self.positives[::-1], self.negatives[::-1], self.weights[::-1])


@dataclass(frozen=True)
class Counts:
    """Predictions at each threshold; the counts may have leading axes, as for resamples.

    thresholds (T,) float64, descending; true_positives, false_positives (..., T), positives and negatives with score >=
    threshold; weighted_recall (..., T) float64, the fraction of the positives' weight at or above the threshold:
    recall, or per-region overlap if each defect pixel weighs 1 / area of its region.
    """

    thresholds: NDArray[np.float64]
    true_positives: NDArray[Any]
    false_positives: NDArray[Any]
    weighted_recall: NDArray[np.float64]

    @property
    def positives(self) -> Any:
        """Total number of positives, (...)."""
        return self.true_positives[..., -1] if len(self.thresholds) else np.zeros(self.true_positives.shape[:-1], int)

    @property
    def negatives(self) -> Any:
        """Total number of negatives, (...)."""
        return self.false_positives[..., -1] if len(self.thresholds) else np.zeros(self.true_positives.shape[:-1], int)


def summed(thresholds: NDArray, positives: NDArray, negatives: NDArray, weights: NDArray) -> Counts:
    """Counts from thresholds (T,), descending, and the contents of their bins, (..., T)."""
    weight = np.cumsum(weights, axis=-1)
    whole = weight[..., -1:]
    return Counts(
        thresholds=thresholds.astype(np.float64),
        true_positives=np.cumsum(positives, axis=-1),
        false_positives=np.cumsum(negatives, axis=-1),
        weighted_recall=weight / np.where(whole > 0, whole, 1),
    )


def counts_by_threshold(labels: ArrayLike, scores: ArrayLike) -> Counts:
    """Exact counts at every threshold where a curve changes.

    labels (n,): 0 or False = negative, 1 or True = positive; scores (n,): finite. Both may have any common shape, which
    is flattened. Raises ValueError for other labels, other shapes and scores that are not finite.
    """
    return tally(labels, scores).counts()


def tally(labels: ArrayLike, scores: ArrayLike, weights: ArrayLike | None = None) -> Tally:
    """Tally scores (n,) by labels (n,); weights (number of positives,) belong to the positives in their order."""
    label, score = as_labels(labels), as_scores(scores)
    if label.shape != score.shape:
        raise ValueError(f"labels and scores must have one shape, got {label.shape} and {score.shape}")
    chosen = score[label]
    weight = np.ones(len(chosen)) if weights is None else np.asarray(weights, dtype=np.float64)
    scale = scale_of(score, chosen)
    return tally_on(scale, scale.count(score), chosen, weight)


def scale_of(scores: NDArray[np.floating], positives: NDArray[np.floating], also: Sequence[float] = ()) -> Scale:
    """A scale on which these scores (any shape), with positives (p,), are counted exactly.

    `also`: further thresholds with exact counts. ValueError for a score that is not finite.
    """
    if scores.dtype == np.float16:
        return FLOAT16
    if scores.size <= FEW:
        distinct = np.unique(scores)
        _refuse_unless(bool(np.isfinite(distinct[-1:]).all() and np.isfinite(distinct[:1]).all()))
        return Scale(distinct + 0)  # + 0: no minus zero
    lowest, highest = limits(scores)
    distinct, grid = np.unique(positives), np.linspace(lowest, highest, GRID + 1).clip(lowest, highest)
    extra = np.array([at_or_above(score, scores.dtype) for score in also if lowest <= score <= highest], scores.dtype)
    after = np.nextafter(distinct[distinct < highest], np.inf, dtype=scores.dtype)
    return Scale(np.unique(np.concatenate([distinct, after, grid.astype(scores.dtype), extra])) + 0)


def tally_on(
    scale: Scale, everything: NDArray[np.int64], chosen: NDArray[np.floating], weights: NDArray[np.float64]
) -> Tally:
    """The tally of all scores per bin, `everything` (K,), and the scores and weights of the positives among them, (p,)
    each."""
    present = np.flatnonzero(everything)
    narrow = np.zeros(len(everything), np.int64)  # bin -> its index among the non-empty ones
    narrow[present] = np.arange(len(present))
    if scale.edges is not FLOAT16_VALUES:  # in order, as places are found several times faster then
        order = np.argsort(chosen)
        chosen, weights = chosen[order], weights[order]
    place = narrow[scale.place(chosen)]
    positives = np.bincount(place, minlength=len(present))
    weight = np.bincount(place, weights, minlength=len(present)).astype(np.float64)
    return Tally(scale.edges[present], positives, everything[present] - positives, weight)


def merge(tallies: Sequence[Tally]) -> Tally:
    """The tally of all data of several tallies on one scale; empty for none."""
    if not tallies:
        return tally(np.zeros(0, bool), np.zeros(0))
    return reduce(_add, tallies)  # one after the other, which needs room for two


def _add(one: Tally, other: Tally) -> Tally:
    if not len(one.scores) or not len(other.scores):
        return one if len(one.scores) else other
    scores = np.concatenate([one.scores, other.scores])
    order = np.argsort(scores, kind="stable")  # linear, as both are sorted
    ascending = scores[order]
    starts = np.flatnonzero(np.concatenate([[True], ascending[1:] != ascending[:-1]]))
    columns = (one.positives, other.positives), (one.negatives, other.negatives), (one.weights, other.weights)
    return Tally(ascending[starts], *(np.add.reduceat(np.concatenate(column)[order], starts) for column in columns))


def limits(scores: NDArray[np.floating]) -> tuple[float, float]:
    """The lowest and the highest score, read in chunks; ValueError for a score that is not finite."""
    lowest, highest = np.inf, -np.inf
    for chunk in _chunks(scores, CHUNK):
        low, high = float(chunk.min()), float(chunk.max())
        _refuse_unless(bool(np.isfinite([low, high]).all()))
        lowest, highest = min(lowest, low), max(highest, high)
    return lowest, highest


def at_or_above(score: float, dtype: np.dtype) -> np.floating:
    """The lowest number of this type that is at least the score."""
    rounded = dtype.type(score)
    return rounded if rounded >= np.float64(score) else np.nextafter(rounded, dtype.type(np.inf))


def as_labels(values: ArrayLike) -> NDArray[np.bool_]:
    """Labels or mask pixels as bool; ValueError for values other than 0 and 1."""
    labels = np.asarray(values)
    if labels.dtype == np.bool_:
        return labels
    known = (labels == 0) | (labels == 1)
    if not known.all():
        raise ValueError(f"labels must be 0 or 1, got {labels[~known].flat[0]}")
    return labels == 1


def as_scores(values: ArrayLike) -> NDArray[np.floating]:
    """Scores in their float type; integers become float64."""
    scores = np.asarray(values)
    return scores if np.issubdtype(scores.dtype, np.floating) else scores.astype(np.float64)


def ascending(scores: NDArray[np.floating]) -> NDArray[np.floating]:
    """The scores (n,) in order, float16 as float32; faster than numpy for those."""
    if scores.dtype != np.float16:
        return np.sort(scores)
    bits = scores.view(np.uint16)
    if bits.max(initial=0) < INFINITE:  # without a sign bits have the order of the scores; numpy sorts them by radix
        return np.sort(bits, kind="stable").view(np.float16).astype(np.float32)
    return np.sort(scores.astype(np.float32))


def _chunks(scores: NDArray[np.floating], size: int) -> Iterator[NDArray[np.floating]]:
    """All scores in chunks of `size`, or of rows of the first axis of that size, never copied at once."""
    rows = max(1, size // max(1, scores[:1].size))
    for start in range(0, len(scores), rows):
        yield np.ascontiguousarray(scores[start:start + rows]).ravel()


def _refuse_unless(finite: bool) -> None:
    if not finite:
        raise ValueError("scores must be finite, got NaN or infinity")
