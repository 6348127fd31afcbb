"""Counts by threshold against counting again at every threshold."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from patchcore_core.evaluation.counts import counts_by_threshold, merge, tally

QUICK = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])

SIZE = st.integers(1, 60)
TIED = st.integers(-3, 3).map(lambda value: value / 2)


@st.composite
def labelled(draw, elements=TIED, dtype=np.float64):
    size = draw(SIZE)
    return draw(hnp.arrays(bool, size)), draw(hnp.arrays(dtype, size, elements=elements))


def counted_again(labels, scores):
    """(threshold, true positives, false positives) at every distinct score, highest first."""
    pairs = [(float(score), bool(label)) for score, label in zip(scores, labels, strict=True)]
    return [
        (t, sum(label for s, label in pairs if s >= t), sum(not label for s, label in pairs if s >= t))
        for t in sorted({score for score, _ in pairs}, reverse=True)
    ]


def rows(counts):
    return list(zip(counts.thresholds.tolist(), counts.true_positives.tolist(), counts.false_positives.tolist(),
                    strict=True))


@QUICK
@given(labelled())
def test_counts_are_those_of_counting_at_every_threshold(data):
    labels, scores = data
    counts = counts_by_threshold(labels, scores)
    assert rows(counts) == counted_again(labels, scores)
    assert (counts.positives, counts.negatives) == (labels.sum(), (~labels).sum())


@QUICK
@given(labelled(st.floats(width=16, allow_nan=False, allow_infinity=False), np.float16))
def test_the_counting_pass_over_float16_equals_the_sort(data):
    labels, scores = data
    assert rows(counts_by_threshold(labels, scores)) == rows(counts_by_threshold(labels, scores.astype(np.float32)))


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_zero_and_minus_zero_are_one_threshold(dtype):
    counts = counts_by_threshold([1, 0, 1], np.array([0.0, -0.0, -1.0], dtype))
    assert rows(counts) == [(0.0, 1, 1), (-1.0, 2, 1)]


def test_more_scores_than_one_chunk_are_all_counted(monkeypatch):
    monkeypatch.setattr("patchcore_core.evaluation.counts.CHUNK", 7)
    scores = (np.arange(100) % 13).astype(np.float16)
    labels = np.arange(100) % 3 == 0
    assert rows(counts_by_threshold(labels, scores)) == counted_again(labels, scores)


@QUICK
@given(labelled(), labelled())
def test_tallies_of_disjoint_data_add_up(first, second):
    both = np.concatenate([first[0], second[0]]), np.concatenate([first[1], second[1]])
    assert rows(merge([tally(*first), tally(*second)]).counts()) == rows(counts_by_threshold(*both))


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_weights_belong_to_the_positives_in_their_order(dtype):
    counts = tally([1, 0, 1, 1], np.array([2, 3, 4, 2], dtype), weights=[1, 2, 5]).counts()
    assert counts.thresholds.tolist() == [4, 3, 2]
    assert counts.weighted_recall.tolist() == [0.25, 0.25, 1.0]


def test_without_weights_the_weighted_recall_is_the_recall():
    counts = counts_by_threshold([1, 1, 0, 1, 1], [5, 4, 4, 2, 1])
    assert counts.weighted_recall.tolist() == [0.25, 0.5, 0.75, 1.0]


@pytest.mark.parametrize("dtype", [np.float16, np.float64])
def test_no_data_gives_no_thresholds(dtype):
    counts = counts_by_threshold(np.zeros(0, bool), np.zeros(0, dtype))
    assert (len(counts.thresholds), counts.positives, counts.negatives) == (0, 0, 0)
    assert len(merge([]).scores) == 0


def test_anything_an_array_can_be_made_of_is_taken():
    class Tensor:
        def __init__(self, values):
            self.values = values

        def __array__(self, dtype=None, copy=None):
            return np.array(self.values, dtype=dtype)

    assert rows(counts_by_threshold(Tensor([0, 1]), Tensor([3, 4]))) == [(4, 1, 0), (3, 1, 1)]


@pytest.mark.parametrize(
    ("labels", "scores", "message"),
    [
        ([0, 1], [1.0], "one shape, got \\(2,\\) and \\(1,\\)"),
        ([0, 2], [1.0, 2.0], "labels must be 0 or 1, got 2"),
        ([0, -1], [1.0, 2.0], "labels must be 0 or 1, got -1"),
        ([0, 1], [1.0, np.nan], "scores must be finite"),
        ([0, 1], np.array([1, np.nan], np.float16), "scores must be finite"),
        ([0, 1], np.array([1, np.inf], np.float16), "scores must be finite"),
        ([0, 1], [-np.inf, 1.0], "scores must be finite"),
    ],
)
def test_what_cannot_be_counted_is_refused(labels, scores, message):
    with pytest.raises(ValueError, match=message):
        counts_by_threshold(labels, scores)
