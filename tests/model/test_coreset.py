"""Coreset selection against float64 brute force, and its properties."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from patchcore_core.data.scratch import Scratch
from patchcore_core.errors import ConfigError
from patchcore_core.model import coreset
from patchcore_core.model.exact import farthest_first, resident


def brute_force(rows: np.ndarray, size: int, first: int | None, bound: np.ndarray | None = None) -> list[int]:
    """Farthest-first, one pick at a time from differences in float64; the lowest index on ties."""
    rows = rows.astype(np.float64)
    limits = None if bound is None else bound.tobytes()
    return list(_brute_force(rows.tobytes(), rows.shape, size, first, limits))


@cache
def _brute_force(
    values: bytes, shape: tuple[int, int], size: int, first: int | None, limits: bytes | None
) -> tuple[int, ...]:
    """The same answer serves every way of working that is tested on the same rows."""
    rows = np.frombuffer(values).reshape(shape)
    bound = None if limits is None else np.frombuffer(limits)
    distance = np.full(len(rows), np.inf) if bound is None else bound.copy()
    picks: list[int] = []
    while len(picks) < size:
        pick = first if first is not None and not picks else int(distance.argmax())
        picks.append(pick)
        distance = np.where(distance < 0, -1.0, np.minimum(distance, ((rows - rows[pick]) ** 2).sum(1)))
        distance[pick] = -1.0
    return tuple(picks)


def _hard_cases() -> dict[str, np.ndarray]:
    random = np.random.default_rng(0)
    clusters = random.standard_normal((20, 13))[random.integers(0, 20, 1200)] * 5
    normal = random.standard_normal((1200, 17))
    return {
        "normal": normal,
        "clusters": clusters + random.standard_normal((1200, 13)) * 0.1,
        "lattice": random.integers(0, 4, (1200, 5)),
        "lattice of tenths": random.integers(0, 4, (1200, 5)) * 0.1,
        "mass ties": np.eye(600),
        "permuted rows": np.stack([random.permutation(normal[0]) for _ in range(600)]),
        "duplicates": np.repeat(random.standard_normal((240, 8)), 5, axis=0),
        "nearly duplicates": np.repeat(normal[:200], 5, axis=0) * (1 + 1e-7 * random.integers(-2, 3, (1000, 1))),
        "large offset": random.standard_normal((1200, 16)) + 1000,
        "one large column": normal * np.where(np.arange(17) == 3, 1e4, 1),
        "one distant row": np.concatenate([normal[:999], np.full((1, 17), 1e6)]),
        "constant": np.ones((300, 4)),
        "heavy tails": random.standard_t(1.5, (1200, 8)),
        "tiny values": normal * 1e-30,
        "huge values": normal * 1e15,
        "one dimension": random.standard_normal((1000, 1)),
        "129 dimensions": random.standard_normal((600, 129)),
        "300 dimensions": random.standard_normal((600, 300)),
        "63 rows": random.standard_normal((63, 33)),
        "few rows": random.standard_normal((10, 3)),
        "one row": np.zeros((1, 5)),
    }


WAYS = ["plain", "eager", "native", "native, small blocks", "unfused, small blocks", "float products"]


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Every way of working; the small blocks and cells make many rounds of little data."""
    if request.param == "plain":
        return "plain"
    monkeypatch.setattr(coreset, "PLAIN_WORK", 0)
    if request.param != "eager":
        monkeypatch.setattr(farthest_first, "EAGER_WORK", 0)
    if "unfused" in request.param or request.param == "float products":
        monkeypatch.setattr(farthest_first, "_fused", lambda _: False)
    if "small blocks" in request.param or request.param == "float products":
        small = {"SURVIVORS": 24, "BLOCK_ROWS": 96, "BLOCK_PICKS": 40, "CELLS": 6, "NEAR": 2, "AT_ONCE": 700,
                 "LEAST_ROWS": 8}
        for name, value in small.items():
            monkeypatch.setattr(farthest_first, name, value)
    if request.param == "float products":
        monkeypatch.setattr(farthest_first, "fastest_product", lambda *_: lambda x, y: x.float() @ y.float().T)
    return str(request.param)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("name", _hard_cases())
@pytest.mark.parametrize("share", [0.01, 0.3, 1.0])
def test_greedy_picks_what_brute_force_picks(name: str, share: float) -> None:
    rows = _hard_cases()[name].astype(np.float32)
    size = max(1, int(len(rows) * share))
    first = len(rows) // 3
    assert coreset.greedy(rows, size, start=first).tolist() == brute_force(rows, size, first)


@pytest.mark.parametrize("name", ["normal", "large offset", "lattice of tenths", "heavy tails", "300 dimensions"])
@pytest.mark.usefixtures("way")
def test_greedy_takes_float16_rows_as_they_are(name: str) -> None:
    rows = _hard_cases()[name].clip(-6e4, 6e4).astype(np.float16)
    size = max(1, len(rows) // 4)
    assert coreset.greedy(rows, size, start=0).tolist() == brute_force(rows, size, 0)


@pytest.mark.parametrize("name", ["normal", "large offset", "lattice of tenths"])
@pytest.mark.usefixtures("way")
def test_greedy_takes_float64_rows(name: str) -> None:
    rows = _hard_cases()[name]
    assert coreset.greedy(rows, 200, start=0).tolist() == brute_force(rows, 200, 0)


@pytest.mark.parametrize("name", ["normal", "lattice", "duplicates", "300 dimensions", "63 rows"])
@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@pytest.mark.usefixtures("way")
def test_scratch_changes_no_pick(name: str, dtype: type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resident, "LIMIT", 2**18)  # pages are given back after every few rows
    rows = _hard_cases()[name].astype(dtype)
    size = max(1, len(rows) // 4)
    with Scratch(tmp_path) as scratch:
        stored = scratch.array(rows.shape, rows.dtype)
        stored.write(0, rows)
        assert coreset.greedy(stored.values, size, start=0, scratch=scratch).tolist() == brute_force(rows, size, 0)


@pytest.mark.parametrize("sampler", ["greedy", "approx_greedy", "streaming_greedy"])
def test_select_with_scratch_is_select_without(sampler: str, tmp_path: Path) -> None:
    rows = np.random.default_rng(0).standard_normal((3000, 40)).astype(np.float16)
    in_memory = coreset.select(rows, sampler, 0.1, projection_dim=16, seed=1, parts=3)
    with Scratch(tmp_path) as scratch:
        stored = scratch.array(rows.shape, rows.dtype)
        stored.write(0, rows)
        picks = coreset.select(stored.values, sampler, 0.1, projection_dim=16, seed=1, parts=3, scratch=scratch)
        assert picks.tolist() == in_memory.tolist()


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("name", _hard_cases())
def test_a_gpu_picks_the_same(name: str) -> None:
    rows = torch.from_numpy(_hard_cases()[name].astype(np.float32))
    size = max(1, len(rows) // 3)
    assert coreset.greedy(rows.cuda(), size, start=0).tolist() == brute_force(rows.numpy(), size, 0)


@settings(max_examples=60)
@given(
    rows=arrays(np.float32, st.tuples(st.integers(1, 60), st.integers(1, 4)), elements=st.integers(-3, 3)),
    data=st.data(),
)
def test_greedy_on_small_lattices_full_of_ties(rows: np.ndarray, data: st.DataObject) -> None:
    size = data.draw(st.integers(1, len(rows)))
    first = data.draw(st.integers(0, len(rows) - 1))
    assert coreset.greedy(rows, size, start=first).tolist() == brute_force(rows, size, first)


@pytest.mark.parametrize("name", ["normal", "clusters", "lattice", "duplicates", "few rows", "one row"])
def test_approx_greedy_picks_what_brute_force_picks(name: str) -> None:
    rows = _hard_cases()[name].astype(np.float32)
    points = np.random.default_rng(1).choice(len(rows), min(10, len(rows)), replace=False)
    mean = np.stack([np.sqrt(((rows.astype(np.float64) - rows[p]) ** 2).sum(1)) for p in points]).mean(0)
    size = max(1, len(rows) // 4)
    picks = coreset.approx_greedy(rows, size, start_points=points)
    assert picks.tolist() == brute_force(rows, size, None, mean**2)


def test_a_smaller_coreset_is_a_prefix_of_a_larger_one() -> None:
    rows = np.random.default_rng(5).standard_normal((2000, 12)).astype(np.float32)
    assert coreset.greedy(rows, 900, seed=4)[:100].tolist() == coreset.greedy(rows, 100, seed=4).tolist()


def test_kmeans_has_the_smaller_mean_distance_and_greedy_the_smaller_radius() -> None:
    rows = np.random.default_rng(7).standard_normal((3000, 8)).astype(np.float32)

    def distances(picks: np.ndarray) -> torch.Tensor:
        return torch.cdist(torch.from_numpy(rows), torch.from_numpy(rows[picks])).amin(1)

    middle, edge = distances(coreset.kmeans(rows, 100)), distances(coreset.greedy(rows, 100))
    assert float(middle.mean()) < float(edge.mean())
    assert float(middle.max()) > float(edge.max())


def test_kmeans_fills_up_where_rows_are_copies() -> None:
    picks = coreset.kmeans(np.repeat(np.eye(4, dtype=np.float32), 5, axis=0), 12, seed=1)
    assert len(set(picks.tolist())) == 12
    assert picks.tolist() == coreset.kmeans(np.repeat(np.eye(4, dtype=np.float32), 5, axis=0), 12, seed=1).tolist()


def test_the_seed_decides_the_start() -> None:
    rows = np.random.default_rng(5).standard_normal((500, 3)).astype(np.float32)
    firsts = {int(coreset.greedy(rows, 1, seed=seed)[0]) for seed in range(8)}
    assert len(firsts) > 1
    assert coreset.greedy(rows, 20, seed=3).tolist() == coreset.greedy(rows, 20, seed=3).tolist()


@pytest.mark.parametrize(("sampler", "ratio", "size"), [
    ("greedy", 0.1, 30), ("kmeans", 0.1, 30), ("approx_greedy", 0.1, 30), ("streaming_greedy", 0.1, 30),
    ("random", 0.1, 30), ("identity", 0.1, 300),
    ("greedy", 0.001, 1), ("random", 1.0, 300), ("greedy", 1.0, 300),
])  # fmt: skip
def test_select_keeps_the_share_asked_for(sampler: str, ratio: float, size: int) -> None:
    rows = torch.randn(300, 40, generator=torch.Generator().manual_seed(2))
    picks = coreset.select(rows, sampler, ratio, projection_dim=16, seed=1)
    assert picks.dtype == np.int64
    assert len(picks) == len(set(picks.tolist())) == size
    assert picks.min() >= 0
    assert picks.max() < 300


def test_greedy_covers_better_than_random() -> None:
    rows = np.random.default_rng(7).standard_t(3, (3000, 6)).astype(np.float32)

    def radius(picks: np.ndarray) -> float:
        return float(torch.cdist(torch.from_numpy(rows), torch.from_numpy(rows[picks])).amin(1).max())

    assert radius(coreset.greedy(rows, 100)) < 0.6 * radius(coreset.random(len(rows), 100))


def test_projection_keeps_squared_distances_on_average() -> None:
    rows = torch.randn(400, 600, generator=torch.Generator().manual_seed(0))
    before, after = torch.pdist(rows).square(), torch.pdist(coreset.project(rows, 128, seed=0)).square()
    assert float((after / before).mean()) == pytest.approx(1.0, abs=0.05)


def test_progress_ends_at_the_size() -> None:
    seen: list[tuple[int, int]] = []
    rows = np.random.default_rng(0).standard_normal((2000, 5))
    coreset.greedy(rows, 500, report=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (500, 500)
    assert seen == sorted(seen)


def test_a_report_that_raises_ends_the_selection(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(farthest_first, "EVERY", 0.0)
    calls = []

    def stop(done: int, total: int) -> None:
        calls.append((done, total))
        if len(calls) == 3:
            raise KeyboardInterrupt

    if way == "plain":
        pytest.skip("too short to be ended")
    rows = np.random.default_rng(0).standard_normal((2000, 40)).astype(np.float32)
    with pytest.raises(KeyboardInterrupt):
        coreset.greedy(rows, 2000, report=stop)
    assert len(calls) == 3


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_refuses_features_that_are_not_finite(value: float) -> None:
    rows = np.zeros((10, 2), dtype=np.float32)
    rows[7, 1] = value
    with pytest.raises(ConfigError, match="features must be finite, row 7 has NaN or infinity"):
        coreset.greedy(rows, 3)


@pytest.mark.parametrize("size", [0, 11])
def test_refuses_a_size_outside_the_data(size: int) -> None:
    with pytest.raises(ConfigError, match=rf"between 1 and 10 rows, got {size}"):
        coreset.greedy(np.zeros((10, 2)), size)


def test_refuses_a_start_outside_the_data() -> None:
    with pytest.raises(ConfigError, match=r"start must be a row in \[0, 10\), got 10"):
        coreset.greedy(np.zeros((10, 2)), 3, start=10)
