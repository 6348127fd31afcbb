"""What a worker does with jobs: it computes, goes on after errors, and loses none when it is stopped."""

from __future__ import annotations

import dataclasses
import errno
import os
import threading
import time

import pytest

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.dataset import load_dataset
from patchcore_core.errors import DataError, StoreError
from patchcore_core.fitting.draft import draft_run
from patchcore_core.fitting.fit import fit_run
from patchcore_core.fitting.sweep.planned import planned
from patchcore_core.jobs import claims, queue, queue_file, worker
from patchcore_core.jobs.jobs import queue_sweep
from patchcore_core.jobs.worker import fit_queued, work
from tests.made_runs import CONFIG, break_fits

pytestmark = pytest.mark.usefixtures("stand_in")


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    monkeypatch.setattr(worker, "POLL", 0.01)


@pytest.fixture
def sweep(store, category):
    """A sweep of three in the queue: the store, and the ids of its runs."""
    dataset = load_dataset(category)
    plans = [planned(dataset, PatchCoreConfig(**{**CONFIG.to_dict(), "seed": seed}), ()) for seed in (3, 1, 2)]
    return queue_sweep(store, plans)


def ended(store) -> dict[str, str]:
    return {job.run: job.state for job in queue.jobs_of(store)}


def test_a_sweep_is_computed_by_one_worker_with_what_its_runs_share(store, sweep, stand_in, monkeypatch):
    seen = []
    made = stand_in.PatchCore.__init__
    monkeypatch.setattr(stand_in.PatchCore, "__init__", lambda self, config, shared=None: (
        seen.append((config.seed, shared)), made(self, config))[1])  # fmt: skip
    work(store)
    assert [store.get(name).status for name in sweep.runs] == ["finished"] * 3
    assert [store.get(name).config.seed for name in sweep.runs] == [3, 1, 2]
    assert {store.get(name).sweep for name in sweep.runs} == {sweep.sweep}
    assert {*ended(store).values()} == {"finished"}
    assert len({id(shared) for _, shared in seen}) == 1
    assert seen[0][1] is not None
    assert all(job.took > 0 for job in queue.jobs_of(store))


def test_what_is_asked_for_again_is_there(store, sweep, category):
    dataset = load_dataset(category)
    plans = [planned(dataset, dataclasses.replace(CONFIG, seed=seed), ()) for seed in (1, 5)]
    more = queue_sweep(store, plans)
    assert more.new == (False, True)
    assert more.runs[0] == sweep.runs[1]
    assert len(queue.jobs_of(store)) == 4


def test_a_job_that_fails_stops_no_other(store, sweep, stand_in, monkeypatch):
    fit = stand_in.PatchCore.fit
    break_fits(monkeypatch, stand_in, seed=1)
    work(store)
    states = [ended(store)[name] for name in sweep.runs]
    assert states == ["finished", "failed", "finished"]
    job = queue.job(store, sweep.runs[1])
    assert job.error == store.get(job.run).error == "RuntimeError: the stand-in was told to break"
    monkeypatch.setattr(stand_in.PatchCore, "fit", fit)
    queue.retry(store, [job.run])
    work(store)
    assert store.get(job.run).status == "finished"


def test_a_full_disk_pauses_the_queue_and_loses_nothing(store, sweep, stand_in, monkeypatch):
    fit = stand_in.PatchCore.fit
    fits = []

    def full(self, samples, *more, **named):
        fits.append(self.config.seed)
        if len(fits) == 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return fit(self, samples, *more, **named)

    monkeypatch.setattr(stand_in.PatchCore, "fit", full)
    work(store)
    assert sorted(ended(store).values()) == ["finished", "paused", "paused"]
    assert {job.error for job in queue.jobs_of(store) if job.state == "paused"} == {queue_file.DISK_FULL}
    assert sorted(store.get(name).status for name in sweep.runs) == ["finished", "queued", "queued"]
    queue.resume(store, sweep.runs)
    work(store)
    assert {*ended(store).values()} == {"finished"}
    assert len(fits) == 4


def test_a_worker_that_is_asked_to_end_leaves_its_job_to_the_next(store, sweep, stand_in, monkeypatch):
    with monkeypatch.context() as asked:
        asked.setattr(stand_in.PatchCore, "fit", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            work(store)
    assert {*ended(store).values()} == {"waiting"}
    assert {job.attempts for job in queue.jobs_of(store)} == {0}
    assert all(store.get(name).waits for name in sweep.runs)
    work(store)
    assert {*ended(store).values()} == {"finished"}


@pytest.mark.usefixtures("sweep")
def test_a_worker_whose_job_was_cancelled_goes_on_with_the_next(store, stand_in, monkeypatch):
    fit, first = stand_in.PatchCore.fit, []

    def cancelled_once(self, samples, *more, **named):
        if not first:
            (job,) = (job for job in queue.jobs_of(store) if job.state == "running")
            first.append(job.run)
            queue.cancel(store, first)
            raise KeyboardInterrupt
        return fit(self, samples, *more, **named)

    monkeypatch.setattr(stand_in.PatchCore, "fit", cancelled_once)
    work(store)
    assert sorted(ended(store).values()) == ["cancelled", "finished", "finished"]
    assert (ended(store)[first[0]], store.get(first[0]).status) == ("cancelled", "cancelled")


def test_a_run_that_waits_is_computed_by_a_fit_that_asks_for_the_same(store, sweep, category):
    fitted = fit_run(load_dataset(category), dataclasses.replace(CONFIG, seed=1), store)
    assert (fitted.run.id, fitted.reused) == (sweep.runs[1], False)
    claims.recover(store)
    work(store)
    assert {*ended(store).values()} == {"finished"}
    assert len(store.list()) == 3


@pytest.mark.usefixtures("sweep")
def test_photos_that_changed_fail_their_job_and_no_other_error_hides_that(store, category):
    (category / "train" / "good" / "000.png").unlink()
    work(store)
    assert {*ended(store).values()} == {"failed"}
    assert all("images or weights changed" in job.error for job in queue.jobs_of(store))


@pytest.mark.parametrize(("bound", "photos"), [(True, 6), (False, 7)])
def test_a_job_follows_links_out_of_the_given_folders_only_where_none_are_given(
    store, category, tmp_path, bound, photos
):
    outside = tmp_path / "outside.png"
    (category / "train" / "good" / "000.png").rename(outside)
    (category / "train" / "good" / "000.png").symlink_to(outside)
    (category / "train" / "good" / "copy.png").write_bytes(outside.read_bytes())
    within = [category] if bound else None
    queued = store.begin(draft_run(load_dataset(category, within=within), CONFIG, status="queued")).run
    assert fit_queued(queued.id, store, within=within).counts.train == photos
    assert any("1 link is not followed" in sentence for sentence in queued.warnings) is bound


def test_one_run_is_computed_once_the_earlier_ones_have_ended(store, category, draft, finish):
    earlier = store.begin(draft(identity="earlier"))
    queued = store.begin(draft_run(load_dataset(category), CONFIG, status="queued")).run  # as an older version left it
    later = store.begin(draft(identity="later"))
    thread = threading.Thread(target=fit_queued, args=(queued.id, store))
    thread.start()
    while queue.job(store, queued.id) is None:
        time.sleep(0.01)
    assert store.get(queued.id).status == "queued"
    finish(earlier)
    thread.join()
    assert store.get(queued.id).status == "finished"
    assert store.get(later.run.id).status == "running"


def test_data_that_changed_since_the_fit_was_asked_for_fail_it(store, category):
    queued = store.begin(draft_run(load_dataset(category), CONFIG, status="queued")).run
    (category / "train" / "good" / "000.png").unlink()
    with pytest.raises(DataError, match="changed after"):
        fit_queued(queued.id, store)
    assert store.get(queued.id).status == "failed"


def test_a_job_that_was_cancelled_while_somebody_waited_for_it_is_said(store, category, draft):
    store.begin(draft(identity="earlier"))
    queued = store.begin(draft_run(load_dataset(category), CONFIG, status="queued")).run
    queue.add(store, [queue.Wanted(queued.id)])
    queue.cancel(store, [queued.id])
    with pytest.raises(StoreError, match="is not in the queue any more"):
        fit_queued(queued.id, store)
