"""What is taken away from the workspace: tables, pictures and verdicts, as the browser fetches them."""

from __future__ import annotations

import csv
import io
import zipfile

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from pages.ui.media import downloads
from pages.ui.media.routes import routes
from tests.pages.ui.review.events.asking import HOLE, SCRATCH, asked, entry, number_of


def fetched(file, **more):
    """The answer of the server to the address of a file."""
    return TestClient(Starlette(routes=routes()), **more).get(file["address"])


def exported(desk, run, form, **needs):
    return asked(desk, run, "export", f"export {form}", **{"with": {"form": form, **needs}})


def test_a_table_holds_the_images_listed_in_their_order(run, desk, store):
    desk.apply(run, "box", [entry(1, "verdict", image=HOLE, verdict="label_wrong", note="=1+1", author="@Bo")])
    images = store.images(run)
    numbers = [number_of(run, images, name) for name in (SCRATCH, HOLE)]
    answer = fetched(exported(desk, run, "csv", numbers=numbers, threshold=0.7, pixel_threshold=None))
    assert answer.headers["content-disposition"] == f'attachment; filename="{run.id}.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["image"], row["verdict"], row["note"], row["author"]) for row in rows] == [
        (SCRATCH, "", "", ""), (HOLE, "label wrong", "'=1+1", "'@Bo")]
    assert [float(row["score"]) for row in rows] == images["image_score"][numbers].tolist()
    found = ["true positive" if float(row["score"]) >= 0.7 else "missed defect (FN)" for row in rows]
    assert [(row["outcome"], row["threshold"]) for row in rows] == [(one, "0.7") for one in found]
    assert {row["run"] for row in rows} == {run.id}


def test_pictures_are_drawn_while_they_are_fetched(run, desk, store, data_root):
    images = store.images(run)
    numbers = [number_of(run, images, name) for name in (SCRATCH, HOLE)]
    file = exported(desk, run, "zip", numbers=numbers, threshold=0.7, pixel_threshold=0.5)
    assert file["name"] == f"{run.id}.zip"
    for _ in range(2):  # as often as it is wanted
        archive = zipfile.ZipFile(io.BytesIO(fetched(file).content))
        assert archive.testzip() is None
        stems = [f"test/{kind}/000" for kind in ("scratch", "hole")]
        assert {name for name in archive.namelist() if name.endswith("_photo.png")} == {
            f"{stem}_photo.png" for stem in stems}
        assert archive.read(f"{stems[1]}_photo.png") == (data_root / "tile" / HOLE).read_bytes()
        mask = np.asarray(Image.open(io.BytesIO(archive.read(f"{stems[1]}_mask.png")))) > 0
        assert np.array_equal(mask, store.anomaly_maps(run)[numbers[1]].astype(np.float32) >= 0.5)
        rows = list(csv.DictReader(io.StringIO(archive.read("scores.csv").decode())))
        assert [row["image"] for row in rows] == [SCRATCH, HOLE]


def test_photos_that_may_not_be_read_are_left_out_by_name(run, desk, store, monkeypatch, tmp_path):
    numbers = [number_of(run, store.images(run), HOLE)]
    monkeypatch.setenv("PATCHCORE_DATA", str(tmp_path / "elsewhere"))
    file = exported(desk, run, "zip", numbers=numbers, threshold=0.7, pixel_threshold=None)
    archive = zipfile.ZipFile(io.BytesIO(fetched(file).content))
    assert sorted(archive.namelist()) == ["coco.json", "left_out.txt", "scores.csv"]
    assert "PATCHCORE_DATA" in archive.read("left_out.txt").decode()


def test_pictures_of_a_run_that_was_deleted_are_a_sentence(run, desk, store):
    file = exported(desk, run, "zip", numbers=[0], threshold=None, pixel_threshold=None)
    store.delete(run.id)
    answer = fetched(file)
    assert answer.status_code == 404
    assert run.id in answer.text


def test_all_verdicts_of_the_store_are_taken_away(run, desk):
    desk.apply(run, "box", [entry(1, "verdict", image=HOLE, verdict="agree", note="=1"), entry(2, "undo", image=HOLE)])
    answer = fetched(exported(desk, run, "verdicts"))
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["verdict"], row["author"], row["note"]) for row in rows] == [("agree", "Ann", "'=1"), ("", "Ann", "")]


def test_a_file_that_is_not_offered_is_not_found(store):  # noqa: ARG001
    answer = fetched({"address": "/pictures/downloads/guess"})
    assert (answer.status_code, answer.text) == (404, "This file is no longer offered; export it again.")


@pytest.mark.usefixtures("store")
def test_only_so_many_files_are_offered(monkeypatch):
    monkeypatch.setattr(downloads, "MOST_FILES", 3)
    offered = downloads.Offered()
    secrets = [offered.add(downloads.Made("x.zip", "application/zip", lambda: iter([b"x"]))) for _ in range(5)]
    assert [offered.get(secret) is not None for secret in secrets] == [False, False, True, True, True]
