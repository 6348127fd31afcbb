"""Whether two runs err differently on the same images, from the images on which just one of them is right."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import bdtr

LEVEL = 0.05


@dataclass(frozen=True)
class PairedCounts:
    """`only_first`, `only_second`: images that just one of two runs judges rightly, of `total`; `p_value` of the exact
    test of McNemar (1947), two-sided; NaN without images."""

    only_first: int
    only_second: int
    total: int
    p_value: float

    @property
    def significant(self) -> bool:
        """Whether the runs differ at 5 %; False without a p value."""
        return self.p_value < LEVEL


def paired_counts(first: ArrayLike, second: ArrayLike) -> PairedCounts:
    """first, second (N,) bool: whether each run judges each of the same N images rightly."""
    one, other = np.asarray(first, bool), np.asarray(second, bool)
    if one.shape != other.shape or one.ndim != 1:
        raise ValueError(f"expected two columns of one length, got {one.shape} and {other.shape}")
    only_first, only_second = int((one & ~other).sum()), int((other & ~one).sum())
    fewer = bdtr(min(only_first, only_second), only_first + only_second, 0.5)  # of as many tosses of a coin
    return PairedCounts(only_first, only_second, len(one), min(1.0, 2 * float(fewer)) if len(one) else math.nan)
