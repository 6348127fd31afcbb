"""Which folders may be read."""

import os
from pathlib import Path

import pytest

from pages.ui.access import allowed, allowed_roots, dataset_folders
from patchcore_core.errors import DataError


@pytest.fixture
def roots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATCHCORE_DATA", os.pathsep.join([str(tmp_path / "a"), str(tmp_path / "b")]))
    monkeypatch.setenv("PATCHCORE_SAMPLE", str(tmp_path / "sample"))
    for name in ("a", "b", "secret"):
        (tmp_path / name).mkdir()
    return tmp_path


def test_the_named_folders_and_the_sample_are_allowed(roots: Path) -> None:
    assert allowed_roots() == (roots / "a", roots / "b", roots / "sample")
    assert allowed(roots / "a" / "x.png") == roots / "a" / "x.png"


def test_data_is_the_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("PATCHCORE_DATA", raising=False)
    monkeypatch.delenv("PATCHCORE_SAMPLE", raising=False)
    monkeypatch.chdir(tmp_path)
    assert allowed_roots() == (tmp_path / "data", tmp_path / "data" / "sample")


@pytest.mark.parametrize("path", ["secret/x.png", "a/../secret/x.png", "/etc/passwd", "ab", "a/link/x.png"])
def test_other_places_are_refused_also_through_dots_and_links(path: str, roots: Path) -> None:
    (roots / "a" / "link").symlink_to(roots / "secret")
    with pytest.raises(DataError, match="PATCHCORE_DATA"):
        allowed(roots / path)


@pytest.mark.parametrize("path", ["~nosuchuser/x", "a\0b", "~", "x" * 5000])
def test_paths_that_are_none_are_refused(path: str, roots: Path) -> None:  # noqa: ARG001
    with pytest.raises(DataError):
        allowed(path)


def test_a_root_of_nobody_is_only_a_folder_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATCHCORE_DATA", "~nosuchuser/data")
    assert all(not root.is_relative_to(Path.home()) or root.is_absolute() for root in allowed_roots())
    dataset_folders()


def test_folders_whose_images_are_not_read_come_last(roots: Path) -> None:
    for place in ("a/sets/z/train/good", "a/visa/candle/Data/Images/1", "a/nothing"):
        (roots / place).mkdir(parents=True)
    for place in ("a/sets/z/train/good", "a/visa/candle/Data/Images/1"):
        (roots / place / "0.png").write_bytes(b"")
    (roots / "a" / "out").symlink_to(roots / "secret")
    (roots / "secret" / "0.png").write_bytes(b"")
    (roots / "a" / "loop").symlink_to(roots / "a")
    assert dataset_folders()[-1] == roots / "a" / "visa"
    assert roots / "a" / "nothing" not in dataset_folders()


def test_folders_with_images_are_found_once(roots: Path) -> None:
    for place in ("a/mvtec/bottle/train/good", "a/mvtec/cable/train/good", "a/deep/er/plain", "b/one/train/good"):
        (roots / place).mkdir(parents=True)
        (roots / place / "0.png").write_bytes(b"")
    (roots / "b" / "notes").mkdir()
    assert set(dataset_folders()) == {roots / "a" / "mvtec", roots / "a" / "deep" / "er" / "plain", roots / "b"}


def test_an_image_beside_categories_hides_none_of_them(roots: Path) -> None:
    for place in ("train/good", "test/good"):
        for kind in ("bottle", "cable"):
            (roots / "a" / kind / place).mkdir(parents=True)
            (roots / "a" / kind / place / "0.png").write_bytes(b"")
    (roots / "a" / "overview.png").write_bytes(b"")
    assert dataset_folders() == (roots / "a" / "bottle", roots / "a" / "cable")
