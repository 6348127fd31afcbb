"""The curves' data."""

from __future__ import annotations

import math

import numpy as np

from patchcore_core.views.curve import EMPTY, Curve
from patchcore_core.views.web.packed import unpacked
from patchcore_core.views.widgets.curves import curves_data, run_panels

CURVE = Curve(np.array([0.0, 0.25, 1.0]), np.array([0.0, 0.5, 1.0]), np.array([np.inf, 0.7, 0.1 + 0.2]))
NAMES = ("image_roc", "image_precision_recall", "pixel_roc", "pro")
PANELS = run_panels(dict.fromkeys(NAMES, CURVE), {})


def test_the_four_curves_of_a_run_belong_to_their_levels():
    assert [(panel.name, panel.level) for panel in PANELS] == list(zip(NAMES, ("image", "image", "pixel", "pixel"),
                                                                       strict=True))


def test_thresholds_go_out_exactly():
    data = PANELS[0].data()
    assert unpacked(data["thresholds"]).tolist() == [math.inf, 0.7, 0.1 + 0.2]
    assert unpacked(data["x"]).tolist() == [0.0, 0.25, 1.0]
    assert data["undefined"] == ""


def test_an_undefined_curve_has_its_reason():
    panels = run_panels(dict.fromkeys(NAMES, EMPTY), {"aupro": "no mask is known"})
    assert panels[3].data()["undefined"] == "Not defined for this run: no mask is known."
    assert panels[0].data()["undefined"] == "Not defined for this run: there is nothing to draw."


def test_each_curve_follows_the_operating_point_of_its_level():
    given = curves_data(PANELS, {"image": 1.0, "pixel": math.nan}, {"image": "p"})
    assert given["panels"] == [panel.data() for panel in PANELS]
    assert (given["follows"], given["levels"]) == ({"p": "image"}, ["image", "pixel"])
    assert np.array_equal(unpacked(given["thresholds"]), [1.0, math.nan], equal_nan=True)
