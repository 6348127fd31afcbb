"""What the gallery tells the browser, and what it believes of what comes back."""

from __future__ import annotations

import json

import numpy as np
import pytest

from pages.ui.components.gallery import Thumbnails
from patchcore_core.views.web.packed import unpacked


def test_columns_go_out_with_repeated_words_once():
    sent = Thumbnails(["a", "b", "c"], np.float32([1, np.nan, 2]), np.array([1, 0, -1]), ["x", "", "x"],
                      ["/a", "", "/c"]).data()
    assert json.loads(json.dumps(sent, allow_nan=False)) == sent
    assert sent["ids"] == ["a", "b", "c"]
    assert sent["addresses"] == ["/a", "", "/c"]
    assert sent["labels"] == [1, 0, -1]
    assert sent["kinds"] == {"words": ["x", ""], "places": [0, 1, 0]}
    assert sent["verdicts"] == {"words": [""], "places": [0, 0, 0]}
    assert np.array_equal(unpacked(sent["scores"]), [1, np.nan, 2], equal_nan=True)


def test_columns_of_different_length_are_refused():
    with pytest.raises(ValueError, match="one length"):
        Thumbnails(["a", "b"], [1.0, 2.0], [0, 1], ["", ""], ["/a"]).data()
