"""Teaching on trial: what is kept becomes a run, what is discarded or forgotten goes; lists of runs have none."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PIL import Image, ImageDraw

from patchcore_core.data.dataset import load_dataset
from patchcore_core.errors import DataError, StoreError
from patchcore_core.fitting.fit import fit_run
from patchcore_core.fitting.teach import teach
from patchcore_core.jobs import jobs, trials
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore
from tests.made_runs import CONFIG

PATIENCE = 120  # seconds
ODD = "test/good/001.png"


@pytest.fixture
def make_trial(store: RunStore, draft: Any, finish: Any) -> Any:
    """`make_trial(parent, identity="x", status="finished")`: one made by hand."""

    def make(parent: Run, identity: str = "x", status: str = "finished") -> Run:
        writer = store.trials.begin(draft(identity=identity, parent=parent.id, taught=("a.png",)))
        if status == "finished":
            return finish(writer)
        writer.end(status, "it was told to")
        return store.trials.get(writer.run.id)

    return make


@pytest.fixture
def parent(store: RunStore, draft: Any, finish: Any) -> Run:
    store.root.mkdir()
    return finish(store.begin(draft(identity="parent")))


def ended(store: RunStore, run_id: str) -> Run:
    deadline = time.monotonic() + PATIENCE
    while (run := store.get(run_id)).alive:
        assert time.monotonic() < deadline, store.log(run)
        time.sleep(0.05)
    return run


def test_a_trial_is_computed_in_a_process_and_is_the_run_that_teaching_would_make(store, category):
    photo = Image.open(category / ODD)
    ImageDraw.Draw(photo).line([(8, 8), (56, 20)], fill=(60, 60, 60), width=3)
    photo.save(category / ODD)
    run = fit_run(load_dataset(category), CONFIG, store).run
    begun = trials.begin(store, run, [ODD])
    assert trials.begin(store, run, [ODD]).id == begun.id  # somebody else asks for the same
    trial = ended(store.trials, begun.id)
    assert (trial.status, trial.parent, trial.taught) == ("finished", run.id, (ODD,)), trial.error
    assert store.list() == (run,)
    assert trials.of_run(store, run.id) == (trial,)
    kept = trials.keep(store, trial.id)
    assert {one.id for one in store.list()} == {run.id, trial.id}
    assert trials.of_run(store, run.id) == ()
    assert teach(run, [ODD], store).run == kept
    assert trials.begin(store, run, [ODD]) == kept


def test_what_cannot_be_taught_leaves_no_trial(store, category):
    run = fit_run(load_dataset(category), CONFIG, store).run
    with pytest.raises(DataError, match="is a training photo already"):
        trials.begin(store, run, ["train/good/000.png"])
    assert trials.of_run(store, run.id) == ()


def test_a_trial_that_is_discarded_leaves_nothing(store, parent, make_trial):
    trial = make_trial(parent)
    trials.discard(store, trial.id)
    trials.discard(store, trial.id)  # twice, as by two visitors
    assert trials.of_run(store, parent.id) == ()
    assert not trial.folder.exists()
    assert store.list() == (parent,)


def test_trials_that_wait_for_somebody_are_known_of_all_runs(store, parent, make_trial, draft, finish):
    other = finish(store.begin(draft(identity="other")))
    wanted, failed, later = make_trial(parent, "a"), make_trial(parent, "b", "failed"), make_trial(other, "c")
    assert failed.parent == parent.id
    assert {one.id for one in trials.waiting(store)} == {wanted.id, later.id}


def test_the_same_run_that_was_made_meanwhile_is_kept_instead(store, parent, make_trial, draft, finish):
    trial = make_trial(parent, "same")
    there = finish(store.begin(draft(identity="same")))
    assert trials.keep(store, trial.id) == there
    assert trials.of_run(store, parent.id) == ()


def test_only_a_finished_trial_can_be_kept(store, parent, make_trial):
    with pytest.raises(StoreError, match="is failed, so it cannot be kept"):
        trials.keep(store, make_trial(parent, status="failed").id)


def test_what_nobody_wants_any_more_is_removed(store, parent, make_trial, draft, finish):
    other = finish(store.begin(draft(identity="other")))
    wanted, orphan, failed = make_trial(parent, "a"), make_trial(other, "b"), make_trial(parent, "c", "failed")
    old = make_trial(parent, "d")
    store.delete(other.id)
    writer = jobs.RunWriter(store.trials.root, old)
    writer.update(created_at=(datetime.now(UTC) - timedelta(days=8)).isoformat(timespec="microseconds"))
    trials.clean(store)
    assert trials.of_run(store, parent.id) == (wanted,)
    assert not any(one.folder.exists() for one in (orphan, failed, old))


def test_a_store_without_trials_gets_no_folder_for_them(store, parent):
    assert trials.of_run(store, parent.id) == ()
    trials.clean(store)
    assert not store.trials.root.exists()
    assert store.trials.home.root == store.home.root == store.root
