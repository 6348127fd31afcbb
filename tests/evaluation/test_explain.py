"""Every name that can meet a reader has one sentence."""

from __future__ import annotations

import numpy as np
import pytest

from patchcore_core.evaluation.badges.badge import (
    crop_badge,
    identical_images,
    near_duplicates,
    split_badge,
    threshold_badge,
    unreadable_badge,
)
from patchcore_core.evaluation.badges.photo_shapes import Proportions
from patchcore_core.evaluation.badges.training_photos import TrainingPhotos
from patchcore_core.evaluation.causes import causes
from patchcore_core.evaluation.counts import counts_by_threshold
from patchcore_core.evaluation.evaluate import METRICS, evaluate
from patchcore_core.evaluation.explain import (
    BADGES,
    CAUSES,
    FIGURES,
    THRESHOLDS,
    explain_badge,
    explain_cause,
    explain_figure,
    explain_threshold,
)
from patchcore_core.evaluation.thresholds.costs import Costs
from patchcore_core.evaluation.thresholds.operating_point import (
    GoodScores,
    cost_weighted,
    f1_max,
    fixed_fpr,
    manual,
    mean_plus_sd,
    quantile,
    youden,
)
from patchcore_core.evaluation.thresholds.unlike import Familiar
from patchcore_core.evaluation.values import Rule

COUNTS = counts_by_threshold([0, 1], [1, 2])
GOOD = [GoodScores.of([1, 2], "held-out"), GoodScores.of([1, 2], "test good"),
        GoodScores.of_pixels([1.0, 2.0], [5, 5], 2, "held-out")]  # fmt: skip
POINTS = [
    *(choose(good) for good in GOOD for choose in (quantile, mean_plus_sd, fixed_fpr)),
    *(choose(COUNTS, level) for level in ("image", "pixel") for choose in (f1_max, youden)),
    *(cost_weighted(COUNTS, Costs(1, 1, 0.5), level) for level in ("image", "pixel")),
    manual(1.0), manual(1.0, "pixel"),
]  # fmt: skip

EXPLAIN = (explain_figure, explain_threshold, explain_badge, explain_cause)

NAMES = [
    *((explain_figure, name) for name in (*METRICS, "aupro", "aupro_0.05", *FIGURES)),
    *((explain_threshold, name) for name in (*THRESHOLDS, "heldout_p99", "good_fpr_1", "heldout_mean_3sd")),
    *((explain_badge, name) for name in BADGES),
    *((explain_cause, name) for name in causes.CAUSES),
]


@pytest.mark.parametrize(("explain", "name"), NAMES)
def test_every_name_has_one_sentence(explain, name):
    words = explain(name)
    assert words.endswith(".")
    assert ". " not in words
    assert words[0].isupper()


@pytest.mark.parametrize("point", POINTS, ids=lambda point: point.method)
def test_every_way_to_choose_a_threshold_is_explained(point):
    words = explain_threshold(point.method, point.rule)
    assert words.endswith(".")
    assert ("Oracle" in words) == (point.source == "oracle")


def test_the_thresholds_of_a_run_are_explained():
    found = evaluate([0, 1], ["good", "hole"], [1.0, 2.0], None, [[[1.0]], [[2.0]]], [False, False])
    assert all(explain_threshold(name) for name in found.thresholds)


def test_numbers_of_rules_are_said():
    assert explain_threshold("pixel_heldout_p999").startswith("Above 99.9 % of the pixel scores of held-out good")
    assert explain_threshold("good_p99").startswith("Above 99 % of the scores of good test images")
    for rule, name, words in ((Rule("mean_sd", "held-out", number=2.5), "heldout_mean_2_5sd", "plus 2.5 standard"),
                              (Rule("fpr", "test good", number=0.5), "good_fpr_0_5", "at most 0.5 % of")):
        assert rule.name == name
        assert words in explain_threshold(name, rule)
    assert "up to 0.05:" in explain_figure("aupro_0.05")
    assert [explain("nobody knows it") for explain in EXPLAIN] == [""] * 4


def test_only_causes_that_exist_are_explained():
    assert list(CAUSES) == list(causes.CAUSES)


def test_every_badge_is_explained():
    badges = [threshold_badge(manual(1.0)), identical_images([], []), near_duplicates([]), crop_badge({}),
              unreadable_badge((), 1), split_badge(False, 1), *TrainingPhotos(1).badges(),
              Proportions(1.0).badge(np.empty((0, 2)), []), Familiar().badge(np.empty(0), [])]  # fmt: skip
    assert {badge.key for badge in badges} == set(BADGES)
