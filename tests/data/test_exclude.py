"""Which photos a path means, and what the data set is without them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from patchcore_core.data.dataset import Dataset, load_dataset
from patchcore_core.data.samples import exclude
from patchcore_core.data.values import PhotoCounts
from patchcore_core.errors import DataError
from tests.tiny import write_category


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """`data/{plate,tile}`, of which only tile has a photo odd.png to learn from."""
    for seed, name in enumerate(("plate", "tile")):
        write_category(tmp_path / "data" / name, train=3, good=2, hole=1, seed=seed)
    shutil.copy(tmp_path / "data/tile/train/good/000.png", tmp_path / "data/tile/train/good/odd.png")
    return tmp_path / "data"


@pytest.fixture
def both(data: Path) -> list[Dataset]:
    return [load_dataset(data, name) for name in ("plate", "tile")]


def names(dataset: Dataset) -> list[str]:
    return [sample.path.relative_to(dataset.root).as_posix() for sample in (*dataset.train, *dataset.test)]


@pytest.mark.parametrize("path", [
    "train/good/odd.png", "tile/train/good/odd.png", "./train//good/../good/odd.png", "{data}/tile/train/good/odd.png",
    "data/tile/train/good/odd.png", "{link}/train/good/odd.png",
])  # fmt: skip
def test_a_photo_is_named_from_the_data_set_the_category_the_working_folder_or_the_root(
    both, data, tmp_path, monkeypatch, path
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link").symlink_to(data / "tile")
    plate, tile = exclude(both, [path.format(data=data, link=tmp_path / "link")])
    assert plate == both[0]
    assert tile.excluded == ("train/good/odd.png",)
    assert names(tile) == [name for name in names(both[1]) if name != "train/good/odd.png"]


def test_a_data_set_without_a_photo_is_that_of_a_folder_without_it(data):
    tile = load_dataset(data, "tile")
    without = tile.without(["train/good/odd.png", "test/hole/000.png"])
    assert without.counts() == PhotoCounts(train=3, test_good=2)
    for gone in ("train/good/odd.png", "test/hole/000.png"):
        (data / "tile" / gone).unlink()
    assert load_dataset(data, "tile").fingerprint() == without.fingerprint() != tile.fingerprint()


def test_a_folder_means_all_photos_below_it(both):
    plate, tile = exclude(both, ["tile/test", "plate/test/good/"])
    assert [sample.split for sample in tile.train + tile.test] == ["train"] * 4
    assert plate.excluded == ("test/good/000.png", "test/good/001.png")


def test_what_was_left_out_before_stays_left_out(data):
    tile = load_dataset(data, "tile").without("train/good/odd.png")
    again = tile.without([Path("train/good/001.png"), "tile/train/good/001.png"])
    assert again.excluded == ("train/good/odd.png", "train/good/001.png")
    assert tile.without([]) == tile


@pytest.mark.parametrize(("path", "near"), [
    ("train/good/od.png", "tile/train/good/odd.png"),
    ("tile/test/good/odd.png", "tile/train/good/odd.png"),
    ("TILE/train/good/odd.PNG", "tile/train/good/odd.png"),
    ("tile/ground_truth/hole/000_mask.png", "tile/test/hole/000.png"),
    ("nothing\0like\nit", "/000.png"),
    ("~nosuchuser/odd.png", "tile/train/good/odd.png"),
    ("tile/train/goo", "the nearest are "),
    ("tile/train/good/odd.png/x", "the nearest are "),
])  # fmt: skip
def test_a_path_that_means_no_photo_is_answered_with_the_nearest(both, path, near):
    with pytest.raises(DataError, match=r"no photo of .*plate, .*tile has this path; the nearest are") as refused:
        exclude(both, ["train/good/odd.png", path])
    assert near in str(refused.value)
    assert str(refused.value).isprintable()
    assert len(str(refused.value).rpartition("nearest are ")[2].split(", ")) <= 3


def test_a_path_that_means_photos_of_two_categories_is_refused(both):
    with pytest.raises(DataError, match=r"write plate/train/good/000\.png or tile/train/good/000\.png"):
        exclude(both, ["train/good/000.png"])
    assert [one.excluded for one in exclude(both, ["plate/train/good/000.png"])] == [("train/good/000.png",), ()]


@pytest.mark.parametrize("path", ["train", "train/good", ".", ""])
def test_nothing_left_to_learn_from_is_refused(data, path):
    with pytest.raises(DataError, match="tile: no training photos are left, all 4 are excluded"):
        load_dataset(data, "tile").without([path])


def test_photos_that_were_left_out_and_are_gone_by_now_are_no_trouble(data):
    (data / "tile" / "train" / "good" / "odd.png").unlink()
    assert load_dataset(data, "tile").leaving_out(["train/good/odd.png"]) == load_dataset(data, "tile")
