"""The main path against a second, plain implementation."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from patchcore_core.config import BANK_DTYPES, PatchCoreConfig
from patchcore_core.data.dataset import Sample
from patchcore_core.data.files.content import content_keys
from patchcore_core.data.images import read_image
from patchcore_core.data.likeness import small_picture
from patchcore_core.model import budget, coreset
from patchcore_core.model.batches import batches
from patchcore_core.model.embedding import patch_embeddings
from patchcore_core.model.memory_bank import MemoryBank
from patchcore_core.model.network.backbone import Backbone
from patchcore_core.model.patchcore import PatchCore
from patchcore_core.model.scoring import anomaly_map

TINY = PatchCoreConfig(
    backbone="tiny", layers=("0", "1"), image_size=32, coreset_ratio=0.25, projection_dim=None, bank_dtype="float32",
    device="cpu",
)  # fmt: skip


def plain_features(model: PatchCore, samples: tuple[Sample, ...]) -> np.ndarray:
    """(N, h * w, D), one image at a time."""
    found = []
    for sample in samples:
        image = torch.from_numpy(model.transform.image(read_image(sample.path)))[None]
        found.append(patch_embeddings(model.backbone(image), 3, None, None)[0].flatten(0, 1).numpy())
    return np.stack(found)


@pytest.mark.parametrize("squared", [False, True])
@pytest.mark.parametrize("k", [1, 3])
def test_fit_and_predict_equal_the_plain_way(
    backbone: Backbone, photos: tuple[Sample, ...], k: int, squared: bool
) -> None:
    distance = "squared_euclidean" if squared else "euclidean"
    model = PatchCore(replace(TINY, num_neighbors=k, distance=distance, blur_sigma=2.0), backbone).fit(photos[:7])
    train = plain_features(model, photos[:7]).reshape(-1, 10)
    bank = train[coreset.greedy(train, len(train) // 4, seed=0)]
    test = plain_features(model, photos[7:])
    exact = np.sqrt(((test[:, :, None].astype(np.float64) - bank) ** 2).sum(-1))  # (N, h * w, M)
    nearest = np.sort(exact, axis=-1)[..., :k] ** (2 if squared else 1)
    scores = nearest.mean(-1)

    predictions = model.predict(photos[7:])
    assert predictions.samples == photos[7:]
    np.testing.assert_allclose(predictions.patch_scores.reshape(5, -1), scores, rtol=1e-4)
    np.testing.assert_allclose(predictions.image_scores, scores.max(1), rtol=1e-4)
    np.testing.assert_allclose(
        predictions.anomaly_maps, anomaly_map(scores.reshape(5, 8, 8), 32, 2.0).numpy(), rtol=1e-3
    )


def test_origin_says_where_each_bank_row_comes_from(backbone: Backbone, photos: tuple[Sample, ...]) -> None:
    model = PatchCore(TINY, backbone).fit(photos)
    features = plain_features(model, photos).reshape(12, 8, 8, 10)
    assert model.bank is not None
    assert model.bank.origin is not None
    image, row, column = model.bank.origin.T
    np.testing.assert_allclose(features[image, row, column], model.bank.patches, rtol=2**-10, atol=1e-4)
    assert model.training.paths == tuple(str(sample.path) for sample in photos)


def test_a_training_image_scores_zero_against_the_whole_bank(backbone: Backbone, photos: tuple[Sample, ...]) -> None:
    model = PatchCore(replace(TINY, sampler="identity"), backbone).fit(photos)
    np.testing.assert_allclose(model.predict(photos[:2]).image_scores, 0, atol=1e-3)


@pytest.mark.parametrize("dtype", BANK_DTYPES)
def test_saving_and_loading_changes_no_score(
    backbone: Backbone, photos: tuple[Sample, ...], dtype: str, tmp_path: Path
) -> None:
    model = PatchCore(replace(TINY, reweight_neighbors=3, bank_dtype=dtype), backbone).fit(photos[:8])
    model.save(tmp_path / "bank")
    again = PatchCore.load(tmp_path / "bank", device="cpu", backbone=backbone)
    assert json.loads((tmp_path / "bank" / "bank.json").read_text())["dtype"] == dtype
    assert again.bank is not None
    assert again.bank.patches.dtype == dtype
    assert again.config == model.config
    assert again.training.paths == model.training.paths
    assert again.training.contents == model.training.contents == content_keys(map(Path, model.training.paths))
    for name in ("image_scores", "patch_scores", "anomaly_maps"):
        np.testing.assert_array_equal(
            getattr(again.predict(photos[8:]), name), getattr(model.predict(photos[8:]), name)
        )


def test_a_bank_made_before_contents_were_kept_is_read(
    backbone: Backbone, photos: tuple[Sample, ...], tmp_path: Path
) -> None:
    PatchCore(TINY, backbone).fit(photos).save(tmp_path)
    about = json.loads((tmp_path / "bank.json").read_text())
    del about["contents"]
    (tmp_path / "bank.json").write_text(json.dumps(about))
    again = PatchCore.load(tmp_path, backbone=backbone)
    assert again.training.contents == ("",) * len(again.training.paths)


def test_no_file_of_a_bank_is_a_pickle(backbone: Backbone, photos: tuple[Sample, ...], tmp_path: Path) -> None:
    PatchCore(TINY, backbone).fit(photos).save(tmp_path / "bank")
    assert sorted(path.name for path in (tmp_path / "bank").iterdir()) == ["bank.json", "patches.safetensors"]


def test_one_photo_scores_as_in_a_batch(backbone: Backbone, photos: tuple[Sample, ...]) -> None:
    model = PatchCore(TINY, backbone).fit(photos[:8])
    together = model.predict(photos[8:])
    alone = model.score_image(read_image(photos[9].path))
    assert alone.image_score == pytest.approx(float(together.image_scores[1]), rel=1e-5)
    np.testing.assert_allclose(alone.anomaly_map, together.anomaly_maps[1], rtol=1e-4)
    assert model.bank is not None
    embedded = plain_features(model, photos[9:10])[0]
    expected = np.linalg.norm(embedded - model.bank.patches[alone.nearest.rows.ravel()], axis=1)
    np.testing.assert_allclose(alone.nearest.distances.ravel(), expected, rtol=1e-4)


def test_an_image_may_score_as_the_highest_of_its_map(backbone: Backbone, photos: tuple[Sample, ...]) -> None:
    by_patch = PatchCore(replace(TINY, blur_sigma=2.0), backbone).fit(photos[:8]).predict(photos[8:])
    model = PatchCore(replace(TINY, blur_sigma=2.0, image_score="map"), backbone).fit(photos[:8])
    found = model.predict(photos[8:])
    np.testing.assert_array_equal(found.anomaly_maps, by_patch.anomaly_maps)
    np.testing.assert_allclose(found.image_scores, found.anomaly_maps.max(axis=(1, 2)), rtol=1e-6)
    assert (found.image_scores < by_patch.image_scores).all()
    alone = model.score_image(read_image(photos[9].path))
    assert alone.image_score == pytest.approx(alone.anomaly_map.max(), rel=1e-6)
    assert alone.image_score == pytest.approx(found.image_scores[1], rel=1e-5)


def test_reweighting_scales_the_image_score_only(backbone: Backbone, photos: tuple[Sample, ...]) -> None:
    plain = PatchCore(TINY, backbone).fit(photos[:8])
    weighted = PatchCore(replace(TINY, reweight_neighbors=4), backbone).fit(photos[:8])
    before, after = plain.predict(photos[8:]), weighted.predict(photos[8:])
    np.testing.assert_array_equal(before.patch_scores, after.patch_scores)
    assert (after.image_scores < before.image_scores).all()
    assert (after.image_scores >= 0).all()


@pytest.mark.parametrize("memory_limit", [None, 0.001])
@pytest.mark.parametrize(("fields", "rtol"), [
    ({}, 1e-4), ({"num_neighbors": 3}, 1e-4), ({"distance": "squared_euclidean", "reweight_neighbors": 4}, 1e-4),
    ({"sampler": "identity", "reweight_neighbors": 3, "bank_dtype": "float16"}, 1e-2),
    ({"image_score": "map", "num_neighbors": 2}, 1e-4),
])
def test_held_out_scores_are_those_of_a_model_without_the_rows_of_the_image(
    backbone: Backbone, photos: tuple[Sample, ...], monkeypatch: pytest.MonkeyPatch, fields: dict, rtol: float,
    memory_limit: float | None,
) -> None:  # fmt: skip
    if memory_limit is not None:  # all in files
        monkeypatch.setattr(budget, "SLACK", 10**12)
    config = replace(TINY, memory_limit=memory_limit, **fields)
    model = PatchCore(config, backbone).fit(photos)
    assert model.report.plan is not None
    assert model.report.plan.in_file is (memory_limit is not None)
    assert model.bank is not None
    assert model.bank.origin is not None
    assert model.report.held_out is not None
    held_out = model.report.held_out
    assert held_out.images.tolist() == [*range(12)]
    assert held_out.mapped.tolist() == [*range(12)]
    assert held_out.groups.tolist() == [*range(12)]
    for image, photo in enumerate(photos):
        rest = PatchCore(config, backbone)
        rest.bank = MemoryBank(model.bank.patches[model.bank.origin[:, 0] != image])
        expected = rest.score([photo])
        np.testing.assert_allclose(held_out.image_scores[image], expected.image_scores[0], rtol=rtol)
        if image in held_out.mapped:
            place = held_out.mapped.tolist().index(image)
            np.testing.assert_allclose(held_out.patch_scores[place], expected.patch_scores[0], rtol=rtol)


def test_held_out_images_are_bounded_and_spread(backbone: Backbone, photos: tuple[Sample, ...]) -> None:
    assert PatchCore(TINY, backbone).fit(photos, held_out=4).report.held_out.images.tolist() == [0, 4, 7, 11]
    assert len(PatchCore(TINY, backbone).fit(photos, held_out=0).report.held_out.image_scores) == 0
    alone = PatchCore(TINY, backbone).fit(photos[:1]).report.held_out
    assert np.isnan(alone.image_scores).all()  # there is no other image to compare with


def test_small_pictures_are_kept_of_the_images_that_could_be_read(
    backbone: Backbone, photos: tuple[Sample, ...]
) -> None:
    photos[3].path.write_bytes(b"no image")
    model = PatchCore(TINY, backbone).fit(photos)
    kept = [small_picture(read_image(photo.path)) for number, photo in enumerate(photos) if number != 3]
    np.testing.assert_array_equal(model.report.copies.pictures, kept)
    np.testing.assert_array_equal(model.score(photos).pictures, kept)


def test_progress_counts_every_image_of_every_stage(backbone: Backbone, photos: tuple[Sample, ...]) -> None:
    seen: list[tuple[str, int, int]] = []
    model = PatchCore(TINY, backbone).fit(photos, progress=lambda *step: seen.append(step))
    model.predict(photos[:5], progress=lambda *step: seen.append(step))
    last = {stage: (done, total) for stage, done, total in seen}
    assert last == {
        "features": (12, 12), "coreset": (192, 192), "index": (0, 1), "held-out": (12, 12), "predict": (5, 5),
    }  # fmt: skip
    assert [stage for stage, done, _ in seen if done == 0] == ["features", "coreset", "index", "held-out", "predict"]


def test_an_error_in_progress_cancels_the_fit(backbone: Backbone, photos: tuple[Sample, ...]) -> None:
    def cancel(_stage: str, done: int, _total: int) -> None:
        if done >= 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        PatchCore(TINY, backbone).fit(photos, progress=cancel)


def test_batches_keep_the_order(backbone: Backbone, photos: tuple[Sample, ...]) -> None:
    transform = PatchCore(TINY, backbone).transform
    found = [sample for batch in batches(photos, transform, 5) for sample in batch.samples]
    assert tuple(found) == photos


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "CMYK", "1", "I;16"])
def test_photos_of_any_kind_can_be_trained_on(backbone: Backbone, tmp_path: Path, mode: str) -> None:
    random = np.random.default_rng(0)
    pixels = random.integers(0, 255, (40, 40), dtype=np.uint8)
    image = Image.fromarray(pixels.astype(np.uint16) * 257) if mode == "I;16" else Image.fromarray(pixels).convert(mode)
    path = tmp_path / ("photo.tif" if mode == "CMYK" else "photo.png")
    image.save(path)
    assert len(PatchCore(TINY, backbone).fit([Sample(path, "train", 0, "good")]).training.paths) == 1


def test_a_12_bit_set_is_scored_as_the_8_bit_set_it_holds(
    photos: tuple[Sample, ...], tmp_path: Path, backbone: Backbone
) -> None:
    """Values of 12 bits that are whole steps of 8 read as the same photos; the scale is kept with the bank."""
    deep = []
    for number, photo in enumerate(photos):
        grey = np.asarray(Image.open(photo.path).convert("L"))
        wide = np.round(grey * (4095 / 255)).astype(np.uint16)
        path = tmp_path / f"{number}.png"
        Image.fromarray(wide).save(path)
        Image.fromarray(grey).save(tmp_path / f"plain{number}.png")
        deep.append(replace(photo, path=path))
    Image.fromarray(np.full((8, 8), 3000, np.uint16)).save(tmp_path / "bright.png")
    bright = replace(photos[0], path=tmp_path / "bright.png")
    plain = [replace(photo, path=tmp_path / f"plain{number}.png") for number, photo in enumerate(photos)]
    bright_plain = replace(photos[0], path=tmp_path / "bright8.png")
    Image.fromarray(np.full((8, 8), round(3000 * 255 / 4095), np.uint8)).save(tmp_path / "bright8.png")
    models = [PatchCore(TINY, backbone).fit(samples) for samples in ([*deep, bright], [*plain, bright_plain])]
    assert [model.training.bits for model in models] == [12, None]
    assert any("12 bits" in warning for warning in models[0].report.warnings)
    np.testing.assert_array_equal(*(model.bank.patches for model in models))
    models[0].save(tmp_path / "bank")
    again = PatchCore.load(tmp_path / "bank", backbone=backbone)
    assert again.training.bits == 12
    np.testing.assert_array_equal(again.score(deep).image_scores, models[1].score(plain).image_scores)
    over = tmp_path / "over.png"
    Image.fromarray(np.full((8, 8), 5000, np.uint16)).save(over)
    found = again.score([replace(photos[0], path=over)])
    assert "1 of 1 photos are brighter" in found.notes[0]
    assert "have 16 bits" in models[1].score([replace(photos[0], path=over)]).notes[0]
