"""Counts by threshold against counting again at every threshold."""

import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from patchcore_core.evaluation import counts
from patchcore_core.evaluation.counts import (
    FLOAT16_VALUES,
    Scale,
    ascending,
    at_or_above,
    counts_by_threshold,
    merge,
    tally,
)
from patchcore_core.evaluation.kernels import machine_code
from patchcore_core.evaluation.kernels.counting import add_counts_below, keys

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


@QUICK
@given(hnp.arrays(np.float32, st.integers(0, 60), elements=st.floats(width=32, allow_nan=False, allow_infinity=False)),
       hnp.arrays(np.float32, st.integers(1, 20), elements=st.floats(-9, 9, width=32), unique=True))
def test_the_machine_code_counts_what_a_sort_counts(scores, edges):
    edges = np.sort(np.unique(edges + 0))
    scores = np.concatenate([scores[scores >= edges[0]], edges, edges - np.float32(0)])
    below = np.zeros(len(edges), np.int64)
    assert add_counts_below(scores.view(np.uint32), keys(edges.view(np.uint32)), below)
    assert below.tolist() == [int((scores < edge).sum()) for edge in edges]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_the_machine_code_refuses_what_is_not_finite(bad):
    scores = np.array([1, bad, 2], np.float32)
    assert not add_counts_below(scores.view(np.uint32), np.zeros(1, np.uint32), np.zeros(1, np.int64))


@QUICK
@given(labelled(st.floats(width=16, allow_nan=False, allow_infinity=False), np.float16))
def test_a_tally_of_wide_scores_turns_where_every_threshold_does(data):
    labels, scores = data
    every = counts_by_threshold(labels, scores)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counts, "FEW", 0)
        pooled = counts_by_threshold(labels, scores.astype(np.float32))
    assert set(pooled.thresholds[np.diff(pooled.true_positives, prepend=0) > 0]) == {
        float(score) + 0 for score in scores[labels]}  # fmt: skip
    at_or_above = [np.count_nonzero(every.thresholds >= threshold) - 1 for threshold in pooled.thresholds]
    assert pooled.true_positives.tolist() == every.true_positives[at_or_above].tolist()
    assert pooled.false_positives.tolist() == every.false_positives[at_or_above].tolist()


def test_float16_bins_hold_every_finite_number_once():
    assert (np.diff(FLOAT16_VALUES.astype(np.float64)) > 0).all()
    finite = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    finite = finite[np.isfinite(finite)]
    assert set(finite.tolist()) == set(FLOAT16_VALUES.tolist())
    assert Scale(FLOAT16_VALUES).count(finite).sum() == len(finite)


@QUICK
@given(st.integers(0, 2**32), st.integers(1, 900))
def test_a_table_of_bit_patterns_places_and_counts_as_searching_the_edges_does(seed, count):
    random = np.random.default_rng(seed)
    scores, edges = random.choice(FLOAT16_VALUES, 500), np.unique(random.choice(FLOAT16_VALUES, count))
    scores[:9], edges = np.repeat(np.float16([0.0, -0.0, edges[0]]), 3), np.minimum(edges, np.append(0, edges[1:]))
    scores = np.maximum(scores, edges[0])
    wanted = np.searchsorted(edges, scores, side="right") - 1
    assert Scale(edges).place(scores).tolist() == wanted.tolist()
    assert Scale(edges).count(scores).tolist() == np.bincount(wanted, minlength=len(edges)).tolist()


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_machine_code_and_numpy_count_alike(dtype, monkeypatch):
    scores = np.random.default_rng(3).normal(0, 2, counts.TOO_FEW_TO_COMPILE + 7).astype(dtype)
    scale = Scale(np.unique([*scores[::100].tolist(), scores.min()]).astype(dtype))
    counted = scale.count(scores)
    monkeypatch.setattr(counts, "machine_code", lambda _: False)
    assert scale.count(scores).tolist() == counted.tolist()


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("lowest", [0.0, -3.0])
def test_scores_in_order_are_those_of_numpy(dtype, lowest):
    scores = np.random.default_rng(4).uniform(lowest, 5, 3000).astype(dtype)
    scores[:3] = 0.0, 65504.0, 6e-8
    found = ascending(scores)
    assert found.dtype == (np.float32 if dtype == np.float16 else dtype)
    assert found.tolist() == sorted(scores.tolist())
    assert not len(ascending(scores[:0]))


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("size", [9, counts.TOO_FEW_TO_COMPILE + 1])
def test_scores_of_float16_that_are_not_finite_are_refused(wrong, size):
    scores = np.ones(size, np.float16)
    scores[5] = wrong
    with pytest.raises(ValueError, match="scores must be finite"):
        Scale(FLOAT16_VALUES).count(scores)


@given(st.floats(-1e4, 1e4))
def test_at_or_above_is_the_lowest_number_that_is_not_below(score):
    found = at_or_above(score, np.dtype(np.float16))
    assert np.float64(found) >= score > np.float64(np.nextafter(found, np.float16(-np.inf)))


@pytest.mark.parametrize(("loaded", "scores", "compiles"), [
    (True, 1, True), (False, machine_code.ENOUGH_TO_LOAD - 1, False), (False, machine_code.ENOUGH_TO_LOAD, True),
])  # fmt: skip
def test_numba_is_loaded_for_many_scores_only(monkeypatch, loaded, scores, compiles):
    if not loaded:
        monkeypatch.delitem(sys.modules, "numba")
    assert machine_code.machine_code(scores) == compiles
