"""The ground truth of test images, read once for fits that share it."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Hashable, Sequence

import numpy as np

from patchcore_core.data.files.content import content_keys
from patchcore_core.data.ground_truth import GroundTruth
from patchcore_core.data.memory import free_memory
from patchcore_core.data.samples import Sample
from patchcore_core.data.transforms import Transform
from patchcore_core.model.shared.shared import Shared

ROOM = 0.0625  # of the free memory, for masks


def shared_truth(
    shared: Shared | None, samples: Sequence[Sample], transform: Transform, ignore_value: int | None,
    read: Callable[[], GroundTruth],
) -> GroundTruth:
    """What `read` gives for these samples, or has given before for the same files at the same geometry; kept in memory
    if there is room for it."""
    key = _key(samples, transform, ignore_value)
    if shared is None or not shared.used or key is None:
        return read()
    if 2 * len(samples) * math.prod(transform.shape) > ROOM * free_memory():
        return read()
    return shared.once("truth", key, lambda: _in_memory(read()))[0]


def _key(samples: Sequence[Sample], transform: Transform, ignore_value: int | None) -> Hashable:
    """The same for the same ground truth; None where a file cannot be read or is being written."""
    paths = [path for sample in samples for path in (sample.path, *sample.mask_paths)]
    contents = content_keys(paths)
    if not all(contents):
        return None
    about = tuple((sample.path, sample.label, sample.defect_type, sample.mask_paths) for sample in samples)
    return about, contents, transform.image_size, transform.center_crop, transform.shape, ignore_value


def _in_memory(truth: GroundTruth) -> GroundTruth:
    """With masks that do not go with the files of a fit."""
    ignored = None if truth.ignored is None else np.array(truth.ignored)
    return dataclasses.replace(truth, masks=np.array(truth.masks), ignored=ignored)
