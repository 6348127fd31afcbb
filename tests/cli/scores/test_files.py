"""`score`: where it writes, and that nothing of anybody's is lost."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from patchcore_core.cli.scores.output import Output
from patchcore_core.data.images import read_image
from patchcore_core.errors import StoreError
from patchcore_core.model.patchcore import PatchCore
from patchcore_core.runs.store import RunStore
from tests.cli.scores.photos import contents, photos, rows_of


@pytest.fixture
def run_id(made) -> str:
    return made[1]


@pytest.mark.parametrize("there", ["a_mask.png", "a_overlay.png", "scores.csv", "scores.json", "b_anomaly_map.npy"])
def test_a_file_that_is_there_is_not_written_over(score, there, monkeypatch):
    photos("photos", "a.png", "b.png")
    monkeypatch.setattr(PatchCore, "load", lambda *_, **__: pytest.fail("it is refused before anything is computed"))
    Path("out").mkdir()
    Path("out", there).write_text("mine")
    before = contents(".")
    code, out, err = score("photos", "--out", "out")
    assert (code, out) == (2, "")
    assert err == (f"error: out/{there}: exists already, and nothing is overwritten; "
                   "name another folder with --out, or pass --overwrite\n")  # fmt: skip
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
        assert "a_mask.png: is one of the images to score, or beside them, and would be overwritten" in err
        assert contents("photos") == before


def test_a_folder_in_the_place_of_a_file_is_said(score):
    photos("photos", "a.png")
    Path("out", "a_mask.png").mkdir(parents=True)
    code, _, err = score("photos", "--out", "out", "--overwrite")
    assert (code, "out/a_mask.png: is a folder with the name of an output file" in err) == (2, True)


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

    monkeypatch.setattr("patchcore_core.cli.scores.output.open", full, raising=False)
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
    assert (code, err) == (2, "error: o/a_overlay.png: was created while scoring, and is not overwritten\n")
    assert Path("o", "a_overlay.png").read_text() == "another process"
    assert json.loads(Path("o", "scores.json").read_text())[0]["image_score"] > 0


@pytest.mark.parametrize("links", [True, False])
def test_output_writes_whole_or_not_at_all(tmp_path, monkeypatch, links):
    if not links:
        monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(OSError(errno.EPERM, "no links here")))
    with Output(tmp_path / "o", "run").make([]) as output:
        output.write("a", b"first")
        with pytest.raises(StoreError, match="was created while scoring"):
            output.write("a", b"second")
    assert [(path.name, path.read_bytes()) for path in (tmp_path / "o").iterdir()] == [("a", b"first")]
    with Output(tmp_path / "o", "run", overwrite=True).make([]) as output:
        output.write("a", b"second")
    assert (tmp_path / "o" / "a").read_bytes() == b"second"
    with Output(tmp_path / "new" / "o", "run").make([(Path("a.png"), "a")]):
        assert len(list((tmp_path / "new" / "o").iterdir())) == 1  # the room for its tables
    assert not (tmp_path / "new" / "o").exists()
