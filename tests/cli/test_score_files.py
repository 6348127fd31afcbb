"""`score`: what it takes for photos, where it writes, and that nothing of anybody's is lost."""

from __future__ import annotations

import csv
import errno
import hashlib
import json
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from patchcore_core.cli.main import main
from patchcore_core.cli.score_inputs import gather
from patchcore_core.cli.score_output import Output, stems_of
from patchcore_core.data.dataset import load_dataset
from patchcore_core.data.files.own_pictures import is_own_picture
from patchcore_core.data.images import read_image
from patchcore_core.errors import StoreError
from patchcore_core.fitting.fit import fit_run
from patchcore_core.model.patchcore import PatchCore
from patchcore_core.runs.store import RunStore
from tests.made_runs import CONFIG
from tests.tiny import save, write_category

Score = Callable[..., tuple[object, str, str]]
PHOTO = np.full((24, 24, 3), 120, np.uint8)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A store with a real run, and the run's id."""
    place = tmp_path_factory.mktemp("made")
    dataset = load_dataset(write_category(place / "tile"))
    return place / "runs", fit_run(dataset, CONFIG, RunStore(place / "runs")).run.id


@pytest.fixture
def score(made, tmp_path, capsys, monkeypatch) -> Score:
    """`score(*arguments)` in tmp_path, in this process: (exit code, standard output, standard error)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # the signals of this process stay as they are

    def ask(*arguments: object) -> tuple[object, str, str]:
        line = ["score", made[1], *map(str, arguments), "--runs", str(made[0]), "--device", "cpu"]
        return (main(line), *capsys.readouterr())

    return ask


@pytest.fixture
def run_id(made) -> str:
    return made[1]


def photos(folder: str, *names: str) -> Path:
    for number, name in enumerate(names):
        save(Path(folder, name), PHOTO + number)
    return Path(folder)


def contents(folder: Path | str) -> dict[str, str]:
    files = [path for path in Path(folder).rglob("*") if path.is_file()]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def rows_of(path: str) -> list[dict[str, str]]:
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("there", ["a_mask.png", "a_overlay.png", "scores.csv", "scores.json", "b_anomaly_map.npy"])
def test_a_file_that_is_there_is_not_written_over(score, there, monkeypatch):
    photos("photos", "a.png", "b.png")
    monkeypatch.setattr(PatchCore, "load", lambda *_, **__: pytest.fail("it is refused before anything is computed"))
    Path("out").mkdir()
    Path("out", there).write_text("mine")
    before = contents(".")
    code, out, err = score("photos", "--out", "out")
    assert (code, out) == (2, "")
    assert err == (f"error: out/{there}: is there already, and nothing is written over; "
                   "name another folder with --out, or say --overwrite\n")  # fmt: skip
    assert contents(".") == before


def test_overwrite_writes_over_what_is_there_whole_and_leaves_the_rest(score):
    photos("photos", "a.png")
    assert score("photos", "--out", "out")[0] == 0
    first = contents("out")
    Path("out", "mine.txt").write_text("mine")
    Path("out", "a_mask.png").write_text("mine")
    code, _, err = score("photos", "--out", "out")
    assert (code, "like 5 more of the files to be written" in err) == (2, True)
    assert Path("out", "a_mask.png").read_text() == "mine"
    assert score("photos", "--out", "out", "--overwrite")[0] == 0
    assert contents("out") == first | {"out/mine.txt": hashlib.sha256(b"mine").hexdigest()}


@pytest.mark.parametrize("arguments", [
    ("photos", "--out", "photos"), ("photos/a.png", "photos/a_mask.png", "--out", "photos"),
    ("photos", "--out", "link"), ("link", "--out", "photos/../photos"), ("photos/a.png", "--out", "link"),
])  # fmt: skip
def test_photos_and_masks_are_not_written_over_even_on_request(score, arguments):
    photos("photos", "a.png", "a_mask.png")
    Path("link").symlink_to("photos")
    before = contents("photos")
    for more in ((), ("--overwrite",)):
        code, out, err = score(*arguments, *more)
        assert (code, out, len(err.splitlines())) == (2, "", 1)
        assert "a_mask.png: is one of the images that are to be scored or lie beside them" in err
        assert contents("photos") == before


def test_a_folder_in_the_place_of_a_file_is_said(score):
    photos("photos", "a.png")
    Path("out", "a_mask.png").mkdir(parents=True)
    code, _, err = score("photos", "--out", "out", "--overwrite")
    assert (code, "out/a_mask.png: is a folder, where a file would be written" in err) == (2, True)


def test_calls_without_out_write_into_folders_of_their_own(score, run_id):
    photos("day1", "a.png")
    photos("day2", "a.png", "b.png")
    for number, day in ((1, "day1"), (2, "day2"), (3, "day1")):
        code, out, _ = score(day, "--json")
        folder = f"scores/{run_id}" + (f"-{number}" if number > 1 else "")
        assert code == 0
        assert {record["folder"] for record in json.loads(out)} == {folder}
        assert [record["image"] for record in json.loads(Path(folder, "scores.json").read_text())] == [
            str(path) for path in sorted(Path(day).iterdir())]
    assert f"written to scores/{run_id}-4" in score("day1")[1]
    assert len(contents("scores")) == 3 * 6 + 1 * 10
    kept = contents(f"scores/{run_id}-2")
    assert f"written to scores/{run_id}\n" in score("day2", "--overwrite")[1]
    assert contents(f"scores/{run_id}-2") == kept


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
    assert err == "warning: again/a_overlay.png: is a picture that `score` has drawn, not a photo\n"


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


def test_a_full_disk_keeps_the_scores_and_names_the_file(score, monkeypatch):
    photos("photos", "a.png", "b.png", "c.png")
    write, written = Path.write_bytes, []

    def until_full(path: Path, data: bytes) -> int:
        if data[:4] in (b"\x89PNG", b"\x93NUM"):
            written.append(path)
            if len(written) > 5:
                write(path, data[:100])
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", until_full)
    code, out, err = score("photos", "--out", "o", "--json")
    assert code == 2
    records = json.loads(out)
    assert all(record["image_score"] > 0 for record in records)
    assert json.loads(Path("o", "scores.json").read_text()) == records
    failed = [record["error"] for record in records if record["error"]]
    assert len(failed) == 2
    assert failed == [f"o/{name}: cannot be written: No space left on device"
                      for name in ("b_anomaly_map.png", "c_anomaly_map.npy")]
    assert err.splitlines() == [f"error: {sentence}" for sentence in failed]
    kinds = ("map_values", "anomaly_map", "overlay", "mask")
    named = {record[kind] for record in records for kind in kinds if kind in record}
    assert len(named) == 5
    assert {path.name for path in Path("o").iterdir()} == named | {"scores.json", "scores.csv"}


def test_the_segmentation_of_a_test_photo_is_that_of_the_runs_own_map(made, score, run_id):
    store = RunStore(made[0])
    run = store.get(run_id)
    images, maps = store.images(run), store.anomaly_maps(run)
    first = images[images["label"] == 1].iloc[0]
    own = np.asarray(maps[first["map_index"]])
    exact = PatchCore.load(store.bank_folder(run)).score_image(read_image(Path(run.dataset, first["path"])))
    assert maps.dtype == np.float16
    threshold = float(own[own > exact.anomaly_map].max())  # reached by the stored value of a pixel alone
    assert (own >= threshold).sum() > (exact.anomaly_map >= threshold).sum()
    code, out, _ = score(Path(run.dataset, first["path"]), "--pixel-threshold", threshold, "--out", "o", "--json")
    (record,) = json.loads(out)
    assert code == 0
    assert record["image_score"] == first["image_score"]
    np.testing.assert_array_equal(np.asarray(Image.open(Path("o", record["mask"]))) > 0, own >= threshold)
    np.testing.assert_array_equal(np.load(Path("o", record["map_values"])), own)


def test_a_disk_that_is_full_from_the_start_is_said_before_anything_is_computed(score, monkeypatch):
    photos("photos", "a.png")
    monkeypatch.setattr(PatchCore, "load", lambda *_, **__: pytest.fail("it is refused before anything is computed"))

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("patchcore_core.cli.score_output.open", full, raising=False)
    code, out, err = score("photos", "--out", "o")
    assert (code, out, err) == (2, "", "error: o: cannot be written: No space left on device\n")
    assert not Path("o").exists()


@pytest.mark.parametrize("scored", [0, 1, 2])
def test_an_interrupted_call_writes_the_scores_it_has(score, scored, monkeypatch):
    photos("photos", "a.png", "b.png", "c.png")
    real, calls = PatchCore.score_image, []

    def interrupted(model, photo):
        calls.append(photo)
        if len(calls) > scored:
            raise KeyboardInterrupt
        return real(model, photo)

    monkeypatch.setattr(PatchCore, "score_image", interrupted)
    code, out, err = score("photos", "--out", "o")
    assert (code, out) == (130, "")
    if scored == 0:
        assert err == "error: cancelled\n"
        assert not Path("o").exists()
        return
    assert err == f"error: cancelled after {scored} of 3 images, whose scores are in o\n"
    records = json.loads(Path("o", "scores.json").read_text())
    assert [record["error"] for record in records] == [None] * scored + [
        f"photos/{'abc'[scored]}.png: not scored to the end"]
    assert [record["image_score"] is None for record in records] == [False] * scored + [True]
    assert len(list(Path("o").iterdir())) == 4 * scored + 2
    assert len(rows_of("o/scores.csv")) == scored + 1


def test_a_file_that_comes_while_scoring_is_kept(score, monkeypatch):
    photos("photos", "a.png")
    real = PatchCore.score_image

    def meanwhile(model, photo):
        Path("o", "a_overlay.png").write_text("another process")
        return real(model, photo)

    monkeypatch.setattr(PatchCore, "score_image", meanwhile)
    code, _, err = score("photos", "--out", "o")
    assert (code, err) == (2, "error: o/a_overlay.png: came to be while scoring, and is not written over\n")
    assert Path("o", "a_overlay.png").read_text() == "another process"
    assert json.loads(Path("o", "scores.json").read_text())[0]["image_score"] > 0


@pytest.mark.parametrize("links", [True, False])
def test_output_writes_whole_or_not_at_all(tmp_path, monkeypatch, links):
    if not links:
        monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(OSError(errno.EPERM, "no links here")))
    with Output(tmp_path / "o", "run").make([]) as output:
        output.write("a", b"first")
        with pytest.raises(StoreError, match="came to be"):
            output.write("a", b"second")
    assert [(path.name, path.read_bytes()) for path in (tmp_path / "o").iterdir()] == [("a", b"first")]
    with Output(tmp_path / "o", "run", overwrite=True).make([]) as output:
        output.write("a", b"second")
    assert (tmp_path / "o" / "a").read_bytes() == b"second"
    with Output(tmp_path / "new" / "o", "run").make([(Path("a.png"), "a")]):
        assert len(list((tmp_path / "new" / "o").iterdir())) == 1  # the room for its tables
    assert not (tmp_path / "new" / "o").exists()


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
