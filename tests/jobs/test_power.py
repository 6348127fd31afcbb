"""A power failure at any moment of a sweep: what is finished is whole, and the rest is computed after the reboot."""

from __future__ import annotations

import pytest

from benchmarks.harness.same_runs import same_runs
from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.dataset import load_dataset
from patchcore_core.fitting.sweep.planned import planned
from patchcore_core.jobs import claims, queue
from patchcore_core.jobs.jobs import queue_sweep
from patchcore_core.jobs.worker import work
from patchcore_core.runs import process
from patchcore_core.runs.store import RunStore
from tests.jobs.power import Disk, Image, written
from tests.made_runs import CONFIG

RESUMED = 6  # of the images, at equal distances; all are read
KEPT = {"queue.sqlite", "queue.sqlite-wal", "queue.sqlite-shm", ".queue.lock", ".lock"}


@pytest.fixture
def plans(category):
    dataset = load_dataset(category)
    return [planned(dataset, PatchCoreConfig(**{**CONFIG.to_dict(), "seed": seed}), ()) for seed in (1, 2)]


@pytest.fixture
def failing(plans, tmp_path, monkeypatch):
    """`failing()`: a sweep that is computed, and what power failures could leave of it."""

    def sweep(lies: bool = False) -> tuple[RunStore, list[Image]]:
        (tmp_path / "disk").mkdir()
        disk, store = Disk(tmp_path / "disk", lies), RunStore(tmp_path / "disk" / "runs")
        with disk.watched(monkeypatch):
            queue_sweep(store, plans)
            work(store)
        return store, [*disk.images.values()]

    return sweep


@pytest.fixture
def reboot(tmp_path, monkeypatch):
    """`reboot(image)`: its store, after a reboot in which this process has its number and its start again."""

    def start(image: Image) -> RunStore:
        place = tmp_path / f"image-{len([*tmp_path.glob('image-*')])}"
        (tmp_path / "boot").write_text(place.name)
        monkeypatch.setattr(process, "BOOT", tmp_path / "boot")
        return RunStore(written(image, place) / "runs")

    return start


def damage(store: RunStore, whole: RunStore) -> list[str]:
    """What is wrong with the runs of a store that claim to be finished, or of which the queue knows."""
    runs = {run.identity: run for run in whole.list()}
    found = store.list() if store.root.is_dir() else ()
    wrong = [f"{run.id} is {run.status}: {run.error}" for run in found if run.broken or run.status == "failed"]
    finished = [run for run in found if run.status == "finished"]
    wrong += [f"{run.id} is not whole" for run in finished if not same_runs(run.folder, runs[run.identity].folder)]
    jobs = queue.jobs_of(store) if store.root.is_dir() else ()
    return wrong + [f"{job.run} is {job.state} and not there" for job in jobs
                    if job.run not in {run.id for run in (finished if job.state == "finished" else found)}]  # fmt: skip


@pytest.mark.usefixtures("stand_in")
def test_a_sweep_goes_on_after_a_power_failure_at_any_moment(failing, reboot, plans):
    whole, images = failing()
    assert {run.status for run in whole.list()} == {"finished"}
    for image in images:
        assert damage(reboot(image), whole) == []
    for image in images[:: max(1, len(images) // RESUMED)]:
        store = reboot(image)
        if store.root.is_dir():
            claims.recover(store)
            work(store)
            assert damage(store, whole) == []
            assert {run.status for run in store.list()} <= {"finished"}
        queue_sweep(store, plans)  # typed again, where it was not yet in the queue
        work(store)
        assert {run.identity for run in store.list()} == {run.identity for run in whole.list()}
        assert len(store.list()) == len(plans)
        assert damage(store, whole) == []
        assert {job.state for job in queue.jobs_of(store)} <= {"finished"}
        assert {path.name for path in (store.root / ".jobs").iterdir()} <= KEPT


@pytest.mark.usefixtures("stand_in")
def test_the_disk_of_these_tests_loses_what_is_not_synced(failing, reboot):
    whole, images = failing(lies=True)
    assert len(images) > 20
    found = [sentence for image in images for sentence in damage(reboot(image), whole)]
    assert any("damaged" in sentence for sentence in found)
