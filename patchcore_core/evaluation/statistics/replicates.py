"""The figures of a run for each resample of its test images: two runs on the same images are tested by them, pair by
pair."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, eq=False)
class Replicates:
    """figures: name -> (R,) float32, the figure for each of R resamples (bootstrap.py), NaN where it is undefined.

    images: `images_key` of the test set. The resamples follow from labels, their number and the seed alone, so those of
    two runs with equal `images` and R are the same.
    """

    images: str
    figures: Mapping[str, NDArray]


def images_key(
    labels: ArrayLike, names: Sequence[str], photos: Sequence[str], masks: Sequence[str], seed: int = 0
) -> str:
    """64 hexadecimal digits, the same exactly for test sets of the same photos, masks and labels in the same order.

    labels (N,) 0, 1 or -1; photos, masks (N,): their SHA-256, "" where unknown; then the name (N,) stands for the
    photo. seed: of the resamples.
    """
    rows = [[label, photo or f"name {name}", mask] for label, name, photo, mask in
            zip(np.asarray(labels, np.int64).tolist(), names, photos, masks, strict=True)]
    return hashlib.sha256(json.dumps([seed, rows]).encode(errors="surrogatepass")).hexdigest()
