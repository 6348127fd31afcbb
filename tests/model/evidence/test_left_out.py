"""A photo left out is scored as by a bank without its rows and those of its near-copies."""

from dataclasses import replace

import numpy as np
import pytest

from patchcore_core.data.images import read_image
from patchcore_core.model.evidence.left_out import left_out
from patchcore_core.model.memory_bank import MemoryBank
from patchcore_core.model.patchcore import PatchCore
from tests.model.test_patchcore import TINY
from tests.model.test_scales import TWO

PAPER = replace(TINY, num_neighbors=2, reweight_neighbors=3)
MAPPED = replace(TINY, image_score="map", blur_sigma=2.0)


@pytest.mark.parametrize("config", [PAPER, MAPPED, TWO], ids=["paper", "map", "scales"])
def test_it_is_the_score_by_a_bank_without_the_group(backbone, photos, config):
    model = PatchCore(config, backbone).fit(photos[:8])
    groups = np.array([0, 1, 2, 3, 4, 2, 6, 7])  # 5 is a copy of 2
    explained = model.explain(read_image(photos[2].path))
    found = left_out(explained, 2, groups)
    kept = [~np.isin(bank.origin[:, 0], (2, 5)) for bank in model.banks]
    for scale, rows in zip(model.scales, kept, strict=True):
        scale.bank = MemoryBank(scale.bank.patches[rows], scale.bank.origin[rows])
    plain = model.score_image(read_image(photos[2].path))
    assert found.image_score == pytest.approx(plain.image_score, rel=1e-5)
    np.testing.assert_allclose(found.anomaly_map, plain.anomaly_map, rtol=1e-5)
    np.testing.assert_array_equal(found.nearest.origin, plain.nearest.origin)


def test_it_is_the_score_that_the_fit_recorded(backbone, photos):
    model = PatchCore(PAPER, backbone).fit(photos[:8])
    recorded = model.report.held_out
    for image, score in zip(recorded.images, recorded.image_scores, strict=True):
        found = left_out(model.explain(read_image(photos[image].path)), int(image), recorded.groups)
        assert found.image_score == pytest.approx(score, rel=1e-5)
