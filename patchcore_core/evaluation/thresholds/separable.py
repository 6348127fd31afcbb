"""Whether a threshold is far from what would separate the test images: why AUROC is high and images are missed."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

FAR = 0.05  # of the spread of all scores: how far outside the separating range a threshold is worth a sentence


def separability_sentence(
    labels: ArrayLike, scores: ArrayLike, threshold: float, rule: str, digits: int = 1
) -> str | None:
    """`36.5 to 42.0 would separate all 97 images; the held-out rule sets 45.0`, None where there is nothing to say.

    labels (N,): 0 good, 1 defective, -1 unknown, not counted; scores (N,). Any threshold above the highest good score
    and up to the lowest defective one separates all. None where the classes overlap or one is missing, and for a
    threshold that separates them too, is NaN, or is nearer to that range than `FAR` of the spread of the scores. rule:
    how the threshold is named in the sentence, such as "the held-out rule".
    """
    label, score = np.asarray(labels), np.asarray(scores, dtype=np.float64)
    good, defective = score[label == 0], score[label == 1]
    if not len(good) or not len(defective) or good.max() >= defective.min() or not np.isfinite(threshold):
        return None
    low, high = float(good.max()), float(defective.min())
    spread = float(defective.max() - good.min())
    if low < threshold <= high or max(low - threshold, threshold - high) < FAR * spread:
        return None
    while digits < 6 and f"{low:.{digits}f}" == f"{high:.{digits}f}":
        digits += 1
    span, known = f"{low:.{digits}f} to {high:.{digits}f}", len(good) + len(defective)
    return f"{span} would separate all {known} images; {rule} sets {threshold:.{digits}f}"
