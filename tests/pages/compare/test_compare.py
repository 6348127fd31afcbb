"""Compare in each state, its figures and its photos."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from patchcore_core.runs.store import Run, RunStore
from tests.pages.reading import read

MakeRun = Callable[..., Run]


def test_recall_at_the_default_threshold_is_compared_also_where_it_was_not_recorded(
    make_run: MakeRun, open_page: Any, store: RunStore
) -> None:
    newer, older = make_run(trusted=True), make_run(coreset_ratio=0.5)
    record = json.loads((older.folder / "run.json").read_text())
    for name in ("image_recall", "image_false_alarm_rate"):
        del record["metrics"][name]
    (older.folder / "run.json").write_text(json.dumps(record))
    assert not store.get(older.id).found
    app = open_page("compare", runs=both(newer, older))
    assert not app.exception
    table = app.table[0].value
    for row, name in (("Recall at the default threshold", "image_recall"),
                      ("False alarms at the default threshold", "image_false_alarm_rate")):
        for letter, run in (("A", newer), ("B", older)):
            assert f"{run.metrics[name]:.3f}" in table.loc[row, letter]


def both(*runs: Run) -> str:
    return ",".join(run.id for run in runs)


# states


def test_an_empty_store_says_so(store: RunStore, open_page: Any) -> None:  # noqa: ARG001
    app = open_page("compare")
    assert not app.exception
    assert "There is no finished run yet." in read(app)


def test_one_run_alone_asks_for_another(make_run: MakeRun, open_page: Any) -> None:
    run = make_run()
    for query in ({}, {"runs": run.id}):
        app = open_page("compare", **query)
        assert not app.exception
        assert "A comparison needs two finished runs" in read(app)


def test_an_emptied_choice_asks_for_runs(make_run: MakeRun, open_page: Any) -> None:
    make_run(), make_run(seed=1)
    app = open_page("compare", runs="")
    assert "Choose at least two runs above." in read(app)


def test_a_run_at_work_shows_its_progress(make_run: MakeRun, open_page: Any) -> None:
    done, other, alive = make_run(), make_run(seed=1), make_run("running", seed=2)
    app = open_page("compare", runs=both(done, alive, other))
    assert not app.exception
    assert "3 of 6" in app.get("progress")[0].proto.text
    assert list(app.table[0].value.columns) == ["A", "B"]  # the two others are compared meanwhile


@pytest.mark.parametrize("status", ["failed", "cancelled", "lost"])
def test_a_run_that_ended_badly_says_why(status: str, make_run: MakeRun, open_page: Any) -> None:
    done, other, broken = make_run(), make_run(seed=1), make_run(status, seed=2)
    app = open_page("compare", runs=both(done, broken, other))
    assert not app.exception
    assert broken.error in read(app)
    assert list(app.table[0].value.columns) == ["A", "B"]


@pytest.mark.parametrize("unknown", ["20250101-000000-tile-0000", "../../etc/passwd", "<b>x</b>"])
def test_an_unknown_run_is_named(unknown: str, make_run: MakeRun, open_page: Any) -> None:
    app = open_page("compare", runs=f"{both(make_run(), make_run(seed=1))},{unknown}")
    assert not app.exception
    assert "There is no run" in read(app)
    assert list(app.table[0].value.columns) == ["A", "B"]


def test_a_run_with_a_missing_file_is_a_sentence(make_run: MakeRun, open_page: Any) -> None:
    run, other = make_run(), make_run(seed=1)
    (run.folder / "curves.npz").write_bytes(b"")
    app = open_page("compare", runs=both(run, other))
    assert not app.exception
    assert "curves.npz" in read(app)


# two finished runs


def test_without_an_address_the_newest_runs_of_one_dataset_are_taken(make_run: MakeRun, open_page: Any) -> None:
    runs = [make_run(seed=seed) for seed in range(3)]
    app = open_page("compare")
    assert app.query_params["runs"] == [both(runs[1], runs[2])] or app.query_params["runs"] == both(runs[1], runs[2])
    assert not app.exception


def test_the_first_run_in_the_address_is_a(make_run: MakeRun, open_page: Any) -> None:
    one, ten = make_run(coreset_ratio=0.01), make_run(coreset_ratio=0.1)
    for first, second, shares in ((one, ten, ["1 %", "10 %"]), (ten, one, ["10 %", "1 %"])):
        app = open_page("compare", runs=both(first, second))
        assert app.table[1].value.loc["coreset_ratio"].tolist() == shares


def test_only_settings_that_differ_are_listed(make_run: MakeRun, open_page: Any) -> None:
    app = open_page("compare", runs=both(make_run(coreset_ratio=0.01), make_run(sampler="random")))
    assert sorted(app.table[1].value.index) == ["coreset_ratio", "sampler"]


def test_a_named_value_of_masks_is_a_setting_that_differs(make_run: MakeRun, open_page: Any) -> None:
    app = open_page("compare", runs=both(make_run(ignore_value=128), make_run()))
    assert app.table[1].value.loc["ignore_value"].tolist() == ["128", "none"]
    assert not app.exception


def test_figures_name_the_best_and_the_difference(scored_run: MakeRun, open_page: Any) -> None:
    good, worse = scored_run(), scored_run({"test/hole/000.png": 0.1}, seed=1)
    app = open_page("compare", runs=both(worse, good))
    row = app.table[0].value.loc["Image AUROC"]
    # 4 good photos at 0.2, 4 of 5 defective above them and one below: 16 of 20 pairs in order
    assert row["A"] == "0.800"
    assert row["B"].startswith("**1.000**")
    assert "+0.200" in row["B"]
    assert app.table[0].value.loc["Memory bank rows"].tolist()[0] == "40"


def test_three_runs_stand_side_by_side(make_run: MakeRun, open_page: Any) -> None:
    app = open_page("compare", runs=both(*(make_run(seed=seed) for seed in range(3))))
    assert not app.exception
    assert list(app.table[0].value.columns) == ["A", "B", "C"]


def test_more_runs_than_fit_are_cut_with_a_sentence(make_run: MakeRun, open_page: Any) -> None:
    app = open_page("compare", runs=both(*(make_run(seed=seed) for seed in range(7))), view="side")
    assert "the first 6 of 7" in read(app)
    assert list(app.table[0].value.columns) == list("ABCDEF")


# photo by photo


def test_photos_on_which_the_runs_disagree(scored_run: MakeRun, open_page: Any) -> None:
    first = scored_run({"test/hole/000.png": 0.1})
    second = scored_run({"test/hole/001.png": 0.1, "test/good/002.png": 0.15}, seed=1)
    app = open_page("compare", runs=both(first, second), rule="above all good images")
    assert not app.exception
    listed = app.dataframe[0].value
    assert set(listed["photo"]) == {"test/hole/000.png", "test/hole/001.png"}
    assert dict(zip(listed["photo"], listed["A"], strict=True)) == {"test/hole/000.png": "missed defect (FN)",
                                                                    "test/hole/001.png": "true positive"}
    assert "9 labelled photos: all correct 7 · only A correct 1 · only B correct 1 · all wrong 0" in read(app)


def test_the_list_begins_with_the_strongest_disagreement(scored_run: MakeRun, open_page: Any) -> None:
    first = scored_run({"test/hole/000.png": 0.1, "test/scratch/000.png": 0.19})
    app = open_page("compare", runs=both(first, scored_run(seed=1)), rule="above all good images")
    listed = app.dataframe[0].value
    assert listed["photo"].tolist() == ["test/hole/000.png", "test/scratch/000.png"]
    assert listed["disagreement"].is_monotonic_decreasing


def test_the_photo_in_the_address_is_shown_even_where_the_runs_agree(scored_run: MakeRun, open_page: Any) -> None:
    first, second = scored_run({"test/hole/000.png": 0.1}), scored_run(seed=1)
    app = open_page("compare", runs=both(first, second), image="test/scratch/001.png", rule="above all good images")
    assert "**test/scratch/001.png** · scratch" in read(app)
    assert len(app.dataframe[0].value) == 9
    assert len(app.image) == 2 + 4  # the colours of two runs; photo, truth and two maps


def test_a_photo_that_is_gone_is_a_sentence(make_run: MakeRun, data_root: Path, open_page: Any) -> None:
    runs = both(make_run(), make_run(seed=1))
    (data_root / "tile" / "test" / "hole" / "000.png").unlink()
    app = open_page("compare", runs=runs, image="test/hole/000.png")
    assert not app.exception
    assert "The photo cannot be shown." in read(app)


def test_a_photo_outside_the_allowed_folders_is_not_shown(
    make_run: MakeRun, tmp_path: Path, open_page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = both(make_run(), make_run(seed=1))
    monkeypatch.setenv("PATCHCORE_DATA", str(tmp_path / "elsewhere"))
    app = open_page("compare", runs=runs)
    assert not app.exception
    assert "PATCHCORE_DATA" in read(app)


# runs of different data


def test_runs_of_other_photos_are_not_compared_one_by_one(
    scored_run: MakeRun, data_root: Path, open_page: Any
) -> None:
    for place in (data_root / "tile").rglob("*.png"):
        target = data_root / "brick" / place.relative_to(data_root / "tile")
        target.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(255 - np.asarray(Image.open(place))).save(target)  # the same names, other pixels
    app = open_page("compare", runs=both(scored_run({"test/hole/000.png": 0.1}), scored_run(category="brick")))
    assert not app.exception
    assert "tested on different photos" in read(app)
    assert "The runs share no test photo." in read(app)
    assert app.table[0].value.loc["Image AUROC"].tolist() == ["0.800", "1.000"]  # none is called best
    assert app.table[1].value.loc["category"].tolist() == ["tile", "brick"]


def test_photos_with_the_same_content_are_found_in_grown_data(
    scored_run: MakeRun, data_root: Path, open_page: Any
) -> None:
    before = scored_run()
    folder = data_root / "tile" / "test" / "good"
    Image.fromarray(np.full((32, 32, 3), 90, np.uint8)).save(folder / "900.png")
    changed = folder / "000.png"
    Image.fromarray(np.full((32, 32, 3), 91, np.uint8)).save(changed)
    later = time.time() + 3600
    os.utime(changed, (later, later))
    app = open_page("compare", runs=both(before, scored_run(seed=1)))
    assert not app.exception
    assert "8 test photos are shared (A: 9, B: 10 in all)" in read(app)
    assert "test/good/000.png" not in app.dataframe[0].value["photo"].tolist()


def test_runs_without_test_images_are_compared_by_what_they_have(
    make_run: Callable[..., Run], open_page: Any, data_root: Path
) -> None:
    for part in ("test", "ground_truth"):
        shutil.rmtree(data_root / "tile" / part)
    runs = [make_run(num_neighbors=count) for count in (1, 2)]
    app = open_page("compare", runs=",".join(run.id for run in runs))
    assert not app.exception
    assert "none of these runs has labelled test images" in read(app)
    assert "Image AUROC" not in app.table[0].value.index
    assert "nan" not in read(app).lower()
