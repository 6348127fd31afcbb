"""Real child processes, with the stand-in where the network would be."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from patchcore_core.data.dataset import load_dataset
from patchcore_core.errors import DataError, StoreError, UnknownRunError
from patchcore_core.fitting import taught
from patchcore_core.fitting.sweep.planned import planned
from patchcore_core.jobs import jobs, queue
from patchcore_core.jobs.starter import Starter
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore
from tests.made_runs import CONFIG
from tests.places import ROOT

pytestmark = pytest.mark.usefixtures("stand_in")
PATIENCE = 60  # seconds after which a test gives up on a process


@pytest.fixture(autouse=True)
def _no_process_is_left(store: RunStore) -> Iterator[None]:
    yield
    for run in store.list():
        if run.alive:
            jobs.cancel(store, run.id)


def wait(store: RunStore, run_id: str, until: Callable[[Run], bool] = lambda run: not run.alive) -> Run:
    deadline = time.monotonic() + PATIENCE
    while not until(run := store.get(run_id)):
        assert time.monotonic() < deadline, f"still {run.status}; {store.log(run)}"
        time.sleep(0.02)
    return run


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def running(run: Run) -> bool:
    return run.status == "running" and (run.folder / "progress.json").exists()


def test_a_job_becomes_a_finished_run(store, category):
    run = wait(store, jobs.start(store, category, None, CONFIG))
    assert (run.status, run.category, run.error) == ("finished", "tile", None)
    assert "total: " in store.log(run)


def test_a_category_is_found_by_name(store, category):
    run = wait(store, jobs.start(store, category.parent, "tile", CONFIG))
    assert run.status == "finished"
    with pytest.raises(DataError, match="tile"):
        jobs.start(store, category.parent, "bottle", CONFIG)


def test_two_who_ask_for_the_same_share_one_job(store, category, monkeypatch):
    monkeypatch.setenv("STAND_IN", "sleep")
    first = jobs.start(store, category, None, CONFIG)
    assert jobs.start(store, category, None, CONFIG) == first
    wait(store, first, running)
    assert len(store.list()) == 1


def test_a_job_teaches(store, category, monkeypatch):
    parent = wait(store, jobs.start(store, category, None, CONFIG))
    training = SimpleNamespace(paths=(), contents=())  # the stand-in knows nothing of banks; the record counts here
    monkeypatch.setattr(taught, "read_about", lambda _: SimpleNamespace(training=training))
    with pytest.raises(DataError, match="is a training photo already"):
        jobs.teach(store, parent, ["train/good/000.png"])
    monkeypatch.setenv("STAND_IN", "sleep")
    run = store.get(jobs.teach(store, parent, ["test/good/001.png"]))
    assert (run.status, run.parent, run.taught) == ("queued", parent.id, ("test/good/001.png",))
    assert jobs.teach(store, parent, ["test/good/001.png"]) == run.id


@pytest.mark.parametrize("how", ["sleep", "deaf"])
def test_a_cancelled_job_ends_whether_it_listens_or_not(store, category, monkeypatch, how):
    monkeypatch.setenv("STAND_IN", how)
    process = wait(store, jobs.start(store, category, None, CONFIG), running).process
    (run,) = store.list()
    began = time.monotonic()
    ended = jobs.cancel(store, run.id)
    assert time.monotonic() - began < 2 * jobs.GRACE + jobs.DEATH
    assert (ended.status, ended.error) == ("cancelled", "cancelled before it was done")
    eventually(lambda: gone(process.pid))  # it has no other job
    assert jobs.cancel(store, run.id) == ended
    monkeypatch.delenv("STAND_IN")
    again = wait(store, jobs.start(store, category, None, CONFIG))
    assert store.list() == (again,)


def test_a_killed_job_reads_as_lost_with_the_next_step_and_goes_on_when_it_is_asked_for(store, category, monkeypatch):
    monkeypatch.setenv("STAND_IN", "sleep")
    run = wait(store, jobs.start(store, category, None, CONFIG), running)
    os.kill(run.process.pid, signal.SIGKILL)
    lost = wait(store, run.id)
    assert lost.status == "lost"
    assert f"pid {run.process.pid}" in lost.error
    assert "can be started again" in lost.error
    assert not (store.root / run.id).exists()
    monkeypatch.delenv("STAND_IN")
    again = wait(store, jobs.start(store, category, None, CONFIG))
    assert again.id == run.id
    assert store.list() == (again,)
    assert queue.job(store, run.id).attempts == 2


def test_a_killed_job_that_is_cancelled_is_not_computed_again(store, category, monkeypatch):
    monkeypatch.setenv("STAND_IN", "sleep")
    run = wait(store, jobs.start(store, category, None, CONFIG), running)
    os.kill(run.process.pid, signal.SIGKILL)
    assert wait(store, run.id).status == "lost"
    assert jobs.cancel(store, run.id).status == "lost"
    jobs.start_workers(store)
    assert queue.job(store, run.id).state == "cancelled"
    monkeypatch.delenv("STAND_IN")
    again = wait(store, jobs.start(store, category, None, CONFIG))
    assert again.id != run.id
    assert store.list() == (again,)


def test_a_job_that_kills_itself_reads_as_lost(store, category, monkeypatch):
    monkeypatch.setenv("STAND_IN", "killed")
    assert wait(store, jobs.start(store, category, None, CONFIG)).status == "lost"


def test_a_failed_job_says_why_and_its_log_says_where(store, category, monkeypatch):
    monkeypatch.setenv("STAND_IN", "bug")
    run = wait(store, jobs.start(store, category, None, CONFIG))
    assert (run.status, run.error) == ("failed", "RuntimeError: the stand-in was told to break")
    assert "Traceback" in store.log(run)


def test_a_later_job_waits_and_can_be_cancelled_while_it_waits(store, category, monkeypatch):
    monkeypatch.setenv("STAND_IN", "sleep")
    first = jobs.start(store, category, None, CONFIG)
    wait(store, first, running)
    second = jobs.start(store, category, None, CONFIG.preset("quick", image_size=64, seed=1))
    assert (store.get(second).status, queue.job(store, second).state) == ("queued", "waiting")
    assert jobs.cancel(store, second).status == "cancelled"
    assert queue.job(store, second).state == "cancelled"
    assert store.get(first).status == "running"


def test_a_job_outlives_the_process_that_started_it(store, category):
    start = (
        "import sys; from patchcore_core.jobs import jobs; from patchcore_core.runs.store import RunStore;"
        "from patchcore_core.config import PatchCoreConfig;"
        "print(jobs.start(RunStore(sys.argv[1]), sys.argv[2], None, PatchCoreConfig(image_size=64)))"
    )
    command = [sys.executable, "-c", start, str(store.root), str(category)]
    path = os.pathsep.join([str(ROOT), os.environ["PYTHONPATH"]])
    starter = subprocess.run(
        command, capture_output=True, text=True, check=True, timeout=PATIENCE, env={**os.environ, "PYTHONPATH": path}
    )
    assert wait(store, starter.stdout.strip()).status == "finished"


def test_what_a_dashboard_starts_goes_on_after_a_worker_was_killed(store, category, monkeypatch):
    monkeypatch.setenv("STAND_IN", "sleep")
    run = wait(store, jobs.start(store, category, None, CONFIG), running)
    later = jobs.start(store, category, None, CONFIG.preset("quick", image_size=64, seed=1))
    os.kill(run.process.pid, signal.SIGKILL)
    monkeypatch.delenv("STAND_IN")
    starter = Starter(lambda: store, every=0.05)
    try:
        eventually(lambda: all(store.get(name).status == "finished" for name in (run.id, later)))
    finally:
        starter.stop()
    assert {job.state for job in queue.jobs_of(store)} <= {"finished", "running"}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the libraries of a process are listed on Linux only")
def test_a_worker_that_waits_has_loaded_nothing_heavy_and_ends_when_its_job_does(store, category, draft):
    earlier = store.begin(draft(identity="earlier"))
    run_id = jobs.start(store, category, None, CONFIG)
    (pid,) = [worker.info["pid"] for worker in psutil.process_iter(["pid", "cmdline"])
              if str(store.root) in (worker.info["cmdline"] or ())]  # fmt: skip
    eventually(lambda: any("_sqlite3" in mapped.path for mapped in psutil.Process(pid).memory_maps()))
    loaded = {mapped.path for mapped in psutil.Process(pid).memory_maps()}
    assert not [path for path in loaded if any(f"/{name}" in path for name in ("numpy", "pandas", "torch", "scipy"))]
    assert jobs.cancel(store, run_id).status == "cancelled"
    earlier.end("cancelled", "end of the test")
    eventually(lambda: gone(pid))


def test_a_finished_run_keeps_its_end(store, category):
    run = wait(store, jobs.start(store, category, None, CONFIG))
    assert jobs.cancel(store, run.id) == run
    assert jobs.start(store, category, None, CONFIG) == run.id


def test_cancelling_before_the_job_has_a_process_harms_nobody(store, draft):
    writer = store.begin(draft(status="queued"))  # its record names this very process, as its starter
    assert jobs.cancel(store, writer.run.id).status == "cancelled"
    with pytest.raises(StoreError, match="is cancelled and cannot be taken up"):
        store.writer(writer.run.id)


def test_a_run_of_another_computer_is_cancelled_there(store, draft):
    writer = store.begin(draft())
    writer.update(process=dataclasses.replace(writer.run.process, host="elsewhere"))
    with pytest.raises(StoreError, match="computes on elsewhere"):
        jobs.cancel(store, writer.run.id)
    writer.end("failed", "end of the test")


def test_a_process_that_cannot_be_started_fails_the_run(store, category, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    with pytest.raises(StoreError, match="no process could be started"):
        jobs.start(store, category, None, CONFIG)
    (run,) = store.list()
    assert run.status == "failed"


def test_unknown_runs_and_unusable_folders_are_refused(store, tmp_path: Path):
    with pytest.raises(UnknownRunError):
        jobs.cancel(store, "20260101-000000-tile-abcd")
    with pytest.raises(DataError):
        jobs.start(store, tmp_path / "nothing", None, CONFIG)
    assert store.list() == ()


def test_a_sweep_that_is_ended_before_it_is_in_the_queue_leaves_nothing(store, category, monkeypatch):
    dataset = load_dataset(category)
    plans = [planned(dataset, dataclasses.replace(CONFIG, seed=seed), ()) for seed in (1, 2)]
    for name in ("seconds_of_each", "alike"):
        with monkeypatch.context() as patch:
            patch.setattr(jobs, name, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                jobs.queue_sweep(store, plans)
        assert store.list() == ()
        assert queue.jobs_of(store) == ()


def test_a_worker_whose_job_has_just_ended_is_left_to_its_next_one():
    worker = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    jobs._stop(psutil.Process(worker.pid), lambda: True)
    worker.communicate(b"\n")
    assert worker.returncode == 0
