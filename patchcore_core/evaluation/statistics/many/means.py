"""Means of figures with 95 % intervals, over runs on the same images and over categories."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Limits = tuple[float, float]
UNKNOWN: Limits = (math.nan, math.nan)


@dataclass(frozen=True)
class Mean:
    """A mean with its interval, of n figures; NaN ends where one of them has no interval."""

    value: float
    low: float
    high: float
    n: int


def on_the_same_images(values: Sequence[float], limits: Sequence[Limits]) -> Mean:
    """Of figures that may depend on each other in any way, as those of runs on the same images.

    The interval is the mean of the ends: the standard deviation of a mean is at most the mean of the standard
    deviations, so it is never too narrow for intervals of the usual form.
    """
    row, ends = np.asarray(values, np.float64), np.asarray(limits, np.float64).reshape(-1, 2)
    return Mean(float(row.mean()), float(ends[:, 0].mean()), float(ends[:, 1].mean()), len(row))


def over_categories(values: Sequence[float], limits: Sequence[Limits]) -> Mean:
    """Of independent figures, as those of categories, which have other images.

    Distances to the ends add as squares, each side by itself (MOVER: Zou and Donner 2008, Statistics in Medicine 27,
    1693).
    """
    row, ends = np.asarray(values, np.float64), np.asarray(limits, np.float64).reshape(-1, 2)
    mean, count = float(row.mean()), len(row)
    below, above = np.sqrt(((row - ends[:, 0]) ** 2).sum()), np.sqrt(((ends[:, 1] - row) ** 2).sum())
    return Mean(mean, mean - float(below) / count, mean + float(above) / count, count)
