"""Small random label, mask and map sets, full of ties."""

import numpy as np
import pytest


@pytest.fixture
def noisy_maps():
    """Masks and float16 maps (40, 64, 64): 20 good images, 20 with one to three rectangles that score higher."""
    rng = np.random.default_rng(7)
    masks = np.zeros((40, 64, 64), bool)
    for mask in masks[20:]:
        for _ in range(rng.integers(1, 4)):
            top, left = rng.integers(0, 60, 2)
            mask[top:top + rng.integers(1, 12), left:left + rng.integers(1, 12)] = True
    maps = (rng.gamma(4.0, 0.5, masks.shape) + 2.5 * masks).astype(np.float16)
    return masks, maps


@pytest.fixture
def scores():
    """Scores (40,) of the images of `noisy_maps`: those of the last 20 are higher by 1 on average."""
    return (np.random.default_rng(1).normal(size=40) + np.repeat([0, 1], 20)).astype(np.float32)
