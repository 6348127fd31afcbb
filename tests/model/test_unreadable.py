"""Images that cannot be read, fits that cannot work, and what is refused of a saved bank."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from patchcore_core.data.dataset import Sample
from patchcore_core.errors import ConfigError, DataError, StoreError, WeightsError
from patchcore_core.model.network.backbone import Backbone
from patchcore_core.model.patchcore import BANK_FILE, PatchCore
from tests.model.test_patchcore import TINY


def test_an_unreadable_training_image_is_listed_and_skipped(backbone: Backbone, photos: tuple[Sample, ...]) -> None:
    photos[4].path.write_text("no image")
    model = PatchCore(TINY, backbone).fit(photos)
    assert [path for path, _ in model.report.unreadable] == [str(photos[4].path)]
    assert len(model.training.paths) == 11
    assert model.bank is not None
    assert len(model.bank) == 11 * 64 // 4


def test_an_unreadable_image_is_told_on_one_line_whatever_its_name(
    backbone: Backbone, photos: tuple[Sample, ...]
) -> None:
    hostile = photos[4].path.with_name("two\nlines.png")
    hostile.write_text("no image")
    model = PatchCore(TINY, backbone).fit([*photos, replace(photos[4], path=hostile)])
    path = str(photos[4].path.with_name("two\\nlines.png"))
    assert model.report.unreadable == ((path, "not an image in a known format"),)


def test_more_than_a_tenth_unreadable_stops_the_fit(backbone: Backbone, photos: tuple[Sample, ...]) -> None:
    photos[0].path.write_text("no image")
    photos[5].path.unlink()
    with pytest.raises(DataError, match=r"2 of 12 training images cannot be read; the first, .*00\.png"):
        PatchCore(TINY, backbone).fit(photos)


def test_nothing_to_fit_on(backbone: Backbone) -> None:
    with pytest.raises(DataError, match="no training images"):
        PatchCore(TINY, backbone).fit([])


def test_an_unreadable_test_image_is_listed_and_the_others_scored(
    backbone: Backbone, photos: tuple[Sample, ...]
) -> None:
    model = PatchCore(TINY, backbone).fit(photos[:6])
    expected = model.predict((photos[6], photos[8])).image_scores
    photos[7].path.write_bytes(b"")
    predictions = model.predict(photos[6:9])
    assert predictions.samples == (photos[6], photos[8])
    assert predictions.unreadable[0][0] == str(photos[7].path)
    np.testing.assert_allclose(predictions.image_scores, expected, rtol=1e-5)
    assert predictions.anomaly_maps.shape == (2, 32, 32)


def test_no_readable_image_gives_empty_predictions(backbone: Backbone, photos: tuple[Sample, ...]) -> None:
    predictions = PatchCore(TINY, backbone).fit(photos).predict([])
    assert predictions.image_scores.shape == (0,)
    assert predictions.anomaly_maps.shape == (0, 32, 32)


def test_damaged_weights_stop_the_fit_at_the_image(photos: tuple[Sample, ...], backbone: Backbone) -> None:
    backbone.network[0].bias[1] = float("nan")
    with pytest.raises(DataError, match=r"00\.png: tiny gives features that are not finite"):
        PatchCore(TINY, backbone).fit(photos)


def test_more_neighbours_than_the_bank_has_rows(backbone: Backbone, photos: tuple[Sample, ...]) -> None:
    config = replace(TINY, coreset_ratio=0.001, num_neighbors=3)
    with pytest.raises(ConfigError, match="at most the 1 rows that the memory bank will have, got 3"):
        PatchCore(config, backbone).fit(photos)


def test_scoring_and_saving_need_a_fit(backbone: Backbone, tmp_path: Path) -> None:
    model = PatchCore(TINY, backbone)
    with pytest.raises(StoreError, match="no memory bank to score with"):
        model.score_image(np.zeros((32, 32, 3), np.uint8))
    with pytest.raises(StoreError, match="no memory bank to save"):
        model.save(tmp_path)


def test_other_weights_than_at_the_fit_are_refused(
    backbone: Backbone, photos: tuple[Sample, ...], tmp_path: Path
) -> None:
    PatchCore(TINY, backbone).fit(photos).save(tmp_path)
    about = json.loads((tmp_path / BANK_FILE).read_text())
    (tmp_path / BANK_FILE).write_text(json.dumps(about | {"weights_sha256": "0" * 64}))
    with pytest.raises(WeightsError, match="fitted with other weights of tiny"):
        PatchCore.load(tmp_path, device="cpu", backbone=backbone)


@pytest.mark.parametrize("content", [
    "", "{", "[]", "7", '{"config": {}}', '{"config": 5, "weights_sha256": 3, "images": 4}', "[" * 100_000,
    '{"config": {"warp": 1}, "weights_sha256": "", "images": []}',
    '{"config": {"layers": 5}, "weights_sha256": "", "images": []}',
    '{"config": {"blur_sigma": 1e999}, "weights_sha256": "", "images": []}',
    '{"config": {}, "weights_sha256": "", "images": [5]}', '{"config": {}, "weights_sha256": "", "images": {"a": "b"}}',
])
def test_a_broken_description_is_named(backbone: Backbone, tmp_path: Path, content: str) -> None:
    (tmp_path / BANK_FILE).write_text(content)
    with pytest.raises(StoreError, match=r"bank\.json: the memory bank's description"):
        PatchCore.load(tmp_path, device="cpu", backbone=backbone)


def test_rows_of_images_that_were_not_there_are_refused(
    backbone: Backbone, photos: tuple[Sample, ...], tmp_path: Path
) -> None:
    PatchCore(TINY, backbone).fit(photos).save(tmp_path)
    about = json.loads((tmp_path / BANK_FILE).read_text())
    (tmp_path / BANK_FILE).write_text(json.dumps(about | {"images": about["images"][:1], "contents": []}))
    with pytest.raises(StoreError, match="has rows from outside its 1 training images"):
        PatchCore.load(tmp_path, device="cpu", backbone=backbone)
