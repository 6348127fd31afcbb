"""Which paired test a figure gets, and what is said where there is none."""

from dataclasses import replace

import numpy as np
import pytest

from patchcore_core.evaluation.statistics import paired
from patchcore_core.evaluation.statistics.differences import delong_test
from patchcore_core.evaluation.statistics.paired import RunImages, paired_test
from patchcore_core.evaluation.statistics.paired_bootstrap import bootstrap_test
from patchcore_core.evaluation.statistics.replicates import images_key

RNG = np.random.default_rng(0)
LABELS = np.array([0] * 8 + [1] * 8 + [-1])
FIRST, SECOND = (RunImages("key", LABELS, RNG.normal(size=17) + LABELS, RNG.normal(size=300), "kept", True)
                 for _ in range(2))


def test_image_auroc_is_tested_by_delong_without_unlabelled_images():
    expected = delong_test(LABELS[:16], FIRST.scores[:16], SECOND.scores[:16])
    assert paired_test("image_auroc", (expected.first, expected.second), FIRST, SECOND) == expected
    assert paired_test("image_auroc", (0.1, 0.2), FIRST, SECOND).reason == paired.OTHER_FIGURE


def test_other_figures_are_tested_by_their_resamples():
    assert paired_test("aupro", (0.5, 0.6), FIRST, SECOND) == bootstrap_test(0.5, 0.6, FIRST.resampled,
                                                                             SECOND.resampled)


@pytest.mark.parametrize(("figure", "change", "reason"), [
    ("image_auroc", {"key": "other"}, paired.OTHER_IMAGES),
    ("image_auroc", {"scores": np.full(17, np.nan)}, paired.NO_SCORE),
    ("aupro", {"key": "other"}, paired.OTHER_IMAGES),
    ("aupro", {"resampled_key": "other"}, paired.OTHER_IMAGES),
    ("aupro", {"resampled": None, "resampled_key": "", "has_others": False}, paired.NOT_KEPT),
    ("image_recall", {"resampled": None}, paired.NO_TEST),
])
def test_what_a_run_lacks_is_said(figure, change, reason):
    found = paired_test(figure, (0.5, 0.6), FIRST, replace(SECOND, **change))
    assert found.reason == reason
    assert np.isnan(found.p_value)
    assert found.difference == pytest.approx(0.1)


def test_the_key_of_test_images_changes_with_all_that_decides_their_figures():
    given = {"labels": [0, 1], "names": ["a", "b"], "photos": ["1", "2"], "masks": ["", "3"]}
    key = images_key(**given)
    assert len(bytes.fromhex(key)) == 32
    assert images_key(**{**given, "names": ["c", "d"]}) == key  # renamed
    for change in ({"labels": [1, 1]}, {"photos": ["2", "1"]}, {"masks": ["", "4"]}, {"photos": ["", "2"]}):
        assert images_key(**{**given, **change}) != key
    assert images_key(**given, seed=1) != key
