"""Who computes what: leases, processes that are gone, and how many fits there is room for."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys

import pytest

from patchcore_core.data.dataset import load_dataset
from patchcore_core.errors import StoreError
from patchcore_core.fitting.sweep.planned import planned
from patchcore_core.jobs import claims, jobs, queue
from patchcore_core.jobs.queue_file import change
from patchcore_core.runs import process
from patchcore_core.runs.process import ProcessRecord, process_record
from patchcore_core.runs.store import RunStore
from patchcore_core.runs.writer import RunWriter
from tests.made_runs import CONFIG


@pytest.fixture
def dead() -> ProcessRecord:
    """A process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    record = process_record(process.pid)
    process.wait()
    return record


@pytest.fixture(autouse=True)
def _one_at_a_time(monkeypatch):
    monkeypatch.setenv(claims.WORKERS, "1")


def die(store, run_id: str, process: ProcessRecord) -> None:
    """As if the process had computed the run and was killed."""
    claims.lend(store, run_id, process)
    RunWriter(store.root, store.get(run_id)).update(status="running", process=process)


def test_one_job_is_computed_at_a_time_and_the_next_when_it_has_ended(store, queued):
    first, second = queued("a", "b")
    job = claims.claim(store)
    assert (job.run, job.state, job.attempts, job.lease) == (first, "running", 1, process_record())
    assert claims.claim(store) is None
    queue.end(store, first, "failed", "why")
    assert claims.claim(store).run == second


def test_a_worker_of_a_sweep_takes_no_other_job(store, queued):
    queued("a", sweep="one")
    queued("b", sweep="two")
    assert claims.claim(store, sweep="two") is None
    assert claims.claim(store, sweep="one").sweep == "one"


@pytest.fixture
def beside(store):
    """`beside(works_on)`: another worker, which is alive, at work on that."""
    processes = []

    def start(works_on: str) -> None:
        processes.append(subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE))
        record = process_record(processes[-1].pid)
        change(store.root, lambda connection: claims.enlist(connection, record))
        change(store.root, lambda connection: connection.execute(
            "UPDATE workers SET works_on = ? WHERE pid = ?", (works_on, record.pid)))

    yield start
    for one in processes:
        one.communicate()


def test_several_workers_leave_each_other_what_its_fits_share(store, queued, monkeypatch, beside):
    monkeypatch.setenv(claims.WORKERS, "9")
    shares = ["0/0/0/0", "0/0/0/0", "0/0/0/2", "3/3/3/3", "3/3/3/3"]
    runs = queued(*"abcde", sweep="s", memory=1, alike=shares)
    later = queued("f", memory=1)
    claims.begin_work(store)
    beside("s/0/0/0/0")
    order = []
    while (job := claims.claim(store)) is not None:
        order.append(job.run)
    assert change(store.root, claims.vacant) == 0
    assert order == [runs[3], runs[4], runs[2], *later]  # the other dataset first, then what is nearest to it
    assert queue.job(store, runs[0]).state == queue.job(store, runs[1]).state == "waiting"


def test_what_a_worker_that_is_gone_has_shared_is_left_to_nobody(store, queued, dead):
    runs = queued("a", "b", sweep="s", alike=["0/0/0/0"] * 2)
    claims.begin_work(store)
    change(store.root, lambda connection: claims.enlist(connection, dead))
    change(store.root, lambda connection: connection.execute(
        "UPDATE workers SET works_on = 's/0/0/0/0' WHERE pid = ?", (dead.pid,)))
    assert claims.claim(store).run == runs[0]
    queue.end(store, runs[0], "failed")
    assert claims.claim(store).run == runs[1]


def test_the_job_of_a_process_that_is_gone_waits_again_behind_the_others(store, queued, dead):
    first, second = queued("a", "b")
    claims.claim(store)
    die(store, first, dead)
    assert store.get(first).status == "lost"
    assert claims.claim(store).run == second
    assert store.get(first).waits
    queue.end(store, second, "failed")
    assert (again := claims.claim(store)).run == first
    assert again.attempts == 2


@pytest.mark.usefixtures("stand_in")
@pytest.mark.parametrize("ask", [
    lambda store, dataset: jobs.begin(store, dataset, CONFIG, None),
    lambda store, dataset: jobs.start_sweep(store, [planned(dataset, CONFIG, ())]).runs[0],
])  # fmt: skip
def test_a_fit_whose_process_dies_while_it_is_asked_for_again_is_begun_once(store, category, dead, monkeypatch, ask):
    monkeypatch.setattr(jobs, "_spawn", lambda _: os.getpid())
    dataset, begin_all = load_dataset(category), RunStore.begin_all
    first = ask(store, dataset)
    assert claims.claim(store).run == first
    store.writer(first).update(status="running")

    def begin(self: RunStore, *args: object) -> object:
        die(store, first, dead)
        return begin_all(self, *args)

    monkeypatch.setattr(RunStore, "begin_all", begin)
    assert ask(store, dataset) == first
    (run,) = store.list()
    assert run.waits
    assert queue.job(store, first).state == "waiting"


def test_after_a_reboot_a_process_with_the_number_of_the_one_that_is_gone_keeps_no_job(
    store, queued, monkeypatch, tmp_path
):
    first, second = queued("a", "b")
    claims.begin_work(store)
    assert claims.claim(store).run == first
    store.writer(first).update(status="running")
    assert claims.claim(store) is None
    assert change(store.root, claims.vacant) == 0
    (tmp_path / "boot").write_text("the next one\n")
    monkeypatch.setattr(process, "BOOT", tmp_path / "boot")  # since when this process has the number, and the time
    assert store.get(first).status == "lost"
    assert change(store.root, claims.vacant) == 1
    assert claims.claim(store).run == second
    assert store.get(first).waits


def test_a_job_that_kills_its_process_again_and_again_has_failed(store, queued, dead):
    (run,) = queued("a")
    for attempt in range(claims.MOST_ATTEMPTS):
        assert claims.claim(store).attempts == attempt + 1
        die(store, run, dead)
    assert claims.claim(store) is None
    assert (queue.job(store, run).state, store.get(run).status) == ("failed", "failed")
    assert "ended 8 times without a word" in store.get(run).error
    queue.retry(store, [run])
    assert claims.claim(store).attempts == 1


def test_what_had_ended_before_its_process_died_is_not_begun_again(store, queued, finish, dead):
    done, failed, gone = queued("a", "b", "c")
    for name in (done, failed, gone):
        claims.lend(store, name, dead)
    finish(store.writer(done))
    store.writer(failed).end("failed", "no memory")
    store.close(gone, "failed", "why")
    store.delete(gone)
    assert claims.claim(store) is None
    assert {job.run: (job.state, job.error) for job in queue.jobs_of(store)} == {
        done: ("finished", ""), failed: ("failed", "no memory")}


def test_a_run_whose_starter_died_before_it_was_in_the_queue_is_taken_in(store, queued, draft, dead):
    queued("a")
    orphan = store.begin(draft(identity="b", status="queued", sweep="s"))
    claims.recover(store)
    assert queue.job(store, orphan.run.id) is None  # its starter is about to do so
    orphan.update(process=dataclasses.replace(dead, computes=False))
    claims.recover(store)
    assert queue.job(store, orphan.run.id).sweep == "s"


def test_fits_that_were_begun_earlier_outside_the_queue_come_first(store, draft, queued, finish):
    earlier = store.begin(draft(identity="earlier"))
    (run,) = queued("a")
    later = store.begin(draft(identity="later"))
    assert claims.claim(store) is None
    finish(earlier)
    assert claims.claim(store).run == run
    later.end("cancelled", "end of the test")


@pytest.mark.parametrize(("each", "free", "workers", "begun"), [
    (10, 100, "3", 3), (10, 100, "2", 2), (40, 100, "3", 2), (10, 5, "3", 1), (0, 100, "3", 1), (90, 100, "3", 1),
])  # fmt: skip
def test_as_many_are_computed_as_memory_allows(store, queued, monkeypatch, each, free, workers, begun):
    monkeypatch.setenv(claims.WORKERS, workers)
    monkeypatch.setattr(claims, "free_memory", lambda: free)
    monkeypatch.setattr(claims, "total_memory", lambda: 100)
    queued(*"abcd", memory=each)
    assert [claims.claim(store) is not None for _ in range(4)] == [True] * begun + [False] * (4 - begun)


def test_workers_are_as_many_as_there_is_work_for(store, queued, monkeypatch, dead):
    def vacant() -> int:
        return change(store.root, claims.vacant)

    monkeypatch.setenv(claims.WORKERS, "3")
    queued("a", "b")
    assert vacant() == 2
    claims.begin_work(store)
    assert vacant() == 1
    change(store.root, lambda connection: claims.enlist(connection, dead))
    assert vacant() == 1
    assert not claims.leave(store)  # a job waits
    while claims.claim(store):
        pass
    queue.pause(store, [job.run for job in queue.jobs_of(store)])
    assert claims.leave(store)
    assert vacant() == 0


def test_a_worker_at_work_keeps_no_other_from_being_started(store, queued, monkeypatch, beside):
    def vacant() -> int:
        return change(store.root, claims.vacant)

    monkeypatch.setenv(claims.WORKERS, "2")
    (first,) = queued("a", memory=1)
    claims.begin_work(store)
    assert claims.claim(store).run == first
    assert vacant() == 0
    queued("b", memory=1)
    assert vacant() == 1
    beside("")  # which looks for its first job
    assert vacant() == 0
    queued("c", memory=1)
    assert vacant() == 0  # more are not allowed
    monkeypatch.setenv(claims.WORKERS, "9")
    assert vacant() == 1


def test_nobody_is_started_for_what_a_worker_at_work_takes_next(store, queued, monkeypatch):
    monkeypatch.setenv(claims.WORKERS, "9")
    first, *_ = queued(*"abc", sweep="s", memory=1, alike=["0/0/0/0"] * 3)
    claims.begin_work(store)
    assert claims.claim(store).run == first
    assert change(store.root, claims.vacant) == 0
    queued("d", sweep="s", memory=1, alike=["0/0/0/3"])
    assert change(store.root, claims.vacant) == 1


@pytest.mark.parametrize("text", ["0", "two", "-1"])
def test_a_number_of_workers_that_is_none_is_refused(monkeypatch, text):
    monkeypatch.setenv(claims.WORKERS, text)
    with pytest.raises(StoreError, match=f"PATCHCORE_WORKERS must be a whole number of at least 1, got '{text}'"):
        claims.most_workers()


def test_a_small_machine_has_one_worker(monkeypatch, tmp_path):
    monkeypatch.delenv(claims.WORKERS)
    monkeypatch.setattr(claims, "GPUS", tmp_path / "none")
    for cores, workers in ((None, 1), (2, 1), (7, 1), (8, 2), (32, 8)):
        monkeypatch.setattr(claims.os, "cpu_count", lambda cores=cores: cores)
        assert claims.most_workers() == workers
    monkeypatch.setattr(claims, "GPUS", tmp_path)
    assert claims.most_workers() == 1
