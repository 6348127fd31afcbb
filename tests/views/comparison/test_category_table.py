"""Configurations over categories: order, table, words."""

import math

import numpy as np
import pytest

from patchcore_core.evaluation.statistics.ranks import Grid, grid
from patchcore_core.views.comparison.category_table import grid_table, in_words, ordered
from patchcore_core.views.comparison.plots import heat_map

NAMES = ["a", "b", "c"]
FOUND = grid([0, 0, 1, 1, 2], ["tile", "wood"] * 2 + ["tile"], [0.5, 0.6, 0.8, 0.7, 0.9],
             [(0.4, 0.6), (0.5, 0.7), (0.7, 0.9), (0.6, 0.8), (0.8, 1.0)])  # fmt: skip


def test_incomplete_configurations_come_last():
    assert ordered(FOUND) == [1, 0, 2]
    assert ordered(FOUND, higher_is_better=False) == [0, 1, 2]


def test_a_category_called_like_a_column_hides_none():
    (row,) = grid_table(grid([0, 0], ["mean", "wood"], [0.5, 0.7], [(0.4, 0.6)] * 2), ["a"], [0])
    assert (row["mean"], row["category mean"], row["wood"]) == (pytest.approx(0.6), 0.5, 0.7)


def test_the_table():
    first, second, last = grid_table(FOUND, NAMES, ordered(FOUND))
    assert (first["configuration"], first["tile"], first["wood"]) == ("b", 0.8, 0.7)
    assert first["mean"] == pytest.approx(0.75)
    assert second["mean, low"] == pytest.approx(0.55 - math.sqrt(2) * 0.1 / 2)
    assert math.isnan(last["mean"])
    assert math.isnan(last["wood"])


def test_the_heat_map_shades_from_the_worst_to_the_best_of_each_column():
    figure = heat_map(FOUND, NAMES, ordered(FOUND))
    texts = dict(zip(zip(figure.data[1].x, figure.data[1].y, strict=True), figure.data[1].text, strict=True))
    assert texts == {(0, 0): "0.800", (1, 0): "0.700", (2, 0): "0.750", (0, 1): "0.500", (1, 1): "0.600",
                     (2, 1): "0.550", (0, 2): "0.900"}
    shades, nan = figure.data[0].z, math.nan
    assert np.array(shades) == pytest.approx(np.array([[0.75, 1, 1], [0, 0, 0], [1, nan, nan]]), nan_ok=True)
    lower = heat_map(FOUND, NAMES, ordered(FOUND), higher_is_better=False).data[0].z
    assert np.array(lower) == pytest.approx(1 - np.array(shades), nan_ok=True)
    assert list(figure.layout.yaxis.ticktext) == ["1. b", "2. a", "3. c"]
    assert list(figure.layout.xaxis.ticktext) == ["tile", "wood", "mean"]


def test_words():
    assert in_words(FOUND.ranking(), FOUND) == (
        "No ranking over the categories. It needs 3 configurations with this figure in each of the 2 categories; two "
        "have. 1 more fit would complete 3; or choose fewer categories above, those in which the same configurations "
        "were fitted.")
    values = np.random.default_rng(0).random((3, 30)) + np.array([[0.0], [0.5], [1.5]])
    many = grid([row for row in range(3) for _ in range(30)], [f"c{column}" for _ in range(3) for column in range(30)],
                values.ravel(), [(0, 1)] * 90)  # fmt: skip
    said = in_words(many.ranking(), many)
    assert said.startswith("The 3 configurations differ significantly over 30 categories (Friedman, p below 0.001)")
    assert f"{many.ranking().critical_difference:.2f} apart" in said


def made(rows: dict[int, str]) -> Grid:
    """A grid of these configurations, each in the categories of these letters."""
    places = [(row, category) for row, categories in rows.items() for category in categories]
    return grid([row for row, _ in places], [category for _, category in places], [0.1 * row for row, _ in places],
                [(0.0, 1.0)] * len(places))  # fmt: skip


def test_what_a_ranking_lacks():
    none = made({0: "ab", 1: "bc", 2: "a", 3: "c"})
    assert in_words(none.ranking(), none) == (
        "No ranking over the categories. It needs 3 configurations with this figure in each of the 3 categories; none "
        "has (the fullest has them in 2). 4 more fits would complete 3; or choose fewer categories above, those in "
        "which the same configurations were fitted.")
    few = made({0: "ab", 1: "b"})
    assert in_words(few.ranking(), few).endswith("one has. Fit 1 more on all of these categories, for example by a "
                                                 "sweep.")
    same = made({0: "ab", 1: "ab", 2: "ab", 3: "a"})
    values = Grid(same.places, same.categories, np.where(np.isnan(same.values), np.nan, 0.5), same.lows, same.highs)
    assert in_words(values.ranking(), values) == ("No ranking of the 3 configurations with a run in every category: "
                                                  "all runs have the same value in every category.")


def test_what_is_not_ranked_is_counted():
    values = made({0: "abc", 1: "abc", 2: "abc", 3: "a"})
    assert in_words(values.ranking(), values).endswith("1 that lacks a category is not ranked.")
