"""The table of good patches against counts over all of them."""

from __future__ import annotations

import numpy as np
import pytest

from patchcore_core.evaluation.curve_points import Curves, HeldOutArrays
from patchcore_core.evaluation.statistics.good_patches import EVEN, TAIL, GoodPatches
from patchcore_core.fitting.good_scores import held_out_scores, read_held_out


def test_few_patches_are_all_kept():
    scores = np.array([[[3.0, 1.0], [1.0, 2.0]], [[np.nan, 9.0], [9.0, 9.0]]], np.float32)
    table = GoodPatches.of(scores)
    assert (table.scores.tolist(), table.ranks.tolist(), table.count) == ([1, 2, 3], [2, 3, 4], 4)
    assert [table.share(score) for score in (0.5, 1.0, 2.0, 3.0, 50.0)] == [0, 0.5, 0.75, 1, 1]
    assert table.share(1.5) == pytest.approx(0.625)  # between two rows


@pytest.mark.parametrize("draw", ["normal", "lognormal"])
def test_shares_of_many_are_those_of_all_of_them(draw):
    scores = getattr(np.random.default_rng(0), draw)(size=(40, 50, 60)).astype(np.float32)
    table, total = GoodPatches.of(scores), scores.size
    assert len(table.scores) <= EVEN + TAIL
    assert table.count == total
    asked = np.append(np.quantile(scores, np.linspace(0, 1, 97)), np.sort(scores, axis=None)[-40:])
    for score in asked.astype(np.float32):
        exact = (scores <= score).sum() / total
        assert table.share(score) == pytest.approx(exact, abs=2 / EVEN)
        assert 1 - table.share(score) == pytest.approx(1 - exact, rel=0.1, abs=1.01 / total)  # also far in the tail


def test_without_patches_there_is_no_share():
    empty = GoodPatches.of(np.full((2, 3, 3), np.nan, np.float32))
    assert empty.count == 0
    assert np.isnan(empty.share(1.0))


def test_a_run_keeps_it_beside_its_curves_and_older_runs_have_none():
    patches = np.random.default_rng(1).random((3, 4, 4), np.float32)
    held_out = held_out_scores(np.ones(3, np.float32), patches, lambda values: values, (4, 4))
    kept = Curves.of(Curves(heldout=held_out.arrays()).arrays()).heldout
    table = GoodPatches.stored(kept)
    np.testing.assert_array_equal(table.scores, np.sort(patches, axis=None))
    np.testing.assert_array_equal(read_held_out(kept).patches.ranks, table.ranks)
    for older in (None, HeldOutArrays(np.ones(3))):
        assert GoodPatches.stored(older).count == 0
