"""What fits of a sweep would have taken alone, against sums written out by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pytest

from patchcore_core.config import PatchCoreConfig
from patchcore_core.fitting.forecast import selection_growth
from patchcore_core.fitting.sweep.alone import Alone

STAGES = ("features", "coreset", "index", "held-out", "predict", "evaluate")
SHARED = ("features", "coreset", "held-out", "predict")


def told(
    alone: Alone, took: Sequence[float], shortened: Sequence[str] = (), once: float = 3.0, rows: int = 100,
    selected: int = 400, **fields: Any,
) -> dict[str, float]:
    seconds = {**dict(zip(STAGES, took, strict=True)), "total": sum(took) + once}
    return alone.stages(PatchCoreConfig(**fields), "same", (100, 50), rows, selected, seconds, shortened)


def test_of_a_fit_that_shares_nothing_nothing_is_estimated() -> None:
    assert told(Alone(), (20, 10, 1, 8, 30, 2), selected=100) == {}


def test_the_first_fit_selected_the_largest_coreset_for_the_others() -> None:
    assert told(Alone(), (20, 10, 1, 8, 30, 2)) == {"coreset": pytest.approx(10 * selection_growth(1, 0.25))}


def test_later_fits_go_on_from_what_was_searched() -> None:
    alone = Alone()
    told(alone, (20, 10, 1, 8, 30, 2), num_neighbors=3)
    same = told(alone, (0.1, 0.1, 0.1, 1, 0.5, 2), (*SHARED, "index"), 0.2)  # fewer neighbours in the same bank
    assert same == {"network": 3, "features": 20, "coreset": pytest.approx(10 * selection_growth(1, 0.25)), "index": 1,
                    "held-out": 8, "predict": 30}  # fmt: skip
    larger = told(alone, (0.1, 0.1, 4, 20, 70, 2), SHARED, 0.2, rows=400)
    assert larger == {"network": 3, "features": 20, "coreset": 10, "held-out": 28, "predict": 100}


def test_what_the_network_took_for_all_layers_is_counted_where_maps_were_read() -> None:
    alone = Alone()
    alone.network(PatchCoreConfig(), 0.5)
    first = told(alone, (1, 10, 1, 8, 5, 2), ("features", "predict"), selected=100)
    assert first == {"features": pytest.approx(1 + 0.5 * 100), "predict": pytest.approx(5 + 0.5 * 50)}
    other = told(alone, (2, 10, 1, 8, 5, 2), ("features", "predict"), selected=100, layers=("blocks.2",))
    assert other["features"] == pytest.approx(2 + 0.5 * 100)


def test_maps_that_another_process_made_leave_features_unknown() -> None:
    alone = Alone()
    alone.network(PatchCoreConfig(), math.nan)
    assert "features" not in told(alone, (1, 10, 1, 8, 5, 2), ("features", "predict"))
