"""What is compared with what, and averaged over what."""

import numpy as np
import pytest

from patchcore_core.evaluation.statistics.many.field_effect import Trial, field_effect

NONE = (np.nan, np.nan)


def trial(value, rest, category, figure, limits=NONE):
    return Trial(value, rest, category, figure, limits)


def test_only_runs_that_differ_in_the_field_alone_are_in_a_line():
    found = field_effect([
        trial(0.1, "k 1", "tile", 0.8), trial(0.5, "k 1", "tile", 0.9), trial(0.1, "k 3", "tile", 0.7),
        trial(0.5, "k 1", "wood", 0.6), trial(1.0, "k 9", "wood", 0.6), trial(0.5, "k 3", "tile", np.nan),
    ], [0.1, 0.5, 1.0])
    assert found.values == (0.1, 0.5)
    assert [(line.run, line.category, line.runs) for line in found.lines] == [(0, "tile", (0, 1))]
    assert [point.value for point in found.lines[0].points] == [0.8, 0.9]


def test_seeds_are_averaged():
    found = field_effect([trial(1, "", "tile", 0.8, (0.7, 0.9)), trial(1, "", "tile", 0.6, (0.5, 0.9)),
                          trial(2, "", "tile", 0.5, (0.4, 0.6))], [1, 2])
    first, second = found.lines[0].points
    assert (first.value, first.low, first.high, first.n) == pytest.approx((0.7, 0.6, 0.9, 2))
    assert second.n == 1


def test_the_mean_is_over_complete_lines_and_each_category_counts_the_same():
    found = field_effect([
        trial(1, "a", "tile", 0.2), trial(2, "a", "tile", 0.4),
        trial(1, "b", "tile", 0.4), trial(2, "b", "tile", 0.6),
        trial(1, "a", "wood", 0.9), trial(2, "a", "wood", 0.9),
        trial(1, "c", "wood", 0.0), trial(3, "c", "wood", 0.1),  # not complete
    ], [1, 2, 3])
    assert found.mean == ()  # no line has all three values
    found = field_effect([
        trial(1, "a", "tile", 0.2), trial(2, "a", "tile", 0.4),
        trial(1, "b", "tile", 0.4), trial(2, "b", "tile", 0.6),
        trial(1, "a", "wood", 0.9), trial(2, "a", "wood", 0.9),
    ], [1, 2])
    assert [point.value for point in found.mean] == pytest.approx([(0.3 + 0.9) / 2, (0.5 + 0.9) / 2])
    assert len(found.complete) == 3


def test_nothing_to_compare():
    assert field_effect([trial(1, "a", "tile", 0.2)], [1]).lines == ()
    assert field_effect([], []).mean == ()
