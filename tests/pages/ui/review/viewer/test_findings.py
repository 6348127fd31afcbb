"""What Review says of one image: its causes, and its regions with the part of the photo that shows one."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import ndimage
from streamlit.testing.v1 import AppTest

from pages.ui.components import region_table
from pages.ui.review.data import test_images as images_of
from pages.ui.review.viewer import findings as review_findings
from patchcore_core.evaluation.causes.causes import CAUSES, evidence
from patchcore_core.evaluation.map_summary import summarise
from patchcore_core.evaluation.trim import Trim, kept_of
from patchcore_core.runs.folder import MAP_SUMMARY
from tests.pages.reading import component, read

PAGE = Path(__file__).with_name("findings_page.py")
GOOD, HOLE, SCRATCH = 1, 4, 7  # a good image and one of each defect type


@pytest.fixture(params=[False, True], ids=["as it is", "trimmed"])
def region_trim(request):
    """Whether the run's segmentation is trimmed."""
    return request.param


@pytest.fixture
def opened(make_run, region_trim):
    make_run(region_trim=region_trim)

    def go(**query):
        app = AppTest.from_file(str(PAGE), default_timeout=120)
        for name, value in query.items():
            app.query_params[name] = str(value)
        app.run()
        assert not app.exception, app.exception
        return app

    return go


def drawn(app):
    """The table of regions, its texts read back as numbers."""
    rows = pd.DataFrame(component(app, "region_table")["rows"], columns=["kind", "verdict", "area", "peak", "overlap"])
    area = rows["area"].str.extract(r"^([\d,]+) px \(([\d.]+)%\)$")
    overlap = pd.to_numeric(rows["overlap"].str.removesuffix("%").replace("—", None)) / 100
    return rows.assign(area=area[0].str.replace(",", "").astype(int), share=area[1].astype(float) / 100,
                       overlap=overlap)


def test_a_miss_is_explained_in_badges_and_in_words(opened, store):
    app = opened(row=HOLE, at=100)
    said = read(app)
    assert "localised; score below the NG threshold" in said
    score = store.images(store.list()[0])["image_score"][HOLE]
    assert f"the image score {score:.4g} is {100 - score:.4g} below the threshold 100" in said
    assert "False alarm: the maximum is less than one patch from the edge" in said  # among all causes
    assert "not available for this run: test and training images were not compared" in said


def test_what_is_right_needs_no_cause(opened):
    assert "cause" not in read(opened(row=HOLE, at=0.9))
    assert "cause" not in read(opened(row=0, at=100))


def test_a_wrong_image_without_a_cause_says_so(opened, data_root, store):
    for mask in (data_root / "tile/ground_truth").rglob("*.png"):
        mask.unlink()
    (store.list()[0].folder / MAP_SUMMARY).unlink(missing_ok=True)
    said = read(opened(row=HOLE, at=100))
    assert "missed defect without a known cause" in said
    assert said.count("not available for this run: there are no masks") == 6


@pytest.mark.parametrize(("row", "pixel"), [(HOLE, 0.6), (SCRATCH, 0.6), (SCRATCH, 0.3), (GOOD, 0.3), (HOLE, 100)])
def test_the_table_of_regions_against_counting_by_hand(opened, store, row, pixel):
    rows = drawn(opened(row=row, pixel=pixel))
    run = store.list()[0]
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


def test_nothing_to_show_is_said(opened):
    assert "No region above the pixel threshold; the mask is empty." in read(opened(row=0, pixel=100))
    assert "No region above" in read(opened(row=0, pixel="nan"))


def test_without_a_mask_predictions_are_not_judged_until_it_is_back(opened, data_root):
    away = data_root / "elsewhere"
    (data_root / "tile/ground_truth").rename(away)
    rows = drawn(opened(row=HOLE))
    assert set(rows["verdict"]) == {"not known"}
    assert rows["overlap"].isna().all()
    away.rename(data_root / "tile/ground_truth")
    assert "found" in drawn(opened(row=HOLE))["verdict"].tolist()


def test_specks_without_number_are_cut_short(opened, monkeypatch):
    monkeypatch.setattr(review_findings, "MOST", 3)
    app = opened(row=HOLE, pixel=0.25)
    assert len(drawn(app)) == 3
    assert "The first 3 of " in read(app)


def test_a_chosen_region_gives_its_part_of_the_photo(make_run, monkeypatch):
    run, boxes, given = make_run(), [], {}
    monkeypatch.setattr(review_findings, "region_table", lambda _, **options: given.update(options))
    review_findings.regions(run, images_of(run), HOLE, 0.6, boxes.append)
    assert boxes == []
    given["on_choose"](0)
    assert boxes == [(7, 9, 19, 21)]  # rows 10 to 16, columns 12 to 18, doubled


@pytest.mark.parametrize(("chosen", "told"), [
    (1, [1]), (2, []), (-1, []), (True, []), ("1", []), (None, []), (1.0, []),
])
def test_only_a_region_that_there_is_can_be_chosen(monkeypatch, chosen, told):
    heard = []
    monkeypatch.setattr(region_table.st, "session_state", {"key": SimpleNamespace(chosen=chosen)})
    region_table._choose("key", 2, heard.append)
    assert heard == told


def test_every_cause_is_shown_with_its_sentence(monkeypatch):
    """An image of any outcome and all causes that it may have: as many badges and sentences as causes."""
    maps = np.full((3, 16, 16), 1.0, np.float16)
    maps[1, 0, 0] = 9
    summary = summarise(maps, [0, 1, 0], lambda _: np.pad(np.ones((1, 1), bool), ((12, 3), (12, 3))), 2.0)
    known = evidence(summary, np.array([0, 1, 0]), np.array([1.0, 2.0, 9.0]), 4.0, np.ones(3), ["", "<b>", ""])
    causes = known.at(5.0)
    seen: list[tuple[str, str]] = []
    monkeypatch.setattr(review_findings.st, "badge", lambda label, help, **_: seen.append((label, help)))
    review_findings.why(causes, 1)
    assert [label for label, _ in seen] == [CAUSES[key] for key in causes.keys()[1]]
    assert len(seen) >= 3
    assert any("\\<b\\>" in help for _, help in seen)
