"""Loading a category: counts, fingerprints, categories, and refusals that name path and cause."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from patchcore_core.data.dataset import Dataset, list_categories, load_dataset
from patchcore_core.data.values import PhotoCounts
from patchcore_core.errors import DataError

Save = Callable[..., Path]


def test_counts(mvtec: Path) -> None:
    dataset = load_dataset(mvtec)
    assert dataset.counts() == PhotoCounts(3, 2, 3, 0, {"hole": 1, "scratch": 2})
    assert dataset.counts().tested == 5
    assert (dataset.category, dataset.layout, dataset.root, dataset.warnings) == ("bolt", "mvtec", mvtec, ())


def test_a_path_as_text_or_with_dots_is_the_same_dataset(mvtec: Path) -> None:
    assert load_dataset(f"{mvtec}/../bolt/.") == load_dataset(mvtec)


def test_fingerprint_travels_with_a_copy(mvtec: Path, tmp_path: Path) -> None:
    copy = tmp_path / "elsewhere" / "renamed"
    shutil.copytree(mvtec, copy)
    assert load_dataset(copy).fingerprint() == load_dataset(mvtec).fingerprint()


def _repaint(root: Path) -> None:
    path = root / "train" / "good" / "001.png"
    path.write_bytes(path.read_bytes() + b"x")


@pytest.mark.parametrize("change", [
    _repaint,
    lambda root: (root / "test" / "good" / "001.png").unlink(),
    lambda root: (root / "train" / "good" / "001.png").rename(root / "train" / "good" / "x.png"),
    lambda root: (root / "test" / "good" / "001.png").rename(root / "test" / "hole" / "001.png"),
    lambda root: (root / "ground_truth" / "hole" / "000_mask.png").unlink(),
    lambda root: shutil.copy(root / "train/good/001.png", root / "ground_truth/hole/000_mask.png"),
], ids=["content", "fewer", "renamed", "relabelled", "mask gone", "mask changed"])
def test_fingerprint_changes_with_the_data(mvtec: Path, change: Callable[[Path], object]) -> None:
    before = load_dataset(mvtec).fingerprint()
    change(mvtec)
    assert load_dataset(mvtec).fingerprint() != before


def test_fingerprint_of_a_file_that_vanished_is_another_one(mvtec: Path) -> None:
    dataset = load_dataset(mvtec)
    before = dataset.fingerprint()
    dataset.train[0].path.unlink()
    assert dataset.fingerprint() != before


@pytest.fixture
def two(mvtec: Path) -> Path:
    shutil.copytree(mvtec, mvtec.parent / "nut")
    (mvtec.parent / "notes").mkdir()
    return mvtec.parent


def test_list_categories(two: Path) -> None:
    assert list_categories(two) == ("bolt", "nut")
    assert list_categories(two / "bolt") == ()


def test_one_of_several_categories(two: Path) -> None:
    assert load_dataset(two, "nut").root == two / "nut"
    with pytest.raises(DataError, match="several categories, name one of bolt, nut"):
        load_dataset(two)
    with pytest.raises(DataError, match="holds no category 'screw'; there are bolt, nut"):
        load_dataset(two, "screw")


@pytest.mark.parametrize("name", ["../bolt", "/etc", "bolt/train", ""])
def test_a_category_is_a_name_not_a_path(two: Path, name: str) -> None:
    with pytest.raises(DataError, match="holds no category"):
        load_dataset(two / ".", name)


def test_the_only_category_needs_no_name(mvtec: Path) -> None:
    assert load_dataset(mvtec.parent).category == "bolt"


def test_a_category_itself_answers_to_its_own_name_only(mvtec: Path) -> None:
    assert load_dataset(mvtec, "bolt").category == "bolt"
    with pytest.raises(DataError, match="holds no category 'nut'; it is one category itself"):
        load_dataset(mvtec, "nut")


def _refusal(path: Path) -> str:
    with pytest.raises(DataError) as caught:
        load_dataset(path)
    assert str(path) in str(caught.value)
    return str(caught.value)


def test_refusals_name_path_and_cause(tmp_path: Path, save: Save) -> None:
    assert "no such folder" in _refusal(tmp_path / "missing")
    assert "not a folder" in _refusal(save(tmp_path / "photo.png"))
    (tmp_path / "empty").mkdir()
    assert "holds no images" in _refusal(tmp_path / "empty")
    (tmp_path / "blank" / "train" / "good").mkdir(parents=True)
    assert "good: holds no images" in _refusal(tmp_path / "blank")
    save(tmp_path / "untaught" / "train" / "scratch" / "0.png")
    assert "expected in train/good" in _refusal(tmp_path / "untaught")
    save(tmp_path / "test_only" / "test" / "good" / "0.png")
    assert "expected in train/good" in _refusal(tmp_path / "test_only")
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "readme.txt").write_text("no images here")
    assert "holds no images" in _refusal(tmp_path / "texts")


def test_a_path_that_no_system_accepts_is_refused() -> None:
    for path in ("a\0b", "x" * 5000):
        with pytest.raises(DataError):
            load_dataset(path)


def test_unreadable_images_are_left_for_the_reader_to_report(mvtec: Path) -> None:
    (mvtec / "train" / "good" / "003.png").write_bytes(b"")
    (mvtec / "test" / "scratch" / "000.png").write_bytes(b"text")
    dataset = load_dataset(mvtec)
    assert dataset.counts().train == 4
    assert dataset.warnings == ()
    assert len(dataset.fingerprint()) == 64


def test_the_dataset_is_a_value(mvtec: Path) -> None:
    assert load_dataset(mvtec) == load_dataset(mvtec)
    assert hash(load_dataset(mvtec)) == hash(load_dataset(mvtec))
    assert isinstance(load_dataset(mvtec), Dataset)
    assert np.array([sample.label for sample in load_dataset(mvtec).test]).tolist() == [0, 0, 1, 1, 1]


@pytest.mark.parametrize("number", [1, 2])
def test_images_beside_categories_are_not_learned_from_in_their_place(two: Path, save: Callable, number: int) -> None:
    for name in ("license.png", "overview.jpg")[:number]:
        save(two / name)
    cause = rf"{number} images? \(first: license.png\) beside the category bolt; give {two / 'bolt'}, or move the image"
    for read in (list_categories, load_dataset):
        with pytest.raises(DataError, match=cause):
            read(two)
    assert load_dataset(two / "bolt").category == "bolt"
