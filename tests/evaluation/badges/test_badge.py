"""Badges by hand: every level of each, its counts, and what its sentence must say."""

from __future__ import annotations

import math

import numpy as np
import pytest

from patchcore_core.data.values import CropLoss
from patchcore_core.evaluation.badges.badge import (
    CropRecall,
    crop_badge,
    identical_images,
    near_duplicates,
    recall_by_crop,
    split_badge,
    threshold_badge,
    unreadable_badge,
)
from patchcore_core.evaluation.counts import counts_by_threshold
from patchcore_core.evaluation.thresholds.operating_point import GoodScores, f1_max, manual, quantile

LOSS = {"hole": CropLoss(4, 1, 0), "cut": CropLoss(3, 1, 1), "dent": CropLoss(2, 0, 0)}


@pytest.mark.parametrize(("point", "level", "label"), [
    (quantile(GoodScores.of([1, 2], "held-out")), "ok", "held-out threshold"),
    (quantile(GoodScores.of([1, 2], "test good")), "note", "threshold from good test images"),
    (f1_max(counts_by_threshold([0, 1], [1, 2])), "warning", "oracle threshold"),
    (manual(1.0), "note", "threshold set manually"),
    (manual(math.nan), "note", "no threshold"),
])
def test_the_threshold_says_what_it_has_seen(point, level, label):
    found = threshold_badge(point)
    assert (found.key, found.level, found.label) == ("threshold", level, label)
    assert found.sentence == (point.sentence if point.reason is None else f"No prediction: {point.reason}.")


def test_test_images_that_were_trained_on_are_found():
    found = identical_images(["a", "b", ""], ["c", "a", "a", ""], labels=[0, 1, 0, 1])
    assert found.level == "warning"
    assert found.counts == {"identical": 2, "defective": 1, "test": 4, "unchecked": 2}
    assert "2 of 4 test images" in found.sentence
    assert "1 of them" in found.sentence


def test_files_that_cannot_be_read_are_the_same_as_no_other():
    assert identical_images(["a", ""], ["", "b"]).level == "note"
    assert identical_images(["a"], ["b"]).level == "ok"
    assert identical_images(["a"], []).level == "note"  # nothing to be sure of


def test_near_duplicates_are_counted():
    found = near_duplicates([3, -1, 0, -1])
    assert (found.level, found.counts) == ("warning", {"near": 2, "test": 4})
    assert "2 of 4 test images are" in found.sentence
    assert near_duplicates([-1, -1]).level == "ok"


@pytest.mark.parametrize(("twins", "why"), [(None, "no thumbnails"), ([], "no test images")])
def test_near_duplicates_that_nobody_looked_for_are_unknown(twins, why):
    found = near_duplicates(twins)
    assert found.label == "near-duplicates not checked"
    assert why in found.sentence


@pytest.mark.parametrize(("count", "said"), [(1, "1 of them is labelled"), (2, "2 of them are labelled")])
def test_defective_ones_among_what_was_learned_are_counted(count, said):
    found = identical_images(["a", "b", "c"], ["a", "b", "x"], [1, int(count == 2), 1])
    assert f"{said} defective but used as good" in found.sentence


def test_what_the_crop_cut_away():
    found = crop_badge(LOSS)
    assert (found.level, found.counts) == ("warning", {"masks": 9, "wholly_lost": 2, "partly_lost": 1})
    assert found.label == "2 outside the crop, 1 partly"
    assert found.sentence == (
        "Defects outside the centre crop, of 9 masks: cut 1 entirely and 1 partly, hole 1 entirely.")
    with_recall = crop_badge(LOSS, CropRecall((6, 9), (6, 7), (0, 0)))
    assert "Recall 66.7 % (6/9) of all" in with_recall.sentence
    assert "85.7 % (6/7) without" in with_recall.sentence
    assert "— (0/0) of those entirely inside" in with_recall.sentence


@pytest.mark.parametrize(("loss", "level"), [
    ({}, "note"),
    ({"dent": LOSS["dent"]}, "ok"),
    ({"cut": CropLoss(1, 0, 1)}, "note"),
])
def test_what_the_crop_left(loss, level):
    assert crop_badge(loss).level == level


def test_recall_with_and_without_the_defects_that_the_crop_cut():
    labels = [1, 1, 1, 1, 0, -1]
    scores = [1.0, 5.0, 5.0, 1.0, 9.0, 9.0]
    kept = [0.0, 0.5, 1.0, math.nan, math.nan, 1.0]
    assert recall_by_crop(labels, scores, 2.0, kept) == CropRecall((2, 4), (2, 3), (1, 1))
    assert recall_by_crop([], [], 2.0, []) == CropRecall((0, 0), (0, 0), (0, 0))
    with pytest.raises(ValueError, match="one shape"):
        recall_by_crop([1, 0], [1.0, 2.0], 0.5, np.ones(3))


def test_unreadable_images_are_counted_and_one_is_named():
    found = unreadable_badge((("bad.png", "truncated"), ("worse.png", "empty")), 40)
    assert (found.level, found.counts) == ("warning", {"unreadable": 2, "images": 40})
    assert "2 of 40 images, such as bad.png: truncated" in found.sentence
    assert unreadable_badge((), 40).level == "ok"


@pytest.mark.parametrize(("made_here", "test", "level"), [(False, 40, "ok"), (True, 40, "note"), (False, 0, "note")])
def test_who_made_the_split(made_here, test, level):
    found = split_badge(made_here, test, held_out=3)
    assert (found.level, found.counts) == (level, {"test": test, "held_out": 3})
    assert "3 good images" in found.sentence
    assert "Held out" not in split_badge(made_here, test).sentence
