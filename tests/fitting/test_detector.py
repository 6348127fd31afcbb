"""Another method than PatchCore goes the whole way: it is fitted, judged and written as a run, and loaded again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from patchcore_core.data.dataset import load_dataset
from patchcore_core.data.images import read_image
from patchcore_core.errors import StoreError
from patchcore_core.fitting.draft import begin_fit
from patchcore_core.fitting.fit import compute
from patchcore_core.model.detector import Detector
from patchcore_core.model.methods import load_detector
from patchcore_core.model.patchcore import PatchCore
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore
from patchcore_core.runs.writer import RunWriter
from tests.fitting.mean_image import MeanImage
from tests.made_runs import CONFIG


@pytest.fixture
def run(store: RunStore, category: Path) -> Run:
    dataset = load_dataset(category)
    writer = begin_fit(dataset, CONFIG, store)
    assert isinstance(writer, RunWriter)
    with writer.recording_the_end():
        return compute(writer, dataset, make=MeanImage)


def test_its_figures_and_thresholds_are_those_of_its_scores(run: Run, store: RunStore, category: Path) -> None:
    assert (run.status, run.error) == ("finished", None)
    photos = [np.stack([read_image(path) for path in sorted((category / place).iterdir())]).mean(axis=3) / 255
              for place in ("train/good", "test/good", "test/hole")]  # fmt: skip
    good, defective = (np.abs(part - photos[0].mean(axis=0)).max(axis=(1, 2)) for part in photos[1:])
    images = store.images(run)
    for label, expected in ((0, good), (1, defective)):
        scores = images.loc[images["label"] == label].sort_values("path")["image_score"]
        np.testing.assert_allclose(scores, expected, rtol=1e-4)
    assert run.metrics["image_auroc"] == 1.0  # a bright square on grey noise
    assert run.metrics["pixel_auroc"] > 0.9
    rest = [np.delete(photos[0], number, axis=0).mean(axis=0) for number in range(6)]
    held_out = [np.abs(photo - mean).max() for photo, mean in zip(photos[0], rest, strict=True)]
    np.testing.assert_allclose(store.curves(run).heldout.scores, held_out, rtol=1e-4)
    assert 0 < run.thresholds["heldout_p99"] <= 1.0001 * max(held_out)


def test_its_run_says_what_it_has_and_leaves_out_what_it_has_not(run: Run, store: RunStore) -> None:
    assert store.get(run.id) == run
    assert run.bank == {"rows": 1, "dim": 64 * 64, "bytes": 4 * 64 * 64}
    assert run.plan == {}
    assert run.heldout is not None
    assert run.heldout.images == run.heldout.of == 6
    assert store.anomaly_maps(run).shape == (6, 64, 64)


def test_it_is_loaded_by_its_own_class_and_refused_by_name_elsewhere(run: Run, store: RunStore) -> None:
    folder, photo = store.bank_folder(run), read_image(Path(store.images(run)["path"][0]))
    model: Detector = MeanImage.load(folder)
    assert model.score_image(photo).image_score == pytest.approx(store.images(run)["image_score"][0])
    for load in (load_detector, PatchCore.load):
        said = r"bank\.json: was written by the method 'mean_image', which this version does not know"
        with pytest.raises(StoreError, match=said):
            load(folder)
