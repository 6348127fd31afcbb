"""What the gallery tells the browser, and what it believes of what comes back."""

from __future__ import annotations

import json
import struct

import numpy as np
import pytest

from pages.ui.components.gallery import AT_ONCE, Thumbnails, bundle, wanted
from patchcore_core.views.web.packed import unpacked


def test_columns_go_out_with_repeated_words_once():
    sent = Thumbnails(["a", "b", "c"], np.float32([1, np.nan, 2]), np.array([1, 0, -1]), ["x", "", "x"]).data()
    assert json.loads(json.dumps(sent, allow_nan=False)) == sent
    assert sent["ids"] == ["a", "b", "c"]
    assert sent["labels"] == [1, 0, -1]
    assert sent["kinds"] == {"words": ["x", ""], "places": [0, 1, 0]}
    assert sent["verdicts"] == {"words": [""], "places": [0, 0, 0]}
    assert np.array_equal(unpacked(sent["scores"]), [1, np.nan, 2], equal_nan=True)


def test_columns_of_different_length_are_refused():
    with pytest.raises(ValueError, match="one length"):
        Thumbnails(["a", "b"], [1.0], [0, 1], ["", ""]).data()


@pytest.mark.parametrize("asked", [None, "a", 3, {"a": 1}, [None, 3, ["a"]], ["z", "../a"]])
def test_only_pictures_of_known_images_are_given(asked):
    assert wanted(asked, frozenset("abc")) == []


def test_pictures_are_given_in_the_order_asked_for_and_not_all_at_once():
    names = [str(number) for number in range(1000)]
    assert wanted(["b", "z", "a"], frozenset("abc")) == ["b", "a"]
    assert wanted(names, frozenset(names)) == names[:AT_ONCE]


def test_a_bundle_can_be_taken_apart():
    pictures = {"ü<b>": b"\x00\xff", "none": b"", "c": b"jpeg"}
    message = bundle("run", "key", pictures, {"c": "not the file that was scored"})
    (length,) = struct.unpack("<I", message[:4])
    head, files, place = json.loads(message[4 : 4 + length]), {}, 4 + length
    assert (head["album"], head["channel"]) == ("run", "key")
    notes = {}
    for name, size, notes[name] in head["files"]:
        files[name] = message[place : place + size]
        place += size
    assert files == pictures
    assert notes == {"ü<b>": "", "none": "", "c": "not the file that was scored"}
    assert place == len(message)
