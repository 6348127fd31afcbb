"""What may come back from a browser that shows curves."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pages.ui.components.curves import chosen
from pages.ui.review.workspace.curves import run_panels
from patchcore_core.views.curve import Curve

CURVE = Curve(np.array([0.0, 0.25, 1.0]), np.array([0.0, 0.5, 1.0]), np.array([np.inf, 0.7, 0.1 + 0.2]))
NAMES = ("image_roc", "image_precision_recall", "pixel_roc", "pro")
PANELS = run_panels(dict.fromkeys(NAMES, CURVE), {})


def test_a_point_of_a_curve_is_chosen_for_its_level():
    assert chosen(["image_roc", 0.7], PANELS) == ("image", 0.7)
    assert chosen(["pro", 0.1 + 0.2], PANELS) == ("pixel", 0.1 + 0.2)


@pytest.mark.parametrize("value", [
    None, "", [], ["image_roc"], ["image_roc", 0.3], ["image_roc", "0.7"], ["image_roc", True], ["image_roc", math.inf],
    ["image_roc", math.nan], ["other", 0.7], [["image_roc"], 0.7], {"image_roc": 0.7},
])
def test_nothing_else_is(value):
    assert chosen(value, PANELS) is None
