"""Several image sizes in one model, against a plain implementation that joins them by hand."""

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.dataset import Sample
from patchcore_core.data.images import read_image
from patchcore_core.data.transforms import Transform
from patchcore_core.errors import ConfigError, StoreError
from patchcore_core.model import budget, coreset
from patchcore_core.model.embedding import patch_embeddings
from patchcore_core.model.held_out.highest_of_map import leave_one_out_map_highest
from patchcore_core.model.held_out.leave_one_out import LeftOut, leave_one_out_search, thinned
from patchcore_core.model.memory_bank import MemoryBank
from patchcore_core.model.network.backbone import Backbone
from patchcore_core.model.network.probe import probe
from patchcore_core.model.patchcore import BANK_FILE, PatchCore
from patchcore_core.model.results import cells_under
from patchcore_core.model.scale import Good
from patchcore_core.model.scoring import PatchMaps, anomaly_map

TWO = PatchCoreConfig(
    backbone="tiny", layers=("0", "1"), image_size=32, scales=(24, 48), coreset_ratio=0.25, bank_dtype="float32",
    device="cpu", image_score="map", blur_sigma=2.0,
)  # fmt: skip


def features_at(model: PatchCore, samples: tuple[Sample, ...], side: int) -> np.ndarray:
    """(N, h * w, D) of square images of this side, one at a time."""
    transform, found = Transform(side, None, model.backbone.mean, model.backbone.std), []
    for sample in samples:
        maps = model.backbone(torch.from_numpy(transform.image(read_image(sample.path)))[None])
        found.append(patch_embeddings(maps, 3, None, None)[0].flatten(0, 1).numpy())
    return np.stack(found)


def nearest(queries: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Distance of each query (..., D) to the nearest of rows (M, D), float64."""
    return np.sqrt(((queries[..., None, :].astype(np.float64) - rows) ** 2).sum(-1)).min(-1)


def by_hand(model: PatchCore, photos: tuple[Sample, ...], tested: tuple[Sample, ...]) -> tuple[np.ndarray, list[Good]]:
    """Joined patch scores (N, 12, 12) of the tested photos, and what good ones score at each scale."""
    parts, good = [], []
    for side, grid in ((24, 6), (48, 12)):
        train = features_at(model, photos, side)
        rows = train.reshape(-1, train.shape[2])
        picks = coreset.greedy(rows, len(rows) // 4, seed=0)
        owner = picks // (grid * grid)
        left = [nearest(train[image], rows[picks[owner != image]]) for image in range(len(photos))]
        level = np.median(left)
        good.append(Good(float(level), float(1.4826 * np.median(np.abs(left - level)))))
        scores = nearest(features_at(model, tested, side), rows[picks]).reshape(-1, 1, grid, grid)
        large = F.interpolate(torch.from_numpy(scores), size=(12, 12), mode="bilinear", align_corners=False)
        parts.append(large[:, 0].numpy() / good[-1].spread)
    return sum(parts) / sum(1 / each.spread for each in good), good


@pytest.mark.parametrize("image_score", ["map", "patch"])
def test_two_scales_equal_the_plain_way(backbone: Backbone, photos: tuple[Sample, ...], image_score: str) -> None:
    model = PatchCore(replace(TWO, image_score=image_score), backbone).fit(photos[:7])
    assert [len(bank) for bank in model.banks] == [7 * 36 // 4, 7 * 144 // 4]
    expected, good = by_hand(model, photos[:7], photos[7:])
    for scale, each in zip(model.scales, good, strict=True):
        assert (scale.good.level, scale.good.spread) == pytest.approx((each.level, each.spread), rel=1e-4)
    found = model.predict(photos[7:])
    np.testing.assert_allclose(found.patch_scores, expected, rtol=1e-4)
    np.testing.assert_allclose(found.anomaly_maps, anomaly_map(expected.astype(np.float32), 32, 2.0), rtol=1e-4)
    highest = found.anomaly_maps if image_score == "map" else found.patch_scores
    np.testing.assert_allclose(found.image_scores, highest.max(axis=(1, 2)), rtol=1e-5)


@pytest.mark.parametrize("memory_limit", [None, 0.001])
@pytest.mark.parametrize("fields", [{}, {"image_score": "patch"}, {"distance": "squared_euclidean",
                                                                   "num_neighbors": 2}])
def test_held_out_scores_are_those_of_banks_without_the_rows_of_the_image(
    backbone: Backbone, photos: tuple[Sample, ...], monkeypatch: pytest.MonkeyPatch, fields: dict,
    memory_limit: float | None,
) -> None:  # fmt: skip
    if memory_limit is not None:  # all in files
        monkeypatch.setattr(budget, "SLACK", 10**12)
    config = replace(TWO, memory_limit=memory_limit, **fields)
    model = PatchCore(config, backbone).fit(photos)
    assert model.report.plan.in_file is (memory_limit is not None)
    for image, photo in enumerate(photos):
        rest = PatchCore(config, backbone)
        for scale, fitted in zip(rest.scales, model.scales, strict=True):
            scale.bank = MemoryBank(fitted.bank.patches[fitted.bank.origin[:, 0] != image])
            scale.good = fitted.good
        expected = rest.score([photo])
        np.testing.assert_allclose(model.report.held_out.image_scores[image], expected.image_scores[0], rtol=1e-4)
        np.testing.assert_allclose(model.report.held_out.patch_scores[image], expected.patch_scores[0], rtol=1e-4)


def test_each_place_names_the_scale_that_stands_out_and_its_neighbour(
    backbone: Backbone, photos: tuple[Sample, ...]
) -> None:
    model = PatchCore(TWO, backbone).fit(photos[:8])
    result = model.score_image(read_image(photos[9].path))
    assert result.nearest.grids == ((6, 6), (12, 12))
    assert set(result.nearest.scales.ravel()) == {0, 1}
    own = [features_at(model, photos[9:10], side)[0].reshape(grid, grid, -1) for side, grid in ((24, 6), (48, 12))]
    distances = [nearest(part, bank.patches) for part, bank in zip(own, model.banks, strict=True)]
    above = [F.interpolate(torch.from_numpy((each - scale.good.level) / scale.good.spread)[None, None], size=(12, 12),
                           mode="bilinear", align_corners=False)[0, 0].numpy()
             for each, scale in zip(distances, model.scales, strict=True)]
    np.testing.assert_array_equal(result.nearest.scales, above[1] > above[0])
    for row, column in np.ndindex(12, 12):
        scale = result.nearest.scales[row, column]
        cell = (row // 2, column // 2) if scale == 0 else (row, column)
        neighbour = model.banks[scale].patches[result.nearest.rows[row, column]]
        distance = np.linalg.norm(own[scale][cell] - neighbour)
        assert distance == pytest.approx(result.nearest.distances[row, column], rel=1e-4)
        assert distance == pytest.approx(distances[scale][cell], rel=1e-4)


def test_cells_hold_the_middles_of_finer_ones() -> None:
    places = np.stack([np.arange(5), np.arange(5)])
    assert cells_under(places, (5, 5), (5, 3)).tolist() == [[0, 1, 2, 3, 4], [0, 0, 1, 2, 2]]


def test_a_saved_model_of_two_scales_scores_the_same(
    backbone: Backbone, photos: tuple[Sample, ...], tmp_path: Path
) -> None:
    model = PatchCore(TWO, backbone).fit(photos[:8])
    model.save(tmp_path / "bank")
    assert sorted(path.name for path in (tmp_path / "bank").iterdir()) == [
        BANK_FILE, "patches_24.safetensors", "patches_48.safetensors",
    ]  # fmt: skip
    again = PatchCore.load(tmp_path / "bank", device="cpu", backbone=backbone)
    assert [scale.good for scale in again.scales] == [scale.good for scale in model.scales]
    before, after = model.predict(photos[8:]), again.predict(photos[8:])
    np.testing.assert_array_equal(after.image_scores, before.image_scores)
    np.testing.assert_array_equal(after.anomaly_maps, before.anomaly_maps)


def test_a_bank_of_the_time_before_scales_opens(
    backbone: Backbone, photos: tuple[Sample, ...], tmp_path: Path
) -> None:
    model = PatchCore(replace(TWO, scales=(), image_score="patch"), backbone).fit(photos[:8])
    model.save(tmp_path)
    about = json.loads((tmp_path / BANK_FILE).read_text())
    for name in ("scales", "image_score"):
        del about["config"][name]
    del about["scales"]
    (tmp_path / BANK_FILE).write_text(json.dumps(about))
    again = PatchCore.load(tmp_path, device="cpu", backbone=backbone)
    assert again.config == model.config
    np.testing.assert_array_equal(again.score(photos[8:]).image_scores, model.score(photos[8:]).image_scores)


@pytest.mark.parametrize(("scales", "words"), [
    (None, "scales must be"), ([], "scales must be"), ([{"shape": [24, 24], "level": 1, "spread": 0}] * 2, "spread"),
    ([{"shape": [24, 24], "level": 1, "spread": 1}], "scales must be"),
    ([{"shape": [24, 24], "level": 1, "spread": None}] * 2, "spread must be a number that is known"),
    ([{"shape": [24, 24], "level": math.nan, "spread": 1}] * 2, "level must be a number that is known"),
    ([{"shape": 5, "level": 1, "spread": 1}] * 2, "shape"),
])  # fmt: skip
def test_damaged_scales_are_a_sentence(
    backbone: Backbone, photos: tuple[Sample, ...], tmp_path: Path, scales: object, words: str
) -> None:
    PatchCore(TWO, backbone).fit(photos[:8]).save(tmp_path)
    about = json.loads((tmp_path / BANK_FILE).read_text())
    (tmp_path / BANK_FILE).write_text(json.dumps(about | {"scales": scales}))
    with pytest.raises(StoreError, match=words) as refusal:
        PatchCore.load(tmp_path, device="cpu", backbone=backbone)
    assert BANK_FILE in str(refusal.value)


def test_a_missing_bank_of_one_scale_is_named(backbone: Backbone, photos: tuple[Sample, ...], tmp_path: Path) -> None:
    PatchCore(TWO, backbone).fit(photos[:8]).save(tmp_path)
    (tmp_path / "patches_48.safetensors").unlink()
    with pytest.raises(StoreError, match=r"patches_48.safetensors: the memory bank's file is missing"):
        PatchCore.load(tmp_path, device="cpu", backbone=backbone)


def test_scales_keep_proportions_each(backbone: Backbone, tmp_path: Path) -> None:
    samples = []
    for number in range(6):
        path = tmp_path / f"{number}.png"
        pixels = np.random.default_rng(number).integers(0, 255, (60, 120, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(path)
        samples.append(Sample(path, "train", 0, "good"))
    model = PatchCore(replace(TWO, scales=(32, 64), proportions="keep"), backbone).fit(samples)
    assert model.shape == (24, 48)
    assert [scale.transform.shape for scale in model.scales] == [(24, 48), (48, 88)]  # 45 x 91, in multiples of 8
    found = model.predict(samples)
    assert found.patch_scores.shape == (6, 12, 22)
    assert found.anomaly_maps.shape == (6, 24, 48)
    model.save(tmp_path / "bank")
    again = PatchCore.load(tmp_path / "bank", device="cpu", backbone=backbone)
    np.testing.assert_array_equal(again.predict(samples).anomaly_maps, found.anomaly_maps)


def test_one_training_photo_or_no_held_out_ones_count_all_scales_alike(
    backbone: Backbone, photos: tuple[Sample, ...]
) -> None:
    for model in (PatchCore(TWO, backbone).fit(photos[:1]), PatchCore(TWO, backbone).fit(photos, held_out=0)):
        assert [scale.good for scale in model.scales] == [Good(), Good()]
        assert np.isfinite(model.score(photos).image_scores).all()


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 10**6), images=st.integers(2, 5), coarse=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    fine=st.tuples(st.integers(5, 9), st.integers(5, 9)), size=st.tuples(st.integers(4, 40), st.integers(4, 40)),
    sigma=st.sampled_from([0.0, 1.0, 4.0]), spreads=st.tuples(st.floats(0.1, 10), st.floats(0.1, 10)),
)  # fmt: skip
def test_bounds_find_the_highest_of_the_joined_map(seed, images, coarse, fine, size, sigma, spreads) -> None:
    rng, groups, numbers = np.random.default_rng(seed), np.arange(images), np.arange(images)
    maps = PatchMaps(size, sigma, tuple(Good(0.0, spread) for spread in spreads))
    bounded, exact = [], []
    for grid in (coarse, fine):
        features = rng.normal(size=(images, *grid, 4)).astype(np.float32)
        origin = np.stack(np.unravel_index(np.arange(images * grid[0] * grid[1]), features.shape[:3]), axis=1)
        bank = MemoryBank(features.reshape(-1, 4), origin)
        bounded.append(LeftOut(bank, thinned(bank, 1, 3), features, numbers, 1, False, groups))
        exact.append(leave_one_out_search(bank, features, numbers)[0][..., 0])
    found = leave_one_out_map_highest(bounded, maps)
    np.testing.assert_allclose(found, maps.of(maps.joined(exact)).max(axis=(1, 2)), rtol=1e-5)


def test_what_cannot_work_with_scales_is_refused() -> None:
    for fields, words in (
        ({"scales": (224,)}, "scales must be two or more different image sizes, or none, got [224]"),
        ({"scales": (224, 224)}, "two or more different"), ({"scales": (0, 224)}, "a positive integer, got 0"),
        ({"scales": (224, 5000)}, "at most 4096 pixels each, got 5000"), ({"scales": "224"}, "a list of image sizes"),
        ({"scales": (224, 448), "center_crop": 200}, "center_crop must be none with several scales"),
        ({"scales": (224, 448), "reweight_neighbors": 3}, "reweight_neighbors must be none with several scales"),
    ):  # fmt: skip
        with pytest.raises(ConfigError) as refusal:
            PatchCoreConfig(**fields)
        assert words in str(refusal.value)
    with pytest.raises(ConfigError, match="scales must give at least 2 x 2 patches, got 8 pixels"):
        probe(PatchCoreConfig(scales=(8, 224)))


def test_the_order_of_scales_is_no_other_configuration() -> None:
    assert PatchCoreConfig(scales=(448, 224)) == PatchCoreConfig(scales=[224, 448])
    shape = probe(PatchCoreConfig.preset("careful"))
    assert (shape.grid, shape.coarser, shape.size) == ((56, 56), ((28, 28),), (320, 320))
    assert shape.patches == 56 * 56 + 28 * 28
