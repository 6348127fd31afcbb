"""Ground truth of the test images at the size of the anomaly maps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from patchcore_core.data.files.content import content_keys, one_key
from patchcore_core.data.images import shown
from patchcore_core.data.mask_set import MaskSet
from patchcore_core.data.masks import MaskRule, Outline, Truth, read_truth
from patchcore_core.data.proportions import Size, pixels_of
from patchcore_core.data.samples import Sample
from patchcore_core.data.scratch import Scratch, ScratchArray
from patchcore_core.data.transforms import Transform
from patchcore_core.data.values import CropLoss
from patchcore_core.errors import DataError
from patchcore_core.progress import Progress


@dataclass(frozen=True)
class GroundTruth:
    """`labels` (N,) 0, 1 or -1; `masks` (N, H, W) bool and `mask_known` (N,); `sizes` (N, 2) of the photos.

    The masks are in a scratch array. `ignored` (N, H, W) bool: pixels without ground truth, None if there are none.
    `orientations` (N,): EXIF orientations of the photos; `rule`: how the masks were read. `mask_contents` (N,): one
    content key per image for its mask files, "" without masks. `outlines` of the masks that are not empty, by image.

    `mask_kept` (N,): fraction of the mask inside the crop, NaN without a mask. `warnings`: one sentence per unusable
    mask, and per kind of unusual mask.
    """

    labels: np.ndarray
    defect_types: tuple[str, ...]
    masks: np.ndarray
    mask_known: np.ndarray
    mask_kept: np.ndarray
    sizes: np.ndarray
    warnings: tuple[str, ...]
    mask_contents: tuple[str, ...] = ()
    ignored: np.ndarray | None = None
    orientations: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    rule: MaskRule = field(default_factory=MaskRule)
    outlines: Mapping[int, Outline] = field(default_factory=dict)

    def of(self, image: int) -> Truth | None:
        """The ground truth of one image, (H, W); None if unknown."""
        if not self.mask_known[image]:
            return None
        ignored = None if self.ignored is None else self.ignored[image]
        return Truth(self.masks[image], ignored, outline=self.outlines.get(image))

    def crop_loss(self) -> dict[str, CropLoss]:
        """What the crop cuts off, per defect type with known masks."""
        inside: dict[str, list[float]] = {}
        for name, kept in zip(self.defect_types, self.mask_kept, strict=True):
            if not np.isnan(kept):
                inside.setdefault(name, []).append(kept)
        return {name: CropLoss(len(kept), sum(one == 0 for one in kept), sum(0 < one < 1 for one in kept))
                for name, kept in inside.items()}


class TruthStore:
    """Storage for the ground truth of N images, (H, W) each: masks, and ignored pixels if there are any."""

    def __init__(self, scratch: Scratch, count: int, shape: Size) -> None:
        self._scratch, self._shape = scratch, (count, *shape)
        self._masks = scratch.array(self._shape, np.bool_)
        self._ignored: ScratchArray | None = None
        self._rows: set[int] = set()  # of images with ignored pixels
        self.outlines: dict[int, Outline] = {}  # of the masks that are not empty

    @property
    def masks(self) -> np.ndarray:
        """(N, H, W) bool."""
        return self._masks.values

    @property
    def ignored(self) -> np.ndarray | None:
        """(N, H, W) bool; None if no image has such pixels."""
        return self._ignored.values if self._ignored is not None and self._rows else None

    def write(self, row: int, truth: Truth) -> None:
        """Store the ground truth of one image."""
        self._masks.write(row, truth.defect[None])
        self.outlines.pop(row, None)
        if truth.defect.any():
            self.outlines[row] = Outline.of(truth.defect)
        (self._rows.discard if truth.ignored is None else self._rows.add)(row)
        if truth.ignored is None and self._ignored is None:
            return
        if self._ignored is None:
            self._ignored = self._scratch.array(self._shape, np.bool_)
        self._ignored.write(row, (np.zeros_like(truth.defect) if truth.ignored is None else truth.ignored)[None])

    def clear(self, row: int) -> None:
        """Remove the ground truth of one image."""
        self.write(row, Truth(np.zeros(self._shape[1:], bool)))


def ground_truth(
    samples: Sequence[Sample], transform: Transform, scratch: Scratch, progress: Progress | None = None,
    ignore_value: int | None = None,
) -> GroundTruth:
    """Read the masks of N readable samples. The mask of a good photo is empty by definition.

    A mask that cannot be read, is empty for a defective photo, or vanishes when downsized gives a warning; in the first
    two cases it is unknown. The meaning of mask values is decided for the whole set; masks read otherwise at first are
    read again. ignore_value: a value to ignore in every mask.
    """
    count = len(samples)
    kept, warnings, contents = np.full(count, np.nan), _Warnings(), []
    masks, store = MaskSet.of(samples, ignore_value), TruthStore(scratch, count, transform.shape)
    for row, sample in enumerate(samples):
        contents.append(one_key(content_keys(sample.mask_paths)))
        if sample.label == 1 and sample.mask_paths:
            kept[row] = _keep(row, sample, masks, transform, store, warnings)
        if progress is not None:
            progress("evaluate", row + 1, count)
    for row in masks.settle():
        kept[row] = _keep(row, samples[row], masks, transform, store, warnings)
    labels = np.array([-1 if sample.label is None else sample.label for sample in samples], dtype=np.int64)
    return GroundTruth(
        labels, tuple(sample.defect_type for sample in samples), store.masks, (labels == 0) | ~np.isnan(kept), kept,
        np.array([shape.size for shape in masks.shapes], np.int64).reshape(count, 2),
        (*warnings.sentences(), *masks.sentences()), tuple(contents), store.ignored,
        np.array([shape.turn for shape in masks.shapes], np.int64), masks.rule, store.outlines,
    )  # fmt: skip


class _Warnings(dict[int, str]):
    """Row of an image -> problem of its mask."""

    def sentences(self) -> list[str]:
        return [self[row] for row in sorted(self)]


def _keep(
    row: int, sample: Sample, masks: MaskSet, transform: Transform, store: TruthStore, warnings: _Warnings
) -> float:
    """Read the masks of one image into its row; return the fraction of the defect inside the crop, NaN if unknown."""
    warnings.pop(row, None)
    try:
        truth = read_truth(sample.mask_paths, masks.shapes[row], masks.rule)
        masks.add(row, sample, truth)
        if not truth.defect.any():
            raise DataError(f"{shown(sample.mask_paths[0])}: the mask is empty")
    except DataError as error:
        warnings[row] = f"{error}; its image counts as defective with an unknown mask"
        store.clear(row)
        return float("nan")
    masks.mark(row, sample, truth)
    seen, kept = transform.truth(truth), transform.mask_share_kept(truth.defect)
    store.write(row, seen)
    if kept > 0 and not seen.defect.any():
        warnings[row] = (f"{shown(sample.mask_paths[0])}: the defect vanishes at "
                         f"{pixels_of(transform.shape)}; pixel metrics do not include it")
    return kept
