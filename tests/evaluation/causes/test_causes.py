"""Each cause on an image made for it, and what is said of images that have none."""

import numpy as np
import pytest

from patchcore_core.evaluation.causes import causes
from patchcore_core.evaluation.causes.causes import CAUSES, evidence
from patchcore_core.evaluation.map_summary import summarise

SIDE, PATCH, THRESHOLD = 64, 8, 5.0


class Case:
    """Images added one by one: two good pixels in a hundred score 2, all others 1, the defects as told."""

    def __init__(self, good=6):
        self.rng = np.random.default_rng(0)
        self.maps, self.masks, self.labels, self.scores, self.kept = [], [], [], [], []
        for _ in range(good):
            self.add(0, 2.0)

    def add(self, label, score, spots=(), mask=(), kept=None):
        """A map with squares `spots` (top, left, side, value) and a mask of squares (top, left, side); the index."""
        pixels = np.where(self.rng.random((SIDE, SIDE)) < 0.02, 2.0, 1.0)
        pixels[:PATCH + 1] = pixels[-PATCH - 1:] = pixels[:, :PATCH + 1] = pixels[:, -PATCH - 1:] = 1
        truth = np.zeros((SIDE, SIDE), bool)
        for top, left, side, value in spots:
            pixels[top:top + side, left:left + side] = value
        for top, left, side in mask or ():
            truth[top:top + side, left:left + side] = True
        self.maps.append(pixels)
        self.masks.append(None if label == 1 and mask is None else truth)
        self.labels.append(label)
        self.scores.append(score)
        self.kept.append(kept if kept is not None else 1.0 if truth.any() else np.nan)
        return len(self.maps) - 1

    def causes(self, threshold=THRESHOLD, near=None):
        maps = np.array(self.maps, np.float16)
        kept = summarise(maps, self.labels, lambda image: self.masks[image], level=2.0)
        scores = np.array(self.scores)
        return evidence(kept, np.array(self.labels), scores, PATCH, np.array(self.kept), near).at(threshold)


def of(found, image):
    return {key for key, has in found.applies.items() if has[image]}


@pytest.fixture
def case():
    return Case()


def add_clean_miss(case):
    """Found where it is, by a score below the threshold."""
    return case.add(1, 4.0, [(20, 20, 16, 4.0)], [(20, 20, 16)])


CASES = {
    "outside_crop": ({"label": 1, "score": 2, "kept": 0.0}, {"outside_crop"}, "Only 0% of the defect"),
    "mostly outside": ({"label": 1, "score": 4, "spots": [(20, 20, 16, 4.0)], "mask": [(20, 20, 16)], "kept": 0.3},
                       {"outside_crop", "below_threshold"}, "Only 30% of the defect"),
    "smaller_than_patch": ({"label": 1, "score": 4, "spots": [(20, 20, 7, 4.0)], "mask": [(20, 20, 7)]},
                           {"smaller_than_patch", "below_threshold"}, "7 pixels long, less than one patch of 8 pixels"),
    "vanished": ({"label": 1, "score": 2, "kept": 1.0}, {"smaller_than_patch"}, "of 64 pixels the defect vanishes"),
    "below_threshold": ({"label": 1, "score": 4, "spots": [(20, 20, 16, 4.0)], "mask": [(20, 20, 16)]},
                        {"below_threshold"}, "image score 4 is 1 below the threshold 5"),
    "peak_elsewhere": ({"label": 1, "score": 4, "spots": [(20, 20, 12, 3.5), (50, 50, 5, 4.0)], "mask": [(20, 20, 12)]},
                       {"peak_elsewhere"}, "maximum 4 at row 50, column 50 is 27 pixels from the defect"),
    "right for the wrong reason": ({"label": 1, "score": 6, "spots": [(20, 20, 12, 3.5), (50, 50, 5, 6.0)],
                                        "mask": [(20, 20, 12)]}, {"peak_elsewhere"}, "whose maximum is 3.5"),
    "faint": ({"label": 1, "score": 2, "spots": [(20, 20, 16, 1.0), (18, 20, 1, 2.5)], "mask": [(20, 20, 16)]},
              {"faint"}, "defect 1 is below 2"),
    "border": ({"label": 0, "score": 6, "spots": [(30, 7, 1, 6.0)]}, {"border"}, "is 7 pixels from the edge"),
    "speck": ({"label": 1, "score": 6, "spots": [(20, 20, 8, 6.0)], "mask": [(22, 22, 1)]},
              {"mask_doubtful"}, "tiny: 1 px"),
    "huge": ({"label": 1, "score": 6, "spots": [(20, 20, 8, 6.0)], "mask": [(0, 0, 50)]},
             {"mask_doubtful"}, "covers 61%"),
    "touches all": ({"label": 1, "score": 6, "spots": [(0, 0, 8, 6.0)], "mask": [(0, 0, 9), (55, 55, 9)]},
                    {"mask_doubtful"}, "all four edges"),
    "elsewhere": ({"label": 1, "score": 6, "spots": [(44, 20, 12, 1.0), (10, 10, 9, 6.0)], "mask": [(44, 20, 12)]},
                  {"peak_elsewhere", "mask_doubtful"}, "pixels reaches 6, above all pixels of good images (2)"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_cause_on_an_image_made_for_it(case, name):
    made, expected, words = CASES[name]
    image = case.add(**made)
    found = case.causes()
    assert of(found, image) == expected
    told = found.sentences(image)
    assert set(told) == expected
    assert any(words in sentence for sentence in told.values()), told
    assert all(sentence.endswith(".") and "nan" not in sentence for sentence in told.values())


def test_right_images_have_no_causes(case):
    hit = case.add(1, 6.0, [(20, 20, 16, 6.0)], [(20, 20, 16)])
    unknown = case.add(-1, 6.0, [(0, 0, 3, 6.0)])
    found = case.causes()
    assert found.outcome.tolist()[-2:] == ["TP", "?"]
    for image in (0, hit, unknown):
        assert of(found, image) == set()
    assert found.sentences(hit) == {}


def test_a_false_alarm_in_the_middle_has_no_cause_that_is_known(case):
    image = case.add(0, 6.0, [(30, 8, 1, 6.0)])  # one patch from the edge
    found = case.causes()
    assert found.outcome.tolist() == ["TN"] * 6 + ["FP"]
    assert of(found, image) == set()


def test_causes_follow_the_threshold(case):
    image = add_clean_miss(case)
    assert of(case.causes(4.5), image) == {"below_threshold"}
    assert of(case.causes(4.0), image) == set()
    assert (case.causes(np.nan).outcome[image], of(case.causes(np.nan), image)) == ("FN", {"below_threshold"})


def test_one_and_a_half_patches_off_is_still_at_the_defect(case):
    near = case.add(1, 4.0, [(20, 20, 16, 3.5), (47, 20, 1, 4.0)], [(20, 20, 16)])
    far = case.add(1, 4.0, [(20, 20, 16, 3.5), (48, 20, 1, 4.0)], [(20, 20, 16)])
    found = case.causes()
    assert of(found, near) == {"below_threshold"}
    assert of(found, far) == {"peak_elsewhere"}


def test_a_mask_that_was_cut_at_the_edge_is_not_doubted(case):
    image = case.add(1, 6.0, [(0, 0, 9, 6.0)], [(0, 0, 9), (55, 55, 9)], kept=0.8)
    assert of(case.causes(), image) == set()


def test_a_region_that_is_neither_compact_nor_above_the_good_does_not_make_a_mask_doubtful(case):
    thin = [(n, n, 1, 6.0) for n in range(10, 24)]
    thin_line = case.add(1, 6.0, [(44, 20, 12, 1.0), *thin], [(44, 20, 12)])
    assert of(case.causes(), thin_line) == {"peak_elsewhere"}
    case.add(0, 3.0, [(30, 30, 2, 6.0)])
    compact = case.add(1, 6.0, [(44, 20, 12, 1.0), (10, 10, 9, 6.0)], [(44, 20, 12)])
    assert of(case.causes(), compact) == {"peak_elsewhere"}


def test_a_training_image_that_is_nearly_the_same(case):
    image = add_clean_miss(case)
    found = case.causes(near=[*["train/a.png"] * 6, "train/b.png"])
    assert of(found, image) == {"below_threshold", "near_training"}
    assert "train/b.png" in found.sentences(image)["near_training"]
    assert of(found, 0) == set()
    assert "near_training" not in found.not_computed


def test_without_masks_or_good_images_it_says_what_cannot_be_known():
    case = Case(good=0)
    image = case.add(1, 2.0, [(20, 20, 9, 2.0)], None)
    found = case.causes()
    assert of(found, image) == set()
    assert found.outcome.tolist() == ["FN"]
    assert found.not_computed["faint"] == causes.NO_MASK
    assert found.not_computed["border"] == causes.NO_GOOD
    assert found.not_computed["near_training"] == causes.NO_TRAINING
    assert Case().causes().not_computed["peak_elsewhere"] == causes.NO_MASK


def test_counts_and_keys(case):
    add_clean_miss(case)
    add_clean_miss(case)
    case.add(0, 6.0, [(30, 7, 1, 6.0)])
    found = case.causes()
    assert found.counts() == dict.fromkeys(CAUSES, 0) | {"below_threshold": 2, "border": 1}
    some = np.arange(9) == 6
    assert found.counts(some) == dict.fromkeys(CAUSES, 0) | {"below_threshold": 1}
    assert found.keys() == [()] * 6 + [("below_threshold",)] * 2 + [("border",)]


def test_keys_name_what_applies_to_each_image(case):
    for near in ("train/a.png", ""):
        add_clean_miss(case)
        case.add(0, 6.0, [(30, 7, 1, 6.0)])
        found = case.causes(near=[near] * len(case.maps))
        assert found.keys() == [tuple(key for key, has in found.applies.items() if has[image])
                                for image in range(len(case.maps))]  # fmt: skip


def test_where_the_size_of_a_patch_is_not_known_the_rest_still_is(case):
    image = case.add(1, 2.0, [(20, 20, 16, 1.0)], [(20, 20, 16)])
    maps = summarise(np.array(case.maps, np.float16), case.labels, lambda one: case.masks[one], level=2.0)
    known = evidence(maps, np.array(case.labels), np.array(case.scores), np.nan, np.array(case.kept))
    found = known.at(THRESHOLD)
    assert of(found, image) == {"faint"}
    assert {key for key, reason in found.not_computed.items() if reason == causes.NO_PATCH} == {
        "smaller_than_patch", "below_threshold", "peak_elsewhere", "border"}


def test_every_cause_can_be_found():
    assert set().union(*(expected for _, expected, _ in CASES.values())) | {"near_training"} == set(CAUSES)
