"""Banks that go on from earlier ones, against plain farthest-first."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from patchcore_core.errors import DataError
from patchcore_core.model.continued import farthest
from patchcore_core.model.memory_bank import MemoryBank
from patchcore_core.model.patchcore import PatchCore
from tests.model.test_patchcore import TINY, plain_features
from tests.model.test_scales import TWO


def test_farthest_is_plain_farthest_first_down_to_the_radius():
    random = np.random.default_rng(2)
    bank, patches = (random.normal(size=(count, 6)).astype(np.float32) for count in (30, 80))
    chosen: list[int] = []
    while True:
        nearest = cdist(patches, np.concatenate([bank, patches[chosen]])).min(axis=1)
        if nearest.max() <= 1.5:
            break
        chosen.append(int(nearest.argmax()))
    assert 3 < len(chosen) < 80
    assert farthest(patches, MemoryBank(bank), 1.5, most=80).tolist() == chosen
    assert farthest(patches, MemoryBank(bank), 1.5, most=3).tolist() == chosen[:3]
    assert farthest(patches[:0], MemoryBank(bank), 1.5, most=3).tolist() == []


@pytest.mark.parametrize("config", [TINY, TWO, replace(TINY, sampler="random"), replace(TINY, sampler="identity")],
                         ids=["greedy", "scales", "random", "identity"])
def test_the_old_rows_stay_and_the_new_photo_is_as_near_as_the_old_ones(backbone, photos, config):
    before = PatchCore(config, backbone).fit(photos[:8])
    after = before.continuing().fit(photos[:9])
    assert after.training.paths == tuple(str(photo.path) for photo in photos[:9])
    for old, new in zip(before.scales, after.scales, strict=True):
        rows = len(old.bank)
        np.testing.assert_array_equal(new.bank.patches[:rows], old.bank.patches)
        np.testing.assert_array_equal(new.bank.origin[:rows], old.bank.origin)
        assert (new.bank.origin[rows:, 0] == 8).all()
        assert len(new.bank) > rows
        assert new.good == old.good
    was, now = (model.score(photos[8:]) for model in (before, after))
    assert now.image_scores[0] < was.image_scores[0]
    assert (now.patch_scores <= was.patch_scores).all()


def test_the_new_photo_is_within_the_covering_radius(backbone, photos):
    before = PatchCore(TINY, backbone).fit(photos[:8])
    after = before.continuing().fit(photos[:9])
    train, taught = plain_features(before, photos[:8]).reshape(-1, 10), plain_features(before, photos[8:9])[0]
    def farthest_of(patches, rows):
        return cdist(patches, rows).min(axis=1).max()

    radius = farthest_of(train, before.bank.patches[:-1])  # at which the last row was picked
    assert farthest_of(taught, before.bank.patches) > radius
    assert farthest_of(taught, after.bank.patches) <= radius * (1 + 1e-6)
    assert farthest_of(taught, after.bank.patches[:-1]) > radius  # and no row is there in vain


def test_a_bank_that_would_grow_too_much_loses_the_last_rows_of_its_order(backbone, photos):
    before = PatchCore(replace(TINY, coreset_ratio=0.02), backbone).fit(photos[:8])  # 10 of 512
    after = before.continuing().fit(photos[:12])  # 15 of 768, and a tenth
    kept = int((after.bank.origin[:, 0] < 8).sum())
    np.testing.assert_array_equal(after.bank.patches[:kept], before.bank.patches[:kept])
    assert len(after.bank) <= 16


def test_a_bank_that_is_taught_again_and_again_stays_within_a_tenth_of_a_fit(backbone, photos):
    config = replace(TINY, coreset_ratio=0.02)
    model = PatchCore(config, backbone).fit(photos[:4])
    for count in range(5, 13):
        model = model.continuing().fit(photos[:count])
        whole = PatchCore(config, backbone).fit(photos[:count])
        assert len(model.bank) <= max(1.1 * len(whole.bank), 1)


@pytest.mark.parametrize("config", [TINY, TWO], ids=["one scale", "two scales"])
def test_the_coreset_reports_how_far_it_is(backbone, photos, config):
    told: list[tuple[int, int]] = []
    before = PatchCore(config, backbone).fit(photos[:8])
    before.continuing().fit(photos[:9], lambda stage, *step: told.append(step) if stage == "coreset" else None)
    done, totals = zip(*told[1:], strict=True)  # the first one begins the stage
    assert len(set(totals)) == 1
    assert list(done) == sorted(done)
    assert done[0] > 0
    assert done[-1] == totals[0]


def test_photos_that_have_moved_are_still_the_same(backbone, photos, tmp_path):
    before = PatchCore(TINY, backbone).fit(photos[:8])
    moved = [replace(photo, path=photo.path.rename(tmp_path / f"moved-{photo.path.name}")) for photo in photos[:8]]
    after = before.continuing().fit([*moved, photos[8]])
    assert after.training.paths[0].endswith("moved-" + photos[0].path.name)


@pytest.mark.parametrize("how", ["changed", "gone"])
def test_training_photos_that_are_not_those_of_the_bank_are_refused(backbone, photos, how):
    before = PatchCore(TINY, backbone).fit(photos[:11])
    path = photos[10].path
    if how == "changed":
        path.write_bytes(photos[9].path.read_bytes())
    else:
        path.write_bytes(b"")
    with pytest.raises(DataError, match=str(path)):
        before.continuing().fit(photos)


def test_a_bank_without_origins_cannot_go_on(backbone, photos):
    before = PatchCore(TINY, backbone).fit(photos[:8])
    before.bank = MemoryBank(before.bank.patches)
    with pytest.raises(DataError, match="does not record the origin"):
        before.continuing().fit(photos)


def test_the_fit_itself_is_as_before(backbone, photos):
    before = PatchCore(TINY, backbone).fit(photos[:8])
    before.continuing().fit(photos[:9])
    again = PatchCore(TINY, backbone).fit(photos[:8])
    np.testing.assert_array_equal(again.bank.patches, before.bank.patches)
    assert before.training.paths == again.training.paths
