"""The part of a report in which a run can be looked into: threshold, outcomes, curves, and images with their maps."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from patchcore_core.data.transforms import transform_of
from patchcore_core.errors import DataError
from patchcore_core.evaluation.trim import Trim
from patchcore_core.exports.present.photos import Photo, Reads, photo_of
from patchcore_core.exports.present.presented import Presented
from patchcore_core.exports.report.pictures import MapScale, PackedLayer, Parts, picture_data
from patchcore_core.views.curve import run_curves
from patchcore_core.views.overlay import jpeg_bytes, thumbnail
from patchcore_core.views.present.examples import best_and_worst
from patchcore_core.views.ranking import threshold_scale
from patchcore_core.views.widgets import histograms, tally
from patchcore_core.views.widgets.curves import curves_data, run_panels
from patchcore_core.views.widgets.gallery import Thumbnails, gallery_data
from patchcore_core.views.widgets.picture import panes_of
from patchcore_core.views.widgets.view import View, viewer_data

THUMBNAIL, QUALITY = 112, 82  # pixels; of JPEG
SIZES = "Recall by the size of defects is on the page Review."
PANES_SAID = "Photo, ground truth, anomaly map, predicted segmentation"


def rows_of(one: Presented, first: Sequence[int], most: int) -> list[int]:
    """The images that a report holds: those presented, then the best and the worst, then the highest scores; in the
    order of their scores, highest first."""
    scores = one.images["image_score"].to_numpy()
    by_score = [int(row) for row in np.argsort(-scores, kind="stable") if np.isfinite(scores[row])]
    chosen = list(dict.fromkeys([*first, *best_and_worst(one.images, one.threshold, most), *by_score]))[:most]
    return sorted(chosen, key=lambda row: -scores[row])


class Explorer:
    """One run as the widget `report` takes it; its maps are packed once, whatever the size of the photos."""

    def __init__(self, one: Presented, name: str, reads: Reads) -> None:
        """name: of the run among several, else ""."""
        self.one, self._name, self._reads = one, name, reads
        self._layers: dict[int, PackedLayer] = {}
        self._scale = _scale(one)

    def data(self, rows: Sequence[int], side: int, parts: Parts, advance: Callable[[], None]) -> dict[str, Any]:
        """With the pictures of these images, whose longer side is at most `side` pixels; those whose photo is gone are
        counted in `gone`. `advance` is called for each."""
        found, pictures, thumbnails = [], [], []
        for row in rows:
            advance()
            try:
                photo = photo_of(self.one, row, side, self._reads)
            except DataError:
                continue
            found.append(row)
            pictures.append(self._picture(row, photo, parts))
            thumbnails.append(parts.add(jpeg_bytes(thumbnail(photo.pixels, THUMBNAIL), 75)))
        return {**self._figures(found), "name": self._name, "images": len(self.one.images),
                "gone": len(rows) - len(found), "pictures": pictures, "thumbnails": thumbnails}  # fmt: skip

    def _figures(self, found: Sequence[int]) -> dict[str, Any]:
        one, key, threshold = self.one, f"run-{self._name}", _start(self.one)
        low, point = _low(one, threshold), f"{key}-point"
        known, names = not math.isnan(threshold), [one.names[row] for row in found]
        levels = {"image": threshold, "pixel": one.pixel_threshold}
        panels = run_panels(run_curves(one.store.curves(one.run)), one.run.reasons)
        scores, labels, kinds = _columns(one.images.iloc[list(found)])
        return {
            "point": _point(one, low, threshold, point) if known else None,
            "tally": _tally(one, low, threshold, point) if known else None,
            "curves": curves_data(panels, levels, {"image": point}),
            "gallery": gallery_data(Thumbnails(names, scores, labels, kinds), names[0] if names else "",
                                    (low, threshold) if known else None, f"{key}-gallery", follows=point, height=640),
            "viewer": viewer_data(View((one.pixel_threshold,), limits=(None,)), panes_of([""]), label=PANES_SAID,
                                  channel=f"{key}-viewer"),
        }  # fmt: skip

    def _picture(self, row: int, photo: Photo, parts: Parts) -> dict[str, Any]:
        one, size = self.one, (photo.pixels.shape[0], photo.pixels.shape[1])
        if row not in self._layers:
            values = np.asarray(one.store.anomaly_maps(one.run)[one.images.at[row, "map_index"]])
            self._layers[row] = PackedLayer.of(values, Trim.read(one.run.trim))
        transform = transform_of(one.run.config, one.run.input_shape)
        return picture_data(one.names[row], jpeg_bytes(photo.pixels, QUALITY), size, photo.truth, self._layers[row],
                            transform, self._scale, parts)


def _columns(images: pd.DataFrame) -> tuple[pd.Series, pd.Series, list[str]]:
    """Scores, labels and defect types of images (N,)."""
    return images["image_score"], images["label"], images["defect_type"].tolist()


def _point(one: Presented, low: float, high: float, channel: str) -> dict[str, Any]:
    """The operating point of images, with two handles where there is a review zone."""
    shown = histograms.of_images(one.images["image_score"], one.images["label"])
    return {**histograms.with_handles(shown, low, high, channel), "zone": low < high}


def _tally(one: Presented, low: float, high: float, point: str) -> dict[str, Any]:
    found = tally.tally(*_columns(one.images), high, SIZES, math.nan)
    return tally.at_thresholds(found, low, high, point)


def _start(one: Presented) -> float:
    """Where the handle stands: at the threshold in use, else at the highest score; NaN without scores."""
    scores = one.images["image_score"].to_numpy()
    known = scores[np.isfinite(scores)]
    if not math.isnan(one.threshold) and len(known):
        return one.threshold
    return float(known.max()) if len(known) else math.nan


def _low(one: Presented, threshold: float) -> float:
    """Where the review zone starts: at the threshold where there is none."""
    start = one.chosen.review_from
    return threshold if start is None or math.isnan(one.threshold) else min(start, threshold)


def _scale(one: Presented) -> MapScale:
    limits = one.colours or (0.0, 1.0)
    pixels = one.store.curves(one.run).pixel.thresholds
    span = threshold_scale(np.append(pixels, limits))
    return MapScale(limits, (span.low, span.high))
