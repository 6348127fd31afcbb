from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from patchcore_core.config import PatchCoreConfig
from patchcore_core.fitting.good_images import trim_of
from patchcore_core.fitting.good_scores import HeldOutScores, Pixels


@pytest.mark.parametrize(("scales", "reaches"), [((), (8, 32)), ((32, 64), (12, 48)), ((64, 128, 32), (19, 75))])
def test_a_trim_reaches_as_far_as_patches_are_apart_on_average(scales, reaches):
    """8 x 8 patches of the finest scale on maps of 64 x 64 pixels."""
    config = PatchCoreConfig(image_size=64, scales=scales, region_trim=True)
    model = SimpleNamespace(config=config, transform=SimpleNamespace(shape=(64, 64)),
                            report=SimpleNamespace(held_out=SimpleNamespace(patch_scores=np.zeros((2, 8, 8)))))
    scores = HeldOutScores(pixels=Pixels(np.array([1, 2, 5], np.float32), np.array([3, 3, 1]), 2))
    trim = trim_of(model, scores)
    assert trim.good == 2
    assert tuple(reach for _, reach in trim.halo) == reaches
    assert trim_of(SimpleNamespace(config=PatchCoreConfig()), scores) is None
    assert trim_of(model, HeldOutScores()) is None
