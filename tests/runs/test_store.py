"""Runs in their store: written, read back, listed, damaged, deleted."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patchcore_core.data.values import CropLoss
from patchcore_core.errors import StoreError, UnknownRunError
from patchcore_core.evaluation.curve_points import Curves
from patchcore_core.evaluation.values import TrainingImage, TrainingImages
from patchcore_core.runs.files import TEXT
from patchcore_core.runs.folder import RUN_ID, new_id
from patchcore_core.runs.record import to_json
from patchcore_core.runs.store import RunStore


def test_a_finished_run_is_read_back_as_it_was_written(store, draft, finish):
    metrics, loss = {"image_auroc": 0.5, "aupro": math.nan}, {"hole": CropLoss(1, 0, 1)}
    run = finish(
        store.begin(draft()), metrics=metrics, reasons={"aupro": "no defect pixel"}, seconds={"total": 2.0},
        per_defect={"hole": {"count": 3.0, "aupro": math.nan}}, unreadable=(("a.png", "truncated"),), warnings=("w",),
        bank={"rows": 5, "dim": 3, "bytes": 60}, peak_rss_bytes=7, crop_loss=loss,
    )  # fmt: skip
    assert run == store.get(run.id)
    assert run.status == "finished"
    assert run.folder == store.root / run.id
    assert run.metrics["image_auroc"] == 0.5
    assert math.isnan(run.metrics["aupro"])
    assert math.isnan(run.per_defect["hole"]["aupro"])
    assert (run.unreadable, run.warnings, run.crop_loss) == ((("a.png", "truncated"),), ("w",), loss)
    assert json.loads((run.folder / "run.json").read_text())["metrics"] == {"image_auroc": 0.5, "aupro": None}
    np.testing.assert_array_equal(store.anomaly_maps(run), np.repeat([0.25, 1.5], 16).reshape(2, 4, 4))
    assert store.anomaly_maps(run).dtype == np.float16
    assert store.curves(run).image.tp.tolist() == [0, 1, 2, 3, 4]
    assert (store.bank_folder(run) / "patches.safetensors").read_bytes() == b"0" * 100


def test_images_are_read_back_with_absolute_paths_and_their_types(store, draft, finish):
    run = finish(store.begin(draft()))
    images = store.images(run)
    assert images["path"].tolist() == [f"{run.dataset}/test/0.png", f"{run.dataset}/test/1.png"]
    assert images["mask_paths"].tolist() == [(), (f"{run.dataset}/mask.png",)]
    assert images["defect_type"].tolist() == ["good", "NA"]  # a type may be called NA
    assert images["label"].tolist() == [0, 1]
    assert images["mask_kept"].isna().tolist() == [True, False]
    assert (run.folder / "images.csv").read_text().splitlines()[1].startswith("test/0.png,test,0,good,,0.25,")


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(scores=st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), max_size=20))
def test_scores_survive_the_text_file_to_the_last_bit(store, draft, finish, scores):
    writer = store.begin(draft(identity=os.urandom(8).hex()))
    with np.errstate(over="ignore"):  # the maps of this test are of no interest
        images = store.images(finish(writer, scores))
    assert images["image_score"].tolist() == scores


def test_a_run_is_absent_until_all_of_it_is_there(store, draft, finish):
    writer = store.begin(draft())
    seen = []

    def look(folder: Path) -> None:
        seen.append((sorted(entry.name for entry in store.root.iterdir()), store.get(writer.run.id).status))
        folder.mkdir()

    frame = store.images(finish(store.begin(draft(identity="other")), ()))
    before = sorted(entry.name for entry in store.root.iterdir())
    writer.finish(frame, Curves(), np.zeros((0, 4, 4), np.float16), look)
    assert seen == [(before, "running")]
    assert store.get(writer.run.id).status == "finished"


def test_a_run_whose_bank_cannot_be_written_never_appears(store, draft, finish):
    writer, frame = store.begin(draft()), store.images(finish(store.begin(draft(identity="other")), ()))

    def fail(folder: Path) -> None:
        raise OSError(28, "No space left on device", str(folder))

    with pytest.raises(StoreError, match=r"memory_bank: cannot be written: No space left on device"):
        writer.finish(frame, Curves(), np.zeros((0, 4, 4), np.float16), fail)
    writer.end("failed", "disk full")
    assert not (store.root / writer.run.id).exists()
    assert store.get(writer.run.id).error == "disk full"
    assert sorted(entry.name for entry in store.get(writer.run.id).folder.iterdir()) == ["progress.json", "run.json"]


def test_runs_are_listed_newest_first(store, draft, finish):
    runs = [finish(store.begin(draft(identity=str(n)))) for n in range(3)]
    alive = store.begin(draft(identity="alive")).run
    assert [run.id for run in store.list()] == [alive.id, *(run.id for run in reversed(runs))]


def test_an_empty_or_missing_store_has_no_runs(store):
    assert store.list() == ()
    store.root.mkdir()
    (store.root / "notes").mkdir()
    (store.root / "20260101-000000-tile-abcd.txt").write_text("no run")
    assert store.list() == ()


def test_the_store_is_where_the_environment_says(monkeypatch, tmp_path):
    monkeypatch.setenv("PATCHCORE_RUNS", str(tmp_path / "elsewhere"))
    assert RunStore().root == tmp_path / "elsewhere"
    monkeypatch.delenv("PATCHCORE_RUNS")
    monkeypatch.chdir(tmp_path)
    assert RunStore().root == tmp_path / "runs"


@given(st.text(max_size=300))
def test_any_category_name_gives_a_harmless_id(category):
    assert RUN_ID.fullmatch(new_id(category))
    assert len(new_id(category)) < 70


@pytest.mark.parametrize("run_id", [
    "", ".", "..", "../runs", "/etc", "20260101-000000-tile-abcd/..", "20260101-000000-tile-abcd\n", "x" * 5000,
    "20260101-000000-tile-abcd", "20260101-000000-../x-abcd", "\0",
])  # fmt: skip
def test_an_id_that_names_no_run_is_unknown(store, run_id):
    with pytest.raises(UnknownRunError, match="no run"):
        store.get(run_id)


DATA_FILES = ["anomaly_maps.npy", "curves.npz", "memory_bank/patches.safetensors"]


@pytest.mark.parametrize("name", [*DATA_FILES, "run.json"])
def test_a_truncated_file_is_named_and_the_other_runs_stay(store, draft, finish, name):
    whole, run = finish(store.begin(draft(identity="whole"))), finish(store.begin(draft()))
    path = run.folder / name
    path.write_bytes(path.read_bytes()[:-20])
    listed = {found.id: found for found in store.list()}
    assert listed[whole.id] == whole
    assert listed[run.id].status == "failed"
    assert str(path) in listed[run.id].error
    assert store.find(run.identity) is None


@pytest.mark.parametrize("name", [*DATA_FILES, "run.json", "images.csv"])
def test_a_missing_file_is_named(store, draft, finish, name):
    run = finish(store.begin(draft()))
    (run.folder / name).unlink()
    found = store.get(run.id)
    assert found.status == "failed"
    assert str(run.folder / name) in found.error


@pytest.mark.parametrize(("name", "read"), [
    ("anomaly_maps.npy", "anomaly_maps"), ("curves.npz", "curves"), ("images.csv", "images"),
])  # fmt: skip
@pytest.mark.parametrize("cut", [1, 40])
def test_reading_a_truncated_file_names_it(store, draft, finish, name, read, cut):
    run = finish(store.begin(draft()))
    path = run.folder / name
    path.write_bytes(path.read_bytes()[: -cut - len(b"\n")])
    with pytest.raises(StoreError, match=name):
        getattr(store, read)(run)


@pytest.mark.parametrize("edit", [
    lambda _: [], lambda _: {}, lambda record: {**record, "config": {"backbone": "x", "layers": "y"}},
    lambda record: {**record, "config": {**record["config"], "coreset_ratio": 7}},
    lambda record: {**record, "metrics": {"aupro": "high"}}, lambda record: {**record, "dataset": None},
    lambda record: {**record, "files": {"images.csv": "many"}}, lambda record: {**record, "process": 7},
    lambda record: {**record, "unreadable": ["x"]},
])  # fmt: skip
def test_a_record_edited_into_nonsense_reads_as_failed(store, draft, finish, edit):
    run = finish(store.begin(draft()))
    path = run.folder / "run.json"
    path.write_text(json.dumps(edit(json.loads(path.read_text()))))
    (found,) = store.list()
    assert (found.status, found.broken, found.category) == ("failed", True, "tile")
    assert str(path) in found.error
    assert to_json(found) == {"id": run.id, "status": "failed", "error": found.error, "category": "tile"}


TRAINED = TrainingImages((
    TrainingImage("train/a.png", "ab", 1.25, copies=("train/b.png",)),
    TrainingImage("train/=c\udce9.png", "", math.nan), TrainingImage("train/d.png", "", 9.5, odd=True),
))  # fmt: skip


def test_training_images_are_read_as_they_were_written_and_absent_in_older_runs(store, draft, finish):
    run = finish(store.begin(draft()), training_images=TRAINED)
    first, second, third = store.training_images(run)
    assert (first, third) == (TRAINED.images[0], TRAINED.images[2])
    assert (second.path, math.isnan(second.score)) == ("train/=c\udce9.png", True)
    assert store.training_images(finish(store.begin(draft(identity="older")))) is None


@pytest.mark.parametrize(("change", "words"), [
    ({"path": "../../x.png"}, "is no path within the dataset"), ({"copies": ["/x.png"]}, "is no path within"),
    ({"score": "high"}, r"images\[0\].score must be a number"), ({"odd": 1}, r"images\[0\].odd must be true or false"),
])  # fmt: skip
def test_training_images_edited_into_nonsense_are_refused(store, draft, finish, change, words):
    run = finish(store.begin(draft()), training_images=TRAINED)
    path = run.folder / "training_images.json"
    values = json.loads(path.read_text(**TEXT))
    values["images"][0] |= change
    path.write_text(json.dumps(values), **TEXT)
    with pytest.raises(StoreError, match=words):
        store.training_images(run)


def test_a_photo_that_was_taught_may_lie_elsewhere(store, draft, finish):
    taught = TrainingImages((TrainingImage("/photos/x.png", "", 1.0),))
    run = finish(store.begin(draft(taught=("/photos/x.png",))), training_images=taught)
    assert store.training_images(run) == taught.images


def test_the_image_table_may_be_edited_by_hand(store, draft, finish):
    run = finish(store.begin(draft()))
    path = run.folder / "images.csv"
    path.write_text(path.read_text().replace("NA", "a much longer name"))
    assert store.get(run.id).status == "finished"
    assert store.images(run)["defect_type"].tolist() == ["good", "a much longer name"]


def test_the_record_follows_data_that_moved(store, draft, finish, tmp_path):
    run = finish(store.begin(draft()))  # its data never existed here
    moved = tmp_path / "moved"
    moved.mkdir()
    found = store.begin(draft(dataset=str(moved)))
    assert (found.id, found.dataset) == (run.id, str(moved))
    assert store.images(store.get(run.id))["path"].tolist()[0] == f"{moved}/test/0.png"
    assert store.get(run.id).status == "finished"
    assert store.get(run.id).updated_at > run.updated_at


def test_only_a_run_that_has_ended_can_be_deleted(store, draft, finish):
    writer = store.begin(draft())
    with pytest.raises(StoreError, match="cancel it before"):
        store.delete(writer.run.id)
    run = finish(writer)
    store.delete(run.id)
    assert store.list() == ()
    assert not run.folder.exists()
    with pytest.raises(UnknownRunError):
        store.delete(run.id)


def test_a_store_that_cannot_be_written_says_so(tmp_path, draft):
    (tmp_path / "file").write_text("in the way")
    for place in (tmp_path / "file", tmp_path / "file" / "runs"):
        with pytest.raises(StoreError) as refusal:
            RunStore(place).close("20260101-000000-tile-abcd", "failed", "")
        assert str(refusal.value) == f"{place}: no runs can be kept there: Not a directory"
        with pytest.raises(StoreError, match="Not a directory") as refusal:
            RunStore(place).begin(draft())
        assert ".jobs" not in str(refusal.value)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="permissions do not bind this user")
def test_a_store_without_permission_says_so(tmp_path, draft):
    (tmp_path / "runs").mkdir(mode=0o500)
    with pytest.raises(StoreError, match="Permission denied"):
        RunStore(tmp_path / "runs").begin(draft())


def test_progress_is_what_was_written_last(store, draft):
    writer = store.begin(draft())
    assert store.progress(writer.run.id) is None
    writer.progress("features", 1, 5)
    writer.progress("features", 5, 5)
    progress = store.progress(writer.run.id)
    assert (progress.stage, progress.done, progress.total) == ("features", 5, 5)
    (writer.run.folder / "progress.json").write_text('{"stage": "fea')
    assert store.progress(writer.run.id) is None
    with pytest.raises(UnknownRunError):
        store.progress("20260101-000000-tile-abcd")


def test_a_run_whose_log_is_gone_is_finished_all_the_same(store, draft, finish):
    writer = store.begin(draft())
    writer.log("all that there is to say")
    run = finish(writer)
    (run.folder / "log.txt").unlink()
    assert store.get(run.id) == run
    assert store.log(run) == ""
    (run.folder / "images.csv").unlink()
    assert store.get(run.id).status == "failed"


def test_the_log_is_kept_with_the_run(store, draft, finish):
    writer = store.begin(draft())
    for number in range(5):
        writer.log(f"line {number}")
    assert [line[-6:] for line in store.log(writer.run, lines=2).splitlines()] == ["line 3", "line 4"]
    run = finish(writer)
    assert len(store.log(run).splitlines()) == 5
    assert not store.log_path(run.id).exists()
