"""`runs` and `show`: names, thresholds, and runs without labelled test images."""

from __future__ import annotations

import csv
import json
import math
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

import pytest

from patchcore_core.cli.fits.fit import fit_record, print_fits
from patchcore_core.cli.in_use import threshold_lines
from patchcore_core.cli.main import main
from patchcore_core.cli.stored import _lacks, in_order, told_apart
from patchcore_core.cli.tables.figures import figure_table
from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.values import PhotoCounts
from patchcore_core.errors import ConfigError, StoreError
from patchcore_core.evaluation.values import TrainingImage, TrainingImages
from patchcore_core.reviews.chosen_thresholds import ChosenThresholds
from patchcore_core.reviews.run_labels import RunLabelsOf
from patchcore_core.runs.record import Run
from tests.made_runs import draft, finish, store

__all__ = ["draft", "finish", "store"]

RUN = Run(id="r", status="finished", category="tile", dataset="", config=PatchCoreConfig(), folder=Path(),
          thresholds={"heldout_p99": 20.5}, metrics={"image_auroc": float("nan")})  # fmt: skip


@pytest.mark.parametrize(("counts", "thresholds", "said"), [
    (PhotoCounts(20), {"heldout_p99": 20.5}, "no test images; image threshold 20.5000"),
    (PhotoCounts(20, test_unknown=3), {"heldout_p99": 20.5}, "no labelled test images; image threshold 20.5000"),
    (PhotoCounts(20), {"heldout_p99": float("nan")}, "no test images"),
    (PhotoCounts(20, test_good=3), {}, ""),
])  # fmt: skip
def test_a_run_without_labels_says_so_and_its_threshold(
    counts: PhotoCounts, thresholds: dict[str, float], said: str
) -> None:
    assert _lacks(replace(RUN, counts=counts, thresholds=thresholds)) == said


def test_runs_are_told_apart_by_what_not_all_have():
    runs = [replace(RUN, id=str(seed), config=replace(RUN.config, image_size=320, seed=seed)) for seed in (0, 1)]
    common, apart = told_apart([*runs, replace(RUN, id="broken", broken=True)])
    assert common.split(" · ")[-2:] == ["10 %", "320 px"]
    assert apart == {"0": "seed 0", "1": "seed 1", "broken": ""}
    common, apart = told_apart([*runs, replace(RUN, id="x", category="plate")])
    assert common.split(" · ")[-1] == "10 %"
    assert apart == {"0": "320 px · seed 0", "1": "320 px · seed 1", "x": "256 px"}
    assert told_apart(runs[:1])[0] == ""


@pytest.mark.parametrize(("order", "ids"), [
    (None, "abcd"), ("aupro", "bacd"), ("image_fpr_at_95_tpr", "bacd"), ("image-fpr-at-95-tpr", "bacd"),
    ("seconds", "bdac"), ("category", "bdac"), ("created", "dcba"),
])  # fmt: skip
def test_runs_are_listed_in_the_order_that_is_asked_for(order: str | None, ids: str):
    nan = math.nan
    given = [("a", "tile", 0.5, 0.2, 3.0), ("b", "plate", 0.9, 0.1, 1.0), ("c", "tile", nan, nan, nan)]
    runs = [replace(RUN, id=name, category=kind, metrics={"aupro": aupro, "image_fpr_at_95_tpr": fpr},
                    seconds={"total": seconds}, created_at=name) for name, kind, aupro, fpr, seconds in given]
    runs.append(replace(RUN, id="d", category="plate2", metrics={}, seconds={"total": 2.0}, created_at="d"))
    assert "".join(run.id for run in in_order(runs, order)) == ids


def test_an_unknown_order_is_answered_with_the_nearest():
    with pytest.raises(ConfigError, match=r"--sort auprp: runs have no such figure; did you mean aupro\?"):
        in_order([RUN], "auprp")


def test_undefined_figures_are_one_line_for_each_reason():
    metrics = {"image_auroc": 0.5, "aupro": float("nan"), "pixel_auroc": None, "image_recall": float("nan")}
    reasons = {"aupro": "no mask", "pixel_auroc": "no mask", "image_recall": "no defect",
               "image_auroc/interval": "too few"}
    assert figure_table(metrics, {}, reasons) == [
        "Figure       Value  95 % interval", "Image AUROC  0.500  too few",
        "not defined, since no defect: Recall at the default threshold",
        "not defined, since no mask: Pixel AUROC, AUPRO (FPR ≤ 0.3)"]  # fmt: skip


def test_images_without_labels_are_ranked(store, draft, finish):
    run = finish(store.begin(draft()), [0.25, 1.5, 2.0, 0.5], thresholds={"heldout_p99": 1.0})
    text = (run.folder / "images.csv").read_text().splitlines()
    column = text[0].split(",").index("label")
    rows = [line.split(",") for line in text]
    (run.folder / "images.csv").write_text("".join(
        ",".join([*row[:column], "label" if row is rows[0] else "-1", *row[column + 1:]]) + "\n" for row in rows))
    assert threshold_lines(store, run, ChosenThresholds()) == [
        "threshold 1.0000, set by the held-out rule", "no pixel threshold: the run has none",
        "4 test images without labels, of which 2 reach the threshold; highest first:",
        "  2.0000  test/2.png", "  1.5000  test/1.png", "  0.5000  test/3.png", "  0.2500  test/0.png"]  # fmt: skip


def test_training_images_are_ranked_where_there_are_no_test_images(store, draft, finish):
    training = TrainingImages((TrainingImage("a.png", "", 0.5), TrainingImage("b.png", "", math.nan),
                               TrainingImage("c.png", "", 2.0)))
    run = finish(store.begin(draft()), [], thresholds={"heldout_p99": 1.0}, training_images=training)
    assert threshold_lines(store, run, ChosenThresholds())[2:] == [
        "no test images: `score` judges new ones",
        "2 training images, by held-out score, of which 1 reach the threshold; highest first:",
        "  2.0000  c.png", "  0.5000  a.png"]  # fmt: skip


def test_a_threshold_that_is_far_from_what_would_separate_is_said(store, draft, finish):
    run = finish(store.begin(draft()), [0.25, 5.0, 1.0, 6.0], thresholds={"heldout_p99": 5.5})
    assert "1.0 to 5.0 would separate all 4 images; the held-out rule sets 5.5" in threshold_lines(
        store, run, ChosenThresholds())
    chosen = ChosenThresholds(1, run.id, 5.8, None, None, "Kim", "2026-05-03T10:00:00+00:00")
    lines = threshold_lines(store, run, chosen)
    assert "1.0 to 5.0 would separate all 4 images; the choice of Kim sets 5.8" in lines
    assert [line for line in lines if line.startswith("threshold 5.8000 chosen by Kim on 2026-05-03: found 1 of 2")]


def test_figures_that_older_runs_lack_are_listed_as_they_are_shown(store, draft, finish, capsys):
    run = finish(store.begin(draft()), range(6))
    record = json.loads((run.folder / "run.json").read_text())
    record["intervals"]["image_auroc"] = [1.0, 1.0]  # as they wrote it
    (run.folder / "run.json").write_text(json.dumps(record))
    said = []
    for command in (["runs"], ["show", run.id]):
        assert main([*command, "--runs", str(store.root), "--json"]) == 0
        said.append(json.loads(capsys.readouterr().out))
    assert said[0][0]["intervals"] == said[1]["intervals"]
    assert None not in said[1]["intervals"]["image_auroc"]


def test_labels_stand_in_the_csv_file_of_runs_as_they_are_listed(store, draft, finish, tmp_path, capsys):
    run = finish(store.begin(draft()), range(6))
    RunLabelsOf(store.root).change(run.id, "Ann", name="Line 3", tags=("lamp", "red"), note="seen", star=True)
    for command in (["runs"], ["show", run.id]):
        place = tmp_path / f"{command[0]}.csv"
        assert main([*command, "--runs", str(store.root), "--csv", str(place)]) == 0
        with place.open(newline="") as file:
            (row,) = csv.DictReader(file)
        assert [row[name] for name in ("run", "name", "tags", "note", "star", "archived")] == [
            run.id, "Line 3", "lamp, red", "seen", "1", "0"]  # fmt: skip
    assert "Line 3" in capsys.readouterr().out


def test_what_was_fitted_is_said_even_where_its_csv_file_cannot_be_written(store, draft, finish, tmp_path, capsys):
    run = finish(store.begin(draft()), range(6))
    asked = Namespace(json=False, all=False, csv=str(tmp_path / "a.csv"))
    (tmp_path / "a.csv").mkdir()  # by somebody, while it was fitted
    with pytest.raises(StoreError, match=r"a\.csv: exists already"):
        print_fits(asked, [fit_record(run, reused=False)], failed=0)
    assert run.id in capsys.readouterr().out


def test_a_record_that_lacks_a_part_of_its_bank_is_shown(store, draft, finish, capsys):
    run = finish(store.begin(draft()), bank={"rows": 4, "dim": 2})
    assert main(["show", run.id, "--runs", str(store.root)]) == 0
    assert "rows of" not in capsys.readouterr().out
