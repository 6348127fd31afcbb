"""What the tally is given: scores by class, type and region size."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from patchcore_core.evaluation.curve_points import RegionTable
from patchcore_core.evaluation.region_recall import recall_from_table
from patchcore_core.evaluation.thresholds.decision import recall_per_defect
from patchcore_core.views.web.packed import unpacked
from patchcore_core.views.widgets.tally import (
    NO_PIXEL_THRESHOLD,
    NO_REGIONS,
    OLD_REGIONS,
    Regions,
    at_thresholds,
    tally,
)


def region_table(number: int = 60) -> RegionTable:
    random = np.random.default_rng(0)
    scores_at = -np.sort(-random.normal(1, 1, (number, 10)).astype(np.float32), axis=1)
    image, area, size_class = (random.integers(low, high, number) for low, high in ((0, 20), (1, 500), (0, 3)))
    return RegionTable(image, area, size_class, scores_at[:, 0] + np.float32(0.1), np.zeros(number), scores_at)


def test_images_go_out_by_type_the_lowest_recall_first():
    scores = [3.0, 1.0, np.nan, 2.0, 5.0, 4.0, 1.5, 0.5]
    labels, kinds = [1, 1, 1, 1, -1, 0, 0, 1], ["b", "a", "b", "b", "", "good", "good", "a"]
    sent = tally(scores, labels, kinds, 2.0, "none", math.nan)
    assert json.loads(json.dumps(sent, allow_nan=False)) == sent
    assert unpacked(sent["good"]).tolist() == [1.5, 4.0]
    found = {kind["name"]: unpacked(kind["scores"]).tolist() for kind in sent["kinds"]}
    assert list(found) == ["a", "b"]
    assert found == {"a": [0.5, 1.0], "b": [-np.inf, 2.0, 3.0]}
    for threshold in (0.5, 1.0, 2.0, 9.0):
        counted = {name: (sum(score >= threshold for score in ones), len(ones)) for name, ones in found.items()}
        assert counted == recall_per_defect(kinds, labels, scores, threshold)
    with pytest.raises(ValueError, match="one shape"):
        tally(scores, labels[1:], kinds, 2.0, "none", math.nan)


@pytest.mark.parametrize("threshold", [-9.0, 0.7, 2.0, 9.0])
def test_regions_go_out_with_all_that_their_recall_needs(threshold):
    table = region_table()
    regions = Regions.of(table)
    sent = regions.data(threshold)
    assert json.loads(json.dumps(sent, allow_nan=False)) == sent
    expected = recall_from_table(table, threshold)
    assert len(sent) == len(expected) == 3
    for row, known in zip(sent, expected, strict=True):
        assert row["range"] == [known.area_from, known.area_to]
        peaks, steps = unpacked(row["peaks"]), unpacked(row["steps"])
        assert len(peaks) == known.regions
        assert (peaks >= threshold).mean() == pytest.approx(known.found)
        assert (steps >= threshold).sum() / (10 * len(peaks)) == pytest.approx(known.overlap)
        assert np.array_equal(unpacked(row["interval"]), [known.found_low, known.found_high])


@pytest.mark.parametrize(("table", "sentence"), [(None, OLD_REGIONS), (region_table(0), NO_REGIONS)])
def test_why_there_are_no_regions_is_said(table, sentence):
    assert Regions.of(table) == sentence


def test_recall_by_size_needs_a_pixel_threshold():
    regions = Regions.of(region_table())
    assert tally([], [], [], 1.0, regions, math.nan)["sizes"] == NO_PIXEL_THRESHOLD
    assert tally([], [], [], 1.0, "none here", 0.5)["sizes"] == "none here"
    assert tally([], [], [], 1.0, regions, 0.7)["sizes"] == regions.data(0.7)


def test_the_tally_stands_at_its_thresholds():
    counted = tally([1.0], [0], ["good"], 2.5, "nothing", math.nan)
    given = at_thresholds(counted, 1.5, 2.5, "p", chosen={"size": [[1, 2]]})
    assert unpacked(given["thresholds"]).tolist() == [1.5, 2.5]
    assert np.isnan(unpacked(given["pixel_threshold"])).all()
    assert (given["sizes"], given["follows"], given["follows_pixels"]) == ("nothing", "p", "")
    assert given["chosen"] == {"outcome": [], "defect": [], "size": [[1, 2]]}
    assert given["notes"] == ["No labelled defective images: missed defects are unknown."]
