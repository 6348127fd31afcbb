import math

import numpy as np
import pytest

from patchcore_core.evaluation.thresholds.verdict import judge

GOOD = np.array([1.0, 2.0, 3.0, 4.0])


@pytest.mark.parametrize(
    ("score", "defective", "margin", "above_good"),
    [(5.0, True, 0.25, 1.0), (4.0, True, 0.0, 0.75), (3.0, False, -0.25, 0.5), (0.5, False, -0.875, 0.0)],
)
def test_verdict_by_hand(score: float, defective: bool, margin: float, above_good: float) -> None:
    verdict = judge(score, 4.0, GOOD)
    assert verdict.defective is defective
    assert (verdict.margin, verdict.above_good) == (margin, above_good)


@pytest.mark.parametrize("threshold", [None, math.nan])
def test_no_threshold_no_verdict(threshold: float | None) -> None:
    verdict = judge(5.0, threshold, GOOD)
    assert verdict.defective is None
    assert math.isnan(verdict.margin)
    assert verdict.above_good == 1.0


def test_no_good_images_no_rank() -> None:
    assert math.isnan(judge(5.0, 4.0, np.array([])).above_good)


@pytest.mark.parametrize("threshold", [0.0, -1.0])
def test_a_threshold_that_is_not_positive_has_no_relative_margin(threshold: float) -> None:
    verdict = judge(0.0, threshold, GOOD)
    assert verdict.defective is True
    assert math.isnan(verdict.margin)
