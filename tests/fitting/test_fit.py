from __future__ import annotations

import dataclasses
import json
import math
import shutil
from typing import BinaryIO

import numpy as np
import pytest
from PIL import Image
from sklearn.metrics import roc_auc_score

from patchcore_core.data.dataset import load_dataset
from patchcore_core.data.values import CropLoss
from patchcore_core.errors import StoreError
from patchcore_core.evaluation.values import HeldOut
from patchcore_core.fitting import draft as draft_module
from patchcore_core.fitting import fit as fit_module
from patchcore_core.fitting.draft import draft_run
from patchcore_core.fitting.fit import fit_run
from patchcore_core.fitting.without import figures_without
from patchcore_core.model import budget
from patchcore_core.runs.folder import MAP_SUMMARY
from patchcore_core.runs.map_summaries import map_summary
from tests.made_runs import CONFIG
from tests.tiny import write_category


def test_a_folder_becomes_a_finished_run(store, category):
    """The whole way with the real network."""
    config = dataclasses.replace(CONFIG, layers=("blocks.2",), coreset_ratio=0.2)
    calls = []
    run = fit_run(load_dataset(category), config, store, lambda *step: calls.append(step)).run
    assert run.status == "finished"
    assert run.config == config
    assert run.counts.train == 6
    assert run.metrics["image_auroc"] == 1.0  # a bright square on grey noise
    assert run.metrics["pixel_auroc"] > 0.9
    assert run.bank["rows"] == int(0.2 * 6 * 8 * 8)
    assert run.bank["bytes"] == run.bank["rows"] * run.bank["dim"] * 2
    assert run.peak_rss_bytes > 50_000_000
    assert {"features", "coreset", "predict", "evaluate", "total"} <= set(run.seconds)
    assert len(run.weights_sha256) == 64
    assert {"torch", "numpy"} <= set(run.versions)
    assert {"features", "coreset", "predict", "evaluate"} <= {stage for stage, _, _ in calls}
    assert len(store.images(run)) == len(store.anomaly_maps(run)) == 6
    assert "total: " in store.log(run)


@pytest.mark.usefixtures("stand_in")
def test_the_figures_are_those_of_the_maps_as_stored(store, category):
    run = fit_run(load_dataset(category), CONFIG, store).run
    images, maps = store.images(run), store.anomaly_maps(run)
    masks = np.zeros(maps.shape, dtype=bool)
    for row, number in zip(images.index[images["label"] == 1], range(3), strict=True):
        masks[row, 20:36, 24 + number : 40 + number] = True
    assert maps.dtype == np.float16
    assert run.metrics["pixel_auroc"] == pytest.approx(roc_auc_score(masks.ravel(), maps.ravel()), abs=1e-12)
    assert run.metrics["image_auroc"] == roc_auc_score(images["label"], images["image_score"])


@pytest.mark.usefixtures("stand_in")
def test_a_value_of_masks_that_is_named_counts_in_no_figure(store, category):
    for number in range(3):  # a fringe, and half of a bright spot, of which nobody knows
        photo = np.array(Image.open(category / "test" / "hole" / f"{number:03d}.png"))
        photo[50:60, 2:22] = 240
        Image.fromarray(photo).save(category / "test" / "hole" / f"{number:03d}.png")
        path = category / "ground_truth" / "hole" / f"{number:03d}_mask.png"
        mask = np.array(Image.open(path))
        mask[18:20, 24:40], mask[50:60, 2:12] = 128, 128
        Image.fromarray(mask).save(path)
    named = fit_run(load_dataset(category), dataclasses.replace(CONFIG, ignore_value=128), store).run
    images, maps = store.images(named), store.anomaly_maps(named)
    masks, counted = np.zeros(maps.shape, dtype=bool), np.ones(maps.shape, dtype=bool)
    for row, number in zip(images.index[images["label"] == 1], range(3), strict=True):
        masks[row, 20:36, 24 + number : 40 + number] = True
        counted[row, 18:20, 24:40] = counted[row, 50:60, 2:12] = False
    expected = roc_auc_score(masks[counted], maps[counted])
    assert named.metrics["pixel_auroc"] == pytest.approx(expected, abs=1e-12)
    assert expected < 1
    assert [text for text in named.warnings if "3 of 3 masks hold 128, ignored as requested" in text]
    again = figures_without(store, named, np.zeros(len(images), bool))
    assert again.run.metrics["pixel_auroc"] == named.metrics["pixel_auroc"]
    kept = map_summary(store, named)
    (named.folder / MAP_SUMMARY).unlink()
    for name, values in map_summary(store, named).arrays().items():
        np.testing.assert_array_equal(values, kept.arrays()[name])
    assert kept.defect_area[images["label"] == 1].tolist() == [256] * 3
    otherwise = fit_run(load_dataset(category), CONFIG, store).run
    assert otherwise.metrics["pixel_auroc"] != named.metrics["pixel_auroc"]


def test_a_run_made_before_values_could_be_named_is_found(store, category, stand_in):
    run = fit_run(load_dataset(category), CONFIG, store).run
    record = json.loads((run.folder / "run.json").read_text())
    assert record["config"].pop("ignore_value") is None
    (run.folder / "run.json").write_text(json.dumps(record))
    found = fit_run(load_dataset(category), CONFIG, store)
    assert (found.run.id, found.reused, found.run.config) == (run.id, True, CONFIG)
    other = fit_run(load_dataset(category), dataclasses.replace(CONFIG, ignore_value=7), store)
    assert (other.reused, stand_in.PatchCore.fits) == (False, 2)
    assert store.get(other.run.id).config.ignore_value == 7
    assert [text for text in other.run.warnings if "none of 3 masks holds 7, the value to ignore" in text]


@pytest.mark.usefixtures("stand_in")
def test_memory_that_is_short_only_when_the_fit_computes_is_said_too(store, category, monkeypatch):
    plan = budget.Plan(True, 3, 10**9, 0)
    monkeypatch.setattr(budget, "Plan", lambda *_: plan)
    run = fit_run(load_dataset(category), CONFIG, store).run
    assert run.plan["parts"] == 3
    assert run.warnings.count(draft_module.IN_PARTS) == 1


def test_the_same_fit_is_computed_once(store, category, stand_in):
    run = fit_run(load_dataset(category), CONFIG, store).run
    assert fit_run(load_dataset(category), dataclasses.replace(CONFIG, device="auto"), store).run == run
    assert stand_in.PatchCore.fits == 1
    assert fit_run(load_dataset(category), dataclasses.replace(CONFIG, seed=1), store).run.id != run.id
    assert stand_in.PatchCore.fits == 2


def test_the_same_fit_from_another_folder_is_said_to_be_an_existing_run(store, category, tmp_path, stand_in):
    first = fit_run(load_dataset(category), CONFIG, store)
    copy = shutil.copytree(category, tmp_path / "elsewhere" / "plate")
    second = fit_run(load_dataset(copy), CONFIG, store)
    assert (first.reused, second.reused) == (False, True)
    assert second.run == first.run
    assert stand_in.PatchCore.fits == 1


@pytest.mark.usefixtures("stand_in")
@pytest.mark.parametrize(("free", "warned"), [(2 * 10**6, True), (10**15, False)])
def test_a_fit_that_needs_more_memory_than_is_free_is_warned_of_and_made(
    store, category, monkeypatch, caplog, free, warned
):
    monkeypatch.setattr(fit_module, "free_memory", lambda: free)
    run = fit_run(load_dataset(category), CONFIG, store).run
    assert run.status == "finished"
    assert [("of memory will be needed and 0.0 GB are free" in text) for text in caplog.messages] == [True] * warned
    assert ("of memory will be needed" in store.log(run)) is warned


@pytest.mark.usefixtures("stand_in")
@pytest.mark.parametrize(("how", "error", "status", "reason"), [
    ("bug", RuntimeError, "failed", "RuntimeError: the stand-in was told to break"),
    ("memory", MemoryError, "failed", "MemoryError"),
    ("interrupt", KeyboardInterrupt, "cancelled", "cancelled before it was done"),
])  # fmt: skip
def test_an_end_before_the_end_is_recorded(store, category, monkeypatch, how, error, status, reason):
    monkeypatch.setenv("STAND_IN", how)
    with pytest.raises(error):
        fit_run(load_dataset(category), CONFIG, store)
    (run,) = store.list()
    assert (run.status, run.error) == (status, reason)
    assert not (store.root / run.id).exists()
    monkeypatch.delenv("STAND_IN")
    again = fit_run(load_dataset(category), CONFIG, store).run
    assert store.list() == (again,)


@pytest.mark.usefixtures("stand_in")
def test_a_full_disk_is_said_and_nothing_is_left(store, category, monkeypatch):
    def full(file: BinaryIO, *_: object) -> None:
        file.write(b"half")
        raise OSError(28, "No space left on device", file.name)

    monkeypatch.setattr(np.lib.format, "write_array_header_1_0", full)
    with pytest.raises(StoreError, match=r"anomaly_maps\.npy: cannot be written: No space left on device"):
        fit_run(load_dataset(category), CONFIG, store)
    (run,) = store.list()
    assert run.status == "failed"
    assert "No space left" in run.error
    assert sorted(path.name for path in run.folder.iterdir()) == ["progress.json", "run.json"]


@pytest.mark.usefixtures("stand_in")
def test_without_test_images_every_figure_is_undefined_for_a_reason(store, tmp_path):
    run = fit_run(load_dataset(write_category(tmp_path / "only_good", good=0, hole=0)), CONFIG, store).run
    assert run.status == "finished"
    assert run.metrics
    assert all(math.isnan(value) for value in run.metrics.values())
    assert set(run.metrics) <= set(run.reasons)
    assert len(store.images(run)) == 0
    assert store.anomaly_maps(run).shape == (0, 64, 64)


@pytest.mark.usefixtures("stand_in")
def test_unreadable_test_images_are_listed_and_left_out(store, category):
    broken = category / "test" / "good" / "001.png"
    broken.write_bytes(broken.read_bytes()[:100])
    run = fit_run(load_dataset(category), CONFIG, store).run
    assert [path for path, _ in run.unreadable] == [str(broken)]
    assert str(broken) not in store.images(run)["path"].tolist()
    assert len(store.anomaly_maps(run)) == 5


@pytest.mark.usefixtures("stand_in")
def test_crop_loss_stands_in_the_run_only_where_there_is_a_crop(store, category):
    dataset = load_dataset(category)
    assert fit_run(dataset, CONFIG, store).run.crop_loss == {}
    config = dataclasses.replace(CONFIG, center_crop=16, patch_size=1)  # sees rows 24 to 39
    cropped = fit_run(dataset, config, store).run
    assert cropped.crop_loss == {"hole": CropLoss(3, 0, 3)}
    assert cropped.input_shape == (16, 16)


@pytest.mark.parametrize("end", ["finished", "failed"])
def test_a_fit_that_runs_elsewhere_is_waited_for(store, category, stand_in, finish, monkeypatch, end):
    monkeypatch.setattr(fit_module, "POLL", 0.01)
    dataset, steps = load_dataset(category), []
    other = store.begin(draft_run(dataset, CONFIG))

    def follow(*step: object) -> None:
        steps.append(step)
        if len(steps) == 1:
            finish(other) if end == "finished" else other.end("failed", "no memory")

    other.progress("features", 2, 6)
    if end == "finished":
        assert fit_run(dataset, CONFIG, store, follow).run.id == other.run.id
    else:
        with pytest.raises(StoreError, match=f"{other.run.id}.*has failed: no memory"):
            fit_run(dataset, CONFIG, store, follow)
    assert steps == [("features", 2, 6)]
    assert stand_in.PatchCore.fits == 0


@pytest.mark.usefixtures("stand_in")
def test_a_fit_whose_process_is_lost_while_waited_for_is_taken_over(store, category, monkeypatch):
    monkeypatch.setattr(fit_module, "POLL", 0.01)
    dataset = load_dataset(category)
    other = store.begin(draft_run(dataset, CONFIG))
    other.progress("features", 2, 6)
    run = fit_run(dataset, CONFIG, store, lambda *_: other.update(process=None) if other.run.process else None).run
    assert run.id != other.run.id
    assert store.list() == (run,)


def test_a_run_says_how_far_its_figures_can_be_trusted(store, category):
    """With the real network, one test image being a copy of a training image."""
    shutil.copy(category / "train" / "good" / "000.png", category / "test" / "good" / "000.png")
    run = fit_run(load_dataset(category), dataclasses.replace(CONFIG, coreset_ratio=0.3), store).run
    low, high = run.intervals["image_auroc"]
    assert low <= run.metrics["image_auroc"] <= high
    assert set(run.intervals) == set(run.metrics)
    assert set(run.per_defect_intervals) == set(run.per_defect) == {"hole"}
    assert sum(row.regions for row in run.region_recall) == 3
    expected = HeldOut("leave one image out", images=6, maps=6, of=6, groups=6, copies=(), odd=())
    assert dataclasses.replace(run.heldout, thresholds={}) == expected
    assert run.heldout.thresholds["image"].without_odd == run.thresholds["heldout_p99"]
    points = {point.method: point for point in run.operating_points}
    assert points["heldout_p99"].source == points["pixel_heldout_p999"].source == "held-out"
    assert points["f1_max"].source == "oracle"
    assert all(run.thresholds[name] == pytest.approx(point.value, nan_ok=True) for name, point in points.items())
    badges = {badge.key: badge for badge in run.badges}
    assert list(badges) == [
        "threshold", "identical", "near_duplicates", "training_copies", "odd_training", "proportions", "crop",
        "unreadable", "split", "unlike"]
    assert (badges["threshold"].level, badges["identical"].level) == ("ok", "warning")
    assert badges["identical"].counts["identical"] == badges["near_duplicates"].counts["near"] == 1
    assert run.near_training == store.get(run.id).near_training == {"test/good/000.png": "train/good/000.png"}
    curves = store.curves(run)
    assert len(curves.heldout.scores) == 6
    assert run.thresholds["heldout_p99"] == np.nextafter(float(curves.heldout.scores.max()), np.inf)
    assert len(curves.regions.area) == 3
    assert run.seconds["held-out"] > 0
