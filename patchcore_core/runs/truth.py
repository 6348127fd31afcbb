"""What is known of the test images, in the geometry of the anomaly maps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from patchcore_core.data.content import content_keys, one_key
from patchcore_core.data.dataset import Sample
from patchcore_core.data.images import image_size, shown
from patchcore_core.data.masks import read_mask
from patchcore_core.data.scratch import Scratch
from patchcore_core.data.transforms import Transform
from patchcore_core.errors import DataError
from patchcore_core.runs.record import Progress


@dataclass(frozen=True)
class GroundTruth:
    """`labels` (N,) 0, 1 or -1; `masks` (N, S, S) bool and `mask_known` (N,); `sizes` (N, 2) of the photos.

    The masks lie in a scratch array. `mask_contents` (N,): one key for the content of an image's mask files, as
    data.content tells it, "" without masks.

    `mask_kept` (N,): share of the mask's pixels inside the crop, NaN without a mask. `warnings`: one sentence for
    each mask that could not be used.
    """

    labels: np.ndarray
    defect_types: tuple[str, ...]
    masks: np.ndarray
    mask_known: np.ndarray
    mask_kept: np.ndarray
    sizes: np.ndarray
    warnings: tuple[str, ...]
    mask_contents: tuple[str, ...] = ()

    def crop_loss(self) -> dict[str, dict[str, int]]:
        """For each defect type how many masks there are in total, and how many the crop cut away wholly or partly."""
        loss: dict[str, dict[str, int]] = {}
        for name, kept in zip(self.defect_types, self.mask_kept, strict=True):
            if not np.isnan(kept):
                counts = loss.setdefault(name, {"total": 0, "wholly_lost": 0, "partly_lost": 0})
                counts["total"] += 1
                counts["wholly_lost"] += int(kept == 0)
                counts["partly_lost"] += int(0 < kept < 1)
        return loss


def ground_truth(
    samples: Sequence[Sample], transform: Transform, scratch: Scratch, progress: Progress | None = None
) -> GroundTruth:
    """Read the masks of N readable samples. A good photo's mask is empty by definition.

    A mask that cannot be read, is empty although its photo is defective, or vanishes when it is made smaller
    leads to a warning; the first two count as unknown.
    """
    count = len(samples)
    masks = scratch.array((count, transform.size, transform.size), np.bool_)
    known, kept = np.zeros(count, dtype=bool), np.full(count, np.nan)
    sizes, warnings, contents = np.zeros((count, 2), dtype=np.int64), [], []
    for row, sample in enumerate(samples):
        sizes[row] = image_size(sample.path)
        known[row] = sample.label == 0
        contents.append(one_key(content_keys(sample.mask_paths)))
        if sample.label == 1 and sample.mask_paths:
            try:
                mask = _defect_mask(sample, (int(sizes[row, 0]), int(sizes[row, 1])))
            except DataError as error:
                warnings.append(f"{error}; its image counts as defective with an unknown mask")
            else:
                seen = transform.mask(mask)
                masks.write(row, seen[None])
                kept[row], known[row] = transform.mask_share_kept(mask), True
                if kept[row] > 0 and not seen.any():
                    warnings.append(f"{shown(sample.mask_paths[0])}: the defect is too small to be left at "
                                    f"{transform.size} pixels; the pixel metrics do not see it")
        if progress is not None:
            progress("evaluate", row + 1, count)
    labels = np.array([-1 if sample.label is None else sample.label for sample in samples], dtype=np.int64)
    types = tuple(sample.defect_type for sample in samples)
    return GroundTruth(labels, types, masks.values, known, kept, sizes, tuple(warnings), tuple(contents))


def _defect_mask(sample: Sample, size: tuple[int, int]) -> np.ndarray:
    mask = read_mask(sample.mask_paths, size)
    if not mask.any():
        raise DataError(f"{shown(sample.mask_paths[0])}: the mask is empty")
    return mask
