"""Photos of 64 x 64, shown to the network as their central 32 x 32: rows and columns 16 to 47."""

from __future__ import annotations

import numpy as np
import pytest

from patchcore_core.data.dataset import Sample
from patchcore_core.data.ground_truth import ground_truth
from patchcore_core.data.scratch import Scratch
from patchcore_core.data.transforms import Transform
from patchcore_core.data.values import CropLoss
from tests.tiny import save

CROP = Transform(64, 32, (0.5,) * 3, (0.2,) * 3)
WHOLE = Transform(32, None, (0.5,) * 3, (0.2,) * 3)


def truth_of(samples, transform, progress=None):
    return ground_truth(samples, transform, Scratch(), progress)


@pytest.fixture
def sample(tmp_path):
    """`sample(box, label)`: a photo whose mask is the box (top, left, bottom, right), None = no mask file."""
    count = iter(range(100))

    def make(box=None, label=1, size=64, kind="hole"):
        number = next(count)
        photo = save(tmp_path / f"{number}.png", np.zeros((64, 64, 3), np.uint8))
        if box is None:
            return Sample(photo, "test", label, kind if label else "good")
        mask = np.zeros((size, size), np.uint8)
        mask[box[0] : box[2], box[1] : box[3]] = 255
        return Sample(photo, "test", label, kind, (save(tmp_path / f"{number}_mask.png", mask),))

    return make


def test_masks_come_in_the_geometry_of_the_maps(sample):
    truth = truth_of([sample((20, 24, 30, 40))], CROP)
    expected = np.zeros((32, 32), bool)
    expected[4:14, 8:24] = True
    np.testing.assert_array_equal(truth.masks[0], expected)
    assert (truth.labels.tolist(), truth.mask_known.tolist(), truth.mask_kept.tolist()) == ([1], [True], [1.0])
    assert truth.sizes.tolist() == [[64, 64]]


def test_the_outlines_of_all_masks_that_are_not_empty_are_known(sample):
    good, known, cut_away, lacking = (sample(label=0), sample((20, 24, 30, 40)), sample((0, 0, 10, 10)), sample())
    truth = truth_of([good, known, cut_away, lacking], CROP)
    assert list(truth.outlines) == [1]
    assert truth.of(1).outline is truth.outlines[1]
    assert truth.outlines[1].areas.tolist() == [160]
    assert truth.outlines[1].places.tolist() == np.flatnonzero(truth.masks[1]).tolist()
    assert truth.of(0).outline is None


def test_defects_cut_away_are_counted_for_each_type(sample):
    inside, outside, half = (20, 20, 30, 30), (0, 0, 10, 10), (20, 8, 30, 24)
    samples = [sample(box) for box in (inside, outside, half, half)]
    samples += [sample(outside, kind="scratch"), sample(label=0)]
    truth = truth_of(samples, CROP)
    assert truth.crop_loss() == {"hole": CropLoss(4, 1, 2), "scratch": CropLoss(1, 1, 0)}
    np.testing.assert_array_equal(truth.mask_kept, [1, 0, 0.5, 0.5, 0, np.nan])
    assert truth_of(samples, WHOLE).crop_loss()["hole"] == CropLoss(4, 0, 0)


def test_what_is_known_without_a_mask(sample):
    truth = truth_of([sample(label=0), sample(label=1), sample(label=None)], WHOLE)
    assert truth.labels.tolist() == [0, 1, -1]
    assert truth.mask_known.tolist() == [True, False, False]
    assert not truth.masks.any()
    assert truth.warnings == ()


def test_a_mask_that_cannot_be_used_is_named_and_counts_as_unknown(sample):
    broken, other_size, empty = sample((0, 0, 9, 9)), sample((0, 0, 9, 9), size=60), sample((0, 0, 0, 0))
    broken.mask_paths[0].write_bytes(b"no image")
    truth = truth_of([broken, other_size, empty], WHOLE)
    assert truth.mask_known.tolist() == [False] * 3
    assert truth.crop_loss() == {}
    assert "not an image" in truth.warnings[0]
    assert "60 x 60" in truth.warnings[1]
    assert "the mask is empty" in truth.warnings[2]
    for warning, sample_ in zip(truth.warnings, (broken, other_size, empty), strict=True):
        assert str(sample_.mask_paths[0]) in warning


def test_a_defect_too_small_for_the_network_is_named(sample):
    truth = truth_of([sample((10, 10, 11, 11))], Transform(8, None, (0.5,) * 3, (0.2,) * 3))
    assert truth.mask_known.tolist() == [True]
    assert not truth.masks.any()
    assert "vanishes" in truth.warnings[0]


def test_progress_counts_the_images(sample):
    calls = []
    truth_of([sample(label=0), sample()], WHOLE, lambda *step: calls.append(step))
    assert calls == [("evaluate", 1, 2), ("evaluate", 2, 2)]
