"""Whether one of several runs on the same images is significantly best."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from patchcore_core.evaluation.statistics.differences import delong_test, placements
from patchcore_core.evaluation.statistics.many.leader import BEST, leader


def significantly_best(labels: ArrayLike, scores: ArrayLike) -> int | None:
    """The run whose image AUROC is significantly higher than that of each other one; None without such a run.

    labels (N,) 0 good, 1 defective, -1 unknown (left out); scores (R, N). The run with the highest AUROC is tested
    against all others by DeLong's test, and the p values are corrected for their number (Holm): it is best where all of
    them are below 5 %. A single run is not best, nor is one of two that rank the images alike.
    """
    label, score = np.asarray(labels), np.asarray(scores, dtype=np.float64)
    if score.ndim != 2 or score.shape[1:] != label.shape:
        raise ValueError(f"expected labels (N,) and scores (runs, N), got {label.shape} and {score.shape}")
    known = label != -1
    label, score = label[known], score[:, known]
    if len(score) < 2 or not np.isfinite(score).all() or len(np.unique(label)) < 2:
        return None
    auroc = placements(label, list(score))[1].mean(axis=1)  # (R,)
    found = leader(auroc.tolist(), lambda first, other: delong_test(label, score[other], score[first]))
    return found.first if found is not None and found.standings[found.first] == BEST else None
