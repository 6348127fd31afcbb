"""A run whose predicted segmentation is trimmed: it says so, and whatever judges or writes masks trims them alike."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from patchcore_core.cli.main import main
from patchcore_core.data.dataset import load_dataset
from patchcore_core.data.transforms import Transform
from patchcore_core.evaluation.thresholds.decision import predicted, segmentation
from patchcore_core.evaluation.trim import Trim, kept_on_photo
from patchcore_core.evaluation.values import Halo, TrimSettings
from patchcore_core.fitting.fit import NOT_TRIMMED, fit_run
from patchcore_core.fitting.good_scores import HeldOutScores
from patchcore_core.fitting.without import figures_without
from patchcore_core.runs.folder import MAP_SUMMARY
from patchcore_core.runs.map_summaries import map_summary
from patchcore_core.runs.store import RunStore
from tests.made_runs import CONFIG
from tests.tiny import write_category

TRIMMED = dataclasses.replace(CONFIG, layers=("blocks.2",), coreset_ratio=0.2, region_trim=True)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Store, data set, a run that is trimmed and the same fit without."""
    place = tmp_path_factory.mktemp("trimmed")
    store, dataset = RunStore(place / "runs"), load_dataset(write_category(place / "tile"))
    plain = dataclasses.replace(TRIMMED, region_trim=False)
    return store, dataset, fit_run(dataset, TRIMMED, store).run, fit_run(dataset, plain, store).run


@pytest.fixture
def masks(made):
    """(6, 64, 64), the truth of the test images."""
    store, _, run, _ = made
    images = store.images(run)
    masks = np.zeros((6, 64, 64), bool)
    for row, number in zip(images.index[images["label"] == 1], range(3), strict=True):
        masks[row, 20:36, 24 + number : 40 + number] = True
    return masks


def test_a_run_says_by_what_it_is_trimmed(made):
    store, _, run, plain = made
    held_out = store.curves(run).heldout
    good = np.repeat(held_out.pixel_scores, held_out.pixel_numbers)
    halo = Halo(0.7, 8), Halo(0.4, 32)  # patches of 8 pixels
    assert run.trim == TrimSettings(np.quantile(good, 0.5, method="lower"), halo)
    assert store.get(run.id).trim == run.trim
    assert plain.trim is store.get(plain.id).trim is None
    assert run.identity != plain.identity


def test_its_segmentation_is_judged_without_halos(made, masks):
    store, _, run, plain = made
    maps, trim, threshold = store.anomaly_maps(run), Trim.read(run.trim), run.thresholds["pixel_heldout_p999"]
    expected = segmentation(masks, np.stack([trim.kept(one) for one in maps]), threshold)
    assert (run.metrics["pixel_iou"], run.metrics["pixel_f1"]) == pytest.approx((expected.iou, expected.f1))
    before = segmentation(masks, maps, threshold)
    assert (plain.metrics["pixel_iou"], plain.metrics["pixel_f1"]) == pytest.approx((before.iou, before.f1))
    assert expected.f1 != before.f1
    same = run.metrics.keys() - {"pixel_iou", "pixel_f1"}
    assert {name: run.metrics[name] for name in same} == {name: plain.metrics[name] for name in same}
    assert run.thresholds == plain.thresholds


def test_figures_without_some_images_and_a_summary_made_anew_are_trimmed_alike(made):
    store, _, run, _ = made
    again = figures_without(store, run, np.zeros(6, bool)).run
    assert again.metrics == run.metrics
    kept = map_summary(store, run)
    (run.folder / MAP_SUMMARY).unlink()
    for name, values in map_summary(store, run).arrays().items():
        np.testing.assert_array_equal(values, kept.arrays()[name])
    assert kept.defect_trimmed is not None


def test_a_summary_that_is_not_trimmed_is_not_taken_for_one_that_is(made):
    store, _, run, plain = made
    trimmed = map_summary(store, run)
    (run.folder / MAP_SUMMARY).write_bytes((plain.folder / MAP_SUMMARY).read_bytes())
    np.testing.assert_array_equal(map_summary(store, run).defect_trimmed, trimmed.defect_trimmed)


def test_score_writes_the_trimmed_mask_and_evaluate_judges_it(made, tmp_path, capsys):
    store, dataset, run, _ = made
    photo = np.asarray(Image.open(next(sample.path for sample in dataset.test if sample.label == 1)).resize((90, 50)))
    Image.fromarray(photo).save(tmp_path / "part.png")
    common = ["--runs", str(store.root), "--device", "cpu", "--json"]
    assert main(["score", run.id, str(tmp_path / "part.png"), "--out", str(tmp_path / "out"), *common]) == 0
    (record,) = json.loads(capsys.readouterr().out)
    scores = np.load(tmp_path / "out" / record["map_values"])
    mask = np.asarray(Image.open(tmp_path / "out" / record["mask"])) > 0
    model_map = _map_of(store, run, photo)
    kept = kept_on_photo(Transform(64, None, (0, 0, 0), (1, 1, 1)), model_map, 50, 90, Trim.read(run.trim))
    threshold = run.thresholds["pixel_heldout_p999"]
    np.testing.assert_array_equal(mask, predicted(kept, threshold))
    assert 0 < mask.sum() < predicted(scores, threshold).sum()
    assert record["defective_share"] == pytest.approx(mask.mean())
    assert main(["evaluate", run.id, str(Path(run.dataset)), *common]) == 0
    judged = json.loads(capsys.readouterr().out)
    assert judged["trim"]["good"] == run.trim.good
    assert judged["metrics"]["pixel_f1"] == pytest.approx(run.metrics["pixel_f1"], abs=1e-6)


def _map_of(store, run, photo):
    from patchcore_core.model.patchcore import PatchCore

    return PatchCore.load(store.bank_folder(run), device="cpu").score_image(photo).anomaly_map


@pytest.mark.usefixtures("stand_in")
def test_where_no_good_image_is_held_out_it_is_said_that_nothing_is_trimmed(store, category, monkeypatch):
    monkeypatch.setattr("patchcore_core.fitting.good_images.held_out_of", lambda _: HeldOutScores())
    run = fit_run(load_dataset(category), dataclasses.replace(CONFIG, region_trim=True), store).run
    assert run.trim is None
    assert NOT_TRIMMED in run.warnings
