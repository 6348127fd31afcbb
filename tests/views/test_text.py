"""Intervals in words."""

import math

import pytest

from patchcore_core.views.text import interval_text


@pytest.mark.parametrize(("limits", "text"), [
    ((0.94, 0.98), "[0.94, 0.98]"), ((0.98, 0.9949), "[0.980, 0.995]"), ((0.99961, 0.99984), "[0.9996, 0.9998]"),
    ((0.8987, 1.0), "[0.90, 1.00]"), ((0.999999, 1.0), "[0.999999, 1.000000]"),
    (None, ""), ((math.nan, math.nan), ""), ((None, None), ""),
])  # fmt: skip
def test_the_ends_never_read_the_same(limits, text):
    assert interval_text(limits) == text
