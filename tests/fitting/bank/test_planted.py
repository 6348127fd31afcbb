"""Defective parts among good training photos: they are found, and a fit without them is the one of clean photos.

Over 2 s, since it fits 103 photos twice; the photos are tiles of the built-in sample's pictures.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.dataset import load_dataset
from patchcore_core.data.sample import metal
from patchcore_core.data.sample.sample_set import picture
from patchcore_core.fitting.bank.suspects import ranked
from patchcore_core.fitting.fit import fit_run
from patchcore_core.runs.store import RunStore
from tests.tiny import save

CATEGORY, TILE = "brushed_metal", 160
CONFIG = PatchCoreConfig.preset("quick", image_size=128, coreset_ratio=0.02, device="cpu", engine="torch")
PLANTED = [f"train/good/{name}_planted.png" for name in metal.DEFECTS[:3]]


def good_tiles(place: str, pictures: int) -> list[np.ndarray]:
    """Four tiles of each picture of a good part."""
    tiles = []
    for number in range(pictures):
        photo, _ = picture(CATEGORY, "", number, 0.0, place)
        tiles += [photo[y : y + TILE, x : x + TILE] for y in (0, TILE) for x in (0, TILE)]
    return tiles


def defective_tile(defect: str, shift: int = 0) -> np.ndarray:
    """The tile around the middle of a defect, moved by some pixels: another photo of one part."""
    photo, mask = picture(CATEGORY, defect, 9, 0.6, f"test/{defect}")
    y, x = (int(np.clip(np.median(along) - TILE / 2 + shift, 0, photo.shape[0] - TILE)) for along in np.nonzero(mask))
    return photo[y : y + TILE, x : x + TILE]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("planted") / "tiles"
    for number, tile in enumerate(good_tiles("train/good", 25)):
        save(root / "train" / "good" / f"{number:03d}.png", tile)
    for number, tile in enumerate(good_tiles("test/good", 4)):
        save(root / "test" / "good" / f"{number:03d}.png", tile)
    for path, defect in zip(PLANTED, metal.DEFECTS, strict=False):
        save(root / path, defective_tile(defect))
        for number, shift in enumerate((4, 12)):
            save(root / "test" / defect / f"{number:03d}.png", defective_tile(defect, shift))
    return root


def test_planted_defects_rank_first_and_a_fit_without_them_is_the_clean_one(dataset: Path, tmp_path: Path) -> None:
    store, data = RunStore(tmp_path / "runs"), load_dataset(dataset)
    assert data.counts().train == 103
    dirty = fit_run(data, CONFIG, store).run
    images = store.training_images(dirty)
    assert images is not None
    assert set(PLANTED) <= {image.path for image in ranked(images)[:10]}
    without = fit_run(data.without(PLANTED), CONFIG, store).run
    for path in PLANTED:
        (dataset / path).unlink()
    clean = fit_run(load_dataset(dataset), CONFIG, store)
    assert (clean.reused, clean.run.id) == (True, without.id)  # the same fit, to the bit
    figures = ("image_auroc", "image_recall")
    assert [without.metrics[name] for name in figures] == [1, 1]
    assert dirty.metrics["image_auroc"] < 0.9
    assert dirty.metrics["image_recall"] < 0.5
