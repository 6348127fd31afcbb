"""What the gallery is given."""

from __future__ import annotations

import math

import numpy as np
import pytest

from patchcore_core.views.web.packed import unpacked
from patchcore_core.views.widgets.gallery import Thumbnails, gallery_data

SCORES, LABELS = [3.0, 1.0, math.nan, 2.0, 5.0], [1, 0, 1, -1, 1]
KINDS = ["hole", "good", "dent", "", "hole"]


def test_the_gallery_has_a_column_for_each_thing_said():
    given = gallery_data(Thumbnails(list("abcde"), SCORES, LABELS, KINDS), "a", (1, 2), "g", follows="p")
    assert given["kinds"] == {"words": ["hole", "good", "dent", ""], "places": [0, 1, 2, 3, 0]}
    assert given["verdicts"] == {"words": [""], "places": [0] * 5}
    assert (given["selected"], given["labels"], given["thresholds"]) == ("a", LABELS, (1, 2))
    assert np.array_equal(unpacked(given["scores"]), SCORES, equal_nan=True)
    assert (given["addresses"], given["channel"], given["follows"]) == ([""] * 5, "g", "p")
    assert gallery_data(Thumbnails([], [], [], []), "", None, "g")["ids"] == []


@pytest.mark.parametrize("columns", [{"scores": [1.0]}, {"labels": [0]}, {"kinds": []}, {"addresses": ["a"]},
                                     {"verdicts": ["good"] * 3}])
def test_columns_of_several_lengths_are_refused(columns):
    given = {"ids": ["a", "b"], "scores": [1.0, 2.0], "labels": [0, 1], "kinds": ["", ""], **columns}
    with pytest.raises(ValueError, match="one length"):
        Thumbnails(**given).data()
