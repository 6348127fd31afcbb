"""`score`: maps and pictures of photos, and the thresholds that decide."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from patchcore_core.data.dataset import load_dataset
from patchcore_core.data.images import read_image
from patchcore_core.evaluation.thresholds import unlike
from patchcore_core.evaluation.thresholds.unlike import Familiar, levels_of
from patchcore_core.evaluation.trim import Trim, kept_on_photo
from patchcore_core.exports.of_run import Selection, to_zip
from patchcore_core.model.patchcore import PatchCore
from patchcore_core.runs.store import RunStore
from tests.cli.calling import command
from tests.exports.test_coco import check, decoded
from tests.tiny import save


def test_score_writes_maps_and_pictures_at_the_size_of_the_photo(place, run_id):
    wide = np.full((50, 90, 3), 120, np.uint8)
    wide[10:30, 20:40] = 235
    save(place / "new" / "000.png", wide)
    done = command("score", run_id, "new", "data/tile/test/good/000.png", "--out", "out", "--json", cwd=place)
    assert done.returncode == 0, done.stderr
    records = json.loads(done.stdout)
    assert records == json.loads((place / "out" / "scores.json").read_text())
    assert pd.read_csv(place / "out" / "scores.csv")["image_score"].tolist() == [r["image_score"] for r in records]
    first, second = records
    assert [first["map_values"], second["map_values"]] == ["000_anomaly_map.npy", "000-2_anomaly_map.npy"]
    for kind in ("anomaly_map", "overlay", "mask"):
        with Image.open(place / "out" / first[kind]) as picture:
            assert picture.size == (90, 50)
        with Image.open(place / "out" / second[kind]) as picture:
            assert picture.size == (64, 64)
    model = PatchCore.load(RunStore(place / "runs").bank_folder(RunStore(place / "runs").get(run_id)), device="cpu")
    values = np.load(place / "out" / first["map_values"])
    assert (values.shape, values.dtype) == ((50, 90), np.float32)
    found = model.score_image(wide).anomaly_map
    stored = found.astype(np.float16).astype(np.float32)  # as the run's own maps are; a step of rounding is 2^-10
    np.testing.assert_allclose(values, model.transform.to_photo(stored, 50, 90), rtol=2**-10)
    run = RunStore(place / "runs").get(run_id)
    thresholds = run.thresholds
    assert (first["threshold_rule"], first["threshold"]) == ("heldout_p99", thresholds["heldout_p99"])
    threshold = thresholds["pixel_heldout_p999"]
    mask = np.asarray(Image.open(place / "out" / first["mask"]))
    kept = kept_on_photo(model.transform, found, 50, 90, Trim.read(run.trim))
    assert ((mask > 0) != (kept >= threshold)).mean() < 0.01  # scored in another process
    assert (values >= threshold)[mask > 0].all()
    assert first["defective_share"] == pytest.approx((mask > 0).mean())
    assert first["defective"] == (first["image_score"] >= first["threshold"])


def test_score_goes_on_after_an_image_that_cannot_be_read(place, run_id, asked):
    (place / "no image.png").write_text("text")
    photo = load_dataset(place / "data" / "tile").test[0].path
    code, out, err = asked(place, "score", run_id, "no image.png", photo, "gone.png", "--out", "some", "--json")
    assert code == 2
    broken, scored, gone = json.loads(out)
    assert scored["image_score"] > 0
    assert "no image.png" in broken["error"]
    assert "gone.png" in gone["error"]
    assert [line.split(":")[0] for line in err.splitlines()] == ["error", "error"]


def test_score_writes_beside_any_name(place, run_id, asked):
    names = ["図" * 80, "<b>bold<_b>", "two\nlines", "=1+1", "[a](http:__b)", "$x$", "-n"]
    for name in names:
        save(place / "named" / f"{name}.png", np.full((8, 9, 3), 120, np.uint8))
    code, out, err = asked(place, "score", run_id, "named", "--out", "of named", "--json")
    assert (code, err) == (0, "")
    records = json.loads(out)
    assert len(records) == len(names)
    written = {record[kind] for record in records for kind in ("map_values", "anomaly_map", "overlay", "mask")}
    assert written | {"scores.json", "scores.csv"} == {path.name for path in (place / "of named").iterdir()}
    assert len(written) == 4 * len(names)
    assert all(name.isprintable() for name in written)


def test_score_decides_by_the_thresholds_that_are_given(place, run_id, asked):
    photo = load_dataset(place / "data" / "tile").test[0].path
    _, out, _ = asked(place, "score", run_id, photo, "--out", "low", "--threshold", "0", "--pixel-threshold", "0")
    assert out.splitlines()[0].endswith("  defective")
    run, values = RunStore(place / "runs").get(run_id), np.load(place / "low" / "000_anomaly_map.npy")
    trim = Trim.read(run.trim)
    mask = np.asarray(Image.open(place / "low" / "000_mask.png")) > 0
    assert trim
    np.testing.assert_array_equal(mask, trim.kept(values) >= 0)  # a photo of the map's size


def test_a_run_that_is_not_whole_does_not_score(place, run_id, tmp_path, refused):
    shutil.copytree(place / "runs", tmp_path / "runs")
    maps = tmp_path / "runs" / run_id / "anomaly_maps.npy"
    maps.write_bytes(maps.read_bytes()[:-10])
    refused(tmp_path, ("score", run_id, "photo.png"), ("is failed", "anomaly_maps.npy"))


def test_the_pictures_are_those_of_the_export_of_a_run(score, made):
    store, run_id = RunStore(made[0]), made[1]
    run, images = store.get(run_id), store.images(store.get(run_id))
    rows = np.flatnonzero(images["defect_type"] == "hole").tolist()
    assert score(*images["path"].iloc[rows], "--out", "o")[0] == 0
    selection = Selection(run, images, rows, pixel_threshold=run.thresholds["pixel_heldout_p999"])
    with zipfile.ZipFile(io.BytesIO(b"".join(to_zip(store, selection)))) as archive:
        for number in range(len(rows)):
            for kind in ("anomaly_map", "overlay", "mask"):
                name = f"{number:03d}_{kind}.png"
                assert archive.read(f"test/hole/{name}") == Path("o", name).read_bytes()


def test_the_regions_of_all_images_are_one_coco_file(score, made):
    store = RunStore(made[0])
    images = store.images(store.get(made[1]))
    paths = images["path"][images["defect_type"] == "hole"].tolist()
    code, out, err = score(*paths, "--out", "o", "--coco", "deep/regions.json", "--json")
    assert (code, err) == (0, "")
    document = json.loads(Path("deep/regions.json").read_text())
    check(document)
    records = json.loads(out)
    for record, image in zip(records, document["images"], strict=True):
        assert (image["file_name"], image["image_score"]) == (record["image"], record["image_score"])
        masks = [decoded(one["segmentation"]) for one in document["annotations"] if one["image_id"] == image["id"]]
        np.testing.assert_array_equal(np.any(masks, axis=0), np.asarray(Image.open(Path("o", record["mask"]))) > 0)
    assert document["info"]["pixel_threshold"] == store.get(made[1]).thresholds["pixel_heldout_p999"]


@pytest.mark.parametrize(("coco", "why"), [
    ("there.json", "there.json: exists already"), ("photos/a.png", "is one of the images to score"),
    ("o/scores.json", "is the name of another output file"), ("o", "is a folder with the name of an output file"),
])
def test_a_coco_file_is_written_over_nothing(coco, why, score, monkeypatch):
    save(Path("photos/a.png"), np.full((24, 24, 3), 120, np.uint8))
    Path("there.json").write_text("mine")
    Path("o").mkdir()
    monkeypatch.setattr(PatchCore, "load", lambda *_, **__: pytest.fail("it is refused before anything is computed"))
    code, _, err = score("photos", "--out", "o", "--coco", coco)
    assert (code, why in err, len(err.splitlines())) == (2, True, 1)


def test_a_photo_of_another_part_gets_a_warning_instead_of_a_verdict(score, made, monkeypatch):
    monkeypatch.setattr(unlike, "LEAST_GRID", 1)
    run = RunStore(made[0]).get(made[1])
    save(Path("other.png"), np.full((8, 9, 3), 120, np.uint8))
    good = Path(run.dataset, "test/good/000.png")
    model = PatchCore.load(run.folder / "memory_bank", device="cpu")
    level = levels_of(model.score_image(read_image(good)).patch_scores[None])[0]
    monkeypatch.setattr(Familiar, "read", lambda _: Familiar(np.full(9, level)))
    code, out, err = score("other.png", good, "--out", "o")
    assert code == 0
    assert err.startswith("warning: other.png: unlike anything the memory bank knows")
    assert len(err.splitlines()) == 1
    assert "no verdict: unlike anything the memory bank knows" in out.splitlines()[0]
    assert out.splitlines()[1].endswith("  good")
    records = json.loads(Path("o/scores.json").read_text())
    assert [record["unlike"] for record in records] == [True, False]
    assert records[0]["defective"] is True  # the comparison with the threshold stays what it was


def test_where_no_levels_are_recorded_it_is_not_known(score, made):
    run = RunStore(made[0]).get(made[1])
    code, out, err = score(Path(run.dataset, "test/good/000.png"), "--out", "o")
    assert (code, err) == (0, "")
    assert "cannot be told: the run has recorded no levels of held-out photos" in out
    assert json.loads(Path("o/scores.json").read_text())[0]["unlike"] is None
