"""Trees of folders that can be meant in several ways, and what lies beside categories: each with what is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from patchcore_core.data.dataset import list_categories, load_dataset
from patchcore_core.errors import DataError
from tests.data.layouts.trees import LEARNED

Grow = Callable[..., Path]


@pytest.mark.parametrize(("files", "said"), [
    (LEARNED + "test/good/1.png test/ok/2.png", "good and ok all mean good photos"),
    ("Train/good/1.png training/good/2.png", "Train and training all mean training photos"),
    (LEARNED + "test/good/1.png testing/good/1.png", "test and testing all mean"),
    ("good/1.png OK/1.png", "good and OK all mean"),
    ("train/good/1.png train/normal/1.png", "good and normal all mean"),
    (LEARNED + "test/good/1.png test/good_shift2/1.png", "good_shift2: the name does not say whether its 1 image"),
    (LEARNED + "test/normal_light/1.png", "normal_light: the name does not say"),
    ("good/1.png good_test/2.png bad/3.png mask/3.png", "good_test: the name does not say"),
    (LEARNED + "test/images/1.png test/masks/1.png", "images: the name does not say"),
    (LEARNED + "test/train/1.png", "train: the name does not say"),
    ("train_good/1.png test_good/1.png test_bad/1.png", "found test_bad (1 image), test_good (1 image), train_good"),
    ("train_2024/good/1.png test_2024/good/1.png", "train_2024 and test_2024 look like parts of one category"),
    ("Data/Images/Normal/1.png Data/Masks/1.png", "part/Data/Images can be read"),
    ("2024/bolt/train/good/1.png", "part/2024/bolt can be read"),
    ("train/scratch/1.png", "expected in train/good; found train/scratch (1 image)"),
])
def test_what_can_be_meant_in_two_ways_or_none_is_refused(grow: Grow, files: str, said: str) -> None:
    root = grow(files)
    with pytest.raises(DataError) as refused:
        load_dataset(root)
    assert said in str(refused.value)
    assert "read are train/good/" in str(refused.value)
    assert str(root) in str(refused.value)
    assert str(refused.value).isprintable()


def test_an_empty_folder_of_the_same_role_is_no_question(grow: Grow) -> None:
    assert len(load_dataset(grow(LEARNED + "Training/ test/ok/1.png test/good/")).test) == 1


@pytest.mark.parametrize(("part", "said"), [
    ("test", "holds the test photos"), ("test/crack", "lies among the test photos"),
    ("ground_truth", "holds the masks"), ("test/crack/day2", "lies among the test photos"),
    ("ground_truth/crack", "lies among the masks"),
])
def test_a_part_of_a_category_is_refused_with_the_category(grow: Grow, part: str, said: str) -> None:
    root = grow(LEARNED + "test/good/1.png test/crack/2.png test/crack/day2/3.png ground_truth/crack/2_mask.png")
    for needed in (True, False):
        with pytest.raises(DataError, match=f"{said} of {root}, which is the folder to give"):
            load_dataset(root / part, needs_train=needed)


@pytest.mark.parametrize(("part", "said"), [("NG", "defective photos"), ("mask", "masks"), ("test", "test photos")])
def test_what_lies_beside_good_is_no_category(grow: Grow, part: str, said: str) -> None:
    root = grow(f"ok/1.png {part}/2.png")
    with pytest.raises(DataError, match=f"holds the {said}"):
        load_dataset(root / part)


@pytest.mark.parametrize("part", ["train", "train/good"])
def test_the_good_photos_alone_are_learned_from_and_the_category_is_named(grow: Grow, part: str) -> None:
    root = grow(LEARNED + "test/crack/2.png")
    dataset = load_dataset(root / part)
    assert (len(dataset.train), dataset.test) == (2, ())
    assert any(f"give {root} to test its other photos" in sentence for sentence in dataset.warnings)


def test_roles_are_never_categories(grow: Grow, tmp_path: Path) -> None:
    grow(LEARNED, "set/bottle")
    grow("Train/good/1.png", "set/cap")
    grow(LEARNED, "set/labels")
    assert list_categories(tmp_path / "set") == ("bottle", "cap")
    assert list_categories(grow("Train/good/1.png Test/good/2.png")) == ()


def test_a_folder_with_images_among_categories_is_named_once(grow: Grow, tmp_path: Path) -> None:
    for place, files in (("bottle", LEARNED), ("cap", LEARNED), ("zip", "Data/Images/1.png Data/Images/2.png")):
        grow(files, f"set/{place}")
    (warning,) = load_dataset(tmp_path / "set", "bottle").warnings
    assert warning.startswith(f"{tmp_path}/set/zip: 2 images are in no known layout")
    assert load_dataset(tmp_path / "set", "cap").warnings == ()


def test_a_test_set_beside_its_training_set_is_no_category(grow: Grow, tmp_path: Path) -> None:
    grow("good/1.png", "set/bottle_train")
    grow("good/1.png bad/2.png", "set/bottle_test")
    grow("good/1.png bad/2.png", "set/test_tube")
    with pytest.raises(DataError, match="bottle_test: looks like the test photos of"):
        load_dataset(tmp_path / "set" / "bottle_test")
    assert len(load_dataset(tmp_path / "set" / "test_tube").test) == 1


def test_a_category_that_is_called_like_a_role_is_one_by_itself(grow: Grow) -> None:
    assert len(load_dataset(grow(LEARNED, "test")).train) == 2
