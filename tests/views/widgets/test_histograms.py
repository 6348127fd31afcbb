"""What the histograms are given."""

from __future__ import annotations

import numpy as np
import pytest

from patchcore_core.evaluation.counts import counts_by_threshold
from patchcore_core.evaluation.curve_points import LevelCounts
from patchcore_core.views.colours import COLOURS
from patchcore_core.views.web.packed import packed, unpacked
from patchcore_core.views.widgets.histograms import Counts, Named, Scores, notes, of_images, of_pixels, with_handles


@pytest.mark.parametrize("values", [
    [], [0.1, 1 / 3, np.nan, -np.inf], np.float32([0.1, 1e-30, np.nan]), np.float16([0.1, 65504]), [1e300, 2**53 + 2.0],
])
def test_packed_numbers_come_back_exactly(values):
    exact = np.asarray(values, dtype=np.float64)
    sent = packed(values)
    assert np.array_equal(unpacked(sent), exact, equal_nan=True)
    assert sent["type"] == ("f8" if len(exact) and exact[0] in (0.1, 1e300) else "f4")


def test_scores_go_out_by_class_and_in_order():
    sample = Scores([3.0, 1.0, np.nan, 2.0, 5.0, 4.0], [0, 0, 0, 1, -1, 1])
    sent = {name: unpacked(scores).tolist() for name, scores in sample.data()["scores"].items()}
    assert sent == {"good": [1.0, 3.0], "defective": [2.0, 4.0], "unlabelled": [5.0]}
    assert sample.totals() == {"good": 2, "defective": 2, "unlabelled": 1}
    with pytest.raises(ValueError, match="shape"):
        Scores([1.0, 2.0], [0]).data()


def test_counts_from_a_curve_are_those_of_the_scores():
    random = np.random.default_rng(0)
    scores, labels = random.integers(0, 50, 3000) / 7, random.integers(0, 2, 3000)
    curve = counts_by_threshold(labels, scores)
    kept = np.unique(np.append(np.arange(0, len(curve.thresholds), 3), len(curve.thresholds) - 1))  # a thinned one
    counts = Counts.from_curve(curve.thresholds[kept], curve.true_positives[kept], curve.false_positives[kept])
    sent = counts.data()
    edges = unpacked(sent["edges"])
    for name, label in (("good", 0), ("defective", 1)):
        expected = np.histogram(scores[labels == label], np.append(edges[:-1], np.inf))[0]
        assert unpacked(sent["counts"][name]).tolist() == expected.tolist()
    assert counts.totals() == {"good": (labels == 0).sum(), "defective": (labels == 1).sum(), "unlabelled": 0}


@pytest.mark.parametrize(("edges", "good"), [([0.0], []), ([0.0, 0.0], [1]), ([1.0, 0.0], [1]), ([0.0, 1.0], [1, 2])])
def test_bins_that_are_none_are_refused(edges, good):
    with pytest.raises(ValueError, match=r"edges|bins"):
        Counts(edges, good, good).data()


@pytest.mark.parametrize(("totals", "said"), [
    ((5, 5, 0), []), ((5, 0, 0), ["missed defects"]), ((0, 5, 0), ["false alarms"]), ((0, 0, 0), ["no scored"]),
    ((5, 5, 1), ["no label"]), ((0, 0, 9), ["missed defects", "false alarms", "no label"]),
])
def test_what_cannot_be_known_is_said(totals, said):
    sentences = notes(dict(zip(("good", "defective", "unlabelled"), totals, strict=True)), "images")
    assert len(sentences) == len(said)
    assert all(words in sentence for words, sentence in zip(said, sentences, strict=True))


def test_the_operating_point_of_images_has_the_scores_of_each_class_ascending():
    shown = of_images([3.0, 1.0, np.nan, 2.0, 5.0], [1, 0, 1, -1, 1])
    given = with_handles(shown, 1.5, 2.5, "p", [Named("f", 2.0, "F1"), Named("none", np.nan, "none")])
    classes = {name: unpacked(values).tolist() for name, values in given["scores"].items()}
    assert classes == {"good": [1.0], "defective": [3.0, 5.0], "unlabelled": [2.0]}
    assert (given["low"], given["high"], given["channel"], given["zone"]) == (1.5, 2.5, "p", True)
    assert given["named"] == [{"name": "f", "value": 2.0, "label": "F1", "help": ""}]
    assert given["notes"] == ["1 images have no label and are not counted."]
    assert given["colours"]["hit"] == COLOURS["hit"]
    assert of_images([], [])["notes"] == ["There are no scored images."]


def test_pixels_have_one_handle_and_a_logarithmic_axis_of_counts():
    thresholds, tp, fp = np.array([2.0, 1.0]), np.array([3, 4]), np.array([0, 9])
    given = of_pixels(LevelCounts(thresholds, tp, fp, 4, 9))
    assert (given["unit"], given["log"], given["zone"]) == ("pixels", True, False)
    assert {name: unpacked(values).tolist() for name, values in given["counts"].items()} == \
        {"good": [9, 0], "defective": [1, 3], "unlabelled": [0, 0]}
    assert of_pixels(LevelCounts(np.array([]), np.array([]), np.array([]), 0, 0)) is None
