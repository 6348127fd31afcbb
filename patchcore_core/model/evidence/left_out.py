"""A training photo as the bank would score it without the photo's own rows and those of its near-copies."""

from __future__ import annotations

import numpy as np

from patchcore_core.model.evidence.explained import Explained
from patchcore_core.model.held_out.leave_one_out import leave_one_out_search
from patchcore_core.model.results import ImageResult, Nearest


def left_out(explained: Explained, image: int, groups: np.ndarray) -> ImageResult:
    """The held-out result of the training photo with the number `image`, and the nearest patches of other photos.

    groups (N,): a number for the near-copies of each training image, as for leave_one_out_search. Scores are NaN where
    the bank has too few rows of others.
    """
    by, owner = explained.by, np.array([image])
    found = [leave_one_out_search(bank, part[None], owner, min(by.config.num_neighbors, len(bank)), groups=groups)
             for bank, part in zip(by.banks, explained.patches, strict=True)]  # fmt: skip
    distances, rows = zip(*found, strict=True)
    scores, patch_scores = by.of([part[None] for part in explained.patches], distances, rows, owner, groups)
    leading = np.zeros(explained.grids[0], np.int64)
    if len(found) > 1:
        leading = by.maps.leading([by.of_patches(part) for part in distances])[0]
    nearest = Nearest.of(found, leading, [bank.origin for bank in by.banks])
    return ImageResult(float(scores[0]), patch_scores[0], by.maps.of(patch_scores)[0], nearest)
