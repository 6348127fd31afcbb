"""What a grid costs, against sums written out by hand."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.values import PhotoCounts
from patchcore_core.fitting.forecast import selection_growth
from patchcore_core.fitting.sweep.cost import FROM_CACHE, HELD_OUT_KNOWN, PREDICT_KNOWN, sweep_cost

ALONE = {
    "network": 3.0, "features": 20.0, "coreset": 10.0, "index": 1.0, "held-out": 8.0, "predict": 30.0, "evaluate": 2.0,
}  # fmt: skip


def plan(**fields: Any) -> Any:
    """A fit of 100 photos, tested on 50, with a bank of as many rows as its ratio has thousandths."""
    config = PatchCoreConfig(**fields)
    cost = SimpleNamespace(rows=round(1000 * config.coreset_ratio), bank_bytes=500, memory_bytes=10**9, size=(10, 20))
    draft = SimpleNamespace(fingerprint="same", counts=PhotoCounts(100, 25, 25, 0, {}))
    return SimpleNamespace(config=config, cost=cost, draft=draft, dataset=SimpleNamespace(root=Path("tile")))


def test_one_fit_costs_what_it_costs_alone() -> None:
    cost = sweep_cost([plan()], [ALONE], [0.0])
    assert cost.seconds == pytest.approx(74)
    assert (cost.fits, cost.memory_bytes, cost.disk_bytes, cost.cached) == (1, 10**9, 500 + 2 * 200 * 50, 0.0)


def test_where_features_are_kept_the_network_does_not_run() -> None:
    assert sweep_cost([plan()], [ALONE], [1.0]).seconds == pytest.approx(74 - FROM_CACHE * (20 + 10))


def test_more_neighbours_share_a_search() -> None:
    cost = sweep_cost([plan(num_neighbors=1), plan(num_neighbors=3)], [ALONE] * 2, [0.0] * 2)
    assert cost.seconds == pytest.approx(74 + HELD_OUT_KNOWN * 8 + PREDICT_KNOWN * 30 + 2)


def test_coresets_share_a_selection_and_the_network() -> None:
    cost = sweep_cost([plan(coreset_ratio=0.2), plan(coreset_ratio=0.1)], [ALONE] * 2, [0.0] * 2)
    first = 74 - 10 + 10 * selection_growth(1.0, 2.0)
    assert cost.seconds == pytest.approx(first + 1 + 8 + 30 - FROM_CACHE * 10 + 2)


def test_a_sampler_that_is_not_nested_selects_each() -> None:
    plans = [plan(coreset_ratio=ratio, sampler="kmeans") for ratio in (0.1, 0.2)]
    expected = 74 + 10 + 1 + 8 + 30 - FROM_CACHE * 10 + 2
    assert sweep_cost(plans, [ALONE] * 2, [0.0] * 2).seconds == pytest.approx(expected)


def test_other_layers_share_the_network_alone() -> None:
    plans = [plan(layers=("blocks.2",)), plan(layers=("blocks.4",))]
    expected = 74 + 20 * (1 - FROM_CACHE) + 10 + 1 + 8 + 30 - FROM_CACHE * 10 + 2
    assert sweep_cost(plans, [ALONE] * 2, [0.0] * 2).seconds == pytest.approx(expected)
