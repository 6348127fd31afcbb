"""Review's table of images for runs in every state, held against plain loops over maps and masks."""

from __future__ import annotations

import dataclasses
import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from pages.ui import cache
from pages.ui.review import data
from pages.ui.review import table as review_table
from pages.ui.review.data import test_images as images_of
from patchcore_core.errors import PatchCoreError, StoreError
from patchcore_core.evaluation.causes.causes import NO_MASK, NO_PATCH, NO_TRAINING
from patchcore_core.evaluation.curve_points import Curves, RegionTable
from patchcore_core.evaluation.values import Badge
from patchcore_core.runs.folder import MAP_SUMMARY
from patchcore_core.views.listing import Filters, filtered

NOTHING: dict = {}


def mask_of(row, root):
    if row.label == 0:
        return np.zeros((32, 32), bool)
    place = root / "tile/ground_truth" / row.defect_type / f"{row.name.split('/')[-1][:-4]}_mask.png"
    return np.asarray(Image.open(place)) > 0


def test_the_table_against_a_plain_loop(make_run, store, data_root):
    run = make_run()
    images, threshold = images_of(run), 0.9
    pixel_threshold = run.thresholds["pixel_f1_max"]
    said = {2: SimpleNamespace(verdict="agree", tags=("a",))}
    made = review_table.table(run, images, threshold, pixel_threshold, said)
    for row, found in zip(images.itertuples(), store.anomaly_maps(run), strict=True):
        mask, marked = mask_of(row, data_root), found.astype(float) >= pixel_threshold
        union = (mask | marked).sum()
        expected = (mask & marked).sum() / union if union else np.nan
        np.testing.assert_allclose(made["iou"][row.Index], expected)
        assert made["overlooked"][row.Index] == (mask & ~marked).sum()
        wrong = "FN" if row.label == 1 and row.image_score < threshold else "FP"
        if row.label != (row.image_score >= threshold):
            assert made["outcome"][row.Index] == wrong
    assert made["verdict"].tolist() == ["", "", "agree", *[""] * 6]
    causes = review_table.causes_of(run, images, threshold)
    assert made["causes"].tolist() == causes.keys()
    assert causes.outcome.tolist() == made["outcome"].tolist()


def test_the_bars_of_recall_by_size_and_the_filter_speak_of_the_same_images(make_run, monkeypatch):
    run = make_run()
    known = {"image": [4, 4, 5, 7], "area": [2, 30, 9, 10], "size_class": [0, 3, 1, 2], "peak": [1.0] * 4,
             "overlap": [1.0] * 4, "scores_at": [[1.0] * 10] * 4}  # the fifth image has a small one beside its largest
    curves = Curves(regions=RegionTable(**{name: np.array(values) for name, values in known.items()}))
    monkeypatch.setattr(cache, "load_curves", lambda _: curves)
    regions = data.regions(run)
    assert not isinstance(regions, str)
    made = review_table.table(run, images_of(run), 0.9, 0.5, NOTHING)
    for bar in regions.data(0.5):
        low, high = bar["range"]
        inside = (low <= regions.table.area) & (regions.table.area <= high)
        left = filtered(made, Filters(region_area=(low, high)))
        assert left.index.tolist() == sorted(set(regions.table.image[inside].tolist())) != []


def test_a_threshold_changes_only_what_follows_from_it(make_run):
    run = make_run()
    images = images_of(run)
    low, high = (review_table.table(run, images, threshold, 0.5, NOTHING) for threshold in (-1e9, 1e9))
    assert set(low["outcome"]) == {"TP", "FP"}
    assert set(high["outcome"]) == {"FN", "TN"}
    assert low["iou"].equals(high["iou"])


def test_masks_that_are_gone_count_as_unknown_and_are_known_again_when_they_are_back(make_run, data_root):
    run = make_run()
    (run.folder / MAP_SUMMARY).unlink(missing_ok=True)
    away = data_root.with_name("away")
    data_root.rename(away)
    images = images_of(run)
    made = review_table.table(run, images, 1e9, 0.5, NOTHING)
    assert made["overlooked"].notna().tolist() == (images["label"] == 0).tolist()
    assert made["region_area"].isna().all()
    assert review_table.causes_of(run, images, 0.9).not_computed["peak_elsewhere"] == NO_MASK
    away.rename(data_root)
    assert review_table.table(run, images, 1e9, 0.5, NOTHING)["region_area"].notna().sum() == 5


def test_masks_of_folders_that_may_not_be_read_are_not(make_run, tmp_path, monkeypatch):
    run = make_run()
    (run.folder / MAP_SUMMARY).unlink(missing_ok=True)
    monkeypatch.setenv("PATCHCORE_DATA", str(tmp_path / "elsewhere"))
    assert review_table.table(run, images_of(run), 0.9, 0.5, NOTHING)["region_area"].isna().all()
    assert not (run.folder / MAP_SUMMARY).exists()


def test_maps_that_cannot_be_read_are_an_error_each_time_and_none_once_they_are_back(make_run):
    run = make_run()
    images, maps = images_of(run), run.folder / "anomaly_maps.npy"
    kept = maps.read_bytes()
    maps.write_bytes(b"no array")
    for _ in range(2):
        with pytest.raises(StoreError, match="anomaly_maps"):
            review_table.table(run, images, 0.9, 0.5, NOTHING)
    maps.write_bytes(kept)
    assert len(review_table.table(run, images, 0.9, 0.5, NOTHING)) == 9


def test_a_run_without_test_images_has_an_empty_table(make_run):
    run = make_run()
    (run.folder / "images.csv").write_text((run.folder / "images.csv").read_text().splitlines()[0] + "\n")
    np.save(run.folder / "anomaly_maps.npy", np.empty((0, 32, 32), np.float16))
    images = images_of(run)
    assert review_table.table(run, images, 0.9, 0.5, NOTHING).empty
    assert not any(review_table.causes_of(run, images, 0.9).counts().values())


def badge(run, counts):
    return dataclasses.replace(run, badges=(Badge("near_duplicates", "ok", "", "", counts or {}),))


@pytest.mark.parametrize(("counts", "reason"), [
    (None, NO_TRAINING), ({}, NO_TRAINING), ({"near": 0, "test": 9}, None), ({"near": 2, "test": 9}, "2 of 9 test"),
])
def test_near_training_is_said_as_far_as_the_run_recorded_it(make_run, counts, reason):
    run = badge(make_run(), counts)
    causes = review_table.causes_of(run, images_of(run), 0.9)
    assert (reason or "") in causes.not_computed.get("near_training", "")
    assert ("near_training" in causes.not_computed) == (reason is not None)
    assert not causes.applies["near_training"].any()


def test_the_training_image_that_a_false_alarm_nearly_is_has_its_name(make_run):
    run = badge(make_run(), {"near": 1, "test": 9})
    run = dataclasses.replace(run, near_training={"test/good/001.png": "train/good/004.png"}, updated_at="later")
    images = images_of(run)
    causes = review_table.causes_of(run, images, -1.0)  # everything is called defective
    (place,) = np.flatnonzero(causes.applies["near_training"])
    assert images.at[place, "name"] == "test/good/001.png"
    assert "train/good/004.png" in causes.sentences(int(place))["near_training"]


def test_a_network_that_is_not_known_here_leaves_out_what_needs_the_size_of_a_patch(make_run, monkeypatch):
    def unknown(run):
        raise PatchCoreError(f"{run.id}: no such network")

    monkeypatch.setattr(review_table, "patch_pixels", unknown)
    run = make_run()
    causes = review_table.causes_of(run, images_of(run), 0.9)
    assert {key for key, reason in causes.not_computed.items() if reason == NO_PATCH} == {
        "smaller_than_patch", "below_threshold", "peak_elsewhere", "border"}


def test_it_is_made_once_for_all_who_ask_and_shows_how_far_it_is(make_run, monkeypatch):
    run, calls, shown, cleared = make_run(), [], [], []
    images = images_of(run)
    really = review_table.map_summary

    def slow(store, run, read, advance):
        calls.append(run.id)
        advance(4)
        time.sleep(1.0)
        return really(store, run, read)

    monkeypatch.setattr(review_table, "map_summary", slow)
    place = SimpleNamespace(progress=lambda share, text: shown.append((share, text)), empty=lambda: cleared.append(1))
    monkeypatch.setattr(review_table.st, "empty", lambda: place)
    found = []
    visitors = [threading.Thread(target=lambda: found.append(review_table.table(run, images, 0.9, 0.5, NOTHING)))
                for _ in range(3)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join(30)
    assert len(found) == 3
    assert calls == [run.id]
    assert {text for _, text in shown} == {"Reading the anomaly maps once: 4 of 9"}
    assert {share for share, _ in shown} == {4 / 9}
    assert len(cleared) == 3
