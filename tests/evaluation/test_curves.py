"""Thinned curves: never too many points, the ends kept, and no visible difference."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from patchcore_core.evaluation.curves import thin

QUICK = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


def distance_to_chords(points, kept):
    """Distance of every point (T, 2) to the straight line between the kept points on either side of it."""
    right = np.clip(np.searchsorted(kept, np.arange(len(points)), side="right"), 1, len(kept) - 1)
    start, end = points[kept[right - 1]], points[kept[right]]
    chord = end - start
    length = np.maximum((chord**2).sum(axis=1), 1e-300)
    share = np.clip(((points - start) * chord).sum(axis=1) / length, 0, 1)
    return np.linalg.norm(points - start - share[:, None] * chord, axis=1)


@QUICK
@given(hnp.arrays(float, st.integers(2, 300), elements=st.floats(0, 1)), st.integers(4, 40))
def test_at_most_the_limit_is_kept_and_the_ends_always(steps, limit):
    kept = thin([np.cumsum(steps)], limit)
    assert len(kept) <= max(limit, 2)
    assert kept[0] == 0
    assert kept[-1] == len(steps) - 1
    assert (np.diff(kept) > 0).all()


@QUICK
@given(hnp.arrays(float, st.integers(2, 300), elements=st.floats(0, 1)))
def test_points_are_dropped_only_between_points_a_step_apart(steps):
    curve = np.cumsum(steps)
    kept = thin([curve], 20)
    gaps = curve[kept[1:]] - curve[kept[:-1]]
    assert gaps[np.diff(kept) > 1].max(initial=0) <= 3 * (curve[-1] - curve[0]) / 19 + 1e-9


def test_a_short_curve_is_kept_whole():
    assert thin([np.arange(5.0)]).tolist() == [0, 1, 2, 3, 4]
    assert thin([np.zeros(0)]).tolist() == []


def test_a_curve_that_never_moves_keeps_its_ends():
    assert thin([np.ones(5000)]).tolist() == [0, 4999]


@pytest.mark.parametrize("separation", [0.0, 1.0, 3.0])
def test_roc_and_precision_recall_curves_do_not_visibly_change(separation):
    rng = np.random.default_rng(3)
    positive = rng.random(400_000) < 0.03
    order = np.argsort(-(rng.normal(size=400_000) + separation * positive))
    tp, fp = np.cumsum(positive[order]), np.cumsum(~positive[order])
    tpr, fpr, precision = tp / tp[-1], fp / fp[-1], tp / (tp + fp)
    kept = thin([tpr, fpr, precision])
    assert distance_to_chords(np.stack([fpr, tpr], 1), kept).max() < 1e-3
    assert distance_to_chords(np.stack([tpr, precision], 1), kept).max() < 1e-3
