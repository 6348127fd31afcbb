"""Who computes a run: attempts, processes that ask at once, queued runs and those whose process is gone."""

from __future__ import annotations

import dataclasses
import subprocess
import sys

import pytest

from patchcore_core.errors import StoreError
from patchcore_core.runs import listing
from patchcore_core.runs.listing import tidy
from patchcore_core.runs.process import ProcessRecord, process_record
from patchcore_core.runs.writer import RunWriter
from tests.places import ROOT


def gone() -> ProcessRecord:
    """The record of a process that cannot be there: our number, another start."""
    return dataclasses.replace(process_record(), started=1.0, birth="")


def test_the_same_fit_is_begun_once(store, draft, finish):
    writer = store.begin(draft())
    assert store.begin(draft()) == writer.run
    assert isinstance(store.begin(draft(identity="other")), RunWriter)
    run = finish(writer)
    assert store.begin(draft()) == run
    assert store.find("same") == run


def test_no_two_runs_get_one_id(store, draft, finish, monkeypatch):
    same, other, third = (f"20260101-000000-tile-{number:04x}" for number in range(3))
    ids = iter([same, same, other, other, same, third])
    monkeypatch.setattr(listing, "new_id", lambda _: next(ids))
    first, second = store.begin_all([draft(identity=name) for name in "ab"])
    assert (first.run.id, second.run.id) == (same, other)
    finish(first)
    assert store.begin(draft(identity="c")).run.id == third


@pytest.mark.parametrize("end", ["failed", "cancelled", "lost"])
def test_an_attempt_that_ended_badly_stays_until_one_succeeds(store, draft, finish, end):
    first = store.begin(draft())
    first.update(process=gone()) if end == "lost" else first.end(end, "why")
    assert store.get(first.run.id).status == end
    second = store.begin(draft())
    assert isinstance(second, RunWriter)
    assert {run.status for run in store.list()} == {"running", end}
    run = finish(second)
    assert store.list() == (run,)


CLAIM = """
import sys, time
from pathlib import Path
from patchcore_core.config import PatchCoreConfig
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore
from patchcore_core.runs.writer import RunWriter
store, go = RunStore(sys.argv[1]), Path(sys.argv[2])
draft = Run("", "running", "tile", "/nowhere", PatchCoreConfig(), Path(), identity="same")
print("ready", flush=True)
while not go.exists():
    time.sleep(0.001)
print("writer" if isinstance(store.begin(draft), RunWriter) else "run", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("after_a_dead_claim", [False, True])
def test_of_processes_that_ask_at_once_one_gets_the_work(store, draft, tmp_path, after_a_dead_claim):
    if after_a_dead_claim:
        store.begin(draft()).update(process=gone())
    command = [sys.executable, "-c", CLAIM, str(store.root), str(tmp_path / "go")]
    processes = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        for _ in range(3)
    ]
    try:
        assert [process.stdout.readline() for process in processes] == ["ready\n"] * 3
        (tmp_path / "go").touch()
        answers = [process.stdout.readline().strip() for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    assert sorted(answers) == ["run", "run", "writer"]
    assert isinstance(store.begin(draft()), RunWriter)  # their claim died with them


def test_a_queued_run_is_taken_up_once(store, draft):
    writer = store.begin(draft(status="queued"))
    taken = store.writer(writer.run.id)
    taken.update(status="running")
    with pytest.raises(StoreError, match="is running and cannot be taken up"):
        store.writer(writer.run.id)


def test_a_queued_run_waits_without_its_starter_and_is_lost_with_the_process_that_took_it_up(store, draft):
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    writer = store.begin(draft(status="queued"))
    writer.update(process=process_record(process.pid, computes=False))
    assert store.get(writer.run.id).status == "queued"
    assert store.get(writer.run.id).waits
    writer.update(process=process_record(process.pid))  # as an older version left a job in the queue
    assert store.get(writer.run.id).status == "lost"


def test_several_are_begun_together_or_none_is(store, draft, finish, monkeypatch):
    done = finish(store.begin(draft(identity="b")))
    begun = store.begin_all([draft(identity=name, status="queued") for name in "abca"])
    assert [isinstance(one, RunWriter) for one in begun] == [True, False, True, False]
    assert begun[1] == done
    assert begun[3].id == begun[0].run.id
    before = store.list()
    prepare = RunWriter.prepare

    def full(writer, process):
        if writer.run.identity == "e":
            raise StoreError("the disk is full")
        return prepare(writer, process)

    monkeypatch.setattr(RunWriter, "prepare", full)
    with pytest.raises(StoreError, match="the disk is full"):
        store.begin_all([draft(identity=name, status="queued") for name in "de"])
    assert store.list() == before


def test_a_run_waits_again_without_what_its_process_had_written(store, draft):
    writer = store.begin(draft(status="queued"))
    folder = writer.run.folder
    fresh = {path.name: path.stat().st_size for path in folder.iterdir()}
    (folder / "memory_bank").mkdir()
    (folder / "anomaly_maps.npy").write_bytes(b"half")
    writer.update(status="running", process=gone())
    assert store.get(writer.run.id).status == "lost"
    again = store.requeue(writer.run.id)
    assert (again.status, again.waits, again.error) == ("queued", True, None)
    assert {path.name for path in folder.iterdir()} == fresh.keys()
    assert store.requeue(writer.run.id) == again
    store.writer(writer.run.id)
    writer.update(status="running", process=process_record())
    with pytest.raises(StoreError, match="is running and cannot be started again"):
        store.requeue(writer.run.id)


def test_a_run_that_lacked_nothing_but_its_place_is_not_computed_again(store, draft, finish, monkeypatch):
    writer = store.begin(draft(status="queued"))
    with monkeypatch.context() as killed:
        killed.setattr("patchcore_core.runs.writer.locked", lambda _: (_ for _ in ()).throw(StoreError("killed")))
        with pytest.raises(StoreError, match="killed"):
            finish(writer)
    RunWriter(store.root, writer.run).update(process=gone())
    assert store.get(writer.run.id).status == "lost"
    run = store.requeue(writer.run.id)
    assert (run.status, run.folder) == ("finished", store.root / run.id)
    assert len(store.images(run)) == 2


def test_what_a_killed_process_left_half_made_or_half_removed_goes(store, draft):
    writer = store.begin(draft())
    left = writer.run.folder.with_name(f".{writer.run.id}-0123abcd")
    left.mkdir()
    (left / "run.json").write_text("{")
    tidy(store.root)
    assert not left.exists()
    assert store.list() == (store.get(writer.run.id),)


def test_a_queued_run_whose_starter_died_is_not_taken_up_beside_its_successor(store, draft):
    first = store.begin(draft(status="queued"))
    first.update(process=gone())
    second = store.begin(draft(status="queued"))
    with pytest.raises(StoreError, match=second.run.id):
        store.writer(first.run.id)


def test_closing_keeps_an_end_that_is_there(store, draft, finish):
    run = finish(store.begin(draft()))
    assert store.close(run.id, "cancelled", "too late") == run
    other = store.begin(draft(identity="other"))
    other.end("failed", "first reason")
    assert store.close(other.run.id, "cancelled", "too late").error == "first reason"
