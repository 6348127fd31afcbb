"""Where samples and masks are found, in which order, and what is said about those that cannot be used."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from patchcore_core.data.dataset import Dataset, load_dataset
from patchcore_core.errors import DataError

Save = Callable[..., Path]


def names(dataset: Dataset, kind: str) -> list[str]:
    return [sample.path.name for sample in dataset.test if sample.defect_type == kind]


def masks(dataset: Dataset) -> list[str | None]:
    return [sample.mask_paths[0].name if sample.mask_paths else None for sample in dataset.test if sample.label == 1]


# mvtec

def test_labels_and_masks(mvtec: Path) -> None:
    found = [(sample.path.relative_to(mvtec).as_posix(), sample.label, sample.defect_type,
              sample.mask_paths[0].relative_to(mvtec).as_posix() if sample.mask_paths else None)
             for sample in load_dataset(mvtec).test]
    assert found == [
        ("test/good/000.png", 0, "good", None),
        ("test/good/001.png", 0, "good", None),
        ("test/hole/000.png", 1, "hole", "ground_truth/hole/000_mask.png"),
        ("test/scratch/000.png", 1, "scratch", "ground_truth/scratch/000_mask.png"),
        ("test/scratch/001.png", 1, "scratch", "ground_truth/scratch/001_mask.png"),
    ]


def test_natural_order_any_extension_and_hidden_files(mvtec: Path, save: Save) -> None:
    good = mvtec / "train" / "good"
    for name in ("img10.png", "img2.PNG", "IMG1.jpg", "b.JPEG", "c.Bmp", "d.tiff", "e.webp"):
        save(good / name)
    for name in (".hidden.png", "._000.png", "Thumbs.db", "notes.txt", "noextension"):
        (good / name).write_bytes(b"x")
    (good / "folder.png").mkdir()
    assert [sample.path.name for sample in load_dataset(mvtec).train] == [
        "000.png", "001.png", "002.png", "b.JPEG", "c.Bmp", "d.tiff", "e.webp", "IMG1.jpg", "img2.PNG", "img10.png"]


@pytest.mark.parametrize("mask", ["7_mask.png", "7.png", "7_mask.bmp", "7.tif", "7_mask.PNG"])
def test_mask_names(mvtec: Path, save: Save, mask: str) -> None:
    save(mvtec / "test" / "dent" / "7.jpg")
    save(mvtec / "ground_truth" / "dent" / mask, np.full((8, 6), 255, np.uint8))
    assert masks(load_dataset(mvtec))[0] == mask


def test_the_mask_suffix_wins_and_png_wins(mvtec: Path, save: Save) -> None:
    save(mvtec / "test" / "dent" / "7.jpg")
    for name in ("7.png", "7_mask.bmp", "7_mask.png", "7_mask.tif"):
        save(mvtec / "ground_truth" / "dent" / name, np.full((8, 6), 255, np.uint8))
    assert masks(load_dataset(mvtec))[0] == "7_mask.png"


def test_a_defective_image_without_mask_stays_defective_and_is_reported(mvtec: Path) -> None:
    (mvtec / "ground_truth" / "scratch" / "001_mask.png").unlink()
    dataset = load_dataset(mvtec)
    assert masks(dataset) == ["000_mask.png", "000_mask.png", None]
    assert dataset.counts().test_defective == 3
    (warning,) = dataset.warnings
    assert "1 of 2 defective images have no mask" in warning
    assert "(first: 001.png)" in warning


def test_no_ground_truth_at_all_gives_one_warning_per_type(mvtec: Path) -> None:
    for path in sorted((mvtec / "ground_truth").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    dataset = load_dataset(mvtec)
    assert masks(dataset) == [None, None, None]
    assert len(dataset.warnings) == 2


@pytest.mark.parametrize(("spoil", "cause"), [
    (lambda path: path.write_bytes(b""), "empty"),
    (lambda path: path.write_bytes(b"text"), "not an image"),
])
def test_a_broken_mask_is_unknown_not_empty(mvtec: Path, spoil: Callable[[Path], object], cause: str) -> None:
    spoil(mvtec / "ground_truth" / "hole" / "000_mask.png")
    dataset = load_dataset(mvtec)
    assert masks(dataset)[0] is None
    assert cause in dataset.warnings[0]
    assert "unknown mask" in dataset.warnings[0]


def test_a_mask_of_another_size_is_unknown_not_empty(mvtec: Path, save: Save) -> None:
    save(mvtec / "ground_truth" / "hole" / "000_mask.png", np.zeros((6, 8), np.uint8))
    dataset = load_dataset(mvtec)
    assert masks(dataset)[0] is None
    assert "000_mask.png: the mask is 8 x 6 pixels, its image 6 x 8" in dataset.warnings[0]


def test_empty_defect_folder_and_other_train_folders_are_reported(mvtec: Path, save: Save) -> None:
    (mvtec / "test" / "crack").mkdir()
    save(mvtec / "train" / "scratch" / "0.png")
    dataset = load_dataset(mvtec)
    assert dataset.counts().train == 3
    assert [warning.split("bolt/")[1] for warning in dataset.warnings] == [
        "train/scratch: 1 image is not used, only those directly in train/good are used for training",
        "test/crack: holds no images"]


def test_images_directly_in_test_have_no_label(mvtec: Path, save: Save) -> None:
    save(mvtec / "test" / "new.png")
    sample = load_dataset(mvtec).test[0]
    assert (sample.path.name, sample.label, sample.defect_type) == ("new.png", None, "")
    assert load_dataset(mvtec).counts().test_unknown == 1


def test_no_test_folder_is_a_dataset_to_learn_from(tmp_path: Path, save: Save) -> None:
    save(tmp_path / "bolt" / "train" / "good" / "0.png")
    dataset = load_dataset(tmp_path / "bolt")
    assert (len(dataset.train), dataset.test, dataset.warnings) == (1, (), ())


# plain folder

@pytest.mark.parametrize("place", [".", "good", "train"])
def test_plain_training_images(tmp_path: Path, save: Save, place: str) -> None:
    for name in ("2.png", "10.png"):
        save(tmp_path / "parts" / place / name)
    save(tmp_path / "parts" / "test" / "good" / "a.png")
    save(tmp_path / "parts" / "test" / "dent" / "b.png")
    save(tmp_path / "parts" / "ground_truth" / "dent" / "b.png", np.full((8, 6), 255, np.uint8))
    dataset = load_dataset(tmp_path / "parts")
    assert dataset.layout == "folder"
    assert [(sample.path.name, sample.split, sample.label) for sample in dataset.train] == [
        ("2.png", "train", 0), ("10.png", "train", 0)]
    assert (names(dataset, "good"), names(dataset, "dent"), masks(dataset)) == (["a.png"], ["b.png"], ["b.png"])


def test_folders_beside_good_are_defects_only_without_test(tmp_path: Path, save: Save) -> None:
    for place in ("good", "dent", "stain", "ground_truth/dent"):
        save(tmp_path / "parts" / place / "0.png")
    dataset = load_dataset(tmp_path / "parts")
    assert [sample.defect_type for sample in dataset.test] == ["dent", "stain"]
    assert masks(dataset) == ["0.png", None]
    save(tmp_path / "parts" / "test" / "hole" / "1.png")
    assert [sample.defect_type for sample in load_dataset(tmp_path / "parts").test] == ["hole"]


def test_folders_beside_loose_images_are_not_taken_for_defects(tmp_path: Path, save: Save) -> None:
    save(tmp_path / "parts" / "0.png")
    save(tmp_path / "parts" / "backup" / "0.png")
    assert load_dataset(tmp_path / "parts").test == ()


# hostile names

@pytest.mark.skipif(sys.platform != "linux", reason="such names exist on Linux only")
def test_hostile_names_are_read_or_reported(mvtec: Path, save: Save) -> None:
    good = mvtec / "train" / "good"
    odd = ["a b.png", "a\nb.png", "'; DROP.png", "<b>x.png", "ü√.png", "\u202egnp.png", "..png.png", "%2e%2e.png"]
    for name in odd:
        save(good / name)
    lost = os.fsdecode(b"lat\xefn.png")
    (good / lost).write_bytes(b"x")
    dataset = load_dataset(mvtec)
    found = {sample.path.name for sample in dataset.train}
    assert found == {"000.png", "001.png", "002.png", *odd} - {"..png.png"}
    (warning,) = dataset.warnings
    assert warning.isprintable()
    assert r"lat\udcefn.png: skipped, its name is not valid UTF-8 text" in warning
    assert len(dataset.fingerprint()) == 64


def test_dangling_and_circular_links(mvtec: Path) -> None:
    (mvtec / "train" / "good" / "gone.png").symlink_to(mvtec / "nowhere.png")
    (mvtec / "train" / "good" / "loop.png").symlink_to(mvtec / "train" / "good" / "loop.png")
    dataset = load_dataset(mvtec)
    assert len(dataset.train) == 5  # the reader reports the two
    assert len(dataset.fingerprint()) == 64


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the superuser may read everything")
def test_a_folder_without_permission_is_refused(mvtec: Path) -> None:
    good = mvtec / "train" / "good"
    good.chmod(0)
    try:
        with pytest.raises(DataError, match="Permission denied"):
            load_dataset(mvtec)
    finally:
        good.chmod(0o755)


# only test photos

@pytest.mark.parametrize("place", ["", "train/good", "good"])
def test_without_training_photos_a_folder_is_read_only_where_they_are_not_needed(
    tmp_path: Path, save: Save, place: str
) -> None:
    folder = tmp_path / "tile"
    for path in ("test/good/1.png", "test/hole/1.png", "test/hole/2.png"):
        save(folder / path)
    (folder / place).mkdir(parents=True, exist_ok=True)
    with pytest.raises(DataError, match="images"):
        load_dataset(folder)
    for found in (load_dataset(folder, needs_train=False), load_dataset(tmp_path, "tile", needs_train=False)):
        assert found.train == ()
        assert [sample.label for sample in found.test] == [0, 1, 1]
