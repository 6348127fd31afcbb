"""The summary of a run's maps: made once, kept, made anew where it is damaged."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from PIL import Image

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.dataset import load_dataset
from patchcore_core.errors import DataError
from patchcore_core.fitting.fit import fit_run
from patchcore_core.runs.folder import MAP_SUMMARY
from patchcore_core.runs.map_summaries import map_summary, patch_pixels, read_summary
from patchcore_core.runs.writer import RunWriter
from tests.made_runs import CONFIG


@pytest.fixture
def run(store, draft, finish, tmp_path):
    """Four images with maps (4, 4); the mask of the defective ones is the left half of a photo of 20 x 30 pixels."""
    mask = np.zeros((20, 30), np.uint8)
    mask[:, :15] = 255
    (tmp_path / "data" / "tile").mkdir(parents=True)
    Image.fromarray(mask).save(tmp_path / "data" / "tile" / "mask.png")
    config = PatchCoreConfig(image_size=4, device="cpu")
    writer = store.begin(draft(config=config))
    return finish(writer, (0.25, 1.5, 0.5, 2.0), thresholds={"pixel_good_p999": 1.5, "f1_max": 1.0})


def test_made_from_maps_and_masks(store, run):
    kept = map_summary(store, run)
    assert kept.mask_known.all()
    assert kept.defect_area.tolist() == [0, 8, 0, 8]
    assert kept.iou(1.5).tolist()[1::2] == [0.5, 0.5]
    assert kept.level == 1.5
    assert 1.5 in kept.edges


def test_kept_and_not_made_twice(store, run, tmp_path):
    first = map_summary(store, run)
    (tmp_path / "data" / "tile" / "mask.png").unlink()
    told = []
    again = map_summary(store, store.get(run.id), advance=told.append)
    assert told == []
    for name, values in first.arrays().items():
        np.testing.assert_array_equal(again.arrays()[name], values)
    assert store.get(run.id).status == "finished"
    assert [path.name for path in run.folder.glob(".*")] == []


def test_a_damaged_one_is_made_anew(store, run):
    expected = map_summary(store, run).iou(1.5)
    whole = (run.folder / MAP_SUMMARY).read_bytes()
    for rest in (b"", whole[: len(whole) // 2], b"no archive"):
        (run.folder / MAP_SUMMARY).write_bytes(rest)
        np.testing.assert_array_equal(map_summary(store, run).iou(1.5), expected)
        assert (run.folder / MAP_SUMMARY).read_bytes()[:2] == b"PK"


def test_a_mask_out_of_reach_is_unknown_and_nothing_is_kept(store, run):
    def refuse(paths, photo, rule):
        raise DataError(f"{paths}: away, {photo}, {rule}")

    kept = map_summary(store, run, refuse)
    assert kept.mask_known.tolist() == [True, False, True, False]
    assert not (run.folder / MAP_SUMMARY).exists()
    assert map_summary(store, run).mask_known.all()


def test_a_folder_that_cannot_be_written(store, run):
    gone = dataclasses.replace(run, thresholds={})
    (run.folder / MAP_SUMMARY).mkdir()  # in the way
    assert np.isnan(map_summary(store, gone).level)


@pytest.mark.parametrize(("size", "layers", "pixels"), [(320, ("blocks.2", "blocks.4"), 8), (224, ("blocks.4",), 16)])
def test_pixels_from_patch_to_patch(run, size, layers, pixels):
    config = PatchCoreConfig(backbone="efficientnet_lite0", layers=layers, image_size=size)
    assert patch_pixels(dataclasses.replace(run, config=config)) == pixels


def test_a_run_does_not_answer_for_it(store, run):
    map_summary(store, run)
    RunWriter(store.root, run).update(dataset=run.dataset)  # lists the run's files anew
    (run.folder / MAP_SUMMARY).unlink()
    assert store.get(run.id).status == "finished"


@pytest.mark.usefixtures("stand_in")
def test_a_fit_keeps_the_one_that_would_be_made(store, category):
    run = fit_run(load_dataset(category), CONFIG, store).run
    kept = read_summary(run.folder)
    (run.folder / MAP_SUMMARY).unlink()
    for name, values in map_summary(store, run).arrays().items():
        np.testing.assert_array_equal(values, kept.arrays()[name])
    assert kept.defect_area.any()
