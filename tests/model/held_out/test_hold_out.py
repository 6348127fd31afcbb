"""Held-out scores of photos with near-copies and with odd ones among them, end to end on small textures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from patchcore_core import PatchCore, PatchCoreConfig
from patchcore_core.data.dataset import Sample
from patchcore_core.model import budget
from patchcore_core.model.memory_bank import MemoryBank
from patchcore_core.model.network.backbone import Backbone

CONFIG = PatchCoreConfig(image_size=64, coreset_ratio=0.3, device="cpu", engine="torch", num_neighbors=2,
                         bank_dtype="float32")


def fabric(seed):
    """A photo (96, 96) of a coarse texture."""
    rng = np.random.default_rng(seed)
    return 120 + 25 * np.kron(rng.choice([-1, 0, 1], (24, 24)), np.ones((4, 4))) + rng.normal(0, 3, (96, 96))


def samples(folder: Path, photos) -> list[Sample]:
    folder.mkdir()
    made = []
    for place, photo in enumerate(photos):
        path = folder / f"{place:03d}.png"
        Image.fromarray(np.asarray(photo).clip(0, 255).astype(np.uint8)).save(path)
        made.append(Sample(path, "train", 0, "good"))
    return made


@pytest.mark.parametrize("fields", [
    {}, {"reweight_neighbors": 3}, {"distance": "squared_euclidean"}, {"image_score": "map"},
    {"image_score": "map", "distance": "squared_euclidean", "blur_sigma": 2.0},
])  # fmt: skip
def test_copies_are_left_out_together(backbone: Backbone, tmp_path: Path, fields: dict):
    """Against a bank from which the rows of all copies were taken."""
    rng = np.random.default_rng(0)
    photos = [fabric(part) + rng.normal(0, 2, (96, 96)) for part in (0, 0, 1, 2, 1, 0, 3, 4)]
    given = samples(tmp_path / "photos", photos)
    config = PatchCoreConfig.from_dict({**CONFIG.to_dict(), **fields})
    model = PatchCore(config, backbone).fit(given)
    held_out, bank = model.report.held_out, model.bank
    assert held_out.groups.tolist() == [0, 0, 2, 3, 2, 0, 6, 7]
    assert held_out.images.tolist() == held_out.mapped.tolist() == [0, 2, 3, 6, 7]
    for place, image in enumerate(held_out.images):
        rest = PatchCore(config, backbone)
        rest.bank = MemoryBank(bank.patches[held_out.groups[bank.origin[:, 0]] != held_out.groups[image]])
        expected = rest.score([given[image]])
        np.testing.assert_allclose(held_out.image_scores[place], expected.image_scores[0], rtol=1e-3)
        np.testing.assert_allclose(held_out.patch_scores[place], expected.patch_scores[0], rtol=1e-3)


ODD = {
    "black": [np.zeros((96, 96))],
    "black and white": [np.zeros((96, 96)), np.full((96, 96), 255)],
    "two black": [np.zeros((96, 96))] * 2,
    "stripes": [127 + 120 * np.sign(np.sin(np.arange(96) / 2))[None] * np.ones((96, 1))],
}


@pytest.mark.parametrize("kind", ODD)
@pytest.mark.parametrize("distance", ["euclidean", "squared_euclidean"])
def test_odd_photos_are_left_out_and_stay_in_the_bank(backbone: Backbone, tmp_path: Path, kind, distance):
    config = PatchCoreConfig.from_dict({**CONFIG.to_dict(), "distance": distance})
    good, odd = [fabric(part) for part in range(12)], ODD[kind]
    clean = PatchCore(config, backbone).fit(samples(tmp_path / "clean", good)).report.held_out
    model = PatchCore(config, backbone).fit(samples(tmp_path / "odd", [*good, *odd]))
    found = model.report.held_out
    assert len(clean.odd) == 0
    assert set(found.groups[found.odd]) == set(found.groups[12:])
    assert found.odd_scores.min() > found.image_scores.max()
    assert found.odd_patch_scores.shape[0] == len(found.odd)
    near = 0.1 if distance == "euclidean" else 0.2  # a tenth of a distance
    assert found.image_scores.max() == pytest.approx(clean.image_scores.max(), rel=near)
    assert np.quantile(found.patch_scores, 0.999) == pytest.approx(np.quantile(clean.patch_scores, 0.999), rel=near)
    assert set(model.bank.origin[:, 0]) >= {12}


def test_no_more_maps_than_planned(backbone: Backbone, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(budget, "MAPS", 3)
    given = samples(tmp_path / "photos", [fabric(part) for part in range(7)])
    found = PatchCore(CONFIG, backbone).fit(given, held_out=5).report.held_out
    assert found.images.tolist() == [0, 2, 3, 4, 6]
    assert found.mapped.tolist() == [0, 3, 6]


def test_one_photo_again_and_again_is_no_crash(backbone: Backbone, tmp_path: Path):
    model = PatchCore(CONFIG, backbone).fit(samples(tmp_path / "photos", [fabric(0)] * 6))
    assert model.report.copies.hardly_differ or np.isnan(model.report.held_out.image_scores).all()
