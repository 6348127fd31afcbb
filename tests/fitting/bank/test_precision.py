"""Losses of precision are differences of scores, against scores by a plain computation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from patchcore_core.data.images import read_image
from patchcore_core.errors import ConfigError, DataError
from patchcore_core.fitting.bank import precision
from patchcore_core.fitting.bank.photos import Photos
from patchcore_core.fitting.bank.precision import as_int8, measure
from patchcore_core.model.methods import load_detector
from patchcore_core.runs.store import RunStore
from tests.fitting.bank.fitted import only_run
from tests.fitting.bank.test_coverage import refusing


def test_scores_in_each_precision_are_those_of_such_rows(fitted: Path) -> None:
    run, store = only_run(fitted), RunStore(fitted / "runs")
    model = load_detector(run.folder / "memory_bank")
    found = measure(Photos(model, run), store)
    images = store.images(run)
    assert [row.dtype for row in found.rows] == ["float32", "float16", "int8"]
    assert (found.stored, found.images, found.missing, found.lacking) == ("float16", 6, (), "")
    count, dim = model.bank.patches.shape
    assert [row.bytes for row in found.rows] == [count * dim * 4, count * dim * 2, count * dim + 8 * dim]
    np.testing.assert_allclose(found.rows[1].scores, images["image_score"], rtol=1e-4)  # those of the run
    training = [model.explain(read_image(path)).patches[0] for path in model.training.paths]
    wide = np.stack([training[image][row, column] for image, row, column in model.bank.origin])
    for row, rows in zip(found.rows, (wide, wide.astype(np.float16), as_int8(wide)[0]), strict=True):
        for score, path in zip(row.scores, images["path"], strict=True):
            patches = model.explain(read_image(path)).patches[0]
            distances = np.sort(cdist(patches.reshape(-1, dim), rows.astype(float)), axis=1)[:, :2].mean(axis=1)
            assert score == pytest.approx(distances.max(), rel=1e-4)
    assert found.rows[0].largest_change == 0
    assert 0 < found.rows[1].largest_change < found.rows[2].largest_change < 0.05
    assert found.rows[0].auroc == run.metrics["image_auroc"]


def test_without_training_photos_float32_is_not_guessed(fitted: Path) -> None:
    run = only_run(fitted)
    photos = Photos(load_detector(run.folder / "memory_bank"), run, refusing("train/good/002.png"))
    found = measure(photos, RunStore(fitted / "runs"))
    assert [row.dtype for row in found.rows] == ["float16", "int8"]
    assert found.lacking.startswith("a training photo is not as it was: ")
    assert (found.images, found.missing) == (6, ())
    photos = Photos(load_detector(run.folder / "memory_bank"), run, refusing(""))
    with pytest.raises(DataError, match="none of the run's test photos"):
        measure(photos, RunStore(fitted / "runs"))


def test_banks_that_do_not_fit_into_memory_are_refused(fitted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = only_run(fitted)
    monkeypatch.setattr(precision, "free_memory", lambda: 10_000)
    with pytest.raises(ConfigError, match=r"needs about .* GB for banks side by side"):
        measure(Photos(load_detector(run.folder / "memory_bank"), run), RunStore(fitted / "runs"))


def test_eight_bits_are_wrong_by_half_a_step_at_most() -> None:
    rows = np.random.default_rng(0).normal(size=(300, 5)).astype(np.float32) * [1, 10, 0.1, 0, 1e-3]
    back, size = as_int8(rows.astype(np.float32))
    steps = (rows.max(axis=0) - rows.min(axis=0)) / 255
    assert (np.abs(back - rows) <= steps / 2 * 1.01 + 1e-6).all()
    assert size == 300 * 5 + 2 * 4 * 5
