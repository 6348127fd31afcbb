"""The command line as it is typed: every command in a process of its own."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import termios
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from patchcore_core.cli.fit import configuration
from patchcore_core.cli.main import main, parser
from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.dataset import load_dataset
from patchcore_core.errors import DataError
from patchcore_core.evaluation.trim import Trim, kept_on_photo
from patchcore_core.model.patchcore import PatchCore
from patchcore_core.runs.store import RunStore
from tests.places import ROOT
from tests.tiny import save, write_category, write_stand_in

QUICK = ("--image-size", "64", "--layers", "blocks.2", "--coreset-ratio", "0.2", "--device", "cpu")


def environment(**changes: str) -> dict[str, str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("PATCHCORE_")}
    paths = [str(ROOT), *filter(None, [changes.pop("PYTHONPATH", "")])]
    return {**env, "PYTHONPATH": os.pathsep.join(paths), **changes}


def command(*arguments: object, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "patchcore_core", *map(str, arguments)]
    return subprocess.run(line, capture_output=True, text=True, cwd=cwd, env=environment(**env), timeout=300)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the data set `data/{tile,plate}` and a store `runs` with a real run of tile."""
    place = tmp_path_factory.mktemp("place")
    write_category(place / "data" / "tile")
    write_category(place / "data" / "plate", seed=1)
    done = command("fit", "data", "--category", "tile", *QUICK, "--json", cwd=place)
    assert (done.returncode, done.stderr) == (0, "")
    (place / "fit.json").write_text(done.stdout)
    return place


@pytest.fixture
def faked(tmp_path: Path) -> dict[str, str]:
    """Environment in which the stand-in takes the place of the network."""
    return {"PYTHONPATH": str(write_stand_in(tmp_path / "stand_in"))}


@pytest.fixture
def run_id(place: Path) -> str:
    return json.loads((place / "fit.json").read_text())[0]["run"]


@pytest.fixture
def asked(capsys, monkeypatch):
    """`asked(folder, *arguments)`: the same within this process; (exit code, standard output, standard error)."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # the signals of this process stay as they are

    def ask(folder: Path, *arguments: object) -> tuple[object, str, str]:
        monkeypatch.chdir(folder)
        try:
            code: object = main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = end.code
        return (code, *capsys.readouterr())

    return ask


@pytest.fixture
def refused(asked):
    """`refused(folder, arguments, words)`: the answer is exit code 2 and one sentence with these words."""

    def refuse(folder: Path, arguments: tuple[object, ...], words: tuple[str, ...]) -> None:
        code, out, err = asked(folder, *arguments)
        assert code == 2
        assert out.strip() == ""
        assert err.startswith("error: ")
        assert len(err.splitlines()) == 1
        for word in words:
            assert word in err

    return refuse


@pytest.mark.parametrize("arguments", [(), ("fit",), ("score",), ("evaluate",), ("runs",), ("show",), ("sample",)])
def test_help_needs_no_torch(arguments, tmp_path):
    line = [sys.executable, "-X", "importtime", "-m", "patchcore_core", *arguments, "--help"]
    done = subprocess.run(line, capture_output=True, text=True, cwd=tmp_path, env=environment())
    assert done.returncode == 0
    assert "usage: patchcore_core" in done.stdout
    loaded = {row.rpartition("|")[2].strip() for row in done.stderr.splitlines()}
    assert "patchcore_core.cli.main" in loaded
    assert not loaded & {"torch", "pandas", "numpy", "timm", "faiss"}
    assert arguments == () or "--json" in done.stdout


def test_every_field_of_the_configuration_is_an_option():
    line = ["fit", "data"]
    values = {"layers": "a", "weights": "w.pth", "pretrain_dim": "7", "target_dim": "9", "blur_sigma": "2.5",
              "scales": "224"}
    for name, default in PatchCoreConfig().to_dict().items():
        line += ["--" + name.replace("_", "-"), values.get(name, str(default))]
    args = vars(parser().parse_args(line))
    assert (args["layers"], args["weights"], args["pretrain_dim"], args["blur_sigma"]) == (["a"], "w.pth", 7, 2.5)
    assert args["center_crop"] is None
    assert args["scales"] == [(224,)]
    assert args["image_size"] == 256
    assert set(PatchCoreConfig().to_dict()) <= set(args)


@pytest.mark.parametrize(("written", "sizes"), [
    (["448", "224"], (224, 448)), (["224,448"], (224, 448)), (["224,", "448"], (224, 448)), (["none"], ()),
])  # fmt: skip
def test_scales_are_written_apart_or_with_commas(written, sizes):
    assert configuration(parser().parse_args(["fit", "x", "--scales", *written])).scales == sizes


@pytest.mark.parametrize(("written", "gib"), [("512MiB", 0.5), ("1.5GB", 1.5e9 / 2**30), ("2", 2.0), ("none", None)])
def test_a_memory_limit_is_written_with_its_unit(written, gib):
    assert parser().parse_args(["fit", "x", "--memory-limit", written]).memory_limit == pytest.approx(gib)


def test_fit_prints_one_object_per_category(place):
    (record,) = json.loads((place / "fit.json").read_text())
    assert record["category"] == "tile"
    assert record["metrics"]["image_auroc"] == 1.0
    assert {"pixel_auroc", "aupro"} <= set(record["metrics"])
    assert {"features", "coreset", "predict", "evaluate", "total"} <= set(record["seconds"])
    assert record["bank"]["bytes"] == record["bank"]["rows"] * record["bank"]["dim"] * 2
    assert record["peak_rss_bytes"] > 50_000_000
    assert RunStore(place / "runs").get(record["run"]).config.layers == ("blocks.2",)


def test_fit_without_a_category_fits_all_and_repeats_nothing(tmp_path, faked):
    for seed, name in enumerate(("tile", "plate")):
        write_category(tmp_path / "data" / name, seed=seed)
    first = command("fit", "data", "--runs", "here", "--json", cwd=tmp_path, **faked)
    assert [record["category"] for record in json.loads(first.stdout)] == ["plate", "tile"]
    again = command("fit", "data", "--runs", "here", "--json", cwd=tmp_path, **faked)
    expected = [{**record, "reused": True} for record in json.loads(first.stdout)]
    assert json.loads(again.stdout) == expected
    assert [record["reused"] for record in json.loads(first.stdout)] == [False, False]
    assert len(RunStore(tmp_path / "here").list()) == 2


def test_a_fit_that_exists_from_another_folder_is_called_an_existing_run(tmp_path, faked):
    shutil.copytree(write_category(tmp_path / "data" / "tile"), tmp_path / "copy" / "plate")
    first, second = (json.loads(command("fit", folder, "--json", cwd=tmp_path, **faked).stdout)[0]
                     for folder in ("data/tile", "copy/plate"))
    assert (first["category"], first["reused"]) == ("tile", False)
    assert second == {**first, "category": "plate", "reused": True}
    said = command("fit", "copy/plate", cwd=tmp_path, **faked).stdout
    assert said.startswith(first["run"])
    assert f"(existing run of the same fit, which took {first['seconds']['total']:.1f} s)" in said


def test_a_category_that_fails_is_reported_and_the_others_are_fitted(tmp_path, faked):
    write_category(tmp_path / "data" / "tile")
    (tmp_path / "data" / "empty" / "train" / "good").mkdir(parents=True)
    done = command("fit", "data", "--json", cwd=tmp_path, **faked)
    assert done.returncode == 2
    failed, fitted = json.loads(done.stdout)
    assert (failed["category"], failed["run"]) == ("empty", None)
    assert "train/good: holds no images" in failed["error"]
    assert fitted["run"] is not None
    assert done.stderr.splitlines() == [f"error: empty: {failed['error']}", "error: 1 of 2 categories failed"]


def test_what_nobody_foresaw_is_reported_too(tmp_path, faked):
    write_category(tmp_path / "tile")
    done = command("fit", "tile", cwd=tmp_path, **faked, STAND_IN="bug")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == "error: RuntimeError: the stand-in was told to break"


@pytest.mark.parametrize(("arguments", "words"), [
    ((), ("COMMAND",)),
    (("fly",), ("fly", "fit")),
    (("fit",), ("dataset",)),
    (("fit", "nowhere"), ("nowhere: no such folder",)),
    (("fit", "data", "--category", "glass"), ("glass", "tile")),
    (("fit", "data", "--coreset-ratio", "1.5"), ("coreset_ratio must be in (0, 1], got 1.5",)),
    (("fit", "data", "--image-size", "big"), ("--image-size", "expected a whole number, got 'big'")),
    (("fit", "data", "--ignore-value", "0"), ("ignore_value must be an integer in [1, 2^32), for 0 is what is good",)),
    (("fit", "data", "--memory-limit", "2G"), ("--memory-limit", "such as 512MiB or 1.5GB, got '2G'")),
    (("fit", "data", "--memory-limit", "0MB"), ("--memory-limit", "more than 0 GiB, got '0MB'")),
    (("fit", "data", "--region-trim", "yes"), ("--region-trim", "expected true or false, got 'yes'")),
    (("fit", "data", "--ignore-value", "grey"), ("--ignore-value", "expected a whole number, got 'grey'")),
    (("fit", "data", "--preset", "slow"), ("preset must be one of quick, careful",)),
    (("fit", "data", "--sampler", "best"), ("sampler must be one of greedy",)),
    (("fit", "data", "--layer"), ("--layer",)),
    (("show", "20260101-000000-tile-abcd"), ("no run '20260101-000000-tile-abcd'",)),
    (("score", "../..", "x.png"), ("no run '../..'",)),
    (("evaluate", "20260101-000000-tile-abcd", "data"), ("no run",)),
    (("runs", "--runs", "data/tile/test/good/000.png"), ("000.png",)),
    (("sample", "data/tile/test/good/000.png/x"), ("000.png",)),
])  # fmt: skip
def test_bad_input_is_refused_in_one_sentence(place, refused, arguments, words):
    refused(place, arguments, words)


@pytest.mark.parametrize(("arguments", "words"), [
    (("--backbone", "resnet_nope"), ("resnet_nope",)),
    (("--layers", "blocks.77"), ("blocks.77", "blocks.2")),
    (("--weights", "missing.pth"), ("missing.pth",)),
    (("--num-neighbors", "77"), ("at most the 76 rows", "got 77")),  # a fifth of 6 images of 8 x 8 patches
    (("--device", "gpu"), ("device 'gpu'",)),
    (("--patch-size", "50"), ("at most the 8 x 8 cells",)),
])  # fmt: skip
def test_an_unknown_network_or_layer_is_answered_with_those_that_exist(place, refused, arguments, words):
    refused(place, ("fit", "data/tile", *QUICK, *arguments, "--runs", "refused"), words)
    assert RunStore(place / "refused").list() == ()


@pytest.mark.parametrize("arguments", [("empty",), ("empties",), ("empties", "--category", "one")])
def test_an_empty_folder_cannot_be_fitted(tmp_path, refused, arguments):
    (tmp_path / "empty").mkdir()
    (tmp_path / "empties" / "one" / "train" / "good").mkdir(parents=True)
    refused(tmp_path, ("fit", *arguments), ("holds no images", str(tmp_path / arguments[0])))
    assert not (tmp_path / "runs").exists() or RunStore(tmp_path / "runs").list() == ()


def test_a_place_that_cannot_be_written_is_named(place, run_id, refused, tmp_path):
    in_the_way = tmp_path / "file"
    in_the_way.write_text("in the way")
    photo = load_dataset(place / "data" / "tile").test[0].path
    for out in (in_the_way, in_the_way / "below"):
        refused(place, ("score", run_id, photo, "--out", out), (str(out), "cannot be written"))
        refused(place, ("fit", "data/tile", *QUICK, "--runs", out), (f"error: {out}: ", "Not a directory"))
        refused(place, ("runs", "--runs", out), (f"error: {out}: ", "Not a directory"))
    refused(place, ("sample", in_the_way), (f"{in_the_way}: is a file",))
    assert in_the_way.read_text() == "in the way"


def test_runs_and_show(place, run_id, asked, monkeypatch):
    listed = command("runs", cwd=place)
    assert run_id in listed.stdout
    assert "finished" in listed.stdout
    shown = json.loads(command("show", run_id, "--json", cwd=place).stdout)
    assert (shown["id"], shown["status"]) == (run_id, "finished")
    assert f"id: {run_id}" in asked(place, "show", run_id)[1]
    assert json.loads(asked(place, "runs", "--json")[1])[0]["id"] == run_id
    assert "no runs in" in asked(place, "runs", "--runs", "empty")[1]
    monkeypatch.setenv("PATCHCORE_RUNS", "empty")
    assert json.loads(asked(place, "runs", "--json")[1]) == []


def test_evaluate_on_its_own_data_gives_the_figures_of_the_run(place, run_id):
    done = command("evaluate", run_id, "data/tile", "--json", "--device", "cpu", cwd=place)
    assert done.returncode == 0, done.stderr
    expected = RunStore(place / "runs").get(run_id).metrics
    assert json.loads(done.stdout)["metrics"] == pytest.approx(expected, abs=1e-6)


def test_evaluate_needs_test_images_only(place, run_id, asked):
    shutil.copytree(place / "data" / "tile", place / "new parts", ignore=shutil.ignore_patterns("train"))
    code, out, err = asked(place, "evaluate", run_id, "new parts", "--json", "--device", "cpu")
    assert (code, err) == (0, "")
    expected = RunStore(place / "runs").get(run_id).metrics
    assert json.loads(out)["metrics"] == pytest.approx(expected, abs=1e-6)
    assert json.loads(out)["counts"]["train"] == 0


def test_a_named_value_of_masks_holds_for_fit_and_evaluate(place, asked, tmp_path):
    shutil.copytree(place / "data" / "tile", tmp_path / "tile")
    for path in (tmp_path / "tile" / "ground_truth" / "hole").iterdir():
        mask = np.array(Image.open(path))
        mask[18:20, 24:40] = 128
        Image.fromarray(mask).save(path)
    _, out, err = asked(tmp_path, "fit", "tile", *QUICK, "--ignore-value", "128", "--json")
    (fitted,) = json.loads(out)
    assert "3 of 3 masks hold 128, left out, as named" in err
    assert RunStore(tmp_path / "runs").get(fitted["run"]).config.ignore_value == 128
    code, out, err = asked(tmp_path, "evaluate", fitted["run"], "tile", "--json", "--device", "cpu")
    assert code == 0
    assert "3 of 3 masks hold 128, left out, as named" in err
    assert json.loads(out)["metrics"] == pytest.approx(fitted["metrics"], abs=1e-6)
    _, out, _ = asked(tmp_path, "evaluate", fitted["run"], place / "data" / "tile", "--json", "--device", "cpu")
    assert json.loads(out)["metrics"]["aupro"] != pytest.approx(fitted["metrics"]["aupro"], abs=1e-6)
    assert "none of 3 masks holds 128" in "".join(json.loads(out)["warnings"])


def test_evaluate_names_the_category_and_prints_a_line_per_figure(place, run_id, asked):
    code, out, _ = asked(place, "evaluate", run_id, "data", "--category", "plate")
    assert code == 0
    assert out.startswith("image_auroc: 1.000 [1.00, 1.00]\n")
    assert "threshold heldout_p99: " in out
    assert "ok: no test image in training." in out
    assert re.search(r"regions of \d+ to \d+ pixels \(all\): \d+, found ", out)


def test_what_the_default_threshold_finds_is_said_beside_the_figures(place, run_id, asked):
    run = RunStore(place / "runs").get(run_id)
    images = RunStore(place / "runs").images(run)
    called = images["image_score"] >= run.thresholds["heldout_p99"]
    found, alarms = int((called & (images["label"] == 1)).sum()), int((called & (images["label"] == 0)).sum())
    counts = {"method": "heldout_p99", "threshold": run.thresholds["heldout_p99"],
              "found": found, "defective": 3, "false_alarms": alarms, "good": 3}  # fmt: skip
    words = f"found {found} of 3 defective ({found / 3:.1%}, "
    (fitted,) = json.loads((place / "fit.json").read_text())
    shown = json.loads(asked(place, "show", run_id, "--json")[1])
    evaluated = json.loads(asked(place, "evaluate", run_id, "data/tile", "--device", "cpu", "--json")[1])
    for record in (fitted, shown, evaluated):
        assert record["found"] == counts | {"threshold": pytest.approx(counts["threshold"])}
        assert record["metrics"]["image_recall"] == pytest.approx(found / 3)
        assert record["metrics"]["image_false_alarm_rate"] == pytest.approx(alarms / 3)
    for arguments in (("show", run_id), ("evaluate", run_id, "data/tile", "--device", "cpu"),
                      ("fit", "data", "--category", "tile", *QUICK)):
        out = asked(place, *arguments)[1]
        assert "default threshold heldout_p99 (" in out
        assert words.replace("%", " %") in out
        assert f"{alarms} of 3 good called defective" in out


def test_of_an_older_run_what_is_found_is_counted_from_its_scores(place, run_id, asked, tmp_path):
    shutil.copytree(place, tmp_path / "older")
    record = tmp_path / "older" / "runs" / run_id / "run.json"
    old = {name: value for name, value in json.loads(record.read_text()).items() if name != "found"}
    record.write_text(json.dumps(old))
    now = json.loads(asked(place, "show", run_id, "--json")[1])["found"]
    assert json.loads(asked(tmp_path / "older", "show", run_id, "--json")[1])["found"] == now
    (fitted,) = json.loads(asked(tmp_path / "older", "fit", "data", "--category", "tile", *QUICK, "--json")[1])
    assert fitted["reused"]
    assert fitted["found"] == now


def test_evaluate_and_show_say_how_far_figures_can_be_trusted(place, run_id, asked):
    run = RunStore(place / "runs").get(run_id)
    for arguments in (("evaluate", run_id, "data/tile", "--device", "cpu"), ("show", run_id)):
        record = json.loads(asked(place, *arguments, "--json")[1])
        low, high = record["intervals"]["image_auroc"]
        assert low <= record["metrics"]["image_auroc"] <= high
        points = {point["method"]: point for point in record["operating_points"]}
        assert points["heldout_p99"]["value"] == pytest.approx(run.thresholds["heldout_p99"])
        assert points["f1_max"]["sentence"].startswith("Oracle")
        assert record["region_recall"][0]["regions"] > 0
        assert [badge["key"] for badge in record["badges"]][:2] == ["threshold", "identical"]
        assert record["heldout"] == json.loads(json.dumps(run.heldout))
        published = {(row["metric"], row["source"]) for row in record["published"]}
        assert ("image_auroc", "patchcore-inspection") in published  # tile is a category of MVTec AD
        assert any(row["name"] == "backbone" for row in record["published"][0]["differs"])
    out = asked(place, "show", run_id)[1]
    assert "image_auroc: 1.000 [1.00, 1.00]" in out
    assert "published image_auroc: " in out


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


def test_bad_input_to_a_finished_run_is_refused(place, run_id, refused):
    refused(place, ("evaluate", run_id, "data"), ("plate", "tile"))
    write_category(place / "untested", good=0, hole=0)
    (place / "untested" / "elsewhere").mkdir()
    shutil.copy(place / "untested/train/good/000.png", place / "untested/elsewhere/a.png")
    refused(place, ("evaluate", run_id, "untested"), ("untested", "no test images", "elsewhere: 1 image is not used"))
    refused(place, ("score", run_id, "x.png", "--threshold", "high"), ("expected a number, got 'high'",))
    refused(place, ("score", run_id, "x.png", "--threshold", "nan"), ("expected a number, got 'nan'",))
    refused(place, ("score", run_id, "x.png", "--threshold", "inf"), ("expected a number, got 'inf'",))


def test_a_refusal_is_the_exit_code_of_the_process(tmp_path):
    done = command("fit", "nowhere", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"error: {tmp_path / 'nowhere'}: no such folder\n"


def test_sample_writes_a_data_set_that_can_be_read(tmp_path):
    done = command("sample", "set", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    folders = json.loads(done.stdout)["categories"]
    assert len(folders) >= 2
    for folder in folders:
        assert load_dataset(tmp_path / folder).counts()["test_defective"] > 0


def _heeds_signals() -> None:
    """Tests that a shell runs in the background, or under nohup, have inherited that SIGINT or SIGHUP is ignored."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def _as_nohup_does() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


def test_a_closed_terminal_ends_no_fit_that_was_started_with_nohup(tmp_path, faked):
    write_category(tmp_path / "tile")
    line = [sys.executable, "-m", "patchcore_core", "fit", "tile"]
    process = subprocess.Popen(line, cwd=tmp_path, env=environment(**faked, STAND_IN="sleep"), stderr=subprocess.PIPE,
                               preexec_fn=_as_nohup_does)
    store, deadline = RunStore(tmp_path / "runs"), time.monotonic() + 60

    def done() -> int:
        seen = [now.done for run in store.list() if run.alive and (now := store.progress(run.id)) is not None]
        return max(seen, default=0)

    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    before = done()
    process.send_signal(signal.SIGHUP)
    while done() < before + 30:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 130


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_fit_exits_with_130_and_its_run_is_cancelled(tmp_path, faked, number):
    write_category(tmp_path / "tile")
    line = [sys.executable, "-m", "patchcore_core", "fit", "tile"]
    env = environment(**faked, STAND_IN="sleep")
    process = subprocess.Popen(line, cwd=tmp_path, env=env, stderr=subprocess.PIPE, text=True,
                               preexec_fn=_heeds_signals)
    store, deadline = RunStore(tmp_path / "runs"), time.monotonic() + 60
    while not any(run.alive and store.progress(run.id) for run in store.list()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(number)
    _, stderr = process.communicate(timeout=60)
    assert (process.returncode, stderr) == (130, "error: cancelled\n")
    (run,) = store.list()
    assert run.status == "cancelled"


def test_progress_is_drawn_on_a_terminal_only(tmp_path, faked):
    write_category(tmp_path / "tile")
    quiet = command("fit", "tile", cwd=tmp_path, **faked)
    assert (quiet.returncode, quiet.stderr) == (0, "")
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (25, 100))
    line, env = [sys.executable, "-m", "patchcore_core", "fit", "tile", "--seed", "1"], environment(**faked)
    done = subprocess.run(line, cwd=tmp_path, env=env, stdout=subprocess.PIPE, stderr=theirs, timeout=60)
    os.close(theirs)
    assert done.returncode == 0
    drawn = b""
    with suppress(OSError):  # how a terminal says that nobody writes any more
        while chunk := os.read(ours, 4096):
            drawn += chunk
    os.close(ours)
    assert b"evaluate: 100%" in drawn


def test_a_reader_that_has_seen_enough_is_no_error(place):
    line = f"{sys.executable} -m patchcore_core show $(ls runs | head -1) --json | head -1"
    done = subprocess.run(line, shell=True, capture_output=True, text=True, cwd=place, env=environment())
    assert (done.stdout, done.stderr) == ("{\n", "")


def test_a_dry_run_says_what_it_would_cost_and_fits_nothing(place):
    before = sorted((place / "runs").rglob("*"))
    done = command("fit", "data", *QUICK, "--dry-run", "--json", cwd=place)
    assert (done.returncode, done.stderr) == (0, "")
    plate, tile = json.loads(done.stdout)
    assert (plate["category"], plate["run"], plate["train_images"], plate["test_images"]) == ("plate", None, 6, 6)
    assert plate["patches"] == 6 * 8 * 8
    assert plate["bank"] == {"rows": 76, "dim": 40, "bytes": 76 * 40 * 2}
    assert plate["seconds"] == pytest.approx(sum(plate["stages"].values()))
    assert plate["seconds_from"] == "measured here"
    assert tile["run"] == json.loads((place / "fit.json").read_text())[0]["run"]
    assert sorted((place / "runs").rglob("*")) == before


def test_fit_leaves_out_what_is_excluded_and_says_so(tmp_path, faked):
    for seed, name in enumerate(("tile", "plate")):
        write_category(tmp_path / "data" / name, seed=seed)
    gone = ("--exclude", "tile/train/good/000.png", "--exclude", "data/plate/test/good")
    said = command("fit", "data", *gone, cwd=tmp_path, **faked)
    assert (said.returncode, said.stderr) == (0, "")
    plate = [f"  without test/good/{number:03d}.png" for number in range(3)]
    assert said.stdout.splitlines()[1:4] == plate
    assert said.stdout.splitlines()[-1] == "  without train/good/000.png"
    again = json.loads(command("fit", "data", *gone, "--json", cwd=tmp_path, **faked).stdout)
    assert [(record["reused"], len(record["excluded"])) for record in again] == [(True, 3), (True, 1)]
    run = RunStore(tmp_path / "runs").get(again[1]["run"])
    assert (run.excluded, run.counts["train"]) == (("train/good/000.png",), 5)
    assert 'excluded: ["train/good/000.png"]' in command("show", run.id, cwd=tmp_path).stdout
    whole = json.loads(command("fit", "data/tile", "--json", cwd=tmp_path, **faked).stdout)
    assert (whole[0]["reused"], whole[0]["excluded"]) == (False, [])


@pytest.mark.parametrize(("path", "words"), [
    ("tile/train/good/00.png", ("cannot be excluded", "the nearest are tile/train/good/00")),
    ("train/good/000.png", ("photos of several categories", "plate/train/good/000.png or tile/train/good/000.png")),
    ("tile/train", ("no photo is left to learn from, all 6 are excluded",)),
    ("/etc/passwd", ("/etc/passwd: cannot be excluded",)),
])  # fmt: skip
@pytest.mark.parametrize("more", [(), ("--dry-run",), ("--json",)])
def test_a_path_to_exclude_that_means_no_photo_is_refused_at_once(place, refused, path, words, more):
    good = ("--exclude", "plate/train/good/000.png")
    refused(place, ("fit", "data", *QUICK, *good, "--exclude", path, *more, "--runs", "refused too"), words)
    assert RunStore(place / "refused too").list() == ()


def test_a_dry_run_forecasts_without_what_is_excluded(place, asked):
    line = ("fit", "data/tile", *QUICK, "--exclude", "train/good/000.png", "--dry-run")
    (record,) = json.loads(asked(place, *line, "--json")[1])
    assert (record["train_images"], record["excluded"], record["run"]) == (5, ["train/good/000.png"], None)
    assert "  without train/good/000.png" in asked(place, *line)[1].splitlines()


def test_what_is_doubtful_is_said_in_words_on_a_line_each(tmp_path, faked):
    write_category(tmp_path / "tile")
    (tmp_path / "tile" / "test" / "empty").mkdir()
    shutil.copy(tmp_path / "tile/train/good/000.png", tmp_path / "tile/test/good/000.png")
    empty = f"warning: tile: {tmp_path / 'tile/test/empty'}: holds no images"
    for more in ((), ("--json",)):
        done = command("fit", "tile", *more, cwd=tmp_path, **faked)
        assert done.returncode == 0
        lines = done.stderr.splitlines()
        assert lines[0] == empty
        assert all(line.startswith("warning: tile: ") for line in lines)
        assert any("in training" in line for line in lines[1:])
    (tmp_path / "tile" / "test" / "empty").rmdir()
    again = command("fit", "tile", "--json", cwd=tmp_path, **faked)
    assert json.loads(again.stdout)[0]["reused"]
    assert "holds no images" not in again.stdout + again.stderr


def test_a_dry_run_says_what_is_doubtful_of_the_data(asked, tmp_path, monkeypatch):
    monkeypatch.setattr("patchcore_core.cli.dry_run.measure", unreadable)
    write_category(tmp_path / "tile")
    (tmp_path / "tile" / "test" / "empty").mkdir()
    code, out, err = asked(tmp_path, "fit", "tile", "--dry-run", "--json")
    assert (code, json.loads(out)[0]["warnings"]) == (0, [f"{tmp_path / 'tile/test/empty'}: holds no images"])
    assert err == f"warning: tile: {tmp_path / 'tile/test/empty'}: holds no images\n"


def test_a_dry_run_in_words(asked, place, monkeypatch):
    monkeypatch.setattr("patchcore_core.cli.dry_run.measure", unreadable)
    code, out, _ = asked(place, "fit", "data", "--category", "plate", "--coreset-ratio", "0.01", "--dry-run")
    assert code == 0
    assert "plate: 6 images to learn from, 6 to test on" in out
    assert "patches 9,600" in out
    assert "96 rows of 152 values" in out
    assert "unknown until one fit of this kind has run" in out


def unreadable(*_: object) -> None:
    raise DataError("2 of 2 images cannot be read")


def test_a_dry_run_of_what_cannot_work_is_refused(asked, place):
    code, out, err = asked(place, "fit", "data", "--category", "tile", "--num-neighbors", "99999", "--dry-run")
    assert (code, out) == (2, "")
    assert "num_neighbors must be at most" in err
