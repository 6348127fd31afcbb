"""The badges of a stored run at the threshold that is shown."""

import math

import numpy as np

from patchcore_core.data.values import CropLoss, PhotoCounts
from patchcore_core.evaluation.badges.badge import identical_images, split_badge
from patchcore_core.evaluation.badges.of_run import KEYS, SOME, badges_at, crop_recall_at
from patchcore_core.evaluation.badges.photo_shapes import Proportions
from patchcore_core.evaluation.thresholds.operating_point import GoodScores, manual, quantile
from patchcore_core.evaluation.thresholds.unlike import Familiar

LOSS = {"hole": CropLoss(3, 1, 0)}
COUNTS = PhotoCounts(4, 2, 3)


def by_key(*args):
    return {badge.key: badge for badge in badges_at(*args)}


def test_the_threshold_that_is_shown_is_the_one_judged():
    stored = [split_badge(False, 5), identical_images(["a"], ["a", "b"])]
    found = by_key(stored, manual(3.0), False, {}, None, (), COUNTS)
    assert tuple(found) == tuple(key for key in KEYS if key not in SOME)  # no run is blamed for lacking one of these
    some = [Proportions(1.0).badge(np.empty((0, 2)), []), Familiar().badge(np.empty(0), [])]
    assert tuple(by_key([*stored, *some], manual(3.0), False, {}, None, (), COUNTS)) == KEYS
    assert found["threshold"].label == "threshold set manually"
    assert found["identical"].counts["identical"] == 1
    assert found["split"].level == "ok"
    assert found["crop"].level == "ok"
    held = quantile(GoodScores.of(np.arange(120.0), "held-out"))
    assert by_key(stored, held, False, {}, None, (), COUNTS)["threshold"].level == "ok"


def test_an_older_run_claims_nothing():
    found = by_key((), manual(math.nan), True, LOSS, None, [("a.png", "no image")], COUNTS)
    assert found["threshold"].label == "no threshold"
    assert {found[key].level for key in ("identical", "near_duplicates", "split")} == {"note"}
    assert found["crop"].level == "warning"
    assert found["unreadable"].counts == {"unreadable": 1, "images": 9}


def test_recall_is_split_by_the_crop_only_where_it_cut():
    labels, scores, kept = np.array([0, 1, 1, 1]), np.array([1.0, 5.0, 1.0, 5.0]), np.array([np.nan, 1.0, 0.0, 0.5])
    recall = crop_recall_at(LOSS, labels, scores, kept, 3.0)
    assert (recall.all, recall.without_lost, recall.whole) == ((2, 3), (2, 2), (1, 1))
    assert crop_recall_at({}, labels, scores, kept, 3.0) is None
