"""The queue: order, what people change, and that neither a killed process nor a damaged file loses a job."""

from __future__ import annotations

import errno
import sqlite3
import threading

import pytest

from patchcore_core.errors import StoreError, UnknownRunError
from patchcore_core.jobs import claims, queue, queue_file
from patchcore_core.jobs.queue_file import path_of
from patchcore_core.runs.presence import read_only


def states(store) -> list[str]:
    return [job.state for job in sorted(queue.jobs_of(store), key=lambda job: job.number)]


def order(store) -> list[str]:
    return [store.get(job.run).identity for job in queue.jobs_of(store) if job.state == "waiting"]


def test_jobs_wait_in_the_order_in_which_they_were_asked_for_unless_some_go_first(store, queued):
    first = queued("a", "b", sweep="one")
    second = queued("c", "d", sweep="two")
    assert order(store) == ["a", "b", "c", "d"]
    queue.put_first(store, second)
    assert order(store) == ["c", "d", "a", "b"]
    queue.put_first(store, first[1:])
    assert order(store) == ["b", "c", "d", "a"]
    assert [job.run for job in queue.jobs_of(store, "two")] == second
    assert [job.run for job in queue.jobs_named(store, [second[1], first[0], "other"])] == [second[1], first[0]]


def test_jobs_are_paused_resumed_cancelled_and_tried_again(store, queued):
    runs = queued("a", "b", "c")
    queue.pause(store, runs[:2])
    assert states(store) == ["paused", "paused", "waiting"]
    queue.resume(store, runs[1:])
    assert states(store) == ["paused", "waiting", "waiting"]
    queue.cancel(store, runs[1:])
    for name in runs[1:]:
        store.close(name, "cancelled", "enough")
    assert states(store) == ["paused", "cancelled", "cancelled"]
    queue.retry(store, runs)  # those that have not ended stay as they are
    assert states(store) == ["paused", "waiting", "waiting"]
    assert [store.get(name).status for name in runs] == ["queued"] * 3
    with pytest.raises(UnknownRunError, match="is not in the queue"):
        queue.retry(store, ["20260101-000000-tile-abcd"])


def test_one_that_cannot_be_tried_again_keeps_no_other_from_it(store, queued, draft):
    runs = queued("a", "b", "c")
    for name in runs:
        store.close(name, "failed", "no memory")
        queue.end(store, name, "failed", "no memory")
    store.begin(draft(identity="b"))  # by somebody else
    with pytest.raises(StoreError, match="is the same fit"):
        queue.retry(store, runs)
    assert states(store) == ["waiting", "failed", "waiting"]
    assert [store.get(name).status for name in runs] == ["queued", "failed", "queued"]


def test_a_job_that_is_finished_stays_so_and_one_that_was_cancelled_too(store, queued):
    first, second = queued("a", "b")
    queue.end(store, first, "finished", took=2.0)
    queue.cancel(store, [first, second])
    queue.end(store, second, "failed", "too late")
    assert states(store) == ["finished", "cancelled"]
    assert queue.job(store, first).took == 2.0
    queue.end(store, second, "finished")  # the process was quicker than the one who cancelled it
    assert states(store) == ["finished", "finished"]


def test_what_is_known_of_a_job_is_kept(store, queued):
    (run,) = queued("a", sweep="s", within=("/data", "/more"), memory=10**9, seconds=2.5)
    job = queue.job(store, run)
    assert (job.within, job.memory, job.seconds, job.sweep, job.attempts) == (("/data", "/more"), 10**9, 2.5, "s", 0)
    assert queue.job(store, "20260101-000000-tile-abcd") is None


def test_a_hundred_jobs_that_wait_are_rows(store, queued):
    runs = queued(*map(str, range(100)), sweep="s")
    assert [job.run for job in queue.jobs_of(store, "s")] == runs
    assert all(job.lease is None for job in queue.jobs_of(store))


def test_those_who_ask_at_once_lose_no_job(store, draft):
    writers = [store.begin(draft(identity=str(number), status="queued")) for number in range(12)]
    threads = [threading.Thread(target=queue.add, args=(store, [queue.Wanted(writer.run.id)])) for writer in writers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {job.run for job in queue.jobs_of(store)} == {writer.run.id for writer in writers}


@pytest.mark.parametrize("how", ["no database", "cut off", "emptied", "another table", "a wrong state", "removed"])
def test_a_file_that_was_damaged_by_hand_is_made_anew_from_the_runs_that_wait(store, queued, draft, how):
    runs = queued("a", "b", within=("/data",))
    store.begin(draft(identity="c"))  # is computed by a process, and none of the queue's business
    path = path_of(store.root)
    if how == "another table":
        damage(path, "ALTER TABLE jobs RENAME COLUMN attempts TO tries")
    elif how == "a wrong state":
        damage(path, "UPDATE jobs SET within = '{'")
    else:
        damage(path, "PRAGMA wal_checkpoint(TRUNCATE)")
        content = path.read_bytes()
        path.write_bytes({"no database": b"x" * 9000, "cut off": content[:5000], "emptied": b""}.get(how, b""))
        if how == "removed":
            path.unlink()
    found = queue.jobs_of(store)
    queue.put_first(store, runs[1:])
    found = found or queue.jobs_of(store)
    assert {job.run for job in found} == {*runs}
    assert order(store) == ["b", "a"]
    assert [job.within for job in found] == [(store.get(runs[0]).dataset,)] * 2  # links out of it are not followed


def damage(path, statement: str) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute(statement)
    connection.close()


def test_a_file_of_another_version_is_refused_in_one_sentence_and_stays(store, queued):
    queued("a")
    damage(path_of(store.root), "PRAGMA user_version = 7")
    before = path_of(store.root).read_bytes()
    for ask in (lambda: queue.jobs_of(store), lambda: queue.pause(store, [])):
        with pytest.raises(StoreError, match=r"queue\.sqlite: was written by another version .* 7 .*delete the file"):
            ask()
    assert path_of(store.root).read_bytes() == before


@pytest.mark.parametrize("version", [1, 2])
def test_a_file_of_an_earlier_version_goes_on_with_its_jobs(store, queued, version):
    runs = queued("a", "b")
    claims.begin_work(store)
    claims.claim(store)
    for added in (columns for since, columns in queue_file.ADDED.items() if since > version):
        for table, name in added:
            damage(path_of(store.root), f"ALTER TABLE {table} DROP COLUMN {name}")
    damage(path_of(store.root), f"PRAGMA user_version = {version}")
    assert states(store) == ["running", "waiting"]
    assert claims.claim(store) is None  # this process computes the first
    queue.end(store, runs[0], "failed")
    assert claims.claim(store).run == runs[1]


def test_a_store_without_a_queue_gets_none_by_being_read(store, draft, monkeypatch):
    store.begin(draft(status="queued"))
    assert queue.jobs_of(store) == ()
    assert not path_of(store.root).exists()
    monkeypatch.setenv("PATCHCORE_READ_ONLY", "1")
    assert read_only()
    assert queue.jobs_of(store) == ()


@pytest.mark.parametrize(("error", "full"), [
    (OSError(errno.ENOSPC, ""), True), (OSError(errno.EDQUOT, ""), True), (OSError(errno.EIO, ""), False),
    (None, False),
])  # fmt: skip
def test_a_store_whose_share_is_gone_is_not_full_but_for_what_is_known(tmp_path, error, full):
    assert queue_file.is_full(tmp_path, error) == queue_file.is_full(tmp_path / "gone", error) == full
