"""Figures without some images are those of a test set that never held them."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.dataset import load_dataset
from patchcore_core.data.masks import read_truth
from patchcore_core.errors import DataError
from patchcore_core.fitting.fit import fit_run
from patchcore_core.fitting.replicates import make_replicates
from patchcore_core.fitting.without import FIELDS, figures_without
from patchcore_core.runs.compared.replicates import read_replicates
from patchcore_core.runs.store import RunStore
from tests.runs.compared.known_scores import known_run
from tests.tiny import SIDE, save, write_category

CONFIG = PatchCoreConfig(image_size=SIDE, device="cpu")


@pytest.fixture
def dataset(tmp_path):
    """12 test images whose scores and labels disagree: holes too faint to see, and good photos with a bright spot."""
    root = write_category(tmp_path / "data" / "tile", good=6, hole=6)
    random = np.random.default_rng(1)
    for kind, number in (("good", 0), ("good", 4), ("hole", 1), ("hole", 5)):
        photo = random.normal(120, 8, (SIDE, SIDE, 3)).clip(0, 255).astype(np.uint8)
        if kind == "good":
            photo[5:9, 5:9] = 225 + number
        save(root / "test" / kind / f"{number:03d}.png", photo)
    return load_dataset(root)


@pytest.fixture
def run(dataset, store, stand_in):  # noqa: ARG001
    return fit_run(dataset, CONFIG, store).run


def of_types(store, run, good=(), hole=()):
    """Which images to leave out, by their numbers among the good and the defective ones."""
    images = store.images(run)
    names = [f"test/good/{n:03d}.png" for n in good] + [f"test/hole/{n:03d}.png" for n in hole]
    found = np.array([any(path.endswith(name) for name in names) for path in images["path"]])
    assert found.sum() == len(names)
    return found


def refitted(dataset, store, images, left_out):
    """The run of a data set that never held these images."""
    gone = set(images["path"][left_out])
    rest = tuple(sample for sample in dataset.test if str(sample.path) not in gone)
    assert len(rest) == len(dataset.test) - len(gone)
    return fit_run(dataclasses.replace(dataset, test=rest), CONFIG, store).run


def same(one, other):
    return one == other or (math.isnan(one) and math.isnan(other))


@pytest.mark.parametrize(("good", "hole"), [
    ((0,), ()), ((), (1, 5)), ((0, 4), (1, 5)), ((1, 2, 3), (0,)), ((), (0, 1, 2, 3, 4, 5)), (range(6), ()), ((), ()),
])
@pytest.mark.parametrize("wide", [False, True])
def test_the_figures_are_those_of_a_test_set_without_the_images(
    dataset, store, run, good, hole, wide, monkeypatch
):
    if wide:  # maps stored as float32
        monkeypatch.setattr("patchcore_core.runs.maps.FLOAT16_RANGE", (1e3, 1e4))
        dataset = dataclasses.replace(dataset, train=dataset.train[:-1])
        run = fit_run(dataset, CONFIG, store).run
        assert store.anomaly_maps(run).dtype == np.float32
    left_out = of_types(store, run, good, hole)
    expected, found = refitted(dataset, store, store.images(run), left_out), figures_without(store, run, left_out)
    assert (found.left_out, found.unread) == (len(good) + len(hole), 0)
    assert found.run.metrics.keys() == expected.metrics.keys()
    for name, value in expected.metrics.items():
        assert same(found.run.metrics[name], value), name
    assert found.run.reasons == expected.reasons
    assert found.run.per_defect.keys() == expected.per_defect.keys()
    for kind, figures in expected.per_defect.items():
        assert all(same(found.run.per_defect[kind][name], value) for name, value in figures.items()), kind
    for name, (low, high) in expected.intervals.items():  # other random resamples of the same images
        assert np.isclose(found.run.intervals[name], (low, high), atol=0.1, equal_nan=True).all(), name
    for one, other in zip(found.run.region_recall, expected.region_recall, strict=True):
        one, other = dataclasses.asdict(one), dataclasses.asdict(other)
        assert all(same(one[name], other[name]) for name in one if not name.startswith("found_"))


def test_leaving_images_out_changes_figures_and_nothing_else(store, run):
    found = figures_without(store, run, of_types(store, run, good=(0, 4), hole=(1, 5)))
    assert found.run.metrics["image_auroc"] > run.metrics["image_auroc"]
    kept = {field.name for field in dataclasses.fields(run)} - set(FIELDS)
    assert all(getattr(found.run, name) == getattr(run, name) for name in kept)
    assert store.get(run.id) == run


def test_a_mask_that_is_gone_is_counted_and_its_image_leaves_the_pixel_figures(store, run):
    def read(paths, photo, rule):
        if Path(paths[0]).name.startswith("003"):
            raise DataError("gone")
        return read_truth(paths, photo, rule)

    nothing = of_types(store, run)
    found = figures_without(store, run, nothing, read)
    assert found.unread == 1
    assert found.run.metrics["image_auroc"] == run.metrics["image_auroc"]
    without = figures_without(store, run, of_types(store, run, hole=(3,)))
    assert found.run.metrics["aupro"] == without.run.metrics["aupro"] != run.metrics["aupro"]


def test_progress_is_told_and_another_length_refused(store, run):
    told = []
    figures_without(store, run, of_types(store, run), progress=lambda *stage: told.append(stage))
    assert [stage for stage in told if stage[0] == "evaluate"] == [("evaluate", n + 1, 6) for n in range(6)]
    assert told[-1][0] == "metrics"
    assert told[-1][1] == told[-1][2]
    with pytest.raises(ValueError, match="each of 12 images"):
        figures_without(store, run, np.zeros(3, dtype=bool))


# figures of resampled images, made later


@pytest.fixture
def kept(store: RunStore, category: Path):
    return known_run(store, category, {})


def test_they_are_those_that_a_fit_keeps(store: RunStore, kept):
    before = read_replicates(kept.folder)
    (kept.folder / "replicates.npz").unlink()
    said = []
    assert make_replicates(store, [kept], progress=lambda *step: said.append(step)) == {}
    made = read_replicates(kept.folder)
    assert made.images == before.images
    assert set(made.figures) == set(before.figures)
    for name, values in before.figures.items():
        np.testing.assert_array_equal(made.figures[name], values)
    assert said == [("runs", 0, 1)]


def test_masks_that_have_changed_are_said(store: RunStore, kept, category: Path):
    (kept.folder / "replicates.npz").unlink()
    mask = next((category / "ground_truth").rglob("*.png"))
    Image.fromarray(255 - np.asarray(Image.open(mask))).save(mask)
    failed = make_replicates(store, [kept])
    assert "masks cannot be read or have changed since" in failed[kept.id]
    assert read_replicates(kept.folder) is None
