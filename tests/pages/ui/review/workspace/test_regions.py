"""The regions of one image, and the part of the photo that shows one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import ndimage

from pages.ui.review.workspace import regions as review_regions
from patchcore_core.evaluation.trim import Trim, kept_of

GOOD, HOLE, SCRATCH = 1, 4, 7  # a good image and one of each defect type


@pytest.fixture(params=[False, True], ids=["as it is", "trimmed"])
def run(make_run, request):
    return make_run(region_trim=request.param)


def drawn(run, row, pixel):
    """The table of regions, its texts read back as numbers."""
    found = review_regions.regions(run, row, pixel)["table"]
    rows = pd.DataFrame(found["rows"], columns=["kind", "verdict", "area", "peak", "overlap"])
    area = rows["area"].str.extract(r"^([\d,]+) px \(([\d.]+)%\)$")
    overlap = pd.to_numeric(rows["overlap"].str.removesuffix("%").replace("—", None)) / 100
    return rows.assign(area=area[0].str.replace(",", "").astype(int), share=area[1].astype(float) / 100,
                       overlap=overlap)


@pytest.mark.parametrize(("row", "pixel"), [(HOLE, 0.6), (SCRATCH, 0.6), (SCRATCH, 0.3), (GOOD, 0.3), (HOLE, 100)])
def test_the_table_of_regions_against_counting_by_hand(run, store, row, pixel):
    rows = drawn(run, row, pixel)
    image = store.images(run).iloc[row]
    anomaly_map = store.anomaly_maps(run)[row].astype(float)
    mask = np.zeros((32, 32), bool)
    if image["defect_type"] == "hole":
        mask[10:16, 12:18] = True
    if image["defect_type"] == "scratch":
        mask[20:22, 4:28] = True
    marked = kept_of(anomaly_map, Trim.read(run.trim)) >= pixel
    eight = np.ones((3, 3))
    assert (rows["kind"] == "true defect").sum() == ndimage.label(mask, eight)[1]
    predicted = rows[rows["kind"] == "prediction"]
    assert len(predicted) == ndimage.label(marked, eight)[1]
    assert predicted["area"].sum() == marked.sum()
    assert rows["share"].to_numpy() == pytest.approx(rows["area"].to_numpy() / 1024, abs=0.5e-4)
    for entry in rows[rows["kind"] == "true defect"].itertuples():
        assert entry.overlap == pytest.approx((mask & marked).sum() / mask.sum(), abs=0.5e-3)
        assert entry.verdict == ("found" if (mask & marked).any() else "missed")
    touched = {number for number in np.unique(ndimage.label(marked, eight)[0][mask]) if number}
    assert (predicted["verdict"] == "on a defect").sum() == len(touched)
    assert (predicted["verdict"] == "false alarm").sum() == len(predicted) - len(touched)


def test_nothing_to_show_is_said(make_run):
    run = make_run()
    assert review_regions.regions(run, 0, 100)["table"]["label"] == (
        "No region above the pixel threshold; the mask is empty.")
    assert review_regions.regions(run, 0, 100)["boxes"] == []


def test_without_a_mask_predictions_are_not_judged_until_it_is_back(make_run, data_root):
    run, away = make_run(), data_root / "elsewhere"
    (data_root / "tile/ground_truth").rename(away)
    rows = drawn(run, HOLE, 0.6)
    assert set(rows["verdict"]) == {"not known"}
    assert rows["overlap"].isna().all()
    away.rename(data_root / "tile/ground_truth")
    assert "found" in drawn(run, HOLE, 0.6)["verdict"].tolist()


def test_specks_without_number_are_cut_short(make_run, monkeypatch):
    monkeypatch.setattr(review_regions, "MOST", 3)
    found = review_regions.regions(make_run(), HOLE, 0.25)
    assert len(found["table"]["rows"]) == len(found["boxes"]) == 3
    assert found["table"]["label"].startswith("The first 3 of ")


def test_a_region_has_its_part_of_the_photo(make_run):
    assert review_regions.regions(make_run(), HOLE, 0.6)["boxes"][0] == [7, 9, 19, 21]  # rows 10-16, columns 12-18
