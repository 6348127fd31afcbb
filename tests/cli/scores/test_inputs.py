"""`score`: what it takes for photos, and what it says of the rest."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

from patchcore_core.cli.scores.inputs import gather
from patchcore_core.cli.scores.output import stems_of
from patchcore_core.data.dataset import load_dataset
from patchcore_core.data.files.own_pictures import is_own_picture
from patchcore_core.model.patchcore import PatchCore
from tests.cli.scores.photos import PHOTO, photos, rows_of
from tests.tiny import save


def test_what_score_has_drawn_is_no_photo_to_it(score):
    photos("photos", "a.png", "b.png")
    assert score("photos", "--out", "photos")[0] == 0
    code, out, err = score("photos", "--out", "again", "--json")
    assert (code, [record["image"] for record in json.loads(out)]) == (0, ["photos/a.png", "photos/b.png"])
    assert err == "warning: photos: 6 pictures are drawn by `score` and not scored (first: a_anomaly_map.png)\n"
    shutil.copytree("again", "moved")
    Path("moved", "scores.json").unlink()
    code, _, err = score("moved", "--out", "third")
    assert (code, "moved: holds no images to score; 6 pictures are drawn by `score`" in err) == (2, True)
    code, out, err = score("again/a_overlay.png", "--out", "named", "--json")
    assert (code, len(json.loads(out))) == (0, 1)
    assert err == "warning: again/a_overlay.png: is a picture written by `score`, not a photo\n"


def test_what_score_has_drawn_is_neither_photo_nor_mask_to_a_fit(score):
    photos("set/good", "a.png", "b.png")
    photos("set/bad", "c.png")
    for folder in ("set/good", "set/bad"):
        assert score(folder, "--out", folder)[0] == 0
    dataset = load_dataset("set")
    assert [sample.path.name for sample in (*dataset.train, *dataset.test)] == ["a.png", "b.png", "c.png"]
    assert not any(sample.mask_paths for sample in dataset.test)
    said = [sentence.partition(": ")[2] for sentence in dataset.warnings if "drawn by `score`" in sentence]
    assert said == ["3 pictures are drawn by `score` and neither photo nor mask (first: c_anomaly_map.png)",
                    "6 pictures are drawn by `score` and neither photo nor mask (first: a_anomaly_map.png)"]


@pytest.mark.usefixtures("score")
def test_pictures_of_earlier_versions_are_known_by_their_table():
    photos("photos", "a.png", "a_overlay.png", "b.png")
    assert not is_own_picture("photos/a_overlay.png")
    Path("photos", "scores.json").write_text(json.dumps([{"image_score": 1.0, "overlay": "a_overlay.png"}]))
    assert [path.name for path in gather([Path("photos")]).files] == ["a.png", "b.png"]
    for other in ("[1, 2]", '{"a": 1}', "no json", '[{"overlay": "a.png"}]', "[[\"image_score\"]]"):
        Path("photos", "scores.json").write_text(other)
        assert len(gather([Path("photos")]).files) == 3


@pytest.mark.usefixtures("score")
def test_what_lies_in_a_folder_and_is_not_scored_is_said():
    photos("one", "a.png", "a_mask.png", "b.png")
    photos("one/day2", "c.png", "d.png")
    photos("one/day3/x", "e.png")
    shutil.copy("one/a.png", "one/camera.dat")
    Path("one", "raw.cr2").write_bytes(b"II*\0" + bytes(200))
    Path("one", "notes.txt").write_text("no image")
    found = gather([Path("one")])
    assert [path.name for path in found.files] == ["a.png", "b.png", "camera.dat"]
    masks, raw, nested = found.notes
    assert masks == "one: 1 mask is beside the photos and not scored (first: a_mask.png)"
    assert raw.startswith("one: 1 image file is not read because of the extension (1 .cr2; first: raw.cr2)")
    assert nested.startswith("one: 3 images are in 2 folders in it (first: day2, 2) and not scored")


def test_the_preview_in_a_cameras_raw_file_is_not_scored_for_it(tmp_path):
    Image.new("RGB", (8, 6)).save(tmp_path / "a.png")
    Image.new("RGB", (8, 6)).save(tmp_path / "b.dng", "TIFF")
    found = gather([tmp_path])
    assert [path.name for path in found.files] == ["a.png"]
    assert any("1 image file is not read" in note for note in found.notes)


def test_a_folder_that_gives_nothing_is_an_error_and_the_others_are_scored(score):
    photos("full", "a.png")
    photos("nested/good", "b.png")
    Path("empty").mkdir()
    code, out, err = score("empty", "full", "nested", "--out", "o", "--json")
    assert code == 2
    empty, full, nested = json.loads(out)
    assert (empty["image"], empty["error"], empty["image_score"]) == ("empty", "empty: holds no images to score", None)
    assert full["image_score"] > 0
    assert nested["error"].startswith("nested: holds no images to score; 1 image is in a folder in it (good)")
    assert err.splitlines() == [f"error: {record['error']}" for record in (empty, nested)]
    assert len(rows_of("o/scores.csv")) == 3
    code, out, err = score("empty", "nested", "--out", "none")
    assert (code, out, err.count("holds no images"), len(err.splitlines())) == (2, "", 2, 1)
    assert not Path("none").exists()


@pytest.mark.parametrize("typed", ["typo.png", "nowhere/typo.png", "words.png", "empty.png"])
def test_a_file_that_is_no_image_is_said_before_anything_is_loaded_or_made(score, typed, monkeypatch):
    Path("words.png").write_text("no photo")
    Path("empty.png").touch()
    with monkeypatch.context() as patched:
        patched.setattr(PatchCore, "load", lambda *_, **__: pytest.fail("the model was loaded"))
        code, out, err = score(typed, "--out", "o")
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert err.startswith(f"error: {typed}: ")
    assert not Path("o").exists()
    photos("full", "a.png")
    code, out, err = score(typed, "full", "--out", "o", "--json")
    wrong, right = json.loads(out)
    assert (code, wrong["error"], wrong["image_score"]) == (2, err.removeprefix("error: ").strip(), None)
    assert right["image_score"] > 0


def test_names_are_safe_in_a_spreadsheet_and_on_a_terminal(score):
    names = ["=1+1.png", "@x.png", "two\nlines.png", 'a"b,c.png', "+é.png"]
    for name in names:
        save(Path(name), PHOTO)
    assert score(*names, "gone\r=1.png", "--out", "o")[0] == 2
    rows = rows_of("o/scores.csv")
    texts = [value for row in rows for value in row.values()]
    assert not [text for text in texts if text.lstrip().startswith(("=", "+", "-", "@"))]
    assert all(text.isprintable() for text in texts)
    assert [row["image"] for row in rows][:3] == ["'=1+1.png", "'@x.png", "two\\nlines.png"]
    assert rows[0]["overlay"] == "'=1+1_overlay.png"
    assert json.loads(Path("o", "scores.json").read_text())[0]["image"] == "=1+1.png"


def test_stems_are_apart_on_every_file_system():
    names = ["a.png", "A.jpg", "x/a.png", "a-2.png", "\u00e9.png", "e\u0301.png", "ſ.png", "s.png"]
    stems = stems_of([Path(name) for name in names])
    assert stems[:4] == ["a", "A-2", "a-3", "a-2-2"]
    assert len({stem.casefold() for stem in stems}) == len(names)


def test_pictures_carry_the_mark_and_photos_do_not(score):
    photos("photos", "a.png")
    score("photos", "--out", "o")
    assert all(is_own_picture(path) for path in Path("o").glob("*.png"))
    assert not is_own_picture("photos/a.png")
    assert not is_own_picture("gone.png")
    with Image.open("o/a_mask.png") as picture:
        assert picture.mode == "L"
