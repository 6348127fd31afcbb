"""Rows of the queue that were changed by hand and contradict the runs: the runs count."""

from __future__ import annotations

import logging
import shutil
import sqlite3

import pytest

from patchcore_core.errors import UnknownRunError
from patchcore_core.jobs import claims, jobs, queue, worker
from patchcore_core.jobs.queue_file import path_of


def by_hand(store, statement: str) -> None:
    with sqlite3.connect(path_of(store.root)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = 1")
        connection.execute(statement)
    connection.close()


def states(store, runs) -> list[tuple[str, str]]:
    return [(queue.job(store, name).state, store.get(name).status) for name in runs]


@pytest.mark.parametrize(("change", "sentence"), [
    ("run = '../../etc'", "run must be the id of a run, got '../../etc'"),
    ("run = '20260101-000000-tile-abcd/..'", "run must be the id of a run, got"),
    ("state = 'wating'", "state must be one of waiting, paused, running, finished, failed, cancelled, got 'wating'"),
])  # fmt: skip
def test_a_row_that_names_no_run_or_no_state_is_damaged(store, queued, caplog, change, sentence):
    runs = queued("a", "b", "c")
    queue.pause(store, runs[:1])
    by_hand(store, f"UPDATE jobs SET {change} WHERE run = '{runs[0]}'")
    with caplog.at_level(logging.WARNING):
        assert claims.claim(store).run in runs
    assert {job.run for job in queue.jobs_of(store)} == {*runs}
    assert sentence in caplog.text
    assert "paused ones as well, which are computed in their turn" in caplog.text


@pytest.mark.parametrize("state", ["finished", "failed"])
def test_a_run_that_waits_is_computed_whatever_its_row_says(store, queued, state):
    (run,) = queued("a")
    by_hand(store, f"UPDATE jobs SET state = '{state}'")
    claims.recover(store)
    assert states(store, [run]) == [("waiting", "queued")]
    assert claims.claim(store).run == run


def test_retry_has_a_run_that_waits_computed_whose_row_says_finished(store, queued, monkeypatch):
    monkeypatch.setattr(jobs, "start_workers", lambda _: None)
    (run,) = queued("a")
    by_hand(store, "UPDATE jobs SET state = 'finished'")
    jobs.retry(store, [run])
    assert states(store, [run]) == [("waiting", "queued")]


def test_a_run_whose_row_alone_was_cancelled_before_somebody_was_killed_is_cancelled(store, queued):
    (run,) = queued("a")
    queue.cancel(store, [run])
    assert states(store, [run]) == [("cancelled", "queued")]
    claims.recover(store)
    assert states(store, [run]) == [("cancelled", "cancelled")]


def test_the_row_of_a_run_that_has_ended_says_so(store, queued, finish):
    done, paused, failed, cancelled = queued("a", "b", "c", "d")
    for name in (done, paused):
        finish(store.writer(name))
    store.close(failed, "failed", "no memory")
    store.close(cancelled, "cancelled", "enough")
    by_hand(store, f"UPDATE jobs SET state = 'paused' WHERE run = '{paused}'")
    by_hand(store, f"UPDATE jobs SET state = 'finished' WHERE run IN ('{failed}', '{cancelled}')")
    by_hand(store, f"UPDATE jobs SET state = 'cancelled' WHERE run = '{done}'")
    claims.recover(store)
    assert [job.state for job in queue.jobs_named(store, [done, paused])] == ["finished"] * 2
    assert states(store, [failed, cancelled]) == [("failed", "failed"), ("cancelled", "cancelled")]
    assert queue.job(store, failed).error == "no memory"


@pytest.mark.usefixtures("stand_in")
def test_a_job_whose_run_is_removed_when_it_has_been_claimed_fails_and_leaves_no_other_waiting(
    store, queued, monkeypatch
):
    monkeypatch.setattr(worker, "POLL", 0.01)
    first, second = queued("a", "b", sweep="s")
    claim = claims.claim

    def removed(*arguments, **named):
        if (job := claim(*arguments, **named)) is not None and job.run == first:
            shutil.rmtree(store.root / ".jobs" / first)
        return job

    monkeypatch.setattr(claims, "claim", removed)
    worker.work(store)
    with pytest.raises(UnknownRunError):
        store.get(first)
    assert [(job.run, job.state) for job in queue.jobs_of(store) if job.run == second] != [(second, "waiting")]
    assert all(job.state != "running" for job in queue.jobs_of(store))
