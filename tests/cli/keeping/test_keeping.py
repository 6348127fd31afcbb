"""label, delete, restore, drop-maps, export-run, import-run, disk: what they do and what they print."""

from __future__ import annotations

import json

import pytest

from patchcore_core.reviews.run_labels import RunLabelsOf
from patchcore_core.runs.folder import MAPS
from patchcore_core.runs.store import RunStore


@pytest.fixture
def run(store, draft, finish):
    return finish(store.begin(draft()))


@pytest.fixture
def answer(asked, store, tmp_path, monkeypatch):
    """`answer(command, …)`: standard output of a command that succeeds, on `store`."""
    monkeypatch.setenv("PATCHCORE_AUTHOR", "Ann")

    def ask(*arguments, runs=None):
        code, out, err = asked(tmp_path, *arguments, "--runs", runs or store.root)
        assert (code, err) == (0, "")
        return out

    return ask


def test_label_changes_what_options_name_and_prints_it(answer, store, run):
    assert answer("label", run.id) == f"{run.id}  no labels\n"
    answer("label", run.id, "--name", "Line 3", "--tag", "good", "--tag", "lamp", "--star", "--note", "checked")
    said = answer("label", run.id, "--untag", "lamp", "--archive")
    assert said == f"{run.id}  Line 3  ★  [good]  checked  archived\n"
    (record,) = json.loads(answer("label", run.id, "--no-star", "--json"))
    assert (record["name"], record["tags"], record["star"], record["author"]) == ("Line 3", ["good"], 0, "Ann")
    assert RunLabelsOf(store.root).current(run.id).tagged == ("good",)


def test_several_runs_take_tags_but_no_common_name(answer, refused, store, run, draft, finish, tmp_path):
    other = finish(store.begin(draft(identity="other")))
    answer("label", run.id, other.id, "--tag", "both")
    assert [one.tags for one in RunLabelsOf(store.root).all().values()] == ["both", "both"]
    refused(tmp_path, ("label", run.id, other.id, "--name", "x", "--runs", store.root), ("cannot have one name",))


@pytest.fixture
def labelled(answer, store, run, draft, finish):
    """Ids of three runs: one with a name, tags, star and note, one that is archived, one without labels."""
    ids = [run.id, *(finish(store.begin(draft(identity=name))).id for name in ("old", "plain"))]
    answer("label", ids[0], "--name", "Line 3", "--tag", "good", "--tag", "lamp", "--star", "--note", "checked")
    answer("label", ids[1], "--archive")
    return ids


def test_runs_lists_labels_and_archived_runs_only_when_asked(answer, labelled):
    first, archived, plain = labelled
    _, titles, *rows, left_out = answer("runs").splitlines()
    assert titles.split()[:4] == ["Category", "Star", "Name", "Tags"]
    assert [first in row for row in rows] == [False, True]
    assert rows[1].split()[:6] == ["tile", "★", "Line", "3", "good,", "lamp"]
    assert rows[0].split()[:2] == ["tile", "finished"]
    assert plain in rows[0]
    assert left_out == "1 archived run is left out; --archived lists it"
    assert {one["run"] if "run" in one else one["id"] for one in json.loads(answer("runs", "--json"))} == {first, plain}
    every = answer("runs", "--archived")
    assert [line.split()[-1] for line in every.splitlines() if archived in line] == ["archived"]
    assert "left out" not in every
    labels = {one["id"]: one["labels"] for one in json.loads(answer("runs", "--archived", "--json"))}
    none = {"name": "", "tags": [], "note": "", "star": False, "archived": False}
    assert labels == {
        first: {"name": "Line 3", "tags": ["good", "lamp"], "note": "checked", "star": True, "archived": False},
        archived: {**none, "archived": True}, plain: none,
    }  # fmt: skip


def test_without_labels_runs_has_no_columns_for_them_and_with_archived_runs_alone_says_so(answer, run):
    assert answer("runs").split()[:3] == ["Category", "Settings", "Status"]
    answer("label", run.id, "--archive")
    assert answer("runs") == "1 archived run is left out; --archived lists it\n"


def test_runs_are_listed_where_their_labels_cannot_be_read(asked, labelled, store, tmp_path):
    (store.root / "verdicts.sqlite").write_bytes(b"no database" * 1000)
    code, out, err = asked(tmp_path, "runs", "--runs", store.root)
    assert code == 0
    assert all(run_id in out for run_id in labelled)
    assert err.startswith("warning: ")
    assert len(err.splitlines()) == 1


def test_show_prints_the_labels(answer, labelled):
    facts = [line.split(maxsplit=1) for line in answer("show", labelled[0]).splitlines()[:5]]
    assert facts == [["run", labelled[0]], ["name", "Line 3"], ["star", "★"], ["tags", "good, lamp"],
                     ["note", "checked"]]
    assert answer("show", labelled[1]).splitlines()[1].split() == ["archived", "yes"]
    assert answer("show", labelled[2]).splitlines()[1].split() == ["category", "tile"]
    assert json.loads(answer("show", labelled[0], "--json"))["labels"]["tags"] == ["good", "lamp"]


def test_delete_and_restore(answer, refused, store, run, tmp_path):
    assert f"`restore {run.id}` takes it back within 30 days" in answer("delete", run.id)
    assert store.list() == ()
    (listed,) = json.loads(answer("restore", "--json"))
    assert listed["run"] == run.id
    assert answer("restore", run.id) == f"{run.id}  restored\n"
    assert store.list() == (run,)
    answer("delete", run.id)
    assert answer("restore", "--empty") == "1 run removed for good\n"
    assert "is empty" in answer("restore")
    refused(tmp_path, ("restore", run.id, "--runs", store.root), (run.id, "in the trash"))


def test_drop_maps_and_disk(answer, store, run):
    before = json.loads(answer("disk", "--json"))
    assert before["total"] == sum(value for name, value in before.items() if name != "total")
    (record,) = json.loads(answer("drop-maps", run.id, "--json"))
    assert record == {"run": run.id, "bytes": before["maps"]}
    assert not (run.folder / MAPS).exists()
    megabytes = f"{before['maps'] / 1e6:.1f} MB"
    assert answer("drop-maps", run.id) == f"{run.id}  the anomaly maps, {megabytes}, were removed before\n"
    assert json.loads(answer("drop-maps", run.id, "--json")) == [{"run": run.id, "bytes": 0}]
    assert "anomaly maps" in answer("disk")
    assert store.get(run.id).status == "finished"


def test_export_and_import(answer, refused, store, run, tmp_path):
    assert answer("export-run", run.id).startswith(f"{run.id}.zip  ")
    place = tmp_path / f"{run.id}.zip"
    other = RunStore(tmp_path / "other")
    assert answer("import-run", place, runs=other.root) == f"{run.id}  imported\n"
    assert [one.id for one in other.list()] == [run.id]
    refused(tmp_path, ("import-run", place, "--runs", store.root), (run.id, "nothing is overwritten"))
    refused(tmp_path, ("export-run", run.id, "--runs", store.root), ("exists already",))
    place.write_bytes(b"no archive")
    refused(tmp_path, ("import-run", place, "--runs", tmp_path / "new"), ("no ZIP file",))


def test_several_runs_are_exported_each_or_into_one_file(answer, asked, refused, store, run, draft, finish, tmp_path):
    runs = [run, finish(store.begin(draft(identity="other")))]
    ids, other = [one.id for one in runs], RunStore(tmp_path / "other")
    assert [line.split()[0] for line in answer("export-run", *ids).splitlines()] == [f"{one}.zip" for one in ids]
    said = answer("export-run", *ids, "--out", "both.zip")
    assert said.startswith("both.zip  ")
    assert said.endswith("  2 runs\n")
    refused(tmp_path, ("export-run", *ids, "--runs", store.root), (f"{ids[0]}.zip: exists already",))
    answer("import-run", tmp_path / f"{ids[0]}.zip", runs=other.root)
    code, out, err = asked(tmp_path, "import-run", tmp_path / "both.zip", "--runs", other.root, "--json")
    assert (code, [record["run"] for record in json.loads(out)]) == (2, ids[1:])
    assert f"error: {tmp_path / 'both.zip'}: {ids[0]}.zip: run {ids[0]} is in the store already" in err
    assert {one.id for one in other.list()} == set(ids)


def test_a_file_that_cannot_be_read_holds_up_no_other(answer, asked, store, run, tmp_path):
    answer("export-run", run.id)
    (tmp_path / "bad.zip").write_bytes(b"x")
    code, out, err = asked(tmp_path, "import-run", "bad.zip", f"{run.id}.zip", "--runs", tmp_path / "other")
    assert (code, out) == (2, f"{run.id}  imported\n")
    assert "bad.zip: no ZIP file" in err
    assert store.list() == (run,)
