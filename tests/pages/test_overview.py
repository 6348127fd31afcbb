"""The Overview in each state of the store."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pages.ui import states
from pages.ui.format import run_label
from pages.ui.markdown import plain
from pages.ui.overview import undo
from patchcore_core.errors import StoreError
from patchcore_core.jobs import first_start
from patchcore_core.runs.store import Run, RunStore
from tests.pages.reading import read


def test_finished_runs_stand_in_the_table_newest_first(make_run: Callable[..., Run], open_page: Any) -> None:
    older, newer = make_run(coreset_ratio=0.1), make_run(coreset_ratio=0.01)
    app = open_page("overview")
    assert not app.exception
    table = app.dataframe[0].value
    assert list(table["run"]) == [newer.id, older.id]
    assert list(table["coreset"]) == [1.0, 10.0]
    tested = newer.seconds["predict"] + newer.seconds["evaluate"]
    assert table["fit_seconds"][0] == newer.seconds["total"] - tested < newer.seconds["total"]
    assert table["image_auroc"].tolist() == [newer.metrics["image_auroc"], older.metrics["image_auroc"]]


def test_what_the_default_threshold_finds_stands_beside_the_auroc_also_of_older_runs(
    make_run: Callable[..., Run], open_page: Any
) -> None:
    older, newer = make_run(), make_run(trusted=True, coreset_ratio=0.5)
    assert (older.found, newer.found.method) == (None, "heldout_p99")
    app = open_page("overview")
    assert not app.exception
    table = app.dataframe[0].value.set_index("run")
    columns = list(table.columns)
    assert columns[columns.index("image_auroc") + 1:][:2] == ["image_recall", "image_false_alarm_rate"]
    for run in (older, newer):
        images = RunStore().images(run)
        called = images["image_score"] >= run.thresholds["heldout_p99" if run is newer else "good_p99"]
        assert table["image_recall"][run.id] == called[images["label"] == 1].mean()
        assert table["image_false_alarm_rate"][run.id] == called[images["label"] == 0].mean()


def test_a_run_without_defective_images_has_found_nothing_instead_of_none_of_none(
    make_run: Callable[..., Run], data_root: Path, open_page: Any
) -> None:
    shutil.rmtree(data_root / "tile" / "test" / "hole")
    shutil.rmtree(data_root / "tile" / "test" / "scratch")
    shutil.rmtree(data_root / "tile" / "ground_truth")
    run = make_run(trusted=True)
    app = open_page("overview")
    assert app.dataframe[0].value["image_recall"].isna().all()
    assert app.dataframe[0].value["image_false_alarm_rate"].tolist() == [run.metrics["image_false_alarm_rate"]]
    assert "found" not in read(open_page("fit", jobs=run.id))


def test_a_finished_job_says_what_its_default_threshold_finds(make_run: Callable[..., Run], open_page: Any) -> None:
    run = make_run(trusted=True)
    counts = run.found
    assert (counts.defective, counts.good) == (5, 4)
    assert f"found {counts.found} of 5, false alarms {counts.false_alarms} of 4" in read(
        open_page("fit", jobs=run.id))


def test_a_click_into_a_row_opens_that_run_in_review(make_run: Callable[..., Run], open_page: Any) -> None:
    run = make_run()
    app = open_page("overview")
    app.session_state["overview_runs"] = {"selection": {"rows": [], "columns": [], "cells": [(0, "category")]}}
    app.run()
    assert app.query_params["run"] == run.id


def test_a_run_at_work_shows_its_stage_and_can_be_cancelled(make_run: Callable[..., Run], open_page: Any) -> None:
    make_run("running")
    app = open_page("overview")
    assert "reading images and computing features · 3 of 6" in app.get("progress")[0].proto.text
    assert [button.label for button in app.button] == ["Cancel"]


@pytest.mark.parametrize("status", ["failed", "cancelled", "lost"])
def test_a_job_that_ended_badly_says_why(status: str, make_run: Callable[..., Run], open_page: Any) -> None:
    run = make_run(status)
    app = open_page("overview")
    assert app.dataframe[0].value["status"].tolist() == [status]
    assert run.error in read(app)


def test_a_damaged_run_is_listed_not_a_crash(make_run: Callable[..., Run], open_page: Any) -> None:
    run = make_run()
    (run.folder / "run.json").write_text("{")
    app = open_page("overview")
    assert not app.exception
    assert app.dataframe[0].value["status"].tolist() == ["damaged"]
    assert "Damaged runs: 1" in [fold.label for fold in app.expander]
    assert f"{run.folder}/run.json: cannot be read, damaged or truncated" in read(app)


def test_a_run_with_a_cut_file_is_no_job_that_failed(make_run: Callable[..., Run], open_page: Any) -> None:
    run = make_run()
    os.truncate(run.folder / "anomaly_maps.npy", 500)
    app = open_page("overview")
    assert app.dataframe[0].value["status"].tolist() == ["damaged"]
    assert [fold.label for fold in app.expander if "Damaged" in fold.label] == ["Damaged runs: 1"]
    assert not [fold.label for fold in app.expander if fold.label.startswith("Jobs")]
    assert "This run cannot be read: " in read(open_page("review", run=run.id))


def test_an_empty_store_starts_the_sample_once_for_all_visitors(
    store: RunStore, open_page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[str] = []
    monkeypatch.setattr(first_start, "fit_sample", lambda store, _progress=None: started.append(str(store.root)) or ())
    first, second = open_page("overview"), open_page("overview")
    assert started == [str(store.root)]
    assert not first.exception
    assert not second.exception


def test_what_prevents_the_first_start_is_said(
    store: RunStore, open_page: Any, monkeypatch: pytest.MonkeyPatch  # noqa: ARG001
) -> None:
    def fail(*_: object) -> tuple[str, ...]:
        raise first_start.PatchCoreError("runs: cannot be written: read-only file system")

    monkeypatch.setattr(first_start, "fit_sample", fail)
    app = open_page("overview")
    app.run()
    assert "read-only file system" in read(app)
    assert "Fit the built-in sample set" in [button.label for button in app.button]


def test_the_first_finished_run_opens_by_itself(make_run: Callable[..., Run], open_page: Any) -> None:
    run = make_run("running")
    app = open_page("overview")
    assert "The first finished run opens here" in read(app)
    finished = make_run(coreset_ratio=0.5)
    app.run()
    assert app.query_params["run"] == finished.id != run.id


def test_text_from_outside_is_shown_as_it_stands(make_run: Callable[..., Run], store: RunStore, open_page: Any) -> None:
    run = make_run("queued")
    hostile = "[x](http://x) **b** $y$ :red[z]\n# head"
    store.close(run.id, "failed", hostile)
    app = open_page("overview")
    assert not app.exception
    drawn = [str(element.value) for element in app.markdown if "This run failed" in str(element.value)]
    assert drawn == [f"This run failed: {plain(hostile)}"]
    assert hostile.replace("\n", " ") in read(app)
    app = open_page("review", run="`[x](http://x)` :red[z]")
    assert "There is no run `[x](http://x)` :red[z] in this store" in read(app)
    assert "](" not in app.warning[0].value


def test_a_job_that_cannot_be_cancelled_is_a_sentence(
    make_run: Callable[..., Run], open_page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise StoreError("it computes on another machine")

    make_run("running")
    monkeypatch.setattr(states.jobs, "cancel", refuse)
    app = open_page("overview")
    next(button for button in app.button if button.label == "Cancel").click().run()
    assert not app.exception
    assert "it computes on another machine" in read(app)


def tick(app: Any, *rows: int) -> Any:
    app.session_state["overview_runs"] = {"selection": {"rows": list(rows), "columns": [], "cells": []}}
    return app.run()


def press(app: Any, label: str) -> Any:
    return next(button for button in app.button if button.label == label).click().run()


def test_ticked_runs_are_deleted_at_once_and_come_back_by_name(
    make_run: Callable[..., Run], store: RunStore, data_root: Path, open_page: Any
) -> None:
    kept, failed, finished = make_run(), make_run("failed", seed=1), make_run(seed=2)
    app = press(tick(open_page("overview"), 0, 1), "Delete")
    assert not app.exception
    assert store.list() == (kept,)
    assert not failed.folder.exists()
    assert not finished.folder.exists()
    assert (data_root / "tile" / "test").is_dir()
    assert app.dataframe[0].value["run"].tolist() == [kept.id]
    assert "Delete" not in [button.label for button in app.button]  # nothing is ticked any more
    assert "Trash: 2 runs" in [fold.label for fold in app.expander]
    app = press(app, "Undo: delete 2 runs")
    assert not app.exception
    assert store.list() == (finished, failed, kept)
    app = press(tick(open_page("overview"), 0), "Delete")
    assert f"Undo: delete {plain(run_label(finished))}" in [button.label for button in app.button]


def test_a_run_at_work_cannot_be_deleted(make_run: Callable[..., Run], store: RunStore, open_page: Any) -> None:
    finished, working = make_run(), make_run("running", seed=1)
    app = tick(open_page("overview"), 0)
    assert [button.disabled for button in app.button if button.label == "Delete"] == [True]
    app = press(tick(app, 0, 1), "Delete")
    assert not app.exception
    assert [run.id for run in store.list()] == [working.id] != [finished.id]


def test_a_deletion_that_fails_is_a_sentence(
    make_run: Callable[..., Run], store: RunStore, open_page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise StoreError("the store cannot be written")

    run = make_run()
    app = tick(open_page("overview"), 0)
    monkeypatch.setattr(undo, "delete_run", refuse)
    app = press(app, "Delete")
    assert not app.exception
    assert "the store cannot be written" in read(app)
    assert store.list() == (run,)
