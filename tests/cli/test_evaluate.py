"""`evaluate`, `runs` and `show`: the figures of a run, on its own data and on others."""

from __future__ import annotations

import json
import re
import shutil

import numpy as np
import pytest
from PIL import Image

from patchcore_core.codec import plain
from patchcore_core.evaluation.thresholds import unlike
from patchcore_core.fitting import judge as judging
from patchcore_core.runs.store import RunStore
from tests.cli.calling import QUICK, command


def test_runs_and_show(place, run_id, asked, monkeypatch):
    listed = command("runs", cwd=place)
    assert run_id in listed.stdout
    assert "finished" in listed.stdout
    shown = json.loads(command("show", run_id, "--json", cwd=place).stdout)
    assert (shown["id"], shown["status"]) == (run_id, "finished")
    assert {"path": "train/good/000.png", "odd": False, "copies": []}.items() <= shown["training_images"][0].items()
    assert max(image["score"] for image in shown["training_images"]) < shown["thresholds"]["heldout_p99"]
    assert f"run       {run_id}\n" in asked(place, "show", run_id)[1]
    assert re.search(rf"^id +{run_id}$", asked(place, "show", run_id, "--all")[1], re.MULTILINE)
    assert json.loads(asked(place, "runs", "--json")[1])[0]["id"] == run_id
    assert "no runs in" in asked(place, "runs", "--runs", "empty")[1]
    monkeypatch.setenv("PATCHCORE_RUNS", "empty")
    assert json.loads(asked(place, "runs", "--json")[1]) == []


def test_evaluate_on_its_own_data_gives_the_figures_of_the_run(place, run_id):
    done = command("evaluate", run_id, "data/tile", "--json", "--device", "cpu", cwd=place)
    assert done.returncode == 0, done.stderr
    expected = RunStore(place / "runs").get(run_id).metrics
    assert json.loads(done.stdout)["metrics"] == pytest.approx(expected, abs=1e-6)


def test_evaluate_lists_photos_of_another_part_and_says_where_it_cannot_tell(place, run_id, asked, monkeypatch):
    unknown = json.loads(asked(place, "evaluate", run_id, "data/tile", "--json")[1])
    assert unknown["unlike"] is None  # the grid of this run is too coarse
    monkeypatch.setattr(unlike, "LEAST_GRID", 1)
    monkeypatch.setattr(judging, "Familiar", lambda *_: unlike.Familiar(np.full(9, 1e-6)))
    out = asked(place, "evaluate", run_id, "data/tile", "--json")[1]
    assert [path.rpartition("/")[2] for path in json.loads(out)["unlike"]] == ["000.png", "001.png", "002.png"] * 2
    assert {badge["key"]: badge["level"] for badge in json.loads(out)["badges"]}["unlike"] == "warning"


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
    assert "3 of 3 masks hold 128, ignored as requested" in err
    assert RunStore(tmp_path / "runs").get(fitted["run"]).config.ignore_value == 128
    code, out, err = asked(tmp_path, "evaluate", fitted["run"], "tile", "--json", "--device", "cpu")
    assert code == 0
    assert "3 of 3 masks hold 128, ignored as requested" in err
    assert json.loads(out)["metrics"] == pytest.approx(fitted["metrics"], abs=1e-6)
    _, out, _ = asked(tmp_path, "evaluate", fitted["run"], place / "data" / "tile", "--json", "--device", "cpu")
    assert json.loads(out)["metrics"]["aupro"] != pytest.approx(fitted["metrics"]["aupro"], abs=1e-6)
    assert "none of 3 masks holds 128" in "".join(json.loads(out)["warnings"])


def test_evaluate_names_the_category_and_prints_a_line_per_figure(place, run_id, asked):
    code, out, _ = asked(place, "evaluate", run_id, "data", "--category", "plate")
    assert code == 0
    title, first, *_ = out.splitlines()
    assert title.split() == ["Figure", "Value", "95", "%", "interval"]
    assert first.split() == ["Image", "AUROC", "1.000", "[0.50,", "1.00]"]
    assert "data checks without a warning: " in out
    assert re.search(r"^all +\d+ to \d+ +\d+ +\d\.\d{3} ", out, re.MULTILINE)
    assert "Pixel F1-max" not in out
    out = asked(place, "evaluate", run_id, "data", "--category", "plate", "--all")[1]
    assert "Pixel F1-max" in out
    assert "threshold heldout_p99: " in out
    assert "ok: no test image in training." in out
    assert re.search(r"^hole +\d+ to \d+ +\d+ +\d\.\d{3} ", out, re.MULTILINE)


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
        assert f"{alarms} of 3 good predicted defective" in out


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
        assert record["heldout"] == plain(run.heldout)
        published = {(row["metric"], row["source"]) for row in record["published"]}
        assert ("image_auroc", "patchcore-inspection") in published  # tile is a category of MVTec AD
        assert any(row["name"] == "backbone" for row in record["published"][0]["differs"])
    out = asked(place, "show", run_id)[1]
    assert re.search(r"^Image AUROC +1.000  \[0.50, 1.00\]$", out, re.MULTILINE)
    assert re.search(r"^patchcore-inspection +\S+ +\d\.\d{3} \(ours [+-]\d\.\d{3}\) ", out, re.MULTILINE)
