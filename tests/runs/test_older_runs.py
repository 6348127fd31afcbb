"""Runs of earlier versions: intervals that they recorded as [1, 1], and a column that their tables lack."""

from __future__ import annotations

import dataclasses
import json
import math

import pandas as pd
import pytest

from patchcore_core.evaluation.statistics.auroc_interval import auroc_interval
from patchcore_core.evaluation.values import NO_WIDTH, SizeRecall
from patchcore_core.runs.found import with_found

ROW = SizeRecall(6.0, 9.0, 4.0, 0.5, 0.5, 0.5, 1.0, 0.25, 1.0)


@pytest.fixture
def older(store, draft, finish):
    """A run with intervals without width, as earlier versions recorded them."""
    run = finish(store.begin(draft()), range(6))
    record = json.loads((run.folder / "run.json").read_text())
    record["intervals"] |= {"image_auroc": [1.0, 1.0], "aupro": [0.5, 0.75], "image_f1_max": [1.0, 1.0]}
    record["per_defect_intervals"] = {"hole": {"aupro": [0.25, 0.25], "pixel_f1": [0.25, 0.5]}}
    record["region_recall"] = [dataclasses.asdict(ROW)]
    (run.folder / "run.json").write_text(json.dumps(record))
    return store.get(run.id)


def test_they_are_unknown_with_a_reason_and_others_stay(older):
    assert all(math.isnan(end) for name in ("image_auroc", "image_f1_max") for end in older.intervals[name])
    assert older.reasons["image_auroc/interval"] == older.reasons["image_f1_max/interval"] == NO_WIDTH
    assert older.intervals["aupro"] == (0.5, 0.75)
    assert "aupro/interval" not in older.reasons
    assert math.isnan(older.per_defect_intervals["hole"]["aupro"][0])
    assert older.per_defect_intervals["hole"]["pixel_f1"] == (0.25, 0.5)
    row = older.region_recall[0]
    assert math.isnan(row.overlap_low + row.overlap_high)
    assert (row.found_low, row.found_high) == (0.25, 1.0)


def test_that_of_image_auroc_is_computed_from_the_stored_scores(older, store):
    images = store.images(older)
    found = with_found(store, older)
    assert found.intervals["image_auroc"] == auroc_interval(images["label"], images["image_score"])
    assert "image_auroc/interval" not in found.reasons
    assert found.reasons["image_f1_max/interval"] == NO_WIDTH


def test_whether_a_photo_is_unlike_is_read_back_and_unknown_in_older_tables(store, draft, finish):
    run = finish(store.begin(draft()))
    path = run.folder / "images.csv"
    assert store.images(run)["unlike"].isna().all()
    table = pd.read_csv(path, keep_default_na=False)
    table.assign(unlike=["0.0", "1.0"]).to_csv(path, index=False)
    assert store.images(run)["unlike"].tolist() == [0, 1]
    table.drop(columns="unlike").to_csv(path, index=False)
    assert store.images(run)["unlike"].isna().all()
