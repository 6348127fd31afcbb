"""Evidence in the words and columns of its widget."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from patchcore_core.config import PatchCoreConfig
from patchcore_core.evaluation.statistics.good_patches import GoodPatches
from patchcore_core.views.colours import IMAGE_COLOURS
from patchcore_core.views.web.packed import unpacked
from patchcore_core.views.widgets.evidence import NO_ORIGIN, Known, image_data, patch_data, resembled, standing
from patchcore_core.views.widgets.receipt import NOT_RECORDED, receipt_rows, variant_groups, zone_words

SCORES = np.array([[1.0, 2.0, 1.0], [1.0, 1.0, 8.0]])
PATCHES = GoodPatches(np.array([1.0, 2.0]), np.array([30, 40]))
KNOWN = Known((20, 30), (0.0, 0.0, 20.0, 30.0), PATCHES, np.arange(4.0), 8.0)


class Album:
    """Addresses that say what they are of."""

    def photo(self) -> str:
        return "photo"

    def own(self, *place: int) -> str:
        return f"own {place}"

    def good(self, *place: int) -> str:
        return f"good {place}"

    def thumbnail(self, image: int) -> str:
        return f"small {image}"

    def name(self, image: int) -> str:
        return f"{image}.png"

    def note(self, image: int) -> str:
        return "gone" if image == 2 else ""


@dataclass
class Asked:
    """Evidence with the answers written down; patch (1, 2) is the hottest, layer "b" has three quarters of it."""

    config: PatchCoreConfig = field(default_factory=lambda: PatchCoreConfig(layers=("a", "b")))
    grids: Any = ((2, 3),)
    patch_scores: Any = field(default_factory=lambda: SCORES)
    layer_shares: Any = field(default_factory=lambda: np.stack([np.full((2, 3), 0.25), np.full((2, 3), 0.75)]))
    resembles: Any = field(default_factory=lambda: np.array([[0, 0, 2], [0, -1, 1]]))
    receipt: Any = field(default_factory=lambda: paid())
    variants: Any = ()
    origin: int = 2

    def patch_score(self, row: int, column: int) -> float:
        return float(self.patch_scores[row, column])

    def nearest(self, row: int, column: int, k: int) -> Any:
        rows = [SimpleNamespace(distance=8.0 + one, image=self.origin, row=one, column=1) for one in range(k)]
        return SimpleNamespace(scale=0, cell=(row, column), grid=(2, 3), rows=rows)


def paid(weight: Any = None) -> Any:
    return SimpleNamespace(patch=(1, 2), patch_score=8.0, pixel=(14, 22), map_score=6.0, weight=weight, score=8.0)


def test_the_hottest_patch_comes_first_with_its_neighbours():
    found = image_data(Asked(), KNOWN, Album(), "run 3")
    assert (found["id"], found["grid"], found["size"], found["photo"]) == ("run 3", [2, 3], [20, 30], "photo")
    assert found["peaks"][0] == [1, 2]
    assert unpacked(found["scores"]).tolist() == SCORES.ravel().tolist()
    assert [layer["name"] for layer in found["layers"]] == ["a", "b"]
    assert unpacked(found["layers"][1]["shares"]).tolist() == [0.75] * 6
    (patch,) = found["patches"]
    assert (patch["place"], patch["k"], patch["score"], patch["address"]) == ([1, 2], 5, "8.0000", "own (0, 1, 2)")
    assert patch["near"][0] == {"distance": "8.0000", "name": "2.png", "place": "row 0, column 1", "note": "gone",
                                "address": "good (2, 0, 0, 1)"}


def test_what_a_region_resembles_has_a_legend():
    places, legend = resembled(np.array([[0, 0, 2], [0, -1, 1]]), Album())
    assert [one["name"] for one in legend] == ["0.png", "1.png", "2.png"]
    assert [one["share"] for one in legend] == [0.5, pytest.approx(1 / 6), pytest.approx(1 / 6)]
    assert legend[2]["note"] == "gone"
    assert np.isnan(places[1, 1])
    assert places[[0, 0, 1], [0, 2, 2]].tolist() == [0, 2, 1]


def test_photos_beyond_the_colours_are_one_entry():
    count = len(IMAGE_COLOURS) + 3
    numbers = np.repeat(np.arange(count), np.arange(count, 0, -1))
    places, legend = resembled(numbers[None], Album())
    assert [one["colour"] for one in legend[:-1]] == list(IMAGE_COLOURS)
    assert legend[-1]["name"] == "3 other photos, each for at most 3 patches"
    assert sum(one["share"] for one in legend) == pytest.approx(1)
    assert places[0, -1] == len(IMAGE_COLOURS)


@pytest.mark.parametrize(("patches", "name"), [
    ([1], "one other photo"), ([1, 1], "2 other photos, each for one patch"),
])  # fmt: skip
def test_how_many_photos_share_the_last_entry_is_said(patches, name):
    numbers = np.repeat(np.arange(len(IMAGE_COLOURS) + len(patches)), [9] * len(IMAGE_COLOURS) + patches)
    assert resembled(numbers[None], Album())[1][-1]["name"] == name


def test_where_a_score_lies_among_good_patches():
    patches = GoodPatches(np.array([1.0, 2.0, 3.0]), np.array([9980, 9999, 10000]))
    assert standing(4.0, patches) == "Higher than all 10,000 patches of held-out good images."
    assert standing(2.0, patches) == "Higher than 99.990 % of the 10,000 patches of held-out good images."
    assert standing(0.5, patches) == "Higher than 0 % of the 10,000 patches of held-out good images."
    assert NOT_RECORDED in standing(2.0, GoodPatches())


def test_a_bank_without_origins_says_so():
    found = patch_data(Asked(origin=-1), KNOWN, Album(), 0, 0, 1)
    assert found["note"] == NO_ORIGIN
    assert found["near"] == [{"distance": "8.0000", "name": "", "place": "", "address": "", "note": ""}]


def test_the_receipt_of_a_weighted_patch():
    weight = SimpleNamespace(weight=0.75, distances=(8.0, 9.0, 9.5))
    config = PatchCoreConfig(num_neighbors=1, reweight_neighbors=3, image_score="patch")
    rows = {name: (value, words) for name, value, words in
            receipt_rows(paid(weight), config, [("a", 0.25), ("b", 0.75)], np.arange(10.0), 8.0)}
    assert rows["Highest patch"][0] == "row 1, column 2"
    assert rows["Its score s*"] == ("8.0000", "The distance to its nearest bank row (eq. 6).")
    assert rows["Layers there"][0] == "a 25%, b 75%"
    assert rows["Weight of eq. 7"][0] == "0.7500"
    assert "nearest row 8.0000; to the 2 rows around it 9.0000, 9.5000" in rows["Weight of eq. 7"][1]
    assert rows["Among good images"][0] == "higher than 8 of 10"
    assert "Highest pixel" not in rows


def test_the_receipt_of_a_map_names_its_pixel_and_what_is_missing():
    config = PatchCoreConfig(num_neighbors=3, image_score="map", blur_sigma=2, distance="squared_euclidean")
    rows = {name: (value, words) for name, value, words in receipt_rows(paid(), config, [], None, 9.0)}
    assert rows["Its score s*"][1] == "Mean squared distance to its 3 nearest rows (eq. 6)."
    assert rows["Highest pixel"][0] == "6.0000"
    assert rows["Weight of eq. 7"][0] == "not used"
    assert rows["Among good images"][0] == NOT_RECORDED
    assert "The run recorded 9.0000" in rows["Image score"][1]


def test_variants_stand_by_their_setting():
    told = [SimpleNamespace(field="num_neighbors", value=1, score=2.0, used=True),
            SimpleNamespace(field="reweight_neighbors", value=None, score=3.0, used=False),
            SimpleNamespace(field="blur_sigma", value=4.0, score=4.0, used=False)]
    groups = variant_groups(told)
    assert [group["name"] for group in groups] == ["k", "b of eq. 7", "blur, px"]
    assert [group["values"][0] for group in groups] == [
        {"label": "1", "score": "2.0000", "used": True}, {"label": "not used", "score": "3.0000", "used": False},
        {"label": "4", "score": "4.0000", "used": False}]  # fmt: skip


@pytest.mark.parametrize(("score", "words"), [
    (5.0, "NG, from 5.0000 up"), (4.5, "review zone, from 4.0000 up to 5.0000"), (3.0, "OK, below 4.0000"),
])  # fmt: skip
def test_zones(score, words):
    assert zone_words(score, 5.0, 4.0) == words
    assert zone_words(3.0, 5.0, None) == "OK, below 5.0000"
    assert zone_words(score, None, None) == zone_words(score, float("nan"), None) == ""
