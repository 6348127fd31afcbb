"""`sweep` as it is typed, with the stand-in for the network."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from patchcore_core.cli.fits import follow
from patchcore_core.cli.output import Ended
from patchcore_core.jobs import jobs, queue
from patchcore_core.runs.store import RunStore
from tests.made_runs import break_fits
from tests.tiny import write_category

pytestmark = pytest.mark.usefixtures("stand_in", "worker_here")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for seed, name in enumerate(("tile", "plate")):
        write_category(tmp_path / "data" / name, seed=seed)
    return tmp_path


def test_every_combination_of_every_category_in_the_order_of_the_grid(data: Path, asked) -> None:
    line = ("sweep", "data", "--set", "coreset_ratio=0.2,0.1", "num_neighbors=1,2", "--runs", "here", "--json")
    code, out, _ = asked(data, *line)
    records = json.loads(out)
    assert code == 0
    assert [(each["category"], each["settings"]) for each in records] == [
        (category, {"coreset_ratio": ratio, "num_neighbors": k})
        for category in ("plate", "tile") for ratio in (0.2, 0.1) for k in (1, 2)
    ]  # fmt: skip
    runs = {run.id: run for run in RunStore(data / "here").list()}
    assert len(runs) == 8
    for record in records:
        config = runs[record["run"]].config
        assert (config.coreset_ratio, config.num_neighbors) == tuple(record["settings"].values())
        assert record["metrics"]["image_auroc"] is not None
    again = json.loads(asked(data, *line)[1])
    assert again == [{**record, "reused": True} for record in records]
    fit = json.loads(asked(data, "fit", "data", "--category", "tile", "--coreset-ratio", 0.1, "--num-neighbors", 2,
                           "--runs", "here", "--json")[1])  # fmt: skip
    assert fit == [{name: value for name, value in again[7].items() if name in fit[0]}]


def test_people_read_what_tells_the_runs_apart_and_the_means(data: Path, asked) -> None:
    code, out, _ = asked(data, "sweep", "data", "--set", "layers=blocks.2+blocks.4,blocks.2", "--csv", "grid.csv")
    assert code == 0
    rows = [line.split() for line in out.splitlines()[1:]]
    settings = ["layers=blocks.2+blocks.4", "layers=blocks.2"]
    assert [row[:2] for row in rows[:4]] == [[name, each] for name in ("plate", "tile") for each in settings]
    assert [row[:4] for row in rows[4:6]] == [["mean", "of", "2", each] for each in settings]
    assert len((data / "grid.csv").read_text().splitlines()) == 1 + 4 + 2


def test_a_line_below_the_table_tells_what_the_seconds_hold(data: Path, asked, monkeypatch) -> None:
    line = ("sweep", "data/tile", "--set", "num_neighbors=1,2", "--runs", "here")
    assert "what fits share" not in asked(data, *line)[1]
    (first, *_), get = RunStore(data / "here").list(), RunStore.get
    monkeypatch.setattr(RunStore, "get", lambda store, run_id: replace(get(store, run_id), shortened=(
        ("predict",) if run_id == first.id else ())))
    out = asked(data, *line)[1]
    assert out.splitlines()[-1].startswith("the seconds of 1 of 2 runs, and means of them, are less than those of a")
    assert "shortened" not in asked(data, *line, "--json")[1]


def test_duplicates_are_computed_once_and_counted(data: Path, asked) -> None:
    code, out, err = asked(data, "sweep", "data/tile", "--set", "seed=1,2,1", "--json")
    assert code == 0
    assert [record["settings"] for record in json.loads(out)] == [{"seed": 1}, {"seed": 2}]
    assert "1 of 3 combinations are the same fit as an earlier one" in err


def test_a_folder_that_is_named_twice_is_fitted_once(data: Path, asked) -> None:
    code, out, err = asked(data, "sweep", "data", "data/tile", "--set", "seed=1", "--json")
    assert code == 0
    assert [record["category"] for record in json.loads(out)] == ["plate", "tile"]
    first, *ended = err.splitlines()
    assert first == "1 of 3 categories were named twice"
    assert sorted(line.partition(" ")[2].partition(": finished in ")[0] for line in ended) == [
        "of 2] plate", "of 2] tile"]


@pytest.mark.parametrize(("setting", "bad"), [
    ("coreset_ratio=0.1,1.5", "coreset_ratio=1.5: coreset_ratio must be in (0, 1], got 1.5"),
    ("layers=blocks.2,blocks.9", "layers=blocks.9: efficientnet_lite0 has no layer 'blocks.9'"),
    ("num_neighbors=1,100000", "num_neighbors=100000: num_neighbors must be at most"),
])  # fmt: skip
def test_a_member_that_cannot_work_is_named_and_the_rest_runs_only_when_told(
    data: Path, asked, refused, setting: str, bad: str
) -> None:
    line = ("sweep", "data", "--set", setting, "--runs", "here")
    refused(data, line, (bad, "--skip-impossible fits the others"))
    assert RunStore(data / "here").list() == ()
    code, out, err = asked(data, *line, "--skip-impossible", "--json")
    records = json.loads(out)
    assert code == 0
    assert f"left out, since impossible: {bad}" in err
    assert [record["run"] is None for record in records] == [False, True] * 2
    assert bad.partition(": ")[2] in records[1]["error"]


def test_a_grid_that_cannot_work_at_all_is_refused(data: Path, refused) -> None:
    refused(data, ("sweep", "data", "--set", "coreset_ratio=2,3"), ("coreset_ratio must be in (0, 1], got 2.0",))
    refused(data, ("sweep", "data", "--set", "sede=2,3"), ("there is no field 'sede'; did you mean seed?",))


def test_a_category_that_fails_is_reported_and_the_others_are_fitted(data: Path, asked) -> None:
    (data / "data" / "empty" / "train" / "good").mkdir(parents=True)
    code, out, err = asked(data, "sweep", "data", "--set", "seed=1,2", "--json")
    records = json.loads(out)
    assert code == 2
    assert [record["run"] is None for record in records] == [True, True, False, False, False, False]
    assert "holds no images" in records[0]["error"]
    assert err.splitlines()[-1] == "error: 2 of 6 fits failed"


def test_it_goes_through_the_queue_and_what_failed_there_is_said(data: Path, asked, stand_in, monkeypatch) -> None:
    break_fits(monkeypatch, stand_in, seed=1)
    code, out, err = asked(data, "sweep", "data/tile", "--set", "seed=0,1,2", "--runs", "here", "--json")
    records = json.loads(out)
    assert code == 2
    assert [record["error"] for record in records] == [None, "RuntimeError: the stand-in was told to break", None]
    assert "error: tile seed=1: RuntimeError: the stand-in was told to break" in err
    assert err.splitlines()[-1] == "error: 1 of 3 fits failed"
    jobs = json.loads(asked(data, "queue", "--runs", "here", "--json")[1])
    assert sorted(job["state"] for job in jobs) == ["failed", "finished", "finished"]
    assert len({job["sweep"] for job in jobs}) == 1
    assert {job["run"] for job in jobs if job["state"] == "finished"} == {each["run"] for each in records} - {None}


def test_a_read_only_store_answers_with_what_is_finished(data: Path, asked, refused, monkeypatch) -> None:
    line = ("sweep", "data/tile", "--runs", "here", "--json", "--set")
    before = json.loads(asked(data, *line, "seed=0,1")[1])
    monkeypatch.setenv("PATCHCORE_READ_ONLY", "1")
    monkeypatch.setattr(queue, "jobs_of", lambda *_: pytest.fail("the queue of such a store may be unreadable"))
    code, out, err = asked(data, *line, "seed=0,1")
    assert (code, err) == (0, "")
    assert json.loads(out) == [{**record, "reused": True} for record in before]
    refused(data, (*line, "seed=0,1,2"), ("no fit can be started: this is a read-only installation",))


def test_ctrl_c_cancels_what_the_sweep_has_asked_for(data: Path, asked, monkeypatch) -> None:
    monkeypatch.setattr(jobs, "_spawn", lambda _: 0)  # nobody computes anything
    monkeypatch.setattr(follow, "how_far", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    code, out, err = asked(data, "sweep", "data/tile", "--set", "seed=0,1", "--runs", "here")
    assert (code, out, err) == (130, "", "error: cancelled\n")
    assert {job["state"] for job in json.loads(asked(data, "queue", "--runs", "here", "--json")[1])} == {"cancelled"}


def test_ctrl_c_while_workers_are_started_cancels_too(data: Path, asked, monkeypatch) -> None:
    monkeypatch.setattr(jobs, "_spawn", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
    code, out, err = asked(data, "sweep", "data/tile", "--set", "seed=0,1", "--runs", "here")
    assert (code, out, err) == (130, "", "error: cancelled\n")
    assert {job["state"] for job in json.loads(asked(data, "queue", "--runs", "here", "--json")[1])} == {"cancelled"}


def test_a_terminal_that_is_closed_leaves_the_sweep_in_the_queue(data: Path, asked, monkeypatch) -> None:
    monkeypatch.setattr(jobs, "_spawn", lambda _: 0)
    monkeypatch.setattr(follow, "how_far", lambda *_: (_ for _ in ()).throw(Ended))
    code, _, err = asked(data, "sweep", "data/tile", "--set", "seed=0,1", "--runs", "here")
    assert (code, err) == (130, "error: ended; the sweep goes on without this terminal: see `queue`\n")
    assert {job["state"] for job in json.loads(asked(data, "queue", "--runs", "here", "--json")[1])} == {"waiting"}
