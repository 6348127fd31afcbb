"""Regions at a threshold, by hand and against the pixels of each."""

import numpy as np
import pytest

from patchcore_core.evaluation.curve_points import RegionTable
from patchcore_core.evaluation.region_recall import recall_by_size, recall_from_table, region_table
from patchcore_core.evaluation.regions import Regions, find_regions
from patchcore_core.evaluation.statistics.bootstrap import resamples


@pytest.fixture
def regions():
    """Four regions in two images: of 1, 2, 4 and 8 pixels that score 1, 2, ... up to their area."""
    areas = np.array([1, 2, 4, 8])
    scores = np.concatenate([np.arange(area, 0, -1) for area in areas]).astype(np.float16)
    return Regions(np.array([0, 0, 1, 1]), areas, scores)


def test_overlaps_peaks_and_sizes_by_hand(regions):
    assert regions.overlaps(2.0).tolist() == [0, 1 / 2, 3 / 4, 7 / 8]
    assert regions.peaks().tolist() == [1, 2, 4, 8]
    assert regions.size_classes().tolist() == [0, 1, 2, 3]
    assert np.isnan(regions.overlaps(np.nan)).all()


def test_the_highest_threshold_for_a_share_finds_it_and_no_higher_one_does(noisy_maps):
    masks, maps = noisy_maps
    regions = find_regions(masks, maps, np.arange(40))
    shares = np.linspace(0.1, 1, 10)
    for column, threshold_of in enumerate(regions.highest(shares).T):
        for row, threshold in enumerate(threshold_of):
            assert regions.overlaps(threshold)[row] >= shares[column] - 1e-9
            assert regions.overlaps(np.nextafter(threshold, np.inf))[row] < shares[column]


def test_recall_by_size_by_hand(regions):
    rows = recall_by_size(regions, regions.size_classes(), 2.0, np.ones((1, 2)))
    assert [row.overlap for row in rows] == [0, 0.5, 0.75, 0.875]
    assert [row.found for row in rows] == [0, 1, 1, 1]
    assert [(row.area_from, row.area_to, row.regions) for row in rows] == [(a, a, 1) for a in (1, 2, 4, 8)]
    assert np.isnan([row.overlap_low for row in rows]).all()  # one image each


def test_equal_areas_are_one_class():
    regions = Regions(np.array([0, 1, 2]), np.array([3, 3, 3]), np.arange(9.0))
    assert regions.size_classes().tolist() == [0, 0, 0]
    (row,) = recall_by_size(regions, regions.size_classes(), 4.0, resamples(np.zeros(3), 400))
    assert (row.overlap, row.found) == (pytest.approx(5 / 9), pytest.approx(2 / 3))
    assert (row.overlap_low, row.overlap_high) == (0, 1)


def test_no_regions_and_no_threshold():
    empty = find_regions(np.zeros((2, 3, 3), bool), np.ones((2, 3, 3)), np.arange(2))
    assert recall_by_size(empty, empty.size_classes(), 1.0, np.ones((5, 2))) == ()
    table = region_table(empty, empty.size_classes(), 1.0)
    assert list(vars(table)) == ["image", "area", "size_class", "peak", "overlap", "scores_at"]
    assert [len(column) for column in vars(table).values()] == [0] * 6


def test_without_a_threshold_recall_is_nan(regions):
    rows = recall_by_size(regions, np.zeros(4, int), np.nan, np.ones((3, 2)))
    assert np.isnan([getattr(rows[0], name) for name in ("overlap", "found", "overlap_low", "found_high")]).all()
    assert rows[0].regions == 4


def test_the_table_tells_the_recall_at_any_threshold(regions):
    classes = np.array([0, 0, 1, 1])
    drawn = resamples(np.zeros(2), 200)
    table = region_table(regions, classes, 2.0)
    for threshold in (0.5, 2.0, 4.5, 99.0):
        there = recall_by_size(regions, classes, threshold, drawn)
        for row, expected in zip(recall_from_table(table, threshold), there, strict=True):
            assert row.found == expected.found
            assert row.regions == expected.regions
            assert expected.overlap - 0.1 <= row.overlap <= expected.overlap
    assert all(np.isnan(row.found) for row in recall_from_table(table, np.nan))
    assert recall_from_table(RegionTable(*(values[:0] for values in vars(table).values())), 1.0) == ()
