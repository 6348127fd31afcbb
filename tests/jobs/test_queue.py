"""A job in the queue: whom it waits for, what its waiting costs, and how it ends there."""

from __future__ import annotations

import dataclasses
import os
import signal
import sys
import threading
import time
from collections.abc import Callable

import psutil
import pytest

from patchcore_core.data.dataset import load_dataset
from patchcore_core.errors import DataError
from patchcore_core.fitting.draft import draft_run
from patchcore_core.jobs import jobs, queue
from patchcore_core.jobs.queue import fit_queued
from patchcore_core.runs import folder
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore
from tests.made_runs import CONFIG

PATIENCE = 60  # seconds after which a test gives up on a process


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def waiting(store: RunStore, category, draft) -> Run:
    """A real job that waits for a run of this process."""
    store.begin(draft(identity="earlier"))
    run_id = jobs.start(store, category, None, CONFIG)
    eventually(lambda: store.progress(run_id) is not None)
    return store.get(run_id)


@pytest.mark.usefixtures("stand_in")
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


@pytest.mark.usefixtures("stand_in")
def test_a_job_waits_until_the_earlier_ones_have_ended(store, category, draft, finish, monkeypatch):
    monkeypatch.setattr(queue, "POLL", 0.01)
    earlier = store.begin(draft(identity="earlier"))
    queued = store.begin(draft_run(load_dataset(category), CONFIG, status="queued")).run
    later = store.begin(draft(identity="later"))
    thread = threading.Thread(target=fit_queued, args=(queued.id, store))
    thread.start()
    while (progress := store.progress(queued.id)) is None:
        time.sleep(0.01)
    assert (progress.stage, progress.done, progress.total) == ("waiting", 0, 1)
    assert store.get(queued.id).status == "queued"
    finish(earlier)
    thread.join()
    assert store.get(queued.id).status == "finished"
    assert store.get(later.run.id).status == "running"


@pytest.mark.usefixtures("stand_in")
def test_data_that_changed_since_the_fit_was_asked_for_fail_it(store, category):
    queued = store.begin(draft_run(load_dataset(category), CONFIG, status="queued")).run
    (category / "train" / "good" / "000.png").unlink()
    with pytest.raises(DataError, match="changed after"):
        fit_queued(queued.id, store)
    assert store.get(queued.id).status == "failed"


@pytest.mark.usefixtures("stand_in")
def test_only_what_is_ahead_is_looked_at_again(store, category, draft, finish, monkeypatch):
    monkeypatch.setattr(queue, "POLL", 0.01)
    for number in range(3):
        finish(store.begin(draft(identity=f"done {number}")))
    first, second = (store.begin(draft(identity=name)) for name in ("first", "second"))
    queued = store.begin(draft_run(load_dataset(category), CONFIG, status="queued")).run
    later = store.begin(draft(identity="later"))
    looked_at = []
    monkeypatch.setattr(queue, "read_run", lambda place: looked_at.append(place.name) or folder.read_run(place))
    thread = threading.Thread(target=fit_queued, args=(queued.id, store))
    thread.start()
    eventually(lambda: len(looked_at) > 4)
    second.end("cancelled", "enough")
    eventually(lambda: store.progress(queued.id).total == 1)
    first.end("failed", "no memory")
    thread.join()
    assert store.get(queued.id).status == "finished"
    assert set(looked_at) == {first.run.id, second.run.id}
    later.end("cancelled", "end of the test")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the libraries of a process are listed on Linux only")
@pytest.mark.usefixtures("stand_in")
def test_a_waiting_job_has_loaded_nothing_heavy(store, waiting):
    loaded = {mapped.path for mapped in psutil.Process(waiting.process.pid).memory_maps()}
    assert any("python" in path for path in loaded)
    assert not [path for path in loaded if any(f"/{name}" in path for name in ("numpy", "pandas", "torch", "scipy"))]
    assert jobs.cancel(store, waiting.id).status == "cancelled"


@pytest.mark.usefixtures("stand_in")
@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, "cancelled"), (signal.SIGKILL, "lost")])
def test_a_job_that_is_ended_from_outside_while_it_waits_says_so(store, waiting, number, status):
    os.kill(waiting.process.pid, number)
    eventually(lambda: not store.get(waiting.id).alive)
    assert store.get(waiting.id).status == status


@pytest.mark.usefixtures("stand_in")
def test_jobs_compute_in_the_order_in_which_they_were_asked_for(store, category, draft):
    blocker = store.begin(draft(identity="blocker"))
    ids = [jobs.start(store, category, None, dataclasses.replace(CONFIG, seed=seed)) for seed in range(3)]
    eventually(lambda: all(store.progress(name) is not None for name in ids))
    assert [store.get(name).status for name in ids] == ["queued"] * 3
    blocker.end("cancelled", "enough")
    eventually(lambda: all(store.get(name).status == "finished" for name in ids))
    ends = [store.get(name).updated_at for name in ids]
    assert ends == sorted(ends)
