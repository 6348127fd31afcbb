"""Evidence against brute force over all bank rows."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist

from patchcore_core.data.images import read_image
from patchcore_core.errors import ConfigError
from patchcore_core.model.embedding import patch_embeddings
from patchcore_core.model.evidence.receipt import receipt, variants
from patchcore_core.model.evidence.shares import layer_shares, layer_weights
from patchcore_core.model.patchcore import PatchCore
from patchcore_core.model.results import cells_under
from tests.model.test_patchcore import TINY
from tests.model.test_scales import TWO

PAPER = replace(TINY, num_neighbors=3, reweight_neighbors=4, blur_sigma=2.0)
MAPPED = replace(PAPER, reweight_neighbors=None, image_score="map")


def plain_patches(model, photo, scale=0):
    """(h, w, D) float64."""
    image = torch.from_numpy(model.scales[scale].transform.image(read_image(photo.path)))[None]
    return patch_embeddings(model.backbone(image), 3, None, None)[0].numpy().astype(float)


@pytest.mark.parametrize("config", [PAPER, MAPPED, TWO], ids=["paper", "map", "scales"])
def test_the_result_is_that_of_scoring(backbone, photos, config):
    model = PatchCore(config, backbone).fit(photos[:8])
    photo = read_image(photos[9].path)
    ours, theirs = model.explain(photo).result, model.score_image(photo)
    assert ours.image_score == theirs.image_score
    np.testing.assert_array_equal(ours.anomaly_map, theirs.anomaly_map)
    np.testing.assert_array_equal(ours.nearest.origin, theirs.nearest.origin)


def test_neighbours_are_those_of_brute_force(backbone, photos):
    model = PatchCore(PAPER, backbone).fit(photos[:8])
    explained, patches = model.explain(read_image(photos[9].path)), plain_patches(model, photos[9])
    distances = cdist(patches.reshape(64, 10), model.bank.patches).reshape(8, 8, -1)
    for row, column in ((0, 0), (3, 6), (7, 7)):
        found = explained.nearest(row, column, 6)
        order = np.argsort(distances[row, column])[:6]
        assert (found.scale, found.cell, found.grid) == (0, (row, column), (8, 8))
        assert [one.distance for one in found.rows] == pytest.approx(distances[row, column][order], rel=1e-5)
        assert [(one.image, one.row, one.column) for one in found.rows] == [
            tuple(origin) for origin in model.bank.origin[order].tolist()
        ]
    assert len(explained.nearest(0, 0, 10**6).rows) == len(model.bank)
    np.testing.assert_array_equal(explained.result.nearest.origin[..., 0], model.bank.origin[distances.argmin(-1), 0])


@pytest.mark.parametrize("place", [(-1, 0), (0, 8), (8, 0)])
def test_a_place_outside_the_grid_is_refused(backbone, photos, place):
    with pytest.raises(ConfigError, match="the patch must lie in the grid of 8 x 8"):
        PatchCore(PAPER, backbone).fit(photos[:8]).explain(read_image(photos[9].path)).nearest(*place)


def test_with_several_scales_the_one_that_leads_is_searched(backbone, photos):
    model = PatchCore(TWO, backbone).fit(photos[:8])
    explained = model.explain(read_image(photos[9].path))
    rows = 0
    for row in range(12):
        for column in range(12):
            found = explained.nearest(row, column, 1)
            scale = int(explained.leading[row, column])
            cell = tuple(cells_under(np.array([row, column]), (12, 12), ((6, 6), (12, 12))[scale]).tolist())
            assert (found.scale, found.cell) == (scale, cell)
            distances = cdist(plain_patches(model, photos[9], scale)[cell][None], model.scales[scale].bank.patches)
            assert found.rows[0].distance == pytest.approx(distances.min(), rel=1e-5)
            rows += scale
    assert 0 < rows < 144  # both lead somewhere


def test_shares_of_layers_are_those_of_their_channels(backbone, photos):
    model = PatchCore(TINY, backbone).fit(photos[:8])
    explained, patches = model.explain(read_image(photos[9].path)), plain_patches(model, photos[9])
    nearest = model.bank.patches[explained.result.nearest.rows].astype(float)
    squares = (patches - nearest) ** 2
    first = squares[..., :4].sum(-1) / squares.sum(-1)
    np.testing.assert_allclose(explained.layer_shares, [first, 1 - first], atol=1e-6)


def test_pooled_values_are_shared_by_the_layers_they_average():
    weights = layer_weights((7, 9), 4, 3)  # 2 layers of 4 values, pooled to 3: bins 0-2, 2-5, 5-7
    np.testing.assert_allclose(weights, [[1, 0.5, 0], [0, 0.5, 1]])
    np.testing.assert_allclose(layer_shares(np.array([1.0, 2.0, 3.0]), np.zeros(3), weights), [3 / 14, 11 / 14])
    assert layer_shares(np.ones(3), np.ones(3), weights).tolist() == [0, 0]


def test_the_receipt_adds_up_by_eq_7(backbone, photos):
    model = PatchCore(PAPER, backbone).fit(photos[:8])
    paid = receipt(model.explain(read_image(photos[9].path)))
    patches, bank = plain_patches(model, photos[9]), model.bank.patches.astype(float)
    distances = cdist(patches.reshape(64, 10), bank)
    scores = np.sort(distances, axis=1)[:, :3].mean(1)
    highest = int(scores.argmax())
    assert (paid.patch, paid.patch_score) == (divmod(highest, 8), pytest.approx(scores.max(), rel=1e-5))
    nearest = int(distances[highest].argmin())
    around = np.argsort(cdist(bank[nearest][None], bank)[0], kind="stable")[:4]
    assert around[0] == nearest
    of_eq_7 = distances[highest][around]
    weight = 1 - np.exp(of_eq_7[0]) / np.exp(of_eq_7).sum()
    assert paid.weight.distances == pytest.approx(of_eq_7, rel=1e-5)
    assert paid.weight.weight == pytest.approx(weight, rel=1e-4)
    assert paid.score == pytest.approx(scores.max() * weight, rel=1e-4)
    assert paid.base == paid.patch_score


def test_the_receipt_of_a_map_names_its_highest_pixel(backbone, photos):
    model = PatchCore(MAPPED, backbone).fit(photos[:8])
    photo = read_image(photos[9].path)
    paid, result = receipt(model.explain(photo)), model.score_image(photo)
    assert result.anomaly_map[paid.pixel] == result.anomaly_map.max() == paid.map_score == paid.score == paid.base
    assert paid.weight is None


@pytest.mark.parametrize("config", [PAPER, MAPPED, TWO], ids=["paper", "map", "scales"])
def test_a_variant_is_what_a_run_with_that_setting_scores(backbone, photos, config):
    model = PatchCore(config, backbone).fit(photos[:8])
    photo = read_image(photos[9].path)
    told = variants(model.explain(photo))
    fields = {one.field for one in told}
    assert fields == {"num_neighbors", "image_score"} | ({"reweight_neighbors"} if config is PAPER else {"blur_sigma"})
    for one in told:
        changed = {one.field: one.value} | ({"reweight_neighbors": None} if one.value == "map" else {})
        again = PatchCore(replace(config, **changed), backbone)
        again._lay_out(model.shape)  # the same banks, other settings
        for scale, fitted in zip(again.scales, model.scales, strict=True):
            scale.bank, scale.good = fitted.bank, fitted.good
        assert one.score == again.score_image(photo).image_score, one
        assert one.used == (getattr(config, one.field) == one.value)
        if one.used:
            assert one.score == model.score_image(photo).image_score
