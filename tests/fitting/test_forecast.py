"""Forecasts against counts made by hand and against what scaling must do."""

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.values import PhotoCounts
from patchcore_core.errors import ConfigError
from patchcore_core.fitting import forecast as forecast_module
from patchcore_core.fitting.forecast import forecast, memory_warning
from patchcore_core.model.budget import GIB, bank_rows, plan, program
from patchcore_core.model.network.probe import PatchShape
from patchcore_core.runs.store import Run


def finished(run_id: str = "r1", config: PatchCoreConfig | None = None, **changes: object) -> Run:
    values: dict[str, object] = {
        "counts": PhotoCounts(10, 4, 6),
        "seconds": {"features": 20.0, "coreset": 8.0, "predict": 30.0, "evaluate": 2.0, "total": 63.0},
        "bank": {"rows": 1024, "dim": 152, "bytes": 1024 * 152 * 4},
        **changes,
    }
    return Run(run_id, values.pop("status", "finished"), "a", "/d", config or PatchCoreConfig(), Path("/r"), **values)


def test_counts_made_by_hand() -> None:
    cost = forecast(PatchCoreConfig(coreset_ratio=0.1), 60, 50, (32, 32), 152)
    assert (cost.patches, cost.rows, cost.dim) == (61_440, 6_144, 152)
    assert cost.bank_bytes == 6_144 * 152 * 2
    assert forecast(PatchCoreConfig(bank_dtype="float32"), 60, 50, (32, 32), 152).bank_bytes == 6_144 * 152 * 4
    assert cost.memory_bytes > 61_440 * 152 * 2 + cost.bank_bytes
    assert cost.disk_bytes == 50 * 256**2 * 3 + cost.bank_bytes  # float16 maps, masks, bank
    assert (cost.in_file, cost.parts) == (False, 1)


def test_no_run_no_time() -> None:
    cost = forecast(PatchCoreConfig(), 10, 10, (32, 32), 152, [finished(status="failed")])
    assert math.isnan(cost.seconds)
    assert cost.seconds_from is None


def test_the_same_fit_takes_the_same_time() -> None:
    cost = forecast(PatchCoreConfig(), 10, 10, (32, 32), 152, [finished()])
    assert cost.seconds == pytest.approx(63.0)
    assert cost.seconds_from == "r1"


def test_each_stage_scales_with_what_drives_it() -> None:
    # twice the images and the rows: features x 2, selection x 2 ** 0.75 x 2 ** 0.4; start-up (3 s), test as they were
    cost = forecast(PatchCoreConfig(), 20, 10, (32, 32), 152, [finished()])
    assert cost.rows == 2048
    assert cost.seconds == pytest.approx(3 + 20 * 2 + 8 * 2**0.75 * 2**0.4 + 30 + 2)


def test_a_run_of_a_sweep_counts_with_what_it_would_have_taken_alone() -> None:
    run = finished(shortened=("features",), alone={"features": 26.0, "network": 5.0})
    assert forecast(PatchCoreConfig(), 10, 10, (32, 32), 152, [run]).seconds == pytest.approx(5 + 26 + 8 + 30 + 2)
    assert forecast(PatchCoreConfig(), 10, 10, (32, 32), 152, [run, finished()]).seconds == pytest.approx(63)
    unknown = finished(shortened=("features", "predict"), alone={"features": 26.0})
    assert math.isnan(forecast(PatchCoreConfig(), 10, 10, (32, 32), 152, [unknown]).seconds)


def test_a_larger_image_costs_by_its_area() -> None:
    config = PatchCoreConfig(image_size=512, coreset_ratio=0.1)
    cost = forecast(config, 10, 10, (64, 64), 152, [finished()])
    assert cost.seconds == pytest.approx(3 + 20 * 4 + 8 * 4**0.75 * 4**0.4 + 30 * 4 + 2 * 4)


def test_memory_is_that_of_a_comparable_run_with_its_data_exchanged() -> None:
    config = PatchCoreConfig(coreset_ratio=0.1)
    shape = PatchShape((32, 32), 152)
    own = program(config)
    data = {images: plan(config, images, shape, own, 2**40).memory_bytes - own for images in (10, 20)}
    ran = finished(peak_rss_bytes=2_000_000_000, plan={"program_bytes": own, "memory_bytes": own + data[10]})
    small, large = (forecast(config, images, 10, (32, 32), 152, [ran]) for images in (10, 20))
    assert small.memory_bytes == 2_000_000_000
    assert large.memory_bytes == 2_000_000_000 + data[20] - data[10]


def test_a_fit_that_memory_cannot_hold_goes_to_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forecast_module, "free_memory", lambda: 3 * GIB)
    cost = forecast(PatchCoreConfig(coreset_ratio=0.01), 10_000, 10, (56, 56), 1024)
    assert cost.in_file
    assert cost.memory_bytes < 3 * GIB
    assert cost.disk_bytes > cost.patches * 1024 * 2


def test_judged_by_the_run_with_the_nearest_bank_of_the_same_network() -> None:
    far = finished("far", bank={"rows": 90_000, "dim": 152, "bytes": 1})
    other = finished("other", PatchCoreConfig(backbone="resnet18", layers=("layer1",)))
    cost = forecast(PatchCoreConfig(), 10, 10, (32, 32), 152, [other, far, finished("near")])
    assert cost.seconds_from == "near"


@pytest.mark.parametrize("bad", [
    {"seconds": {}}, {"seconds": {"total": math.nan}}, {"bank": {}}, {"counts": PhotoCounts()},
])  # fmt: skip
def test_runs_without_figures_are_no_measure(bad: dict[str, object]) -> None:
    assert forecast(PatchCoreConfig(), 10, 10, (32, 32), 152, [finished(**bad)]).seconds_from is None


@given(st.integers(1, 10**7), st.floats(1e-6, 1.0))
def test_rows_stay_between_one_and_all(patches: int, ratio: float) -> None:
    rows = bank_rows(PatchCoreConfig(coreset_ratio=ratio), patches)
    assert 1 <= rows <= patches
    assert bank_rows(PatchCoreConfig(coreset_ratio=ratio, sampler="identity"), patches) == patches


def test_more_neighbours_than_rows_are_refused() -> None:
    assert bank_rows(PatchCoreConfig(num_neighbors=5), 50) == 5
    with pytest.raises(ConfigError, match="at most the 5 rows that the memory bank will have, got 6"):
        forecast(PatchCoreConfig(num_neighbors=6), 1, 10, (5, 10), 152)


def test_the_largest_of_several_fits_decides_whether_memory_is_short() -> None:
    small, large = (forecast(PatchCoreConfig(), images, 10, (32, 32), 152) for images in (10, 10_000))
    assert memory_warning([], 0) is None
    assert memory_warning([small, large], large.memory_bytes) is None
    sentence = memory_warning([large, small], large.memory_bytes - 1)
    assert f"about {large.memory_bytes / 1e9:.1f} GB" in sentence
    assert memory_warning([small], large.memory_bytes - 1) is None
