"""Evidence that the workspace asks for, of a run with a true memory bank, against brute force and other ways."""

from __future__ import annotations

import io
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from pages.ui import cache
from pages.ui.evidence import kept, tested
from pages.ui.media.routes import routes
from pages.ui.review.events import asks
from pages.ui.review.events.desk import Desk
from pages.ui.review.events.entry import Entry
from patchcore_core.data.images import read_image
from patchcore_core.fitting.bank.photos import Photos
from patchcore_core.fitting.bank.suspects import Numbered, held_out_result
from patchcore_core.runs.store import RunStore
from patchcore_core.views.web.packed import unpacked
from tests.fitting.bank.fitted import fitted, only_run
from tests.pages.ui.review.events.asking import entry, question

__all__ = ["fitted"]


@pytest.fixture
def desk():
    return Desk("Ann")


@pytest.fixture
def run(fitted, tmp_path, monkeypatch):
    """A fitted run whose photos may be changed."""
    shutil.copytree(fitted / "runs", tmp_path / "runs")
    monkeypatch.setenv("PATCHCORE_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("PATCHCORE_DATA", str(fitted / "data"))
    monkeypatch.setenv("PATCHCORE_SAMPLE", str(tmp_path / "sample"))
    return only_run(tmp_path)


@pytest.fixture
def client():
    return TestClient(Starlette(routes=routes()))


def defective(run) -> int:
    return int(np.flatnonzero(RunStore().images(run)["label"] == 1)[0])


def patches_of(model, photo):
    """(h * w, D) float64, and h, w."""
    explained = model.explain(photo)
    (grid,) = explained.grids
    return explained.patches[0].reshape(grid[0] * grid[1], -1).astype(float), grid


def test_the_nearest_rows_are_those_of_brute_force(run, desk, client):
    number = defective(run)
    image = question(desk, run, "evidence a", number=number)
    model, row = cache.loaded_model(run), RunStore().images(run).iloc[number]
    patches, (height, width) = patches_of(model, read_image(row["path"]))
    (bank,) = model.banks
    distances = np.linalg.norm(patches[:, None] - bank.patches[None].astype(float), axis=2)
    scores = np.sort(distances, axis=1)[:, :2].mean(1).reshape(height, width)
    np.testing.assert_allclose(unpacked(image["scores"]).reshape(height, width), scores, rtol=1e-5)
    assert image["peaks"][0] == list(np.unravel_index(scores.argmax(), scores.shape))
    hot = [(tuple(peak), 5, given) for peak, given in zip(image["peaks"], image["patches"], strict=True)]
    for place, k, given in (*hot, ((0, 3), 3, None)):
        found = given or question(desk, run, f"patch {place}", number=number, row=place[0], column=place[1], k=k)
        order = np.argsort(distances[place[0] * width + place[1]])[:k]
        near = distances[place[0] * width + place[1]][order]
        assert [float(one["distance"]) for one in found["near"]] == pytest.approx(near, rel=1e-4)
        for one, (photo, down, across) in zip(found["near"], bank.origin[order].tolist(), strict=True):
            assert one["name"] == f"train/good/{photo:03d}.png"
            assert one["place"] == f"row {down}, column {across}"
            picture = Image.open(io.BytesIO(client.get(one["address"]).content))
            assert (picture.format, picture.size) == ("JPEG", (192, 192))
        assert client.get(found["address"]).status_code == 200
    resembles = bank.origin[distances.argmin(1), 0]
    names = np.array([one["name"] for one in image["images"]])[unpacked(image["resembles"]).astype(int)]
    assert names.tolist() == [f"train/good/{photo:03d}.png" for photo in resembles]
    assert client.get(image["images"][0]["address"]).headers["content-type"] == "image/jpeg"


def test_the_standing_is_the_share_of_held_out_patches(run, desk):
    """Each training photo scored without its own rows, one by one."""
    model = cache.loaded_model(run)
    photos, known = Photos(model, run), Numbered.of(run, model.training.paths)
    held_out = np.stack([held_out_result(photos, image, known).patch_scores for image in range(6)])
    good = int(np.flatnonzero(RunStore().images(run)["label"] == 0)[0])
    question(desk, run, "evidence", number=good)
    for row, column in ((0, 0), (3, 4), (2, 6)):
        found = question(desk, run, f"patch {row} {column}", number=good, row=row, column=column, k=1)
        share = (held_out <= float(found["score"])).mean()
        said = float(found["standing"].split("Higher than ")[1].split(" %")[0])
        assert said == pytest.approx(100 * share, abs=1.0)
        assert f"of the {held_out.size:,} patches" in found["standing"]


def test_the_receipt_ends_with_the_score_that_the_run_recorded(run, desk):
    number = defective(run)
    found = {name: (value, words) for name, value, words in question(desk, run, "evidence", number=number)["receipt"]}
    recorded = RunStore().images(run)["image_score"][number]
    assert float(found["Image score"][0]) == pytest.approx(recorded, rel=1e-3)
    assert found["Image score"][1] == "What is compared with the threshold."
    held_out = RunStore().curves(run).heldout.scores
    below = int((held_out < recorded).sum())
    assert found["Among good images"][0] == f"higher than {'all 6' if below == 6 else f'{below} of 6'}"


def test_older_runs_say_that_they_did_not_record_good_patches(run, desk):
    path = run.folder / "curves.npz"
    with np.load(path) as arrays:
        kept = {name: arrays[name] for name in arrays.files if "patch" not in name}
    assert len(kept) < len(np.load(path).files)
    np.savez_compressed(path, **kept)
    record = (run.folder / "run.json").read_text()
    (run.folder / "run.json").write_text(re.sub(r'"curves.npz": \d+', f'"curves.npz": {path.stat().st_size}', record))
    older = RunStore().get(run.id)
    found = question(desk, older, "patch", number=0, row=0, column=0, k=1)
    assert "not recorded by this run" in found["standing"]


def test_training_photos_that_are_gone_changed_or_not_to_be_read_are_said(run, desk, client, fitted, monkeypatch):
    number = defective(run)
    image = question(desk, run, "evidence", number=number)
    near = image["patches"][0]["near"][0]
    path = fitted / "data" / "tile" / near["name"]
    before = path.read_bytes()
    try:
        Image.fromarray(255 - np.asarray(Image.open(path))).save(path)
        changed = question(Desk(), run, "evidence", number=number)["patches"][0]["near"][0]
        assert "has changed since the run" in changed["note"]
        assert changed["address"] != near["address"]
        assert client.get(near["address"]).status_code == 404
        assert client.get(changed["address"]).status_code == 200
        path.unlink()
        gone = question(Desk(), run, "evidence", number=number)["patches"][0]["near"][0]
        assert (gone["address"], gone["note"]) == ("", "The file is gone, so the patch cannot be shown.")
    finally:
        path.write_bytes(before)
    monkeypatch.setenv("PATCHCORE_DATA", str(fitted / "elsewhere"))
    answer = client.get(near["address"])
    assert answer.status_code == 404
    assert str(fitted) not in answer.text.replace(str(path), "")


def test_no_address_holds_a_path_and_those_of_nothing_are_not_found(run, desk, client, fitted):
    image = question(desk, run, "evidence", number=0)
    near = image["patches"][0]["near"][0]["address"]
    assert str(fitted) not in str(image)
    start, end = near.split("/patch/")
    for wrong in (f"{start}/patch/1/0/0", f"{start}/patch/0/99/0", f"{start}/patch/0/0/99", f"{start}/patch/-1/0/0",
                  near.replace("/bank/", "/secret/"), f"{start.rsplit('/', 1)[0]}/000000000000/patch/{end}",
                  near.replace("/bank/", "/bank/9")):
        assert client.get(wrong).status_code == 404, wrong


@pytest.mark.parametrize("given", [
    {"row": 99, "column": 0, "k": 1}, {"row": 0, "column": -1, "k": 1}, {"row": 0.5, "column": 0, "k": 1},
    {"row": 0, "column": 0, "k": 0}, {"row": 0, "column": 0, "k": 1000}, {"row": 0, "column": 0},
])  # fmt: skip
def test_patches_that_there_are_not_are_refused(run, desk, given):
    with pytest.raises(AssertionError, match=r"patch must lie in the grid|whole numbers"):
        question(desk, run, "patch", number=0, **given)


def test_a_missing_bank_is_a_sentence(run, desk):
    (run.folder / "memory_bank" / "patches.safetensors").unlink()
    with pytest.raises(AssertionError, match=r"patches\.safetensors"):
        question(desk, run, "evidence", number=0)


def test_a_method_without_patches_is_refused(run, desk, monkeypatch):
    class Other:
        """A detector that keeps no patches."""

    other = Other()
    monkeypatch.setattr(cache, "loaded_model", lambda run: other)  # noqa: ARG005
    with pytest.raises(AssertionError, match="keeps no patches of good photos"):
        question(desk, run, "evidence", number=0)


def test_a_patch_waits_in_a_thread_only_until_its_photo_is_known(run, desk, monkeypatch):
    monkeypatch.setattr(kept, "MOST", 4)
    asked = Entry.read(entry(1, "ask", key="patch 0", **{"with": {"number": 0, "row": 0, "column": 0, "k": 1}}), "")
    assert asks.is_slow(run, asked)
    question(desk, run, "evidence", number=0)
    assert not asks.is_slow(run, asked)
    for number in range(1, 6):  # others make room
        question(desk, run, f"evidence {number}", number=number)
    assert asks.is_slow(run, asked)


def test_a_photo_is_embedded_once(run, desk, monkeypatch):
    model, made = cache.loaded_model(run), []
    explain = model.explain
    monkeypatch.setattr(model, "explain", lambda rgb: made.append(1) or explain(rgb))
    for k in (1, 3):
        question(desk, run, f"patch {k}", number=0, row=1, column=1, k=k)
    tested.of_image(run, 0)
    assert made == [1]
    Path(RunStore().images(run)["path"][0]).touch()  # another state of the file
    tested.of_image(run, 0)
    assert len(made) == 2
