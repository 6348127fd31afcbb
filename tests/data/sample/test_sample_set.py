"""The sample set is complete or absent, the same everywhere, and its masks are where the defects are."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import binary_dilation

from patchcore_core.data.dataset import list_categories, load_dataset
from patchcore_core.data.images import image_size, read_image
from patchcore_core.data.masks import read_mask
from patchcore_core.data.sample import sample_set as sample
from patchcore_core.data.sample.sample_set import (
    MASK_COVERAGE,
    SEVERITIES,
    TEXTURES,
    picture,
    sample_root,
    write_sample,
)
from patchcore_core.errors import DataError

KINDS = [(category, defect) for category, texture in TEXTURES.items() for defect in texture.DEFECTS]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data") / "sample"
    write_sample(folder)
    return folder


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """A set of four pictures per texture instead of 55."""
    for name, value in (("TRAIN", 1), ("TEST_GOOD", 1), ("SEVERITIES", (1.0,))):
        monkeypatch.setattr(sample, name, value)
    monkeypatch.setattr(sample, "picture", lambda *_: (np.zeros((4, 4, 3), np.uint8), np.ones((4, 4), bool)))


def test_two_categories_of_the_promised_size(written: Path) -> None:
    assert list_categories(written) == ("brushed_metal", "woven_fabric")
    datasets = [load_dataset(written, name) for name in list_categories(written)]
    assert sum(len(dataset.train) for dataset in datasets) == 60
    assert sum(len(dataset.test) for dataset in datasets) == 50
    for dataset in datasets:
        assert dataset.warnings == ()
        assert len(dataset.counts().defect_types) == 4
        assert dataset.counts().test_good == 9


def test_every_defect_has_a_mask_of_its_size_and_no_two_photos_are_alike(written: Path) -> None:
    seen = set()
    for category in list_categories(written):
        dataset = load_dataset(written, category)
        seen |= {each.path.read_bytes() for each in (*dataset.train, *dataset.test)}
        for each in dataset.test:
            if each.label == 1:
                assert len(each.mask_paths) == 1
                mask = read_mask(each.mask_paths, image_size(each.path))
                assert 20 <= mask.sum() < 0.15 * mask.size
    assert len(seen) == 110


def test_the_set_is_moderate_on_disk(written: Path) -> None:
    assert sum(path.stat().st_size for path in written.rglob("*") if path.is_file()) < 15e6


def test_the_same_picture_every_time() -> None:
    first, again, other = (picture("woven_fabric", "hole", number, 0.6, "test/hole") for number in (1, 1, 2))
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])
    assert (first[0] != other[0]).any()


@pytest.mark.parametrize(("category", "defect"), KINDS)
@pytest.mark.parametrize("severity", [SEVERITIES[0], SEVERITIES[-1]])
def test_the_defect_changes_the_surface_inside_its_mask_and_nowhere_else(
        category: str, defect: str, severity: float) -> None:
    render = TEXTURES[category].render
    for seed in range(3):
        sound, nothing = render(np.random.default_rng(seed), "", 0.0)
        flawed, coverage = render(np.random.default_rng(seed), defect, severity)
        assert not nothing.any()
        change = np.abs(flawed - sound).max(axis=2) / sound.mean()
        mask = coverage >= MASK_COVERAGE
        near = binary_dilation(mask, iterations=12 if defect == "hole" else 5)  # threads pushed aside, shadows
        assert change[mask].mean() > 0.03
        assert change[mask].mean() > 3 * change[~near].mean()
        assert (change[~near] > 0.12).mean() < 1e-3


@pytest.mark.parametrize("category", TEXTURES)
def test_faint_defects_change_less(category: str) -> None:
    changes = []
    for severity in (SEVERITIES[0], SEVERITIES[-1]):
        change = 0.0
        for defect in TEXTURES[category].DEFECTS:
            sound = TEXTURES[category].render(np.random.default_rng(7), "", 0.0)[0]
            flawed = TEXTURES[category].render(np.random.default_rng(7), defect, severity)[0]
            change += np.abs(flawed - sound).sum()
        changes.append(change)
    assert changes[1] < 0.6 * changes[0]


@pytest.mark.parametrize("category", TEXTURES)
def test_photos_are_exposed_like_photos(category: str) -> None:
    photos = [picture(category, "", number, 0.0, "train/good")[0] for number in range(3)]
    for photo in photos:
        assert 60 < photo.mean() < 200
        assert (photo == 255).mean() < 0.01  # nothing burnt out
        assert photo.std() > 8
        corners = np.concatenate([photo[:40, :40], photo[:40, -40:], photo[-40:, :40], photo[-40:, -40:]])
        assert corners.mean() < photo[120:200, 120:200].mean()  # vignetting
    assert np.std([photo.mean() for photo in photos]) > 0.1


def test_the_second_call_writes_nothing(written: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in written.rglob("*")}
    assert write_sample(written) == (written / "woven_fabric", written / "brushed_metal")
    assert {path: path.stat().st_mtime_ns for path in written.rglob("*")} == before


@pytest.mark.usefixtures("tiny")
def test_an_older_version_is_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "sample"
    folder.mkdir()
    (folder / "sample.json").write_text(json.dumps({"version": 0}))
    (folder / "old.jpg").write_bytes(b"old")
    write_sample(folder)
    assert not (folder / "old.jpg").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["sample"]


def test_a_file_in_the_place_of_the_folder_is_called_one(tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(b"a photo")
    for folder in ("photo.png", "photo.png/below", "photo.png/far/below"):
        with pytest.raises(DataError, match=r"photo\.png: is a file"):
            write_sample(tmp_path / folder)
    assert (tmp_path / "photo.png").read_bytes() == b"a photo"


@pytest.mark.parametrize("marker", [None, "{", "[]", '{"version": "x"}'])
def test_a_folder_of_something_else_is_refused_and_left_alone(tmp_path: Path, marker: str | None) -> None:
    (tmp_path / "mine.jpg").write_bytes(b"mine")
    if marker is not None:
        (tmp_path / "sample.json").write_text(marker)
    with pytest.raises(DataError, match="holds something else"):
        write_sample(tmp_path)
    assert (tmp_path / "mine.jpg").read_bytes() == b"mine"
    with pytest.raises(DataError, match="is a file"):
        write_sample(tmp_path / "mine.jpg")


@pytest.mark.usefixtures("tiny")
def test_progress_counts_every_image(tmp_path: Path) -> None:
    calls: list[tuple[str, int, int]] = []
    (tmp_path / "sample").mkdir()  # an empty folder may be used
    write_sample(tmp_path / "sample", lambda *call: calls.append(call))
    assert calls == [("sample", done, 12) for done in range(13)]


@pytest.mark.usefixtures("tiny")
def test_an_interrupted_set_is_absent(tmp_path: Path) -> None:
    def stop(_: str, done: int, __: int) -> None:
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_sample(tmp_path / "sample", stop)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("tiny")
def test_another_process_that_finished_first_wins(tmp_path: Path) -> None:
    folder = tmp_path / "sample"

    def race(_: str, done: int, __: int) -> None:
        if done == 3 and not folder.exists():
            write_sample(folder)
            (folder / "theirs").touch()

    write_sample(folder, race)
    assert (folder / "theirs").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["sample"]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(DataError, match=r"new/sample: the sample set cannot be written \(Read-only file system\)"):
        write_sample(tmp_path / "new" / "sample")


def test_sample_root(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PATCHCORE_SAMPLE", raising=False)
    assert sample_root() == tmp_path / "data" / "sample"
    monkeypatch.setenv("PATCHCORE_SAMPLE", str(tmp_path / "elsewhere"))
    assert sample_root() == tmp_path / "elsewhere"


def test_photos_open_at_their_size(written: Path) -> None:
    path = written / "woven_fabric" / "test" / "stain" / "000.jpg"
    assert read_image(path).shape == (320, 320, 3)
