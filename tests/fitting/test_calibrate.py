"""The pace of this machine: arithmetic by hand, and that a probe of a real network gives usable figures."""

from __future__ import annotations

import dataclasses
import math

import pytest

from patchcore_core.data.dataset import load_dataset
from patchcore_core.fitting.calibrate import Pace, measure, spread
from patchcore_core.fitting.forecast import forecast
from patchcore_core.model.network.probe import probe
from tests.made_runs import CONFIG

PACE = Pace(once=4.0, train=0.05, predict=0.1, search=1e-5, evaluate=0.01, select=0.5, patches=10_000, rows=1_000)


def test_stages_by_hand():
    cost = forecast(CONFIG, 100, 40, (40, 40), 152)  # 160,000 patches, 16,000 rows: 16 times as many of both
    stages = PACE.stages(cost, 100, 40)
    assert stages == {
        "network": 4.0, "features": 5.0, "coreset": pytest.approx(0.5 * 16**0.75 * 16**0.4),
        "held-out": pytest.approx((60 + 3 * 40) * 0.5 * 0.16),
        "predict": pytest.approx(40 * (0.1 + 0.16)), "evaluate": pytest.approx(0.4),
    }  # fmt: skip
    more = dataclasses.replace(PACE, few=2.0, uniform=True).stages(cost, 100, 40)
    assert (more["evaluate"], more["coreset"]) == (pytest.approx(2.4), pytest.approx(0.5 * 256))


@pytest.mark.parametrize(
    ("count", "found"), [(0, ()), (1, (0,)), (3, (0, 4, 9)), (10, tuple(range(10))), (99, tuple(range(10)))]
)
def test_images_are_taken_from_all_over(count: int, found: tuple[int, ...]):
    assert spread(range(10), count) == found


@pytest.mark.parametrize("sampler", ["greedy", "kmeans", "random", "identity"])
def test_a_probe_finds_a_pace_for_every_stage(category, sampler: str):
    config = dataclasses.replace(CONFIG, sampler=sampler, projection_dim=None)
    dataset, shape = load_dataset(category), probe(config)
    pace = measure(dataset, config)
    assert pace.patches == 6 * shape.patches
    assert pace.rows == (pace.patches if sampler == "identity" else pace.patches // 10)
    stages = pace.stages(forecast(config, 600, 300, shape.grid, shape.dim), 600, 300)
    assert all(math.isfinite(seconds) and seconds >= 0 for seconds in stages.values())
    assert stages["features"] > 0
    assert stages["predict"] > 0
