"""Deleted runs: gone from every list, back as they were, removed after days."""

from __future__ import annotations

import os
import time

import pytest

from patchcore_core.errors import ReadOnlyError, StoreError, UnknownRunError
from patchcore_core.runs.folder import TRASH
from patchcore_core.runs.keeping.disk import bytes_below
from patchcore_core.runs.keeping.trash import (
    KEPT_DAYS,
    clear_old,
    delete_run,
    deleted_runs,
    empty_trash,
    restore_run,
)


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_deleted_run_comes_back_to_the_bit(store, draft, finish):
    kept, run = finish(store.begin(draft(identity="a"))), finish(store.begin(draft(identity="b")))
    before, taken = contents(run.folder), bytes_below(run.folder)
    assert delete_run(store.root, run.id) == run
    assert store.list() == (kept,)
    assert store.find("b") is None
    (found,) = deleted_runs(store.root)
    assert (found.run.id, found.run.status, found.bytes) == (run.id, "finished", taken)
    assert abs(found.deleted_at - time.time()) < 60
    assert restore_run(store.root, run.id) == run
    assert contents(run.folder) == before
    assert deleted_runs(store.root) == ()
    with pytest.raises(UnknownRunError):
        restore_run(store.root, run.id)


def test_a_job_that_failed_comes_back_with_its_log(store, draft):
    writer = store.begin(draft())
    writer.log("half way")
    writer.end("failed", "no space")
    run = store.get(writer.run.id)
    delete_run(store.root, run.id)
    assert store.list() == ()
    assert not store.log_path(run.id).exists()
    assert deleted_runs(store.root)[0].run.status == "failed"
    assert restore_run(store.root, run.id) == run
    assert "half way" in store.log(run)


def test_a_damaged_run_can_be_deleted_and_restored(store, draft, finish):
    run = finish(store.begin(draft()))
    (run.folder / "run.json").write_text("{")
    delete_run(store.root, run.id)
    assert restore_run(store.root, run.id).broken


def test_a_run_at_work_and_an_unknown_one_are_refused(store, draft):
    writer = store.begin(draft())
    with pytest.raises(StoreError, match="is running: cancel it before deleting it"):
        delete_run(store.root, writer.run.id)
    with pytest.raises(UnknownRunError):
        delete_run(store.root, "20260101-000000-tile-aaaa")


def test_the_same_fit_made_again_is_not_doubled(store, draft, finish):
    run = finish(store.begin(draft()))
    delete_run(store.root, run.id)
    again = finish(store.begin(draft()))
    with pytest.raises(StoreError, match=f"{again.id} is the same fit by now"):
        restore_run(store.root, run.id)
    delete_run(store.root, again.id)
    assert restore_run(store.root, run.id).id == run.id


def test_the_trash_is_emptied_after_days_and_on_request(store, draft, finish):
    runs = [finish(store.begin(draft(identity=str(number)))) for number in range(4)]
    for run in runs[:3]:
        delete_run(store.root, run.id)
    old = time.time() - (KEPT_DAYS + 1) * 86400
    os.utime(store.root / TRASH / runs[0].id, (old, old))
    delete_run(store.root, runs[3].id)
    assert {one.run.id for one in deleted_runs(store.root)} == {run.id for run in runs[1:]}
    os.utime(store.root / TRASH / runs[1].id, (old, old))
    clear_old(store.root)
    assert {one.run.id for one in deleted_runs(store.root)} == {run.id for run in runs[2:]}
    assert empty_trash(store.root, [runs[2].id]) == 1
    assert empty_trash(store.root) == 1
    assert [*(store.root / TRASH).iterdir()] == []


def test_a_read_only_store_keeps_its_runs_and_its_trash(store, draft, finish, monkeypatch):
    run, gone = finish(store.begin(draft(identity="a"))), finish(store.begin(draft(identity="b")))
    delete_run(store.root, gone.id)
    monkeypatch.setenv("PATCHCORE_READ_ONLY", "1")
    for change in (lambda: delete_run(store.root, run.id), lambda: restore_run(store.root, gone.id),
                   lambda: empty_trash(store.root)):
        with pytest.raises(ReadOnlyError):
            change()
    assert store.list() == (run,)
    assert [one.run.id for one in deleted_runs(store.root)] == [gone.id]
