"""Pixels of which nobody knows: every pixel figure is that of a test set which does not have them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage
from sklearn.metrics import average_precision_score, roc_auc_score

from patchcore_core.data.masks import Truth
from patchcore_core.evaluation.evaluate import evaluate
from patchcore_core.evaluation.image_regions import regions_of_image
from patchcore_core.evaluation.map_summary import score_edges, summarise

AT = 0.90625  # a pixel threshold that float16 holds
LABELS = np.array([0, 0, 1, 1, 1])
TYPES = ["good", "good", "a", "a", "b"]


def case(dtype: type, seed: int, side: int = 24) -> tuple[NDArray, NDArray, NDArray]:
    """Maps, masks and ignored pixels (5, S, S)."""
    random = np.random.default_rng(seed)
    maps = random.random((5, side, side)).astype(dtype)
    masks, ignored = np.zeros((5, side, side), bool), np.zeros((5, side, side), bool)
    for image in (2, 3, 4):
        masks[image, 2 : 6 + image, 3:8] = masks[image, 14:17, 10:20] = True
        ignored[image] = ndimage.binary_dilation(masks[image], iterations=2) & ~masks[image]
        maps[image][masks[image]] += dtype(0.4)
        maps[image][ignored[image]] += dtype(0.7)  # it would cost much to count them as good
    return maps, masks, ignored


def evaluated(maps: NDArray, masks: NDArray, ignored: NDArray | None, **options: int):  # type: ignore[no-untyped-def]
    return evaluate(LABELS, TYPES, maps.max((1, 2)), masks, maps, np.ones(5, bool), ignored=ignored,
                    **{"replicates": 0, **options})  # fmt: skip


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@pytest.mark.parametrize("side", [24, 300])  # few scores, and so many that negatives share bins
def test_figures_are_those_of_the_other_pixels(dtype: type, side: int) -> None:
    maps, masks, ignored = case(dtype, 1, side)
    found = evaluated(maps, masks, ignored).metrics
    scores, labels = maps[~ignored], masks[~ignored]
    assert found["pixel_auroc"] == pytest.approx(roc_auc_score(labels, scores), abs=1e-9)
    assert found["pixel_average_precision"] == pytest.approx(average_precision_score(labels, scores), abs=1e-9)
    defective = ~ignored[2:]
    expected = roc_auc_score(masks[2:][defective], maps[2:][defective])
    assert found["pixel_auroc_anomalous"] == pytest.approx(expected, abs=1e-9)


def slow_aupro(maps: NDArray, masks: NDArray, ignored: NDArray, limit: float = 0.3) -> float:
    """Over every distinct score, with a loop over regions; linear at the limit."""
    regions = [maps[image][numbered == number] for image in range(len(maps))
               for numbered, count in [ndimage.label(masks[image], np.ones((3, 3)))] for number in range(1, count + 1)]
    others = maps[~masks & ~ignored]
    points = [(np.mean(others >= threshold), np.mean([np.mean(region >= threshold) for region in regions]))
              for threshold in np.unique(maps[~ignored])[::-1]]
    fpr, overlap = np.array([(0, 0), *points]).T
    inside = fpr <= limit
    fpr, overlap = np.append(fpr[inside], limit), np.append(overlap[inside], np.interp(limit, fpr, overlap))
    return float(np.trapezoid(overlap, fpr) / limit)


def test_the_overlap_of_regions_is_held_against_the_other_pixels() -> None:
    maps, masks, ignored = case(np.float16, 2)
    found = evaluated(maps, masks, ignored).metrics["aupro"]
    assert found == pytest.approx(slow_aupro(maps, masks, ignored), abs=1e-9)
    assert found != pytest.approx(evaluated(maps, masks, None).metrics["aupro"], abs=1e-3)


def test_types_intervals_curves_and_iou_leave_them_out_too() -> None:
    """What the ignored pixels score changes nothing, so long as the bins stay the same."""
    maps, masks, ignored = case(np.float16, 3)
    other = maps.copy()
    other[ignored] = np.random.default_rng(9).permutation(other[ignored])
    options = {"replicates": 50, "pixel_threshold": AT}
    one = evaluate(LABELS, TYPES, maps.max((1, 2)), masks, maps, np.ones(5, bool), ignored=ignored, **options)
    two = evaluate(LABELS, TYPES, maps.max((1, 2)), masks, other, np.ones(5, bool), ignored=ignored, **options)
    for name in ("metrics", "per_defect", "intervals", "per_defect_intervals", "region_recall", "thresholds"):
        assert repr(getattr(one, name)) == repr(getattr(two, name)), name
    found, expected = (replace(each.curves, regions=None).arrays() for each in (two, one))
    for name, values in expected.items():
        np.testing.assert_array_equal(values, found[name])
    hit = maps[~ignored] >= AT
    iou = np.sum(hit & masks[~ignored]) / np.sum(hit | masks[~ignored])
    assert one.metrics["pixel_iou"] == pytest.approx(iou)
    low, high = one.intervals["pixel_auroc"]
    assert low <= one.metrics["pixel_auroc"] <= high


@pytest.mark.parametrize("side", [24, 150])  # counted by numpy, and by machine code
def test_they_may_have_the_lowest_scores_of_all(side: int) -> None:
    maps, masks, ignored = case(np.float16, 7, side)
    maps[ignored] = -1
    found, expected = (evaluated(each, masks, ignored, replicates=50) for each in (maps, maps.astype(np.float32)))
    for name in ("metrics", "per_defect", "intervals", "per_defect_intervals"):
        assert repr(getattr(found, name)) == repr(getattr(expected, name)), name


def test_without_any_nothing_changes() -> None:
    maps, masks, ignored = case(np.float32, 4)
    assert evaluated(maps, masks, np.zeros_like(ignored)).metrics == evaluated(maps, masks, None).metrics


def test_another_shape_is_refused() -> None:
    maps, masks, ignored = case(np.float32, 4)
    with pytest.raises(ValueError, match="ignored must be of the shape of the maps"):
        evaluated(maps, masks, ignored[:, :-1])


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_the_summary_of_a_map_counts_the_other_pixels(dtype: type) -> None:
    maps, masks, ignored = case(dtype, 5)
    threshold = AT
    edges = score_edges(maps, [threshold])
    kept = summarise(maps, LABELS, lambda image: Truth(masks[image], ignored[image]), np.nan, edges)
    for image in (2, 3, 4):
        hit, mask = (maps[image] >= threshold)[~ignored[image]], masks[image][~ignored[image]]
        assert kept.iou(threshold)[image] == pytest.approx(np.sum(hit & mask) / np.sum(hit | mask))
        assert kept.defect_area[image] == mask.sum()
        peak = np.unravel_index(np.argmax(maps[image]), maps[image].shape)
        assert np.isnan(kept.peak_distance[image]) == ignored[image][peak]
    assert any(ignored[image].flat[np.argmax(maps[image])] for image in (2, 3, 4))


def test_no_region_is_predicted_where_nobody_knows() -> None:
    maps, masks, ignored = case(np.float32, 6)
    found = regions_of_image(maps[3], masks[3], AT, ignored[3])
    assert sum(region.area for region in found if region.kind == "predicted") == np.sum((maps[3] >= AT) & ~ignored[3])
    assert all(not ignored[3][region.row, region.column] for region in found)
