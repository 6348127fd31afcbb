"""The scores of a run's test images alone: what a table of hundreds of runs needs of images.csv, in a millisecond."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from patchcore_core.evaluation.statistics.replicates import images_key
from patchcore_core.runs.files import TEXT, leads_outside, reading, refuse_larger
from patchcore_core.runs.folder import IMAGES
from patchcore_core.runs.image_table import ROW_BYTES
from patchcore_core.runs.record import Run

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Tested:
    """Paths relative to the dataset, labels (N,) int8 (0 good, 1 defective, -1 unknown) and scores (N,) float64 of the
    test images, in the order of the table.

    shown: the row of the image that stands for the run, the defective one with the median score, else the highest; None
    without images. photo, photo_sha256, masks, masks_sha256: of that image, "" and () where unknown. key: `images_key`
    of the images; recorded: whether it stands for their contents, and not for the names of some.
    """

    names: tuple[str, ...]
    labels: np.ndarray
    scores: np.ndarray
    shown: int | None
    photo: str = ""
    photo_sha256: str = ""
    masks: tuple[str, ...] = ()
    masks_sha256: str = ""
    key: str = ""
    recorded: bool = True


def read_tested(run: Run) -> Tested:
    """Of a finished run; StoreError where its table cannot be read."""
    import numpy as np

    path = run.folder / IMAGES
    with reading(path):
        refuse_larger(path, ROW_BYTES * (run.counts.tested + 1))
        with path.open(newline="", **TEXT) as file:
            reader = csv.DictReader(file)
            rows = list(reader)
        if lacking := {"path", "label", "image_score"} - set(reader.fieldnames or ()):
            raise ValueError(f"expected the columns {', '.join(sorted(lacking))}")
        labels = np.array([int(row["label"]) for row in rows], np.int8)
        scores = np.array([float(row["image_score"] or "nan") for row in rows])
        scores = scores.astype(np.float32).astype(np.float64)  # the exact values, as evaluated
        names = tuple(row["path"] for row in rows)
        photos = [row.get("sha256") or "" for row in rows]
        key = images_key(labels, [PurePath(name).name for name in names], photos,
                         [row.get("masks_sha256") or "" for row in rows])  # fmt: skip
        shown = _shown(labels, scores)
        if shown is None:
            return Tested(names, labels, scores, None, key=key, recorded=all(photos))
        row = rows[shown]
        masks = json.loads(row["mask_paths"] or "[]") if "mask_paths" in row else [*filter(None, [row["mask_path"]])]
        if outside := next((name for name in (row["path"], *masks) if leads_outside(name)), None):
            raise ValueError(f"{outside[:200]!r} is no path within the dataset")
        return Tested(names, labels, scores, shown, row["path"], row.get("sha256") or "", tuple(masks),
                      row.get("masks_sha256") or "", key, all(photos))


def _shown(labels: np.ndarray, scores: np.ndarray) -> int | None:
    import numpy as np

    known = np.flatnonzero(np.isfinite(scores))
    if not len(known):
        return None
    among = known[labels[known] == 1]
    if not len(among):
        return int(known[scores[known].argmax()])
    return int(among[np.argsort(scores[among], kind="stable")[(len(among) - 1) // 2]])
