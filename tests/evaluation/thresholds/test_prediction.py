import math

import numpy as np
import pytest

from patchcore_core.evaluation.thresholds.prediction import predict

GOOD = np.array([1.0, 2.0, 3.0, 4.0])


@pytest.mark.parametrize(
    ("score", "defective", "margin", "above_good"),
    [(5.0, True, 0.25, 1.0), (4.0, True, 0.0, 0.75), (3.0, False, -0.25, 0.5), (0.5, False, -0.875, 0.0)],
)
def test_prediction_by_hand(score: float, defective: bool, margin: float, above_good: float) -> None:
    prediction = predict(score, 4.0, GOOD)
    assert prediction.defective is defective
    assert (prediction.margin, prediction.above_good) == (margin, above_good)


@pytest.mark.parametrize("threshold", [None, math.nan])
def test_no_threshold_no_prediction(threshold: float | None) -> None:
    prediction = predict(5.0, threshold, GOOD)
    assert prediction.defective is None
    assert math.isnan(prediction.margin)
    assert prediction.above_good == 1.0


def test_no_good_images_no_rank() -> None:
    assert math.isnan(predict(5.0, 4.0, np.array([])).above_good)


@pytest.mark.parametrize("threshold", [0.0, -1.0])
def test_a_threshold_that_is_not_positive_has_no_relative_margin(threshold: float) -> None:
    prediction = predict(0.0, threshold, GOOD)
    assert prediction.defective is True
    assert math.isnan(prediction.margin)
