"""What is said to be unknown, for data that lack it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from patchcore_core.evaluation.badges.badge import crop_badge, identical_images, near_duplicates, unreadable_badge
from patchcore_core.evaluation.values import Badge
from patchcore_core.views.present import limits as words
from patchcore_core.views.present.limits import limits
from patchcore_core.views.present.rates import Measured, Rate
from patchcore_core.views.present.sentences import NO_DEFECTIVE, NO_GOOD

ALL = Measured(Rate(90, 100), Rate(1, 100), (("dent", Rate(90, 100)),), Rate(0, 100), Rate(0, 100), 0, True)
NONE = Rate(0, 0)


def test_a_run_with_enough_of_everything_still_has_bounds():
    assert limits(ALL, "held-out", (), 100) == ("Defects of other kinds than “dent” were not tested.", words.ALWAYS)


@pytest.mark.parametrize(("source", "part"), [
    ("oracle", "chosen with these very test parts"), ("test good", "the same good test parts"),
    ("manual", "A person set the limit"),
])  # fmt: skip
def test_a_threshold_that_has_seen_the_test_is_said_first(source, part):
    assert part in limits(ALL, source, (), 100)[0]


def test_good_parts_only():
    only = replace(ALL, found=NONE, by_type=())
    assert limits(only, "held-out", (), 0) == (NO_DEFECTIVE, words.ALWAYS)


def test_no_test_images_at_all():
    none = replace(ALL, found=NONE, stopped=NONE, by_type=())
    assert limits(none, "held-out", (), 0)[:2] == (NO_DEFECTIVE, NO_GOOD)


def test_few_parts_no_masks_no_labels_an_old_run():
    few = replace(ALL, found=Rate(3, 5), stopped=Rate(0, 1), unlabelled=7)
    said = limits(few, "held-out", (), 0, checks=False)
    assert said[0] == "Only 5 defective parts and 1 good part were tested, so the figures are uncertain."
    assert words.NO_MASKS in said
    assert "7 test photos without a label are not counted." in said
    assert any("before its data were checked" in sentence for sentence in said)


def test_labels_that_reviewers_doubt():
    assert limits(ALL, "held-out", (), 100, doubted=2)[1] == \
        "Reviewers say that the label of 2 test photos is wrong; the figures count it as it is."


def test_the_data_checks_are_said_without_a_path():
    badges = (identical_images(["a"], ["a", "b"], [1, 0]), near_duplicates([0, -1, 2]),
              unreadable_badge([("/secret/place.png", "broken")], 9),
              Badge("training_copies", "warning", "copies", "such as /secret/x.png",
                    {"images": 40, "copies": 30, "groups": 15}),
              Badge("odd_training", "warning", "odd", "/secret/y.png", {"images": 40, "odd": 2}),
              Badge("proportions", "note", "far", "/secret/z.png", {"far": 4}),
              Badge("split", "note", "split made here", "", {"test": 9}),
              Badge("new_check", "warning", "too dark", "/secret/w.png"))  # fmt: skip
    said = " ".join(limits(ALL, "held-out", badges, 100))
    assert "/secret" not in said
    for part in ("1 test photo were also used", "2 test photos nearly equal", "1 of 9 photos could not be read",
                 "30 of 40 training photos nearly equal", "only 15 different photos", "2 of 40 training photos look",
                 "4 test photos have other proportions", "come from the same series", "too dark"):  # fmt: skip
        assert part in said or part.replace(" were", " was") in said


def test_what_is_in_order_is_not_said():
    fine = (identical_images(["a"], ["b"]), near_duplicates([-1]), crop_badge({}), unreadable_badge([], 5))
    assert limits(ALL, "held-out", fine, 100) == limits(ALL, "held-out", (), 100)


@pytest.mark.parametrize("key", ["identical", "near_duplicates", "training_copies", "odd_training"])
def test_what_was_not_checked_is_said(key):
    assert len(limits(ALL, "held-out", (Badge(key, "note", "not checked", ""),), 100)) == 3
