"""Every figure against scikit-learn, against a slow second implementation in fractions, and by its properties."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score

from patchcore_core.evaluation import metrics

QUICK = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])

TIED = st.integers(-4, 4).map(lambda value: value / 4)
IMAGE_METRICS = ["image_auroc", "average_precision", "f1_max", "f1_max_threshold", "fpr_at_tpr", "tpr_at_fpr",
                 "partial_auroc"]  # fmt: skip
PIXEL_METRICS = ["pixel_auroc", "pixel_auroc_anomalous", "pixel_average_precision", "pixel_f1_max", "aupro"]


def with_both_classes(draw, labels):
    """Two different places of a drawn array set to True and False."""
    places = draw(st.lists(st.integers(0, labels.size - 1), min_size=2, max_size=2, unique=True))
    labels.flat[places] = [True, False]
    return labels


@st.composite
def images(draw):
    """Labels with both classes, and scores with ties."""
    size = draw(st.integers(2, 50))
    labels = with_both_classes(draw, draw(hnp.arrays(bool, size)))
    return labels, draw(hnp.arrays(draw(st.sampled_from([np.float16, np.float32, np.float64])), size, elements=TIED))


@st.composite
def maps(draw):
    """Masks with defect pixels and background, maps with ties; regions of one pixel and at the border come up."""
    shape = draw(st.tuples(st.integers(1, 3), st.integers(1, 5), st.integers(1, 5)))
    assume(np.prod(shape) > 1)
    masks = with_both_classes(draw, draw(hnp.arrays(bool, shape)))
    return masks, draw(hnp.arrays(draw(st.sampled_from([np.float16, np.float32])), shape, elements=TIED))


def slow_f1_max(labels, scores):
    precision, recall, thresholds = precision_recall_curve(labels, scores)
    f1 = [2 * p * r / (p + r) if p + r else 0.0 for p, r in zip(precision, recall, strict=True)][:-1]
    best = max(f1)
    return best, max(t for t, value in zip(thresholds, f1, strict=True) if value > best - 1e-12)


def slow_pro_points(masks, maps):
    """(FPR, mean overlap) from (0, 0) over all distinct thresholds downward, in fractions."""
    regions = []
    for image, mask in enumerate(masks):
        numbered, count = ndimage.label(mask, structure=np.ones((3, 3)))
        regions += [(image, numbered == number) for number in range(1, count + 1)]
    points = [(Fraction(0), Fraction(0))]
    for threshold in sorted(set(maps.ravel().tolist()), reverse=True):
        found = maps >= threshold
        false_positives = Fraction(int((found & ~masks).sum()), int((~masks).sum()))
        overlaps = [Fraction(int(found[image][region].sum()), int(region.sum())) for image, region in regions]
        points.append((false_positives, sum(overlaps) / len(overlaps)))
    return points


def slow_aupro(masks, maps, limit):
    area, points = Fraction(0), slow_pro_points(masks, maps)
    for (x0, y0), (x1, y1) in pairwise(points):
        if x0 < min(limit, x1):
            end = min(x1, limit)
            y_end = y0 + (y1 - y0) * (end - x0) / (x1 - x0)
            area += (end - x0) * (y0 + y_end) / 2
    return float(area / limit)


@QUICK
@given(images())
def test_image_figures_are_those_of_scikit_learn(data):
    labels, scores = data
    f1, threshold = slow_f1_max(labels, scores)
    assert metrics.image_auroc(labels, scores) == pytest.approx(roc_auc_score(labels, scores), abs=1e-12)
    assert metrics.average_precision(labels, scores) == pytest.approx(average_precision_score(labels, scores))
    assert metrics.f1_max(labels, scores) == pytest.approx(f1)
    assert metrics.f1_max_threshold(labels, scores) == threshold


@QUICK
@given(maps())
def test_pixel_figures_are_those_of_scikit_learn_on_all_pixels_pooled(data):
    masks, scores = data
    flat = masks.ravel(), scores.ravel()
    assert metrics.pixel_auroc(masks, scores) == pytest.approx(roc_auc_score(*flat), abs=1e-12)
    assert metrics.pixel_average_precision(masks, scores) == pytest.approx(average_precision_score(*flat))
    assert metrics.pixel_f1_max(masks, scores) == pytest.approx(slow_f1_max(*flat)[0])


@QUICK
@given(maps())
def test_pixel_auroc_of_anomalous_images_leaves_out_images_without_defect(data):
    masks, scores = data
    chosen = masks.any(axis=(1, 2))
    assume(not masks[chosen].all())
    expected = roc_auc_score(masks[chosen].ravel(), scores[chosen].ravel())
    assert metrics.pixel_auroc_anomalous(masks, scores) == pytest.approx(expected, abs=1e-12)


@QUICK
@given(maps(), st.sampled_from([Fraction(3, 10), Fraction(1, 20), Fraction(1, 2), Fraction(1)]))
def test_aupro_is_that_of_the_slow_implementation(data, limit):
    masks, scores = data
    assert metrics.aupro(masks, scores, float(limit)) == pytest.approx(slow_aupro(masks, scores, limit), abs=1e-12)


@QUICK
@given(maps())
def test_the_pro_curve_is_that_of_the_slow_implementation(data):
    masks, scores = data
    fpr, overlap, thresholds = metrics.pro_curve(masks, scores)
    np.testing.assert_allclose(np.stack([fpr, overlap], 1), np.array(slow_pro_points(masks, scores), float), atol=1e-12)
    assert thresholds.tolist() == [np.inf, *sorted(set(scores.ravel().tolist()), reverse=True)]


def test_aupro_by_hand():
    # Regions A (one pixel) and B (three); from the highest score down: B, background, B, background, A, ...
    masks = np.array([[[1, 0, 1, 1, 1, 0, 0, 0]]], bool)
    scores = np.array([[[5, 8, 9, 7, 1, 6, 2, 0]]], np.float16)
    fpr, overlap, thresholds = metrics.pro_curve(masks, scores)
    assert thresholds.tolist() == [np.inf, 9, 8, 7, 6, 5, 2, 1, 0]
    assert fpr.tolist() == [0, 0, 0.25, 0.25, 0.5, 0.5, 0.75, 0.75, 1]
    np.testing.assert_allclose(overlap * 6, [0, 1, 1, 2, 2, 5, 5, 6, 6])
    assert metrics.aupro(masks, scores, 0.3) == pytest.approx(7 / 36)
    assert metrics.aupro(masks, scores, 0.5) == pytest.approx(1 / 4)


def test_a_small_region_weighs_as_much_as_a_large_one():
    masks = np.zeros((1, 20, 20), bool)
    masks[0, :10, :10] = masks[0, 19, 19] = True
    scores = np.where(masks, 2.0, 1.0)
    scores[0, 19, 19] = 0.0
    # The large region is found before any false positive, the one pixel only after all of them.
    assert metrics.aupro(masks, scores) == pytest.approx(0.5)
    assert metrics.pixel_average_precision(masks, scores) > 0.99


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_constant_maps_are_as_good_as_chance(dtype):
    masks = np.zeros((2, 4, 4), bool)
    masks[0, 0, 0] = True
    scores = np.full(masks.shape, 3, dtype)
    assert metrics.pixel_auroc(masks, scores) == 0.5
    assert metrics.pixel_average_precision(masks, scores) == pytest.approx(1 / 32)
    assert metrics.aupro(masks, scores) == pytest.approx(0.15)


def test_a_perfect_map_reaches_one_everywhere():
    masks = np.zeros((2, 6, 6), bool)
    masks[1, 0, :3] = masks[1, 5, 5] = True
    for name in PIXEL_METRICS:
        assert getattr(metrics, name)(masks, masks.astype(np.float16)) == pytest.approx(1.0), name


@QUICK
@given(images())
def test_image_figures_do_not_change_under_monotone_transforms(data):
    labels, scores = data
    ranks = np.unique(scores, return_inverse=True)[1]
    for name in set(IMAGE_METRICS) - {"f1_max_threshold"}:
        metric = getattr(metrics, name)
        assert metric(labels, np.exp(ranks / 7)) == metric(labels, scores), name


@QUICK
@given(maps())
def test_pixel_figures_do_not_change_under_monotone_transforms(data):
    masks, scores = data
    assume(not masks[masks.any(axis=(1, 2))].all())
    ranks = np.unique(scores, return_inverse=True)[1].reshape(scores.shape)
    for name in PIXEL_METRICS:
        metric = getattr(metrics, name)
        assert metric(masks, np.exp(ranks / 7)) == pytest.approx(metric(masks, scores), abs=1e-14), name


@QUICK
@given(maps(), st.randoms(use_true_random=False))
def test_pixel_figures_do_not_depend_on_the_order_of_the_images(data, random):
    masks, scores = data
    order = random.sample(range(len(masks)), len(masks))
    assume(not masks[masks.any(axis=(1, 2))].all())
    one, other = metrics.pixel_metrics(masks, scores), metrics.pixel_metrics(masks[order], scores[order])
    assert other == pytest.approx(one, abs=1e-14)


@QUICK
@given(maps())
def test_all_pixel_figures_in_one_call_are_those_of_each(data):
    masks, scores = data
    assume(not masks[masks.any(axis=(1, 2))].all())
    found = metrics.pixel_metrics(masks, scores, (0.3, 0.05))
    assert found == {**{name: getattr(metrics, name)(masks, scores) for name in PIXEL_METRICS},
                     "aupro_0.05": metrics.aupro(masks, scores, 0.05)}  # fmt: skip


@QUICK
@given(maps())
def test_float16_and_float32_maps_of_the_same_numbers_have_the_same_figures(data):
    masks, scores = data
    assume(not masks[masks.any(axis=(1, 2))].all())
    one, other = (metrics.pixel_metrics(masks, scores.astype(kind)) for kind in (np.float16, np.float32))
    assert one == pytest.approx(other, abs=1e-14)


def test_the_figures_are_those_of_other_projects(noisy_maps):
    # anomalib 2.7.0 (exact but for its float32) and adeval 1.1.0 (1000 steps) on the same maps
    found = metrics.pixel_metrics(*noisy_maps, (0.3, 0.05))
    assert found["aupro"] == pytest.approx(0.8706886172, abs=1e-6)
    assert found["aupro_0.05"] == pytest.approx(0.4523384571, abs=1e-6)
    assert found["pixel_auroc"] == pytest.approx(0.9592377127, abs=1e-4)
    assert found["pixel_average_precision"] == pytest.approx(0.1502297840, abs=2e-3)
    assert found["aupro"] == pytest.approx(0.8706889791, abs=1e-4)


def test_one_pixel_regions_and_regions_at_the_border():
    masks, scores = np.zeros((2, 5, 5), bool), np.zeros((2, 5, 5), np.float16)
    masks[0, 0, 0] = masks[0, 4, 1:4] = masks[1, 1:3, 4] = True  # one pixel; along an edge; another edge
    scores[0, 0, 0], scores[0, 4, 1], scores[1, 1:3, 4] = 3, 2, 1
    scores[0, 2, 2] = 2.5  # one of 44 pixels of background
    # (FPR, overlap): (0, 1/3), (1/44, 1/3), (1/44, 4/9), (1/44, 7/9), (1, 1)
    expected = ((1 / 44) / 3 + (0.3 - 1 / 44) * (7 / 9 + (0.3 - 1 / 44) / (43 / 44) * (2 / 9) / 2)) / 0.3
    assert metrics.aupro(masks, scores) == pytest.approx(expected)


@QUICK
@given(images())
def test_turning_scores_around_turns_auroc_around(data):
    labels, scores = data
    assert metrics.image_auroc(labels, -scores) == pytest.approx(1 - metrics.image_auroc(labels, scores), abs=1e-12)


@pytest.mark.parametrize("name", IMAGE_METRICS)
@pytest.mark.parametrize(
    ("labels", "reason"), [([0, 0], "there is no defective image"), ([1, 1], "there is no good image"),
                           ([], "there is no defective image")]
)
def test_images_of_one_class_give_nan_and_a_reason(name, labels, reason):
    with pytest.warns(metrics.UndefinedMetricWarning, match=reason):
        assert np.isnan(getattr(metrics, name)(labels, np.arange(len(labels), dtype=float)))


@pytest.mark.parametrize("name", PIXEL_METRICS)
@pytest.mark.parametrize(
    ("mask", "reason"), [(False, "no mask has a defect pixel"), (True, "no pixel lies outside the defects")]
)
def test_masks_of_one_class_give_nan_and_a_reason(name, mask, reason):
    with pytest.warns(metrics.UndefinedMetricWarning, match=reason):
        assert np.isnan(getattr(metrics, name)(np.full((2, 3, 3), mask), np.ones((2, 3, 3))))


@pytest.mark.parametrize("name", [*IMAGE_METRICS, *PIXEL_METRICS, "pro_curve", "pixel_metrics"])
def test_the_warning_points_at_the_caller(name):
    nothing = np.zeros(1, bool) if name in IMAGE_METRICS else np.zeros((1, 2, 2), bool)
    with pytest.warns(metrics.UndefinedMetricWarning, match=" is undefined: ") as caught:
        getattr(metrics, name)(nothing, np.ones(nothing.shape))
    assert {warning.filename for warning in caught} == {__file__}


def test_an_undefined_pro_curve_is_empty():
    with pytest.warns(metrics.UndefinedMetricWarning, match="no mask has a defect pixel"):
        assert [len(part) for part in metrics.pro_curve(np.zeros((1, 2, 2), bool), np.ones((1, 2, 2)))] == [0, 0, 0]


@pytest.mark.parametrize("name", PIXEL_METRICS)
@pytest.mark.parametrize(
    ("masks", "scores", "message"),
    [
        (np.zeros((1, 2, 2), bool), np.zeros((1, 2, 3)), "got \\(1, 2, 2\\) and \\(1, 2, 3\\)"),
        (np.zeros((2, 2), bool), np.zeros((2, 2)), "must both be \\(N, H, W\\)"),
        (np.ones((1, 1, 2), bool), np.array([[[1, np.nan]]], np.float16), "scores must be finite"),
        (np.full((1, 1, 2), 255), np.zeros((1, 1, 2)), "labels must be 0 or 1, got 255"),
    ],
)
def test_maps_that_cannot_be_judged_are_refused(name, masks, scores, message):
    with pytest.raises(ValueError, match=message):
        getattr(metrics, name)(masks, scores)


@pytest.mark.parametrize("limit", [0, -0.1, 1.5, float("nan")])
def test_an_fpr_limit_outside_its_range_is_refused(limit):
    with pytest.raises(ValueError, match="fpr_limit must be in \\(0, 1\\]"):
        metrics.aupro(np.eye(3, dtype=bool)[None], np.ones((1, 3, 3)), limit)
