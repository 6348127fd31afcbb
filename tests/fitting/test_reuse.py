"""What an existing run answers about data that are not as they were, or lie elsewhere."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest

from patchcore_core.data.dataset import Dataset, load_dataset
from patchcore_core.errors import StoreError
from patchcore_core.fitting.fit import fit_run
from patchcore_core.fitting.reuse import answer
from patchcore_core.jobs import jobs
from patchcore_core.jobs.worker import fit_queued
from patchcore_core.runs.store import RunStore
from tests.made_runs import CONFIG
from tests.tiny import save

pytestmark = pytest.mark.usefixtures("stand_in")
ODD = "train/good/odd.png"


def with_odd(category: Path) -> Dataset:
    shutil.copy(category / "train/good/000.png", category / ODD)
    return load_dataset(category)


def test_a_warning_of_a_folder_that_is_gone_is_gone(store, category):
    (category / "test" / "empty").mkdir()
    first = fit_run(load_dataset(category), CONFIG, store).run
    (warning,) = first.data_warnings
    assert warning in first.warnings
    (category / "test" / "empty").rmdir()
    again = fit_run(load_dataset(category), CONFIG, store)
    assert again.reused
    assert (again.run.warnings, again.run.data_warnings) == ((), ())
    assert store.get(first.id) == again.run


def test_a_warning_that_came_later_is_said_and_kept_apart_from_those_of_the_fit(store, category):
    save(category / "ground_truth/hole/001_mask.png", np.zeros((64, 64), np.uint8))  # empty: only the fit sees that
    first = fit_run(load_dataset(category), CONFIG, store).run
    assert first.data_warnings == ()
    assert "the mask is empty" in first.warnings[0]
    (category / "test" / "none").mkdir()
    asked = load_dataset(category)
    for _ in range(2):
        again = fit_run(asked, CONFIG, store).run
        assert again.warnings == (*asked.warnings, *first.warnings)
        assert store.get(first.id) == again
    run = store.get(jobs.start(store, category, None, CONFIG))
    assert run.updated_at == again.updated_at  # nothing to follow


def test_from_another_folder_the_paths_are_those_of_that_folder_and_the_record_stays(store, category, tmp_path):
    save(category / "ground_truth/hole/001_mask.png", np.zeros((64, 64), np.uint8))
    broken = category / "test/good/001.png"
    broken.write_bytes(broken.read_bytes()[:100])
    (category / "test" / "empty").mkdir()
    first = fit_run(load_dataset(category), CONFIG, store).run
    copy = shutil.copytree(category, tmp_path / "elsewhere" / "plate")
    shutil.rmtree(copy / "test" / "empty")
    again = fit_run(load_dataset(copy), CONFIG, store)
    assert again.reused
    said = str(dataclasses.asdict(again.run) | {"folder": "", "dataset": ""})
    assert str(category) not in said
    assert "empty: holds no images" not in said
    assert [path for path, _ in again.run.unreadable] == [str(copy / "test/good/001.png")]
    assert f"{copy}/ground_truth/hole/001_mask.png: the mask is empty" in again.run.warnings[0]
    assert store.get(first.id) == first


def test_where_the_data_have_moved_the_record_follows_with_all_its_paths(store, category, tmp_path):
    save(category / "ground_truth/hole/001_mask.png", np.zeros((64, 64), np.uint8))
    first = fit_run(load_dataset(category), CONFIG, store).run
    moved = category.rename(tmp_path / "moved")
    again = fit_run(load_dataset(moved), CONFIG, store).run
    assert again == store.get(first.id)
    assert again.dataset == str(moved)
    assert str(category) not in str(again.warnings)
    assert str(moved) in again.warnings[0]


def test_without_a_photo_is_another_run_that_says_so(store, category):
    dataset = with_odd(category)
    whole, less = (fit_run(one, CONFIG, store).run for one in (dataset, dataset.without(ODD)))
    assert whole.identity != less.identity
    assert (whole.excluded, less.excluded) == ((), (ODD,))
    assert (whole.counts.train, less.counts.train) == (7, 6)
    assert store.get(less.id) == less


def test_a_run_without_a_photo_is_that_of_the_folder_from_which_it_was_taken(store, category):
    less = fit_run(with_odd(category).without(ODD), CONFIG, store).run
    (category / ODD).unlink()
    again = fit_run(load_dataset(category), CONFIG, store)
    assert again.reused
    assert store.get(less.id).excluded == again.run.excluded == ()


@pytest.mark.parametrize("gone", [False, True])
def test_a_queued_run_leaves_out_what_it_was_asked_to(store, category, stand_in, monkeypatch, gone):
    with_odd(category)
    monkeypatch.setattr(jobs, "start_workers", lambda *_: None)
    run_id = jobs.start(store, category, None, CONFIG, [ODD])
    if gone:
        (category / ODD).unlink()
    seen, fit = [], stand_in.PatchCore.fit

    def learn(model, samples, *more, **named):
        seen.extend(samples)
        return fit(model, samples, *more, **named)

    monkeypatch.setattr(stand_in.PatchCore, "fit", learn)
    done = fit_queued(run_id, store)
    assert (done.status, done.excluded, done.counts.train) == ("finished", (ODD,), 6)
    assert ODD not in [sample.path.relative_to(category).as_posix() for sample in seen]
    assert len(seen) == 6


def test_a_record_that_cannot_be_written_keeps_nobody_from_the_answer(store, category, monkeypatch):
    first = fit_run(load_dataset(category), CONFIG, store).run
    (category / "test" / "none").mkdir()

    def refused(*_: object) -> None:
        raise StoreError("read-only")

    monkeypatch.setattr(RunStore, "locked", refused)
    dataset = load_dataset(category)
    assert answer(first, dataset, store).warnings == dataset.warnings != ()
    again = fit_run(dataset, CONFIG, store)
    assert (again.reused, again.run.id, again.run.warnings) == (True, first.id, dataset.warnings)
    assert store.get(first.id) == first
    with pytest.raises(StoreError, match="read-only"):
        fit_run(dataset, dataclasses.replace(CONFIG, seed=CONFIG.seed + 1), store)
