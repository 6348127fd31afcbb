"""What the widgets about many images are given, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from patchcore_core.views.colours import COLOURS
from patchcore_core.views.curve import EMPTY, Curve
from patchcore_core.views.web.packed import unpacked
from patchcore_core.views.widgets.figures import PANELS, curves_data, gallery_data, point_data, tally_data

SCORES, LABELS = [3.0, 1.0, np.nan, 2.0, 5.0], [1, 0, 1, -1, 1]
KINDS = ["hole", "good", "dent", "", "hole"]


def test_the_operating_point_has_the_scores_of_each_class_ascending():
    given = point_data(SCORES, LABELS, 1.5, 2.5, "p")
    classes = {name: unpacked(values).tolist() for name, values in given["scores"].items()}
    assert classes == {"good": [1.0], "defective": [3.0, 5.0], "unlabelled": [2.0]}
    assert (given["low"], given["high"], given["channel"], given["zone"]) == (1.5, 2.5, "p", True)
    assert not point_data(SCORES, LABELS, 2.5, 2.5, "p")["zone"]
    assert given["notes"] == ["1 images have no label and are not counted."]
    assert given["colours"]["hit"] == COLOURS["hit"]


def test_the_tally_has_a_kind_for_each_defect_type_the_worst_first():
    given = tally_data(SCORES, LABELS, KINDS, 1.5, 2.5, "p", "nothing")
    assert [kind["name"] for kind in given["kinds"]] == ["dent", "hole"]
    assert unpacked(given["kinds"][0]["scores"]).tolist() == [-np.inf]  # no score reaches no threshold
    assert unpacked(given["thresholds"]).tolist() == [1.5, 2.5]
    assert given["sizes"] == "nothing"


def test_what_is_lacking_is_said():
    assert tally_data([1.0], [0], ["good"], 1, 1, "p", "")["notes"] == \
        ["No labelled defective images: missed defects are unknown."]
    assert point_data([], [], 1, 1, "p")["notes"] == ["There are no scored images."]
    with pytest.raises(ValueError, match="must both have shape"):
        point_data([1.0], [], 1, 1, "p")


def test_the_gallery_has_a_column_for_each_thing_said():
    given = gallery_data(list("abcde"), SCORES, LABELS, KINDS, 1, 2, "g", "p", "v")
    assert given["kinds"] == {"words": ["hole", "good", "dent", ""], "places": [0, 1, 2, 3, 0]}
    assert (given["selected"], given["labels"], given["thresholds"]) == ("a", LABELS, [1, 2])
    assert gallery_data([], [], [], [], 1, 2, "g", "p", "v")["selected"] == ""


def test_the_curves_say_why_one_is_not_there():
    line = Curve(np.array([0.0, 1.0]), np.array([0.0, 1.0]), np.array([np.inf, 1.0]))
    curves = dict.fromkeys((panel[0] for panel in PANELS), line) | {"pro": EMPTY}
    given = curves_data(curves, {"aupro": "there are no masks"}, {"image": 1.0, "pixel": np.nan}, {"image": "p"})
    assert [panel["undefined"] for panel in given["panels"]] == \
        ["", "", "", "Not defined for this run: there are no masks."]
    assert given["follows"] == {"p": "image"}
    assert np.isnan(unpacked(given["thresholds"])[1])
