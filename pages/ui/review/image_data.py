"""The data of one test image for Review's viewer: photo, ground truth and anomaly map."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pages.ui import cache
from pages.ui.access import allowed
from pages.ui.changed import States, files_of, states
from pages.ui.format import run_label
from pages.ui.review import data
from patchcore_core.data.files.content import stamp_of
from patchcore_core.data.images import image_size, plain_file, shown
from patchcore_core.data.masks import Truth
from patchcore_core.data.transforms import transform_of
from patchcore_core.errors import DataError, MapsDroppedError
from patchcore_core.evaluation.thresholds.decision import segmentation
from patchcore_core.evaluation.trim import Trim, kept_of
from patchcore_core.runs.contents import CHANGED
from patchcore_core.runs.store import Run
from patchcore_core.views import overlay
from patchcore_core.views.ranking import threshold_scale
from patchcore_core.views.text import score_text
from patchcore_core.views.widgets.picture import Layer, Picture
from patchcore_core.views.widgets.placing import Placing

IGNORED = "The mask marks {:.1%} of the photo as ignored: these pixels count in no figure and are shown as good."
NO_MAP = "The anomaly maps of this run were removed to save disk, so none is shown; its figures are kept."
CROPPED = "The dimmed part is outside the centre crop, so it was not scored."


@dataclass(frozen=True, eq=False)
class ImageData:
    """One test image. Shared by all visitors, so never modified.

    photo: an encoded file that a browser can show, of `size` (height, width); grey if not `photo_shown`. truth: (H, W)
    bool, None if unknown. ignored: (H, W) bool, pixels without ground truth, None if there are none. scores: (h, w),
    the run's anomaly map. trim: of the predicted segmentation. map_truth: (h, w), the ground truth at the size of the
    map. changed: whether photo and masks are those that were scored. notes: sentences to show.
    """

    photo: bytes
    size: tuple[int, int]
    truth: np.ndarray | None
    ignored: np.ndarray | None
    scores: np.ndarray
    trim: Trim | None
    map_truth: Truth | None
    placing: Placing
    changed: States
    notes: tuple[str, ...]
    photo_shown: bool = True

    @property
    def has_map(self) -> bool:
        """Whether the run still has the map of this image."""
        return not np.isnan(self.scores).all()

    def iou(self, pixel_threshold: float) -> float:
        """IoU of predicted segmentation and ground truth at the size of the map; NaN where both are empty, where the
        masks have changed since the run, and without a map."""
        if self.map_truth is None or self.changed.masks == CHANGED or not self.has_map:
            return float("nan")
        mask, scores, ignored = self.map_truth.defect, kept_of(self.scores, self.trim), self.map_truth.ignored
        if ignored is not None:
            mask, scores = mask[~ignored], scores[~ignored]
        return segmentation(mask, scores, pixel_threshold).iou


def image_data(run: Run, index: int) -> ImageData:
    """The test image in this row of the run's table."""
    images = data.test_images(run)
    stamps = tuple(stamp_of(path) for path in (images.at[index, "path"], *images.at[index, "mask_paths"]))
    return _image_data(run, index, stamps)


def picture(run: Run, index: int, other: Run | None = None, trim: bool = True) -> Picture:
    """The test image as the viewer takes it, with the map of a second run where it has the photo; without `trim` the
    layers lack what region trim keeps."""
    row = data.test_images(run).iloc[index]
    here = image_data(run, index)
    layers = [_layer(run, here, trim)]
    if other is not None and (place := place_in(other, row)) is not None:
        there = image_data(other, place)
        if there.size == here.size and there.has_map:
            layers.append(_layer(other, there, trim))
    return Picture(f"{run.id} {row['name']}", row["name"], here.photo, here.size, here.truth, tuple(layers))


def pixel_words(run: Run, index: int, row: int, column: int) -> str:
    """Score and label of one pixel of the photo in words; "" outside the photo."""
    here = image_data(run, index)
    if not (0 <= row < here.size[0] and 0 <= column < here.size[1]):
        return ""
    score = float(transform_of(run.config, run.input_shape).to_photo(here.scores, *here.size)[row, column])
    if np.isnan(score):
        return f"Pixel at row {row}, column {column}: outside the crop."
    known = data.standing(run)
    standing = f", above {known.below(score):.1%} of good test pixels" if known else ""
    truth = "" if here.truth is None else ", defect" if here.truth[row, column] else ", no defect"
    if here.ignored is not None and here.ignored[row, column]:
        truth = ", ignored in the mask"
    return f"Pixel at row {row}, column {column}: score {score_text(score)}{standing}{truth}."


def place_in(run: Run, row: pd.Series) -> int | None:
    """The row of the same photo in another run: same name, and same content where both are recorded."""
    images = data.test_images(run)
    found = images[images["name"] == row["name"]]
    same = [place for place, content in found["sha256"].items() if "" in (content, row["sha256"]) or
            content == row["sha256"]]
    return next(iter(same), None)


def _layer(run: Run, of: ImageData, trim: bool) -> Layer:
    low, high = limits = data.colour_limits(run)
    good = data.standing(run)
    scale = threshold_scale(np.append(cache.load_curves(run).pixel.thresholds, [low, high]))
    peak = of.placing.peak(of.scores, *of.size)
    least = of.trim.least(of.scores) if trim and of.trim is not None else None
    return Layer(run_label(run), of.scores, of.placing, limits, (scale.low, scale.high), good, peak, least)


@cache.of_run(max_entries=12)
def _image_data(run: Run, index: int, stamps: tuple[int, ...]) -> ImageData:  # noqa: ARG001  (the key)
    """`stamps` are those of the photo and the masks, see `stamp_of`."""
    row = data.test_images(run).iloc[index]
    size = int(row["height"]), int(row["width"])
    transform = transform_of(run.config, run.input_shape)
    scores, map_note = _scores(run, row)
    photo, photo_note = _photo(row["path"], size, run.bits)
    truth, truth_note = _truth(run, row, size)
    placing = Placing.of(transform, *size)
    crop = CROPPED if placing.seen != (0, 0, *size) else ""
    map_truth = None if truth is None else transform.truth(truth)
    defect, ignored = (None, None) if truth is None else (truth.defect, truth.ignored)
    notes = tuple(filter(None, (map_note, photo_note, truth_note, crop)))
    return ImageData(photo, size, defect, ignored, scores, Trim.read(run.trim), map_truth, placing,
                     states(run, files_of(row)), notes, not photo_note)


def _scores(run: Run, row: pd.Series) -> tuple[np.ndarray, str]:
    """The anomaly map, or one without any score, which shows and predicts nothing, and why."""
    try:
        return cache.anomaly_map(run, int(row["map_index"])), ""
    except MapsDroppedError:
        return np.full(run.input_shape, np.nan, np.float32), NO_MAP


def _photo(path: str, size: tuple[int, int], bits: int) -> tuple[bytes, str]:
    """The photo for a browser, or a grey placeholder of its size and the reason."""
    try:
        if image_size(allowed(path)) != size:
            raise DataError(f"{shown(path)}: its size has changed since the run")
        return plain_file(allowed(path)) or overlay.screen_bytes(cache.photo(path, bits)), ""
    except DataError as error:
        return overlay.png_bytes(np.full(size, 128, np.uint8)), f"The photo cannot be shown: {error}"


def _truth(run: Run, row: pd.Series, size: tuple[int, int]) -> tuple[Truth | None, str]:
    """The ground truth (empty for a good image) or None, and a note or the reason."""
    if row["label"] == 0:
        return Truth(np.zeros(size, bool)), ""
    if not row["mask_paths"]:
        what = "is defective but has no mask" if row["label"] == 1 else "has no label"
        return None, f"This image {what}, so its pixel outcomes are unknown."
    try:
        truth = cache.truth(run, row)
    except DataError as error:
        return None, f"The ground truth cannot be shown: {error}"
    share = 0.0 if truth.ignored is None else float(truth.ignored.mean())
    return truth, IGNORED.format(share) if share else ""
