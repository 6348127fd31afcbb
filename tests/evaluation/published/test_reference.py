"""Published figures, by hand and by what must hold in any table of them."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.values import PhotoCounts
from patchcore_core.evaluation.published.reference import (
    CATEGORIES,
    PROTOCOLS,
    Setting,
    beside_published,
    published,
)

PAPER = PatchCoreConfig.preset("paper")
OURS = {"image_auroc": 0.98, "pixel_auroc": math.nan}


def chosen(rows, protocol, metric="image_auroc"):
    return next(row for row in rows if row.protocol == protocol and row.metric == metric)


def test_there_are_the_images_of_mvtec():
    assert len(CATEGORIES) == 15
    assert np.sum(list(CATEGORIES.values()), axis=0).tolist() == [3629, 467, 1258]


def test_every_row_is_a_share_of_a_known_protocol_and_stands_once():
    rows = published()
    assert len(rows) == 538
    assert {(source, protocol) for source, protocol, *_ in rows} == set(PROTOCOLS)
    assert {category for _, _, category, _, _ in rows} == {*CATEGORIES, "mean"}
    assert len({row[:4] for row in rows}) == len(rows)
    assert all(0.5 < row[4] <= 1 for row in rows)


def test_the_published_means_are_those_of_the_categories():
    """To the last digit that the sources give."""
    table = {row[:4]: row[4] for row in published()}
    checked = 0
    for (source, protocol, category, metric), value in table.items():
        parts = [table.get((source, protocol, name, metric), math.nan) for name in CATEGORIES]
        if category == "mean" and not np.isnan(parts).any():
            digits = 3 if source != "patchcore-inspection" else 6
            assert value == pytest.approx(np.mean(parts), abs=1.1 * 10.0**-digits), (source, protocol, metric)
            checked += 1
    assert checked > 30


def test_a_category_beside_its_published_figures():
    rows = beside_published("bottle", OURS, PAPER)
    row = chosen(rows, "IM224_Ensemble_L2-3_P001_D1024-384_PS-3_AN-1")
    assert (row.value, row.ours) == (1.0, 0.98)
    assert row.difference == pytest.approx(-0.02)
    assert math.isnan(chosen(rows, row.protocol, "pixel_auroc").difference)
    assert math.isnan(chosen(rows, row.protocol, "aupro").ours)
    assert beside_published("my own parts", OURS, PAPER) == ()


def test_the_preset_of_a_protocol_differs_in_nothing_but_what_it_says():
    rows = beside_published("mean", OURS, PatchCoreConfig.preset("patchcore-inspection"))
    assert chosen(rows, "IM224_WR50_L2-3_P01_D1024-1024_PS-3_AN-1").differs == ()
    paper = chosen(beside_published("mean", OURS, PatchCoreConfig.preset("paper", reweight_neighbors=3)),
                   "WRN50 L2-3 IM224 coreset 10%")
    assert paper.differs == ()
    assert paper.not_stated == ("feature dimensions",)


@pytest.mark.parametrize(("changes", "setting"), [
    ({"backbone": "resnet18"}, Setting("backbone", "wide_resnet50_2", "resnet18")),
    ({"layers": ("layer2",)}, Setting("layers", "layer2, layer3", "layer2")),
    ({"image_size": 320}, Setting("image size", "256", "320")),
    ({"center_crop": None}, Setting("centre crop", "224", "none")),
    ({"coreset_ratio": 0.01}, Setting("coreset", "10 %", "1 %")),
    ({"sampler": "greedy"}, Setting("sampler", "approx_greedy", "greedy")),
    ({"num_neighbors": 3}, Setting("neighbours", "1", "3")),
    ({"patch_size": 5}, Setting("neighbourhood", "3", "5")),
    ({"reweight_neighbors": 9}, Setting("re-weighting", "none", "eq. 7")),
    ({"image_score": "map"}, Setting("image score", "highest patch", "highest of the map")),
    ({"distance": "euclidean"}, Setting("distance", "squared_euclidean", "euclidean")),
    ({"pretrain_dim": None, "target_dim": None}, Setting("feature dimensions", "1024, 1024", "all")),
])
def test_each_setting_that_differs_is_flagged(changes, setting):
    rows = beside_published("mean", OURS, PatchCoreConfig.preset("patchcore-inspection", **changes))
    assert chosen(rows, "IM224_WR50_L2-3_P01_D1024-1024_PS-3_AN-1").differs == (setting,)


def test_the_whole_bank_is_a_coreset_of_all():
    config = PatchCoreConfig.preset("patchcore-inspection", sampler="identity")
    row = chosen(beside_published("mean", OURS, config), "IM224_WR50_L2-3_P01_D1024-1024_PS-3_AN-1")
    assert Setting("coreset", "10 %", "100 %") in row.differs


def test_other_methods_and_what_a_source_does_not_say():
    rows = beside_published("mean", OURS, PAPER)
    spade = next(row for row in rows if row.source.startswith("SPADE"))
    assert spade.differs == (Setting("method", "SPADE", "PatchCore"),)
    anomalib = chosen(rows, "Patchcore WRN50")
    assert {"image size", "centre crop"} <= set(anomalib.not_stated)
    assert chosen(rows, "IM320_WR50_L2-3_P001_D1024-1024_PS-5_AN-3").note


def test_a_folder_that_only_bears_the_name_is_flagged():
    counts = PhotoCounts(209, 20, 63)
    assert not any(setting.name.startswith("images") for row in beside_published("bottle", OURS, PAPER, counts)
                   for setting in row.differs)
    for row in beside_published("bottle", OURS, PAPER, dataclasses.replace(counts, train=30)):
        assert Setting("images (train, good, defective)", "209, 20, 63", "30, 20, 63") in row.differs
