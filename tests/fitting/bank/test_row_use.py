"""The use of bank rows against distances to all of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from patchcore_core.data.images import read_image
from patchcore_core.errors import DataError
from patchcore_core.fitting.bank.row_use import count_row_use
from patchcore_core.model.methods import load_detector
from patchcore_core.runs.bank.row_use import read_row_use
from patchcore_core.runs.folder import ROW_USE
from patchcore_core.runs.store import RunStore
from tests.fitting.bank.fitted import only_run


@pytest.fixture
def model(copied: Path):
    return load_detector(only_run(copied).folder / "memory_bank")


def test_a_fit_counts_what_test_patches_use(copied: Path, model) -> None:
    run, (bank,) = only_run(copied), model.banks
    kept = read_row_use(run.folder, [len(bank)])
    expected = np.zeros(len(bank), int)
    images = RunStore(copied / "runs").images(run)
    for path in images["path"]:
        patches = model.explain(read_image(path, run.bits)).patches[0]
        nearest = np.argsort(cdist(patches.reshape(-1, patches.shape[2]), bank.patches), axis=1)[:, :2]
        np.add.at(expected, nearest, 1)
    assert kept is not None
    assert kept.images == len(images) == 6
    assert kept.scales[0].tolist() == expected.tolist()
    assert 0 < (expected == 0).sum() < len(bank)  # a test that shows something


def test_a_run_without_counts_gets_the_same_on_request(copied: Path, model) -> None:
    run, store = only_run(copied), RunStore(copied / "runs")
    before = read_row_use(run.folder, [len(model.bank)])
    (run.folder / ROW_USE).unlink()
    seen: list[tuple[str, int, int]] = []
    found = count_row_use(store, run, model, lambda *step: seen.append(step))
    after = read_row_use(run.folder, [len(model.bank)])
    assert before is not None
    assert after is not None
    assert found.scales[0].tolist() == before.scales[0].tolist() == after.scales[0].tolist()
    assert seen[-1] == ("predict", 6, 6)
    assert store.get(run.id).status == "finished"  # the new file is no damage


def test_changed_photos_are_left_out_and_their_counts_not_kept(copied: Path, model, monkeypatch) -> None:
    run, store = only_run(copied), RunStore(copied / "runs")
    (run.folder / ROW_USE).unlink()
    images = store.images(run).assign(sha256=["0" * 64] * 2 + [""] * 4)
    monkeypatch.setattr(RunStore, "images", lambda *_: images)
    assert count_row_use(store, run, model).images == 4
    assert not (run.folder / ROW_USE).exists()
    monkeypatch.setattr(RunStore, "images", lambda *_: images.assign(sha256="0" * 64))
    with pytest.raises(DataError, match="none of the run's test photos is there and unchanged"):
        count_row_use(store, run, model)


def test_photos_that_may_not_be_read_are_left_out(copied: Path, model) -> None:
    run, store = only_run(copied), RunStore(copied / "runs")
    (run.folder / ROW_USE).unlink()

    def place(path: str) -> Path:
        if "hole" in path:
            raise DataError("outside")
        return Path(path)

    assert count_row_use(store, run, model, place=place).images == 3
    assert not (run.folder / ROW_USE).exists()
