"""Photos that are left out of a fit: by name, by a click, and again after a failure."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from patchcore_core.jobs import jobs
from patchcore_core.runs.store import Run, RunStore
from tests.pages.fit.test_fit import press
from tests.pages.reading import read


def test_photos_are_left_out_by_name_and_the_fit_is_asked_for_without_them(
    store: RunStore, open_page: Any, monkeypatch: pytest.MonkeyPatch  # noqa: ARG001
) -> None:
    asked: list[Any] = []

    def start(*_: Any, excluded: Any = (), **__: Any) -> str:
        asked.append(excluded)
        raise jobs.StoreError("the disk is full")

    monkeypatch.setattr(jobs, "start", start)
    app = open_page("fit")
    assert app.multiselect("exclude").options == [f"train/good/{number:03d}.png" for number in range(6)]
    app.multiselect("exclude").set_value(["train/good/001.png", "train/good/004.png"]).run()
    assert "2 photos excluded; 4 of 6 training photos used" in read(app)
    assert app.dataframe[1].value.iloc[0]["Patches"] == "6,400"  # 4 x 40 x 40
    press(app, "Fit")
    assert asked == [("train/good/001.png", "train/good/004.png")]


def test_a_job_of_the_page_computes_without_the_photos(
    data_root: Path, store: RunStore, open_page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_spawn", lambda *_: 0)
    press(open_page("fit", path=str(data_root / "tile"), exclude="test/hole/000.png"), "Fit")
    (run,) = store.list()
    assert (run.excluded, run.counts.train, run.counts.test_defective) == (("test/hole/000.png",), 6, 4)


@pytest.mark.parametrize(("exclude", "said"), [
    ("train/good/00.png", "cannot be excluded, no photo of"),
    ("train", "no training photos are left, all 6 are excluded"),
    ("~nosuchuser/x", "cannot be excluded"),
    ("/etc/passwd", "cannot be excluded"),
    ("a\0b", "cannot be excluded"),
])  # fmt: skip
def test_a_path_that_cannot_be_left_out_is_refused_in_place(
    store: RunStore, open_page: Any, exclude: str, said: str  # noqa: ARG001
) -> None:
    app = open_page("fit", exclude=exclude)
    assert not app.exception
    assert said in read(app)
    assert "Fit" not in [button.label for button in app.button]
    app.multiselect("exclude").set_value([]).run()
    assert "Fit" in [button.label for button in app.button]


def test_odd_photos_of_a_run_are_offered_and_left_out_with_a_click(
    make_run: Callable[..., Run], open_page: Any, store: RunStore
) -> None:
    run = make_run()
    record = json.loads((run.folder / "run.json").read_text())
    record["heldout"]["odd"] = [{"path": f"train/good/{name}.png", "score": 9.5} for name in ("003", "gone", "001")]
    record["heldout"]["thresholds"] = {"image": {"without_odd": 2.5, "with_odd": 9.51}}
    (run.folder / "run.json").write_text(json.dumps(record))
    app = open_page("fit")
    assert f"by run {run.id}: train/good/003.png, train/good/001.png" in read(app)
    assert "Image threshold without them 2.5, with them 9.51." in read(app)
    assert app.multiselect("exclude").options[:3] == ["train/good/003.png", "train/good/001.png", "train/good/000.png"]
    press(app, "Exclude them")
    assert app.multiselect("exclude").value == ["train/good/003.png", "train/good/001.png"]
    assert "2 photos excluded" in read(app)
    assert "Odd training photos" not in read(app)
    assert len(store.list()) == 1


@pytest.mark.parametrize("odd", [None, "all", [1, {"score": 2}], {"path": "x"}])
def test_a_record_of_odd_photos_that_is_none_offers_nothing(
    make_run: Callable[..., Run], open_page: Any, odd: Any
) -> None:
    run = make_run()
    record = json.loads((run.folder / "run.json").read_text())
    record["heldout"]["odd"] = odd
    (run.folder / "run.json").write_text(json.dumps(record))
    app = open_page("fit")
    assert not app.exception
    assert "Odd training photos" not in read(app)


def test_photos_of_several_categories_are_named_with_their_category(
    data_root: Path, store: RunStore, open_page: Any  # noqa: ARG001
) -> None:
    shutil.copytree(data_root / "tile", data_root / "wood")
    app = open_page("fit", dataset=os.path.relpath(data_root), exclude="wood/train/good/002.png")
    assert "1 photo excluded; 5 of 6 training photos used" in read(app)
    assert app.multiselect("exclude").options[0] == "tile/train/good/000.png"
    app.multiselect("exclude").set_value(["train/good/000.png"]).run()
    assert "photos of several categories" in read(app)


def test_names_of_one_folder_are_forgotten_with_another(data_root: Path, store: RunStore, open_page: Any) -> None:  # noqa: ARG001
    shutil.copytree(data_root / "tile", data_root.parent / "data2" / "wood")
    shutil.move(data_root.parent / "data2", data_root / "more")
    app = open_page("fit", path=str(data_root / "tile"), exclude="train/good/000.png")
    app.text_input("path").set_value(str(data_root / "more" / "wood")).run()
    assert not app.exception
    assert app.multiselect("exclude").value == []
    assert "left out" not in read(app)


@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_fit_made_before_says_what_is_doubtful_of_the_data_now(
    make_run: Callable[..., Run], open_page: Any, data_root: Path, monkeypatch: pytest.MonkeyPatch, elsewhere: bool
) -> None:
    run = make_run()
    monkeypatch.setattr(jobs, "start", lambda *_, **__: run.id)
    folder = shutil.copytree(data_root / "tile", data_root / "copy") if elsewhere else data_root / "tile"
    (folder / "test" / "empty").mkdir()
    app = press(open_page("fit", path=str(folder)), "Fit")
    assert app.title[0].value == "Review"
    (toast,) = app.toast
    assert ("made from" in toast.value) is elsewhere
    assert "empty: holds no images" in toast.value.replace("\\", "")


def test_fit_again_leaves_out_what_the_failed_run_left_out(
    make_run: Callable[..., Run], open_page: Any, store: RunStore
) -> None:
    run = make_run("failed")
    record = json.loads((run.folder / "run.json").read_text())
    (run.folder / "run.json").write_text(json.dumps(record | {"excluded": ["train/good/000.png", "test/hole/001.png"]}))
    links = [node.proto for node in open_page("review", run=run.id).get("page_link")]
    (again,) = [link for link in links if link.label == "Fit again"]
    asked = parse_qs(again.query_string)
    assert asked == {"path": [run.dataset], "exclude": ["train/good/000.png", "test/hole/001.png"]}
    app = open_page("fit", **asked)
    assert "2 photos excluded" in read(app)
    assert store.list()
