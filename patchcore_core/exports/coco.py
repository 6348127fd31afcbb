"""Predicted defects in the format of COCO: images, and one annotation for each region of a predicted segmentation."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from patchcore_core.exports.pictures import Pictures
from patchcore_core.runs.record import Run

FILE = "coco.json"  # its name in a ZIP
DEFECT = 1  # id of the only category
TOUCHING = np.ones((3, 3), dtype=bool)  # pixels that touch at a corner are one region


class Coco:
    """Images of a run with what is predicted in them, as they come; `content` is the file.

    An annotation has its region as run lengths (`segmentation`: `size` [H, W] and `counts` down the columns, the first
    of pixels outside), `area` in pixels, `bbox` [x, y, width, height] and the highest `score` in it.
    """

    def __init__(self, run: Run, threshold: float | None, pixel_threshold: float | None) -> None:
        self._info = {"description": f"Predicted defects of run {run.id}", "run": run.id,
                      "threshold": _known(threshold), "pixel_threshold": _known(pixel_threshold)}  # fmt: skip
        self._categories = [{"id": DEFECT, "name": "defect", "supercategory": run.category}]
        self._images, self._annotations = list[dict[str, Any]](), list[dict[str, Any]]()

    def add(self, file_name: str, drawn: Pictures, **about: Any) -> None:
        """An image with its predicted regions, none without a pixel threshold; `about`: more fields of the image."""
        height, width = drawn.photo.shape[:2]
        image = {"id": len(self._images) + 1, "file_name": file_name, "width": width, "height": height,
                 **{name: _known(value) if isinstance(value, float) else value for name, value in about.items()}}
        self._images.append(image)
        for region in () if drawn.mask is None else regions(drawn.mask, drawn.scores):
            self._annotations.append({"id": len(self._annotations) + 1, "image_id": image["id"],
                                      "category_id": DEFECT, "iscrowd": 0, **region})  # fmt: skip

    def content(self) -> bytes:
        """The file, JSON in UTF-8."""
        document = {"info": self._info, "licenses": [], "images": self._images, "annotations": self._annotations,
                    "categories": self._categories}  # fmt: skip
        return (json.dumps(document, ensure_ascii=False, allow_nan=False) + "\n").encode(errors="backslashreplace")


def regions(mask: NDArray[np.bool_], scores: NDArray[np.floating]) -> Iterator[dict[str, Any]]:
    """`segmentation`, `area`, `bbox` and `score` of each connected region of a mask (H, W), pixels at corners joined;
    scores (H, W)."""
    labels, _ = ndimage.label(mask, TOUCHING)
    for number, (rows, columns) in enumerate(ndimage.find_objects(labels), start=1):
        region = labels[rows, columns] == number
        counts = run_lengths(region, (rows.start, columns.start), mask.shape)
        yield {
            "segmentation": {"size": list(mask.shape), "counts": counts}, "area": int(region.sum()),
            "bbox": [columns.start, rows.start, columns.stop - columns.start, rows.stop - rows.start],
            "score": float(scores[rows, columns][region].max()),
        }  # fmt: skip


def run_lengths(region: NDArray[np.bool_], place: tuple[int, int], size: tuple[int, ...]) -> list[int]:
    """Run lengths down the columns of an image of size (H, W), outside first, of a region (h, w) whose upper left pixel
    is at `place` (row, column)."""
    height, (top, left) = size[0], place
    edges = np.diff(np.pad(region.T, ((0, 0), (1, 1))).astype(np.int8), axis=1)  # (w, h + 1)
    starts, ends = ((left + column) * height + top + row
                    for column, row in (np.nonzero(edges == step) for step in (1, -1)))  # fmt: skip
    goes_on = starts[1:] == ends[:-1]  # at the top of the next column
    starts, ends = starts[np.append(True, ~goes_on)], ends[np.append(~goes_on, True)]
    bounds = np.concatenate([[0], np.stack([starts, ends], axis=1).ravel(), [math.prod(size)]])
    lengths: list[int] = np.diff(bounds).tolist()
    return lengths if lengths[-1] else lengths[:-1]


def _known(threshold: float | None) -> float | None:
    return threshold if threshold is not None and math.isfinite(threshold) else None
