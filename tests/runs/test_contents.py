"""What a run keeps of its files, and whether they are still the same."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from patchcore_core.data.dataset import load_dataset
from patchcore_core.fitting.fit import fit_run
from patchcore_core.runs.contents import CHANGED, PERHAPS, SAME, contents_then, state_of, untouched
from tests.made_runs import CONFIG
from tests.tiny import save


def plainly(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def other_photo(path):
    """Another photo of the same size."""
    pixels = np.asarray(Image.open(path)).copy()
    return save(Path(path), 255 - pixels)


@pytest.fixture
def fitted(store, category):
    """A run of the real network, its table and its data set."""
    run = fit_run(load_dataset(category), CONFIG, store).run
    return run, store.images(run)


def test_a_fit_keeps_the_contents_of_photos_and_masks(store, fitted):
    run, images = fitted
    assert images["sha256"].tolist() == [plainly(path) for path in images["path"]]
    assert images["masks_sha256"].tolist() == [plainly(paths[0]) if paths else "" for paths in images["mask_paths"]]
    assert images["masks_sha256"].astype(bool).sum() == 3
    bank = json.loads((store.bank_folder(run) / "bank.json").read_text())
    assert bank["contents"] == [plainly(path) for path in bank["images"]]


def test_what_is_kept_is_what_was_scored(store, category):
    """The photo and its mask are replaced as soon as they have been read."""
    photo, mask = category / "test/hole/000.png", category / "ground_truth/hole/000_mask.png"
    before = {photo: plainly(photo), mask: plainly(mask)}

    def replaced(stage: str, done: int, total: int) -> None:
        for path, when in ((photo, "predict"), (mask, "evaluate")):
            if stage == when and done == total and plainly(path) == before[path]:
                other_photo(path)

    run = fit_run(load_dataset(category), CONFIG, store, replaced).run
    images = store.images(run).set_index("path").loc[str(photo)]
    assert (images["sha256"], images["masks_sha256"]) == (before[photo], before[mask])
    assert plainly(photo) != before[photo]
    assert plainly(mask) != before[mask]


def test_no_file_is_read_twice_for_its_content(store, category, monkeypatch):
    for path in category.rglob("*.png"):
        os.utime(path, (1e9, 1e9))
    monkeypatch.setattr("patchcore_core.data.files.content.SETTLED", -1)  # the files were made just now
    read: list[str] = []
    digest = hashlib.file_digest

    def counted(file, name):
        read.append(file.name)
        return digest(file, name)

    monkeypatch.setattr(hashlib, "file_digest", counted)
    fit_run(load_dataset(category), CONFIG, store)
    photos = [str(name) for name in read if str(category) in str(name)]
    assert len(photos) == len(set(photos)) == len(list(category.rglob("*.png")))


def touched(path):
    os.utime(path, (time.time() + 60,) * 2)


def saved_again(path):
    Image.open(path).save(path, compress_level=1)


@pytest.mark.parametrize(("change", "state"), [
    (lambda path: None, SAME),  # noqa: ARG005
    (touched, SAME),
    (lambda path: path.write_bytes(path.read_bytes()), SAME),
    (other_photo, CHANGED),
    (saved_again, CHANGED),
    (lambda path: path.write_bytes(b"no image"), CHANGED),
    (lambda path: path.unlink(), SAME),  # its reader says so
])  # fmt: skip
def test_by_content_and_not_by_time(fitted, change, state):
    run, images = fitted
    photo = Path(images.at[0, "path"])
    change(photo)
    assert state_of([photo], images.at[0, "sha256"], run) == state


def test_several_masks_are_one(fitted, tmp_path):
    run, _ = fitted
    masks = [save(tmp_path / name, np.full((4, 4), value, np.uint8)) for name, value in (("a.png", 0), ("b.png", 9))]
    recorded = hashlib.sha256("\n".join(map(plainly, masks)).encode()).hexdigest()
    assert state_of(masks, recorded, run) == SAME
    assert state_of(masks[::-1], recorded, run) == CHANGED
    other_photo(masks[1])
    assert state_of(masks, recorded, run) == CHANGED


def test_an_older_run_knows_only_the_time(fitted):
    run, images = fitted
    photo = Path(images.at[0, "path"])
    os.utime(photo, (1e9, 1e9))
    assert state_of([photo], "", run) == SAME
    touched(photo)
    assert state_of([photo], "", run) == PERHAPS
    assert state_of([photo.with_name("gone.png")], "", run) == SAME
    assert state_of([], "", run) == SAME


def test_files_that_are_older_than_the_run_are_untouched(fitted, tmp_path):
    run, images = fitted
    later = replace(run, created_at=(datetime.now(UTC) + timedelta(seconds=60)).isoformat())
    photo, other = (Path(path) for path in images["path"][:2])
    assert untouched([], run)
    assert untouched([photo, other], later)
    assert not untouched([photo], run)  # made a moment before
    os.utime(other, (1e9, 1e9))  # as a copy that keeps its times: the file system knows better
    assert not untouched([other], run)
    touched(photo)
    assert not untouched([photo, other], later)
    assert not untouched([tmp_path / "gone.png"], later)


def test_the_contents_of_then(fitted, tmp_path):
    run, images = fitted
    path = images.at[0, "path"]
    shutil.copy(path, tmp_path / "same.png")
    os.utime(tmp_path / "same.png", (1e9, 1e9))
    known = plainly(path)
    other_photo(path)
    touched(path)
    paths = [path, path, str(tmp_path / "same.png"), str(tmp_path / "gone.png")]
    assert contents_then(paths, [known, "", "", ""], run) == (known, "", known, "")
