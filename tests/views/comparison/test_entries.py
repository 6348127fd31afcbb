"""Runs chosen by what they are."""

import dataclasses
import math

import pytest

from patchcore_core.views.comparison.entries import choices, fields_that_vary, passing
from tests.views.comparison.made import entry

RUNS = [entry(0), entry(1, coreset_ratio=0.01), entry(2, "wood", coreset_ratio=0.01, num_neighbors=3),
        dataclasses.replace(entry(3, "wood", scales=(224, 448), layers=("blocks.2",)), sweep="night", tags=("a", "b"))]


@pytest.mark.parametrize(("chosen", "text", "ids"), [
    ({}, "", ["r0", "r1", "r2", "r3"]),
    ({"category": ["wood"]}, "", ["r2", "r3"]),
    ({"category": ["tile", "wood"], "coreset": ["1 %"]}, "", ["r1", "r2"]),
    ({"size": ["224 + 448 px"]}, "", ["r3"]),
    ({"layers": ["blocks.2"], "tag": ["b", "c"]}, "", ["r3"]),
    ({"sweep": ["night"]}, "", ["r3"]),
    ({"k": ["3"]}, "", ["r2"]),
    ({"category": ["none"]}, "", []),
    ({}, "WOOD r2", ["r2"]),
    ({"category": []}, "lite0", ["r0", "r1", "r2", "r3"]),
])
def test_chosen(chosen, text, ids):
    assert [one.id for one in passing(RUNS, chosen, text)] == ids


def test_only_what_tells_runs_apart_can_be_chosen():
    assert choices(RUNS) == {"category": ["tile", "wood"], "layers": ["blocks.2", "blocks.2 + blocks.4"],
                             "coreset": ["1 %", "10 %"], "size": ["224 + 448 px", "256 px"], "k": ["1", "3"],
                             "sweep": ["night"], "tag": ["a", "b"]}
    assert choices([]) == {}


def test_a_cost_that_is_not_known_has_no_sign():
    one = dataclasses.replace(entry(0, shortened=("fit_seconds",)), estimated=frozenset({"image_ms", "bank_rows"}))
    assert [one.sign(name) for name in ("fit_seconds", "image_ms", "bank_bytes")] == ["≥ ", "≈ ", ""]
    nothing = dataclasses.replace(one, costs={"fit_seconds": math.nan, "image_ms": math.nan})
    assert [nothing.sign(name) for name in ("fit_seconds", "image_ms", "bank_rows")] == ["", "", ""]


def test_a_field_varies_where_all_else_is_equal():
    assert fields_that_vary(RUNS) == ["coreset_ratio"]
    assert fields_that_vary([entry(0), entry(1, seed=3)]) == []
    assert fields_that_vary([entry(0), entry(1, "wood", coreset_ratio=0.5)]) == []
    layers = [entry(0), entry(1, layers=("blocks.4",))]
    assert fields_that_vary(layers) == ["layers", "network"]
    other = [entry(0), dataclasses.replace(entry(1, backbone="resnet18", layers=("layer2",)), weights="w")]
    assert fields_that_vary(other) == ["network"]
