"""What is said of near-copies and odd photos in training."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from patchcore_core.evaluation.badges.training_photos import TRAINING_KEYS, Moved, TrainingPhotos
from patchcore_core.evaluation.thresholds.operating_point import GoodScores, quantile

ODD = TrainingPhotos(32, odd=(("train/good/black.png", 58.25),), highest=25.16, image=Moved(25.16, 58.25),
                     pixel=Moved(22.2, 56.94))  # fmt: skip


def test_a_clean_set_has_nothing_to_say():
    found = TrainingPhotos(30)
    assert [badge.key for badge in found.badges()] == list(TRAINING_KEYS)
    assert [badge.level for badge in found.badges()] == ["ok", "ok"]
    assert found.warnings() == ()
    assert found.groups == 30


def test_copies_are_counted_by_group():
    found = TrainingPhotos(10, copies=(("a.png", "b.png", "c.png", "d.png", "e.png"), ("f.png", "g.png")))
    (sentence,) = found.warnings()
    assert (found.copied, found.groups) == (7, 5)
    assert sentence.startswith("7 of 10 training photos are near-duplicates, such as a.png, b.png, "
                               "c.png and 2 more")
    assert "rest on 5 distinct photos, not on 10" in sentence


def test_an_odd_photo_is_named_with_both_thresholds_and_what_to_do():
    (sentence,) = ODD.warnings()
    for words in ("train/good/black.png is far", "score 58.25, the others at most 25.16", "25.16 instead of 58.25",
                  "22.2 instead of 56.94 for pixels", "fit … --exclude train/good/black.png"):  # fmt: skip
        assert words in sentence
    several = TrainingPhotos(9, odd=(("a", 5.0), ("b", 6.0), ("c", 7.0), ("d", 8.0)), highest=2.0)
    assert "a, b, c and 1 more are far" in several.warnings()[0]
    assert "score 5 to 8" in several.warnings()[0]
    assert several.badges()[1].label == "4 odd training photos"


def test_an_odd_photo_that_was_taught_is_a_note_without_advice_to_exclude_it():
    badge = replace(ODD, taught=("train/good/black.png",)).badges()[1]
    assert badge.level == "note"
    assert "contains it; it was taught as good; if it is not good, go on from the run before." in badge.sentence
    assert "--exclude" not in badge.sentence
    several = TrainingPhotos(9, odd=(("a", 5.0), ("b", 6.0)), highest=2.0, taught=("b",)).badges()[1]
    assert several.level == "warning"
    assert several.sentence.endswith("contains them; b was taught as good; if it is not good, go on from the run "
                                     "before; if a is not good, exclude it (fit … --exclude a).")


@pytest.mark.parametrize(("noise", "level"), [(True, "warning"), (False, "note")])
def test_photos_that_hardly_differ_are_doubted(noise, level):
    badge = TrainingPhotos(8, alike=0.97, noise=noise).badges()[0]
    assert (badge.level, badge.label) == (level, "training photos hardly differ")
    assert "0.97" in badge.sentence


def test_a_quantile_says_what_it_would_be_with_the_odd_scores():
    good = GoodScores.of([1.0, 2.0, 3.0], "held-out", leave_one_out=True)
    odd = GoodScores(good.scores, good.numbers, 3, "held-out", leave_one_out=True, copies=True,
                     odd=GoodScores.of([9.0], "held-out"))  # fmt: skip
    point = quantile(odd)
    assert point.value == quantile(good).value == pytest.approx(3.0)
    assert odd.with_odd().total == 4
    assert "1 odd training image is left out; with it: 9." in point.sentence
    assert "(leave-one-out scores), near-duplicates left out" in point.sentence
    assert math.isnan(Moved().without_odd)


def test_copies_of_one_photo_leave_nothing_to_rest_on():
    names = tuple(f"{number}.png" for number in range(5))
    badge = TrainingPhotos(5, copies=(names,)).badges()[0]
    assert badge.level == "warning"
    assert "no held-out thresholds" in badge.sentence
    assert "1 different" not in badge.sentence
