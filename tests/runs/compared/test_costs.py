"""What a run says it cost."""

import math
from pathlib import Path

import pytest

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.values import PhotoCounts
from patchcore_core.runs.compared.costs import costs, estimated_costs, shortened_costs
from patchcore_core.runs.record import Run


def run(**fields):
    return Run("", "finished", "tile", "", PatchCoreConfig(), Path(), **fields)


def test_costs_by_hand():
    found = costs(run(seconds={"predict": 2.0, "evaluate": 1.0, "total": 13.0}, counts=PhotoCounts(5, 4, 3, 1),
                      bank={"bytes": 1280, "rows": 40}, peak_rss_bytes=10**9))
    assert found == pytest.approx({"fit_seconds": 10.0, "image_ms": 250.0, "bank_bytes": 1280.0, "bank_rows": 40.0,
                                   "peak_bytes": 1e9})


def test_what_was_not_recorded_is_unknown():
    assert all(map(math.isnan, costs(run()).values()))


def test_what_other_fits_had_done_is_missing_from_the_costs():
    assert shortened_costs(run()) == set()
    assert shortened_costs(run(shortened=("features", "coreset"))) == {"fit_seconds"}
    assert shortened_costs(run(shortened=("predict",))) == {"image_ms"}


def test_a_fit_of_a_sweep_costs_what_it_would_have_alone():
    """0.1 s of start-up and 1 s of features became 2 s and 4 s; its coreset was selected for larger ones, too."""
    seconds = {"features": 1.0, "coreset": 3.0, "held-out": 0.5, "predict": 0.2, "evaluate": 1.0, "total": 5.8}
    one = run(seconds=seconds, alone={"network": 2.0, "features": 4.0, "coreset": 1.0, "predict": 6.0},
              shortened=("features", "predict"), counts=PhotoCounts(5, 4, 3, 1))  # fmt: skip
    found = costs(one)
    assert found["fit_seconds"] == pytest.approx(2 + 4 + 1 + 0.5)
    assert found["image_ms"] == pytest.approx(750)
    assert estimated_costs(one) == {"fit_seconds", "image_ms"}
    assert shortened_costs(one) == set()
    assert shortened_costs(run(shortened=("features", "held-out"), alone={"features": 4.0})) == {"fit_seconds"}
