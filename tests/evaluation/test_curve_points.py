"""The curves of a run as values, and as the arrays of a file whose names stay."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from patchcore_core.evaluation.counts import counts_by_threshold
from patchcore_core.evaluation.curve_points import Curves, HeldOutArrays, RegionTable, curve_points

COUNTS = counts_by_threshold([0, 1, 0, 1], [1.0, 2.0, 3.0, 4.0])
REGIONS = RegionTable(*np.arange(5.0 * 3).reshape(5, 3), np.ones((3, 10)))
HELD_OUT = HeldOutArrays(np.arange(4.0), np.arange(2.0), np.arange(2), 3, *np.zeros((3, 1)), np.ones(2), np.arange(6.0))
LEVEL = ["thresholds", "tp", "fp", "positives", "negatives"]
NAMES = [  # in the files of all versions
    *[f"image_{name}" for name in LEVEL], *[f"pixel_{name}" for name in LEVEL],
    "pro_fpr", "pro_overlap", "pro_thresholds", "regions_image", "regions_area", "regions_size_class",
    "regions_peak", "regions_overlap", "regions_scores_at", "heldout_scores", "heldout_pixel_scores",
    "heldout_pixel_numbers", "heldout_pixel_images", "heldout_odd_scores", "heldout_odd_pixel_scores",
    "heldout_odd_pixel_numbers", "heldout_pixel_without", "heldout_levels",
]  # fmt: skip


@pytest.fixture
def curves() -> Curves:
    return replace(curve_points(COUNTS, COUNTS, REGIONS), heldout=HELD_OUT)


def test_the_names_in_the_file_are_those_of_all_versions(curves):
    arrays = curves.arrays()
    assert list(arrays) == NAMES
    assert {name for name, values in arrays.items() if values.ndim == 0} == {
        "image_positives", "image_negatives", "pixel_positives", "pixel_negatives", "heldout_pixel_images"}
    assert (arrays["image_tp"].tolist(), arrays["image_negatives"]) == ([1, 1, 2, 2], 2)


def test_curves_come_back_from_their_arrays(curves):
    arrays = curves.arrays()
    for name, values in Curves.of(arrays).arrays().items():
        np.testing.assert_array_equal(values, arrays[name])
        assert values.dtype == arrays[name].dtype


def test_older_runs_have_fewer_parts_and_newer_ones_may_have_more(curves):
    of_images = {name: curves.arrays()[name] for name in NAMES[:5]}
    found = Curves.of({**of_images, "heldout_scores": np.ones(2), "unknown": np.ones(1)})
    assert found.image.counts().true_positives.tolist() == COUNTS.true_positives.tolist()
    assert (len(found.pixel.thresholds), len(found.pro.fpr), found.regions) == (0, 0, None)
    assert found.heldout.scores.tolist() == [1, 1]
    assert found.heldout.pixel_images is found.heldout.pixel_without is found.heldout.odd_scores is None
    assert Curves.of({}).heldout is None


@pytest.mark.parametrize(("change", "sentence"), [
    ({"pro_fpr": None}, "the arrays pro_fpr are missing"),
    ({"regions_area": None, "regions_peak": None}, "the arrays regions_area, regions_peak are missing"),
    ({"image_positives": np.ones(2)}, r"image_positives has the shape \(2,\)"),
    ({"pixel_tp": np.array(3)}, r"pixel_tp has the shape \(\)"),
])
def test_what_is_no_curve_is_named(curves, change, sentence):
    arrays = {name: values for name, values in (curves.arrays() | change).items() if values is not None}
    with pytest.raises(ValueError, match=sentence):
        Curves.of(arrays)
