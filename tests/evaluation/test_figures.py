"""The figures beyond areas against counting at every threshold; names and reasons."""

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.metrics import roc_auc_score

from patchcore_core.evaluation import figures, metrics
from patchcore_core.evaluation.counts import counts_by_threshold
from patchcore_core.evaluation.curves import iou_of, reached_at
from patchcore_core.evaluation.thresholds.decision import segmentation

QUICK = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def images(draw):
    size = draw(st.integers(2, 40))
    labels = draw(hnp.arrays(bool, size))
    assume(labels.any() and not labels.all())
    return labels, draw(hnp.arrays(np.float64, size, elements=st.integers(-4, 4).map(float)))


def rates(labels, scores):
    """(TPR, FPR) at every distinct score and at one that nothing reaches."""
    cuts = [np.inf, *sorted(set(scores.tolist()))]
    return [(np.mean(scores[labels] >= cut), np.mean(scores[~labels] >= cut)) for cut in cuts]


@QUICK
@given(images(), st.sampled_from([0.5, 0.95, 1.0]))
def test_fpr_at_tpr_is_the_lowest_of_the_thresholds_that_find_enough(data, tpr):
    expected = min(fpr for found, fpr in rates(*data) if found >= tpr)
    assert metrics.fpr_at_tpr(*data, tpr) == expected


@QUICK
@given(images(), st.sampled_from([0.0, 0.01, 0.25, 1.0]))
def test_tpr_at_fpr_is_the_largest_of_the_thresholds_that_are_wrong_rarely_enough(data, fpr):
    assert metrics.tpr_at_fpr(*data, fpr) == max(found for found, wrong in rates(*data) if wrong <= fpr)


@QUICK
@given(images(), st.sampled_from([0.1, 0.3, 1.0]))
def test_partial_auroc_is_that_of_scikit_learn(data, limit):
    expected = roc_auc_score(*data, max_fpr=limit)
    assert metrics.partial_auroc(*data, limit) == pytest.approx(expected, abs=1e-12)


def test_shares_that_are_not_round_in_binary_still_count():
    labels = np.repeat([False, True], 20)
    scores = np.r_[np.full(20, 1.5), 1.0, np.full(19, 2.0)]  # 19 of 20 are above every good image
    assert metrics.fpr_at_tpr(labels, scores, 0.95) == 0


@QUICK
@given(images(), st.floats(-5, 5))
def test_iou_is_that_of_the_segmentation(data, threshold):
    expected = segmentation(*data, threshold).iou
    counts = counts_by_threshold(*data)
    assert float(iou_of(counts, *reached_at(counts, threshold))) == pytest.approx(expected, nan_ok=True)


def test_an_fpr_limit_names_its_figure():
    names = [figures.aupro_name(limit) for limit in (0.3, 0.05, 0.1, 1)]
    assert names == ["aupro", "aupro_0.05", "aupro_0.1", "aupro_1"]
    with pytest.raises(ValueError, match="fpr_limit must be in"):
        figures.aupro_name(0)


def test_figures_are_named_in_the_order_in_which_they_are_given(noisy_maps):
    masks, maps = noisy_maps
    counted = counts_by_threshold(masks, maps)
    pixel = figures.PixelCounts(counted, counted)
    given_names = [*figures.image_figures(counted), *figures.pixel_figures(pixel, (0.3, 0.2))]
    assert tuple(given_names) == figures.figure_names((0.3, 0.2))
    assert figures.reasons(given_names, counted, pixel) == dict.fromkeys(
        ("pixel_iou", "pixel_f1"), "there is no pixel threshold"
    )
