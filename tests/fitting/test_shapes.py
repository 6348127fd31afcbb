"""Runs whose input is no square: fitted, stored, evaluated, found again, and what is said of photos of other shapes."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from patchcore_core.cli.fits.dry_run import foresee, lines
from patchcore_core.cli.main import main
from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.dataset import load_dataset
from patchcore_core.data.images import read_image, read_mask
from patchcore_core.errors import DataError, StoreError
from patchcore_core.evaluation.badges.photo_shapes import Proportions
from patchcore_core.evaluation.metrics import aupro, pixel_auroc
from patchcore_core.fitting.draft import begin_fit, draft_run
from patchcore_core.fitting.fit import compute_queued, fit_run
from patchcore_core.fitting.without import figures_without
from patchcore_core.runs.folder import MAP_SUMMARY
from patchcore_core.runs.map_summaries import map_summary, patch_pixels
from patchcore_core.runs.record import from_json, to_json
from patchcore_core.runs.store import RunStore

CONFIG = PatchCoreConfig.preset("quick", image_size=96, coreset_ratio=0.2, device="cpu", engine="torch")
SHAPES = {"tall": (150, 60), "wide": (60, 150), "strip": (24, 192)}


def write(folder: Path, height: int, width: int, train: int = 8, tested: int = 3) -> Path:
    """Grey noise, and defective photos with a bright box in another place each, which their masks give exactly."""
    rng = np.random.default_rng(1)
    for place, count in (("train/good", train), ("test/good", tested), ("test/box", tested)):
        for number in range(count):
            photo = rng.normal(110, 10, (height, width, 3)).clip(0, 255).astype(np.uint8)
            if place == "test/box":
                mask = np.zeros((height, width), np.uint8)
                top, left = (height - 12) * (number + 1) // (tested + 1), (width - 14) * (number + 1) // (tested + 1)
                mask[top : top + 12, left : left + 14] = 255
                photo[mask > 0] = 240
                save(folder / "ground_truth" / "box" / f"{number}_mask.png", mask)
            save(folder / place / f"{number}.png", photo)
    return folder


def save(path: Path, pixels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def slowly_resized(mask: np.ndarray, height: int, width: int) -> np.ndarray:
    """Shares of defect of a mask resized by a triangle that grows with the factor, pixel after pixel."""
    def weights(length: int, wanted: int, place: int) -> np.ndarray:
        scale = length / wanted
        reach, centre = max(scale, 1.0), (place + 0.5) * scale
        found = np.maximum(0, 1 - np.abs((np.arange(length) + 0.5 - centre) / reach))
        return found / found.sum()

    return np.array([[weights(mask.shape[0], height, row) @ mask @ weights(mask.shape[1], width, column)
                      for column in range(width)] for row in range(height)])  # fmt: skip


@pytest.fixture(scope="module", params=sorted(SHAPES))
def fitted(request, tmp_path_factory):
    """(store, run, folder of the data) of one shape."""
    root = tmp_path_factory.mktemp(request.param)
    folder = write(root / "data" / request.param, *SHAPES[request.param])
    store = RunStore(root / "runs")
    return store, fit_run(load_dataset(folder), CONFIG, store).run, folder


def test_a_run_keeps_the_proportions_of_its_photos(fitted):
    store, run, folder = fitted
    height, width = SHAPES[folder.name]
    assert run.status == "finished"
    assert run.shape == run.input_shape
    assert run.shape[0] % 16 == run.shape[1] % 16 == 0
    assert math.prod(run.shape) == pytest.approx(96**2, rel=0.15)
    assert abs(math.log(run.shape[1] / run.shape[0] / (width / height))) < math.log(1.3)
    maps = store.anomaly_maps(run)
    assert maps.shape == (6, *run.shape)
    assert run.metrics["image_auroc"] == 1
    record = json.loads((run.folder / "run.json").read_text())
    assert record["shape"] == list(run.shape)


def test_its_pixel_figures_are_those_of_masks_resized_slowly(fitted):
    store, run, _ = fitted
    images, maps = store.images(run), store.anomaly_maps(run).astype(np.float32)
    masks = np.zeros(maps.shape, bool)
    for row in images[images["label"] == 1].itertuples():
        mask = read_mask(row.mask_paths, (row.height, row.width))
        masks[row.map_index] = slowly_resized(mask.astype(float), *run.shape) >= 0.5 - 1e-6
    assert run.metrics["pixel_auroc"] == pytest.approx(pixel_auroc(masks, maps), abs=1e-6)
    assert run.metrics["aupro"] == pytest.approx(aupro(masks, maps), abs=1e-6)


def test_the_highest_pixel_lies_on_the_defect(fitted):
    store, run, _ = fitted
    summary = map_summary(store, run)
    defective = store.images(run)["label"].to_numpy() == 1
    assert (summary.height, summary.width) == run.shape
    assert (summary.peak_distance[defective] <= 4).all()
    assert patch_pixels(run) == 8


def test_asking_again_is_answered_and_another_shape_is_another_run(fitted):
    store, run, folder = fitted
    again = fit_run(load_dataset(folder), CONFIG, store)
    assert again.reused
    assert again.run.id == run.id
    square = draft_run(load_dataset(folder), dataclasses.replace(CONFIG, proportions="stretch"))
    assert square.identity != run.identity
    assert square.shape is None


def test_figures_without_no_image_are_those_of_the_run(fitted):
    store, run, _ = fitted
    again = figures_without(store, run, np.zeros(6, bool), replicates=0)
    for name in ("image_auroc", "pixel_auroc", "aupro"):
        assert again.run.metrics[name] == pytest.approx(run.metrics[name], abs=1e-9)


def test_another_process_takes_up_the_same_shape(fitted, tmp_path):
    _, run, folder = fitted
    store = RunStore(tmp_path / "runs")
    queued = begin_fit(load_dataset(folder), CONFIG, store, status="queued").run
    assert queued.shape == store.get(queued.id).shape == run.shape
    assert compute_queued(store.writer(queued.id)).shape == run.shape


def test_a_dry_run_says_the_shape(fitted, monkeypatch):
    def unreadable(*_):
        raise DataError("no time here")

    monkeypatch.setattr("patchcore_core.cli.fits.dry_run.measure", unreadable)
    store, run, folder = fitted
    record = foresee(load_dataset(folder), CONFIG, store)
    assert record["run"] == run.id
    assert record["shape"] == list(run.shape)
    assert record["patches"] == 8 * run.shape[0] * run.shape[1] // 64
    assert f"  input   {run.shape[0]} x {run.shape[1]} pixels, height x width" in lines(record)
    two = foresee(load_dataset(folder), dataclasses.replace(CONFIG, scales=(32, 48)), store)
    (coarse, fine), maps = two["inputs"], two["shape"]
    assert (f"  input   {coarse[0]} x {coarse[1]} and {fine[0]} x {fine[1]} pixels, height x width; "
            f"maps of {maps[0]} x {maps[1]}") in lines(two)
    assert two["patches"] == 8 * (coarse[0] * coarse[1] + fine[0] * fine[1]) // 64


def test_evaluate_says_which_photos_were_never_learned(fitted, tmp_path, capsys):
    store, run, _ = fitted
    other = write(tmp_path / "data" / "other", 80, 80, train=1, tested=1)
    assert main(["evaluate", run.id, str(other), "--runs", str(store.root), "--json"]) == 0
    badge = next(badge for badge in json.loads(capsys.readouterr().out)["badges"] if badge["key"] == "proportions")
    assert badge["level"] == "warning"
    assert badge["counts"] | {"training": 8, "training_far": 0} == badge["counts"]
    assert badge["sentence"].endswith("Unlike any training photo: 2 of the test photos.")


def test_maps_of_another_shape_are_refused(fitted):
    store, run, _ = fitted
    other = dataclasses.replace(run, shape=run.shape[::-1])
    with pytest.raises(StoreError, match="expected maps in the proportions of"):
        store.anomaly_maps(other)


def test_a_record_is_read_as_it_was_written(fitted):
    _, run, _ = fitted
    assert from_json(to_json(run), run.folder).shape == run.shape
    with pytest.raises(ValueError, match="shape must be a height and a width"):
        from_json(to_json(run) | {"shape": [0, 3]}, run.folder)


def test_a_summary_of_square_maps_of_earlier_versions_is_read(store, category):
    config = dataclasses.replace(CONFIG, proportions="stretch", image_size=64)
    run = fit_run(load_dataset(category), config, store).run
    made = map_summary(store, run)
    arrays = made.arrays()
    arrays["side"] = arrays.pop("height")
    del arrays["width"]
    np.savez_compressed(run.folder / MAP_SUMMARY, allow_pickle=False, **arrays)
    stamp = (run.folder / MAP_SUMMARY).stat().st_mtime_ns
    again = map_summary(store, run)
    assert (again.height, again.width) == (64, 64)
    np.testing.assert_array_equal(again.peak, made.peak)
    assert (run.folder / MAP_SUMMARY).stat().st_mtime_ns == stamp


@pytest.mark.parametrize(("changes", "shape"), [({}, (96, 96)), ({"proportions": "keep"}, (160, 64))])
def test_a_vision_transformer_fits_in_whole_patches(store, tmp_path, changes, shape):
    import timm
    import torch

    torch.manual_seed(0)
    weights = tmp_path / "vit.pth"
    torch.save(timm.create_model("vit_tiny_patch16_224", pretrained=False).state_dict(), weights)
    folder = write(tmp_path / "data" / "tile", 150, 60, train=5, tested=2)
    config = PatchCoreConfig(backbone="vit_tiny_patch16_224", layers=("blocks.1", "blocks.3"), weights=str(weights),
                             image_size=100, device="cpu", engine="torch", **changes)  # fmt: skip
    run = fit_run(load_dataset(folder), config, store).run
    assert run.shape == shape
    assert store.anomaly_maps(run).shape == (4, *shape)
    told = [sentence for sentence in run.warnings if "takes whole patches only" in sentence]
    asked = "image_size 100 was asked for, 96 x 96 pixels are used"
    assert told == ([] if changes else [f"vit_tiny_patch16_224 takes whole patches only: {asked}"])


def badge_of(run):
    return next(badge for badge in run.badges if badge.key == "proportions")


def test_photos_of_other_proportions_are_counted_and_named(store, tmp_path):
    folder = write(tmp_path / "data" / "tile", 60, 150)
    rng = np.random.default_rng(2)
    save(folder / "train/good/turned.png", rng.normal(110, 10, (150, 60, 3)).clip(0, 255).astype(np.uint8))
    save(folder / "test/good/turned.png", rng.normal(110, 10, (150, 60, 3)).clip(0, 255).astype(np.uint8))
    run = fit_run(load_dataset(folder), CONFIG, store).run
    badge = badge_of(run)
    assert badge.level == "note"  # such a photo was learned from
    assert badge.counts == {"test": 7, "far": 1, "training": 9, "training_far": 1, "unlike_training": 0}
    assert "1 of 7 test photos and 1 of 9 training photos" in badge.sentence
    assert "turned.png (150 x 60)" in badge.sentence
    (folder / "train/good/turned.png").unlink()
    badge = badge_of(fit_run(load_dataset(folder), CONFIG, store).run)
    assert badge.level == "warning"
    assert badge.sentence.endswith("Unlike any training photo: 1 of the test photos.")


def test_photos_that_are_alike_need_no_word(fitted):
    _, run, _ = fitted
    assert badge_of(run).level == "ok"


def test_stretched_photos_are_held_against_the_median_and_cropped_ones_against_nothing(store, tmp_path):
    folder = write(tmp_path / "data" / "tile", 60, 150)
    save(folder / "test/good/turned.png", np.full((150, 60, 3), 110, np.uint8))
    config = dataclasses.replace(CONFIG, proportions="stretch", image_size=64)
    badge = badge_of(fit_run(load_dataset(folder), config, store).run)
    assert badge.level == "warning"
    assert "the training photos (median width / height 2.5)" in badge.sentence
    cropped = fit_run(load_dataset(folder), dataclasses.replace(config, center_crop=48), store).run
    assert not [badge for badge in cropped.badges if badge.key == "proportions"]


def test_a_single_photo_is_held_against_every_training_photo():
    trained = np.array([0.4, 2.0, 0.5, np.nan])
    fitted = Proportions(0.5, (112, 56), trained)
    sizes = [(100, 50), (100, 44), (100, 190), (100, 100), (10, 100)]
    slow = [all(abs(math.log(width / height / aspect)) > math.log(1.15) for aspect in (0.4, 2.0, 0.5))
            for height, width in sizes]  # fmt: skip
    assert slow == [False, False, False, True, True]
    assert [bool(fitted.note(size)) for size in sizes] == slow
    assert fitted.note((100, 100)) == ("its aspect ratio (100 x 100) differs by more than 15 % from that of every "
                                       "training photo")  # fmt: skip


def test_photos_left_out_do_not_count(tmp_path):
    folder = write(tmp_path / "data" / "tile", 60, 60, train=5)
    for number in range(9):
        save(folder / f"train/good/wide{number}.png", np.full((40, 160, 3), 100 + number, np.uint8))
    dataset = load_dataset(folder)
    assert draft_run(dataset, CONFIG).shape != (96, 96)
    left = dataset.without([f"train/good/wide{number}.png" for number in range(9)])
    assert draft_run(left, CONFIG).shape == (96, 96)


def test_photos_without_proportions_in_common_stay_square_and_that_is_said(store, tmp_path):
    folder = write(tmp_path / "data" / "tile", 60, 150, train=5)
    rng = np.random.default_rng(2)
    for number in range(4):
        photo = rng.normal(110, 10, (150, 60, 3)).clip(0, 255).astype(np.uint8)
        save(folder / f"train/good/turned{number}.png", photo)
    dataset = load_dataset(folder)
    run = fit_run(dataset, CONFIG, store).run
    assert draft_run(dataset, CONFIG).shape == run.shape == (96, 96)
    assert "have no common aspect ratio, so the network input is square." in badge_of(run).sentence


def test_exif_decides_which_way_up(tmp_path):
    folder = write(tmp_path / "data" / "tile", 60, 150)
    exif = Image.Exif()
    exif[0x0112] = 6
    for path in sorted((folder / "train/good").iterdir()):
        Image.fromarray(read_image(path)).save(path, exif=exif)
    shape = draft_run(load_dataset(folder), CONFIG).shape
    assert shape[0] > shape[1]
