"""The Fit page: what is offered, what it says it will cost, what it refuses, and what a click starts."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.fit import form as fit_form
from patchcore_core.jobs import jobs
from patchcore_core.runs.folder import now
from patchcore_core.runs.store import Run, RunStore
from tests.pages.reading import read


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def test_counts_and_forecast_of_the_found_folder(store: RunStore, open_page: Any) -> None:  # noqa: ARG001
    app = open_page("fit")
    assert not app.exception
    counts, plan = (table.value.iloc[0] for table in app.dataframe)
    assert (counts["Train good"], counts["Test good"], counts["Test defective"]) == (6, 4, 5)
    assert counts["Defect types"] == "hole 3, scratch 2"
    assert (plan["Patches"], plan["Bank rows"], plan["Bank size"]) == ("9,600", "960", "291.8 kB")  # 6 x 40 x 40
    assert {"Memory, about", "Disk, about", "Time, about"} <= set(plan.index)
    assert "no estimate until a run" in read(app)


def test_a_finished_run_is_the_measure_of_time(make_run: Callable[..., Run], open_page: Any) -> None:
    run = make_run()
    assert f"Time scaled from run {run.id}" in read(open_page("fit"))


def test_several_values_are_several_runs(store: RunStore, open_page: Any, started: list[Any]) -> None:  # noqa: ARG001
    app = open_page("fit")
    app.multiselect("fit_quick_coreset").set_value(["1", "10"]).run()
    assert app.dataframe[1].value["Coreset"].tolist() == ["1 %", "10 %"]
    press(app, "Fit 2 runs")
    assert started[0][0] == "tile"
    assert started[0][1].coreset_ratio == 0.01
    assert "the disk is full" in read(app)


def test_the_careful_preset_has_two_scales(
    store: RunStore, open_page: Any, started: list[Any]  # noqa: ARG001
) -> None:
    app = open_page("fit")
    app.segmented_control("fit_preset").set_value("careful").run()
    assert app.text_input("fit_careful_scales").value == "224 448"
    assert app.dataframe[1].value["Patches"].tolist() == [f"{6 * (28 * 28 + 56 * 56):,}"]
    assert app.dataframe[1].value["Input, px"].tolist() == ["224 x 224 + 448 x 448"]
    press(app, "Fit")
    assert started[0][1].scales == (224, 448)
    app.text_input("fit_careful_scales").set_value("256, 512").run()
    press(app, "Fit")
    assert started[1][1].scales == (256, 512)
    app.text_input("fit_careful_scales").set_value("256").run()
    assert "scales must be two or more different image sizes" in read(app)


def test_a_memory_limit_reaches_the_fit(store: RunStore, open_page: Any, started: list[Any]) -> None:  # noqa: ARG001
    app = open_page("fit")
    assert app.text_input("fit_quick_memory_limit").value == ""
    for written, gib in (("2.5", 2.5), ("1536 MiB", 1.5), ("  ", None)):
        app.text_input("fit_quick_memory_limit").set_value(written).run()
        press(app, "Fit")
        assert started.pop()[1].memory_limit == gib


def test_a_value_of_masks_that_is_named_reaches_the_fit(
    store: RunStore, open_page: Any, started: list[Any]  # noqa: ARG001
) -> None:
    app = open_page("fit")
    assert app.number_input("fit_quick_ignore_value").value is None
    app.number_input("fit_quick_ignore_value").set_value(128).run()
    press(app, "Fit")
    assert started[0][1].ignore_value == 128


def test_a_run_at_work_says_how_long_it_takes(make_run: Callable[..., Run], open_page: Any, store: RunStore) -> None:
    run = make_run("running")
    seen = {"stage": "coreset", "done": 1200, "total": 9600, "updated_at": now(),
            "seconds_left": 130.0, "run_seconds_left": 400.0}
    (store.get(run.id).folder / "progress.json").write_text(json.dumps(seen))
    (words,) = [bar.proto.text for bar in open_page("fit", jobs=run.id).get("progress")]
    assert words.startswith("selecting the coreset · 1,200 of 9,600 · about 2 min left · about 7 min left of the run")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda app: app.multiselect("fit_quick_efficientnet_lite0_layers").set_value(["blocks.9"]), "blocks.2"),
        (lambda app: app.multiselect("fit_quick_efficientnet_lite0_layers").set_value([]), "layers must be"),
        (lambda app: app.multiselect("fit_quick_coreset").set_value(["150"]), "coreset_ratio must be in (0, 1]"),
        (lambda app: app.multiselect("fit_quick_coreset").set_value(["ten"]), "must be a percentage"),
        (lambda app: app.multiselect("fit_quick_size").set_value(["25.6"]), "must be a whole number"),
        (lambda app: app.multiselect("fit_quick_size").set_value(["5000"]), "image_size must be at most 4096"),
        (lambda app: app.multiselect("fit_quick_size").set_value(["8"]), "image_size must give at least 2 x 2"),
        (lambda app: app.multiselect("fit_quick_k").set_value(["961"]), "at most the 960 rows"),
        (lambda app: app.number_input("fit_quick_center_crop").set_value(321), "center_crop must be at most"),
        (lambda app: app.number_input("fit_quick_pretrain_dim").set_value(64), "target_dim must be"),
        (lambda app: app.text_input("fit_quick_memory_limit").set_value("2 G"), "such as 512MiB or 1.5GB, got '2 G'"),
        (lambda app: app.text_input("fit_quick_memory_limit").set_value("0MB"), "must be more than 0 GiB, got '0MB'"),
        (lambda app: app.text_input("fit_quick_weights").set_value("/etc/passwd"), "outside the folders"),
        (lambda app: app.text_input("path").set_value("/etc"), "outside the folders"),
    ],
)
def test_what_cannot_work_is_refused_before_the_start(
    change: Callable[[AppTest], Any], said: str, store: RunStore, open_page: Any  # noqa: ARG001
) -> None:
    app = open_page("fit")
    change(app).run()
    assert not app.exception
    assert said in read(app)
    assert app.error
    assert "Fit" not in [button.label for button in app.button]


def test_an_unknown_backbone_is_answered_with_those_that_exist(
    store: RunStore, open_page: Any, monkeypatch: pytest.MonkeyPatch  # noqa: ARG001
) -> None:
    monkeypatch.setattr(fit_form, "BACKBONES", ("resnet17",))  # AppTest cannot type a name that is not listed
    app = open_page("fit")
    app.selectbox("fit_quick_backbone").set_value("resnet17").run()
    assert "did you mean resnet" in app.error[0].value
    assert "Fit" not in [button.label for button in app.button]


def test_a_category_without_good_images_is_named(data_root: Path, store: RunStore, open_page: Any) -> None:  # noqa: ARG001
    (data_root / "empty" / "train" / "good").mkdir(parents=True)
    app = open_page("fit")
    assert any("empty" in str(warning.value) for warning in app.warning)
    assert app.dataframe[0].value["Category"].tolist() == ["tile"]


def test_no_images_anywhere_says_where_they_go(
    store: RunStore, open_page: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch  # noqa: ARG001
) -> None:
    monkeypatch.setenv("PATCHCORE_DATA", str(tmp_path / "nothing"))
    app = open_page("fit")
    assert not app.exception
    assert "PATCHCORE_DATA" in app.info[0].value


def test_a_fit_made_before_opens_the_existing_run(
    make_run: Callable[..., Run], open_page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run()
    monkeypatch.setattr(jobs, "start", lambda *_, **__: run.id)
    app = press(open_page("fit"), "Fit")
    assert app.query_params["run"] == run.id
    assert app.title[0].value == "Review"


@pytest.mark.parametrize("status", ["running", "queued", "finished", "failed", "cancelled", "lost"])
def test_started_jobs_are_followed_to_their_end(status: str, make_run: Callable[..., Run], open_page: Any) -> None:
    run = make_run(status)
    app = open_page("fit", jobs=run.id)
    assert not app.exception
    alive = status in ("running", "queued")
    assert ("Cancel" in [button.label for button in app.button]) is alive
    assert ("finished · Image AUROC" in read(app)) is (status == "finished")
    if run.error:
        assert run.error in read(app)


def test_an_unknown_job_is_said_to_be_unknown(store: RunStore, open_page: Any) -> None:  # noqa: ARG001
    app = open_page("fit", jobs="20250101-000000-tile-abcd")
    assert not app.exception
    assert "There is no run 20250101-000000-tile-abcd " in read(app)


def test_a_job_can_be_cancelled(make_run: Callable[..., Run], open_page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    run = make_run("running")
    asked: list[str] = []
    monkeypatch.setattr(jobs, "cancel", lambda _store, run_id: asked.append(run_id))
    press(open_page("fit", jobs=run.id), "Cancel")
    assert asked == [run.id]


def test_a_category_that_leads_out_of_the_allowed_folders_is_refused(
    data_root: Path, store: RunStore, tmp_path: Path, open_page: Any  # noqa: ARG001
) -> None:
    (data_root / "tile").rename(tmp_path / "secret")
    (data_root / "tile").symlink_to(tmp_path / "secret", target_is_directory=True)
    app = open_page("fit", dataset=str(data_root))
    assert not app.exception
    assert "outside the folders the dashboard may read" in read(app)
    assert "Fit" not in [button.label for button in app.button]


@pytest.mark.parametrize(("free", "warned"), [(10**6, True), (10**15, False)])
def test_a_fit_that_needs_more_memory_than_is_free_is_warned_of_before_the_click(
    store: RunStore, open_page: Any, monkeypatch: pytest.MonkeyPatch, free: int, warned: bool  # noqa: ARG001
) -> None:
    monkeypatch.setattr("patchcore_core.model.budget.free_memory", lambda: free)
    app = open_page("fit")
    assert not app.exception
    assert ("GB of memory will be needed" in read(app)) is warned
    assert "Fit" in [button.label for button in app.button]


def test_what_the_weights_file_is_not_is_said_at_the_click_and_leaves_no_run(
    store: RunStore, data_root: Path, open_page: Any
) -> None:
    (data_root / "w.pth").write_text("no weights")
    app = open_page("fit")
    app.text_input("fit_quick_weights").set_value(str(data_root / "w.pth")).run()
    press(app, "Fit")
    assert "w.pth: the weights file cannot be read" in read(app)
    assert store.list() == ()


def test_fit_again_brings_the_folder_of_the_failed_run(make_run: Callable[..., Run], open_page: Any) -> None:
    run = make_run("failed")
    links = [node.proto for node in open_page("review", run=run.id).get("page_link")]
    (again,) = [link for link in links if link.label == "Fit again"]
    assert parse_qs(again.query_string) == {"path": [run.dataset]}
    app = open_page("fit", path=run.dataset)
    assert app.text_input("path").value == run.dataset
    assert "Fit" in [button.label for button in app.button]
