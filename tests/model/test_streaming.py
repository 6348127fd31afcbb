"""Streaming selection: its cover, its repeats, its memory."""

from itertools import combinations
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from patchcore_core.errors import ConfigError
from patchcore_core.model import coreset
from patchcore_core.model.exact import farthest_first


@settings(max_examples=200)
@given(
    rows=arrays(np.float32, st.tuples(st.integers(1, 9), st.integers(1, 2)), elements=st.integers(-6, 6)),
    data=st.data(),
)
def test_streaming_covers_within_four_times_the_best_possible(rows: np.ndarray, data: st.DataObject) -> None:
    size, parts = data.draw(st.integers(1, len(rows))), data.draw(st.integers(1, 5))
    between = np.sqrt(((rows[:, None].astype(float) - rows) ** 2).sum(-1))
    best = min(between[list(centres)].min(0).max() for centres in combinations(range(len(rows)), size))
    picks = coreset.streaming_greedy(rows, size, parts, seed=data.draw(st.integers(0, 3)))
    assert len(set(picks.tolist())) == len(picks) == size
    assert between[picks].min(0).max() <= 4 * best


def test_streaming_in_one_part_is_greedy() -> None:
    rows = np.random.default_rng(3).standard_normal((900, 6)).astype(np.float16)
    assert coreset.streaming_greedy(rows, 90, 1, seed=2).tolist() == coreset.greedy(rows, 90, seed=2).tolist()


def test_streaming_is_repeatable_and_tells_its_progress() -> None:
    rows = np.random.default_rng(3).standard_normal((900, 6)).astype(np.float16)
    seen: list[tuple[int, int]] = []
    picks = coreset.streaming_greedy(rows, 90, 4, seed=2, report=lambda *step: seen.append(step))
    assert picks.tolist() == coreset.streaming_greedy(rows, 90, 4, seed=2).tolist()
    assert seen == sorted(seen)
    assert seen[-1] == (90, 90)


def test_streaming_keeps_no_more_state_than_a_part_or_the_union(monkeypatch: pytest.MonkeyPatch) -> None:
    lengths: list[int] = []
    monkeypatch.setattr(coreset, "PLAIN_WORK", 0)

    class Spy(farthest_first.FarthestFirst):
        def __init__(self, rows: torch.Tensor, *others: Any) -> None:
            lengths.append(len(rows))
            super().__init__(rows, *others)

    monkeypatch.setattr(coreset, "FarthestFirst", Spy)
    coreset.streaming_greedy(np.random.default_rng(3).standard_normal((1000, 6)), 50, 4)
    assert lengths == [250, 250, 250, 250, 200]


def test_refuses_no_parts() -> None:
    with pytest.raises(ConfigError, match="parts must be at least 1, got 0"):
        coreset.streaming_greedy(np.zeros((10, 2)), 3, 0)
