from __future__ import annotations

import numpy as np

from patchcore_core.model.results import Nearest


def test_the_nearest_patches_of_two_scales_are_those_of_the_scale_that_counts() -> None:
    """A grid of 1 x 2 under one of 2 x 4; rows of banks of 2 and 8 patches."""
    coarse = np.array([[1.0, 2.0]]), np.array([[1, 0]])
    fine = np.arange(10.0, 18).reshape(2, 4), np.arange(8).reshape(2, 4)
    found = [tuple(part[None, :, :, None] for part in scale) for scale in (coarse, fine)]
    counts = np.array([[0, 1, 0, 1], [1, 1, 1, 0]])
    origins = [np.array([[7, 0, 0], [8, 0, 1]], np.int32), np.arange(24, dtype=np.int32).reshape(8, 3)]
    nearest = Nearest.of(found, counts, origins)
    assert nearest.grids == ((1, 2), (2, 4))
    assert nearest.rows.tolist() == [[1, 1, 0, 3], [4, 5, 6, 0]]
    assert nearest.distances.tolist() == [[1, 11, 2, 13], [14, 15, 16, 2]]
    assert nearest.origin is not None
    assert nearest.origin[0].tolist() == [[8, 0, 1], [3, 4, 5], [7, 0, 0], [9, 10, 11]]
    assert nearest.at(0, 2) == (0, (0, 1))
    assert nearest.at(0, 3) == (1, (0, 3))
    assert Nearest.of(found, counts, [origins[0], None]).origin is None
