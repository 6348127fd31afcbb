"""Training images with their held-out scores, against distances computed here."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from patchcore_core.data.dataset import load_dataset
from patchcore_core.data.files.content import content_key
from patchcore_core.evaluation.values import TrainingImage
from patchcore_core.fitting.fit import fit_run
from patchcore_core.fitting.good_images import training_images
from patchcore_core.model.patchcore import PatchCore
from patchcore_core.runs.store import RunStore
from tests.made_runs import CONFIG
from tests.tiny import SIDE, save


def left_out_scores(model: PatchCore, dataset, groups: dict[str, set[str]]) -> dict[str, float]:
    """Highest distance of each training photo's patches to the bank's rows of other groups, all pairs measured."""
    (bank,), names = model.banks, [Path(path).name for path in model.training.paths]
    found = {}
    whole = PatchCore(dataclasses.replace(model.config, sampler="identity")).fit(dataset.train, held_out=0).banks[0]
    for image, name in enumerate(names):
        others = [names[number] not in groups.get(name, {name}) for number in bank.origin[:, 0]]
        patches = whole.patches[whole.origin[:, 0] == image].astype(np.float64)
        gaps = patches[:, None] - bank.patches[others].astype(np.float64)
        found[name] = np.sqrt((gaps**2).sum(axis=2)).min(axis=1).max()
    return found


def test_each_training_image_is_stored_with_its_own_score(store: RunStore, category: Path) -> None:
    good = category / "train" / "good"
    shutil.copy(good / "001.png", good / "copy.png")
    rng = np.random.default_rng(7)
    save(good / "odd.png", rng.integers(0, 255, (SIDE, SIDE, 3), dtype=np.uint8))
    dataset = load_dataset(category)
    run = fit_run(dataset, dataclasses.replace(CONFIG, coreset_ratio=0.3, bank_dtype="float32"), store).run
    images = store.training_images(run)
    assert [Path(image.path).name for image in images] == [
        "000.png", "001.png", "002.png", "003.png", "004.png", "005.png", "odd.png"]
    assert {image.path: image.copies for image in images if image.copies} == {
        "train/good/001.png": ("train/good/copy.png",)}
    assert [image.path for image in images if image.odd] == ["train/good/odd.png"]
    assert all(image.sha256 == content_key(category / image.path) for image in images)
    twins = {"001.png", "copy.png"}
    expected = left_out_scores(PatchCore.load(store.bank_folder(run), "cpu"), dataset, dict.fromkeys(twins, twins))
    for image in images:
        assert image.score == pytest.approx(expected[Path(image.path).name], rel=1e-3)
    kept = np.float32([image.score for image in images if not image.odd])
    np.testing.assert_array_equal(kept, store.curves(run).heldout.scores)
    assert [image.score for image in images if image.odd] == [photo.score for photo in run.heldout.odd]


def test_an_image_without_rows_of_others_is_listed_without_a_score() -> None:
    found = SimpleNamespace(images=np.array([0, 2]), image_scores=np.float32([np.nan, 1.5]), odd=np.array([1]),
                            odd_scores=np.float32([9]), groups=np.array([0, 1, 2, 0]))  # fmt: skip
    training = SimpleNamespace(paths=("/d/a.png", "/d/b.png", "/d/c.png", "/d/e.png"), contents=("A", "B", "C", "E"))
    model = SimpleNamespace(training=training, report=SimpleNamespace(held_out=found))
    unscored, odd, good = training_images(model, Path("/d")).images
    assert (unscored.path, unscored.copies, np.isnan(unscored.score)) == ("a.png", ("e.png",), True)
    assert odd == TrainingImage("b.png", "B", 9.0, odd=True)
    assert good == TrainingImage("c.png", "C", 1.5)
    model.report.held_out = None
    assert training_images(model, Path("/d")) is None
