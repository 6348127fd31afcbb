"""All that is asked of a photo's score, against the model that scores it."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from patchcore_core.data.images import read_image
from patchcore_core.errors import ConfigError
from patchcore_core.model.evidence.evidence import Explainer
from patchcore_core.model.evidence.receipt import receipt
from patchcore_core.model.patchcore import PatchCore
from tests.model.evidence.test_explained import PAPER
from tests.model.test_scales import TWO


@pytest.mark.parametrize("config", [PAPER, TWO, replace(PAPER, distance="squared_euclidean")])
def test_the_score_of_one_patch_is_that_of_all(backbone, photos, config):
    model = PatchCore(config, backbone).fit(photos[:8])
    photo = read_image(photos[9].path)
    expected = model.score_image(photo).patch_scores
    first, whole = Explainer(model).evidence(photo), Explainer(model).evidence(photo)
    np.testing.assert_array_equal(whole.patch_scores, expected)
    for row, column in ((0, 0), (5, 2), (7, 7)):
        assert first.patch_score(row, column) == pytest.approx(expected[row, column], rel=1e-6)
        assert whole.patch_score(row, column) == expected[row, column]
    with pytest.raises(ConfigError, match="must lie in the grid"):
        first.patch_score(99, 0)


def test_one_patch_needs_no_search_of_all(backbone, photos):
    found = Explainer(PatchCore(PAPER, backbone).fit(photos[:8])).evidence(read_image(photos[9].path))
    found.patch_score(1, 1)
    assert len(found.nearest(1, 1, 3).rows) == 3
    assert not found.whole
    assert found.receipt == receipt(found._explained)
    assert found.whole
    assert found.variants is found.variants


def test_a_method_without_patches_is_refused():
    with pytest.raises(ConfigError, match="keeps no patches of good photos"):
        Explainer(SimpleNamespace(training=None))


def test_all_patches_are_searched_once(backbone, photos, monkeypatch):
    model, searched = PatchCore(PAPER, backbone).fit(photos[:8]), []
    found = Explainer(model).evidence(read_image(photos[9].path))
    search = type(model.bank).search
    monkeypatch.setattr(type(model.bank), "search", lambda bank, queries, *more: (
        searched.append(len(queries)), search(bank, queries, *more))[1])  # fmt: skip
    for answer in (found.patch_scores, found.layer_shares, found.resembles, found.receipt, found.variants):
        assert answer is not None
    assert [count for count in searched if count > 1] == [64]
