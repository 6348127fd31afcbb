"""Chosen test images of a run to take away: as a CSV table, or as a ZIP of their pictures."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from patchcore_core.data.images import read_photo_bytes, shown
from patchcore_core.errors import DataError
from patchcore_core.evaluation.thresholds.decision import outcomes
from patchcore_core.exports.archive import zipped
from patchcore_core.exports.coco import FILE, Coco
from patchcore_core.exports.names import place_of, unique
from patchcore_core.exports.pictures import ENDINGS, PNGS, Pictures, colour_limits
from patchcore_core.exports.table import csv_bytes
from patchcore_core.reviews.verdicts import Entry
from patchcore_core.reviews.words import VERDICTS
from patchcore_core.runs.files import cause
from patchcore_core.runs.image_table import within
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore
from patchcore_core.views.ranking import OUTCOMES

COLUMNS = ("image", "score", "prediction", "outcome", "threshold", "pixel_threshold", "defect_type", "verdict",
           "author", "note", "tags", "run", "path", "unlike")  # fmt: skip


@dataclass(frozen=True)
class Selection:
    """Images of a run, in the order in which they are listed.

    images: all of them, `RunStore.images`; chosen: their row numbers. threshold, pixel_threshold: what they are judged
    by; NaN predicts nothing. verdicts: row number -> the verdict that counts, `Verdicts.latest`.
    """

    run: Run
    images: pd.DataFrame
    chosen: Sequence[int]
    threshold: float = math.nan
    pixel_threshold: float = math.nan
    verdicts: Mapping[int, Entry] = field(default_factory=dict)


def to_csv(selection: Selection) -> bytes:
    """A row of `COLUMNS` for each image, UTF-8, safe from formula injection; `score` has full precision, and `unlike`,
    True or False, is empty where the run does not know it."""
    return csv_bytes(_rows(selection), COLUMNS)


def to_zip(store: RunStore, selection: Selection, read: Callable[[Path], bytes] | None = None) -> Iterator[bytes]:
    """The bytes of a ZIP, piece by piece: of each image the photo, the anomaly map, the overlay and, with a pixel
    threshold, the predicted segmentation, at the photo's size; the table of `to_csv` as `scores.csv`; and the predicted
    regions as `coco.json`, without images of which no picture could be drawn.

    read: the bytes of a file, DataError where it may not or cannot be read. Such photos, and those that are not what
    the run has scored, are named in `left_out.txt`.
    """
    limits, maps = colour_limits(store, selection.run), store.anomaly_maps(selection.run)
    rows = _rows(selection)
    places, coco = unique([place_of(row["image"]) for row in rows]), _coco(selection)

    def files(number: int) -> Iterator[tuple[str, bytes]]:
        row = selection.images.iloc[selection.chosen[number]]
        content = (read or read_file)(Path(row["path"]))
        photo = _as_scored(selection.run, row, content)
        yield f"_photo{_suffix(row['path'])}", content
        pixel = selection.pixel_threshold
        made = Pictures.of(selection.run, photo, np.asarray(maps[row["map_index"]], np.float32), pixel, limits)
        for kind in made.kinds:
            if kind in PNGS:
                yield ENDINGS[kind], made.file(kind)
        coco.add(rows[number]["image"], made, pictures=places[number], score=float(row["image_score"]),
                 prediction=rows[number]["prediction"], unlike=rows[number]["unlike"])  # fmt: skip

    return zipped(rows, places, files, lambda: [(FILE, coco.content())])


def _coco(selection: Selection) -> Coco:
    return Coco(selection.run, selection.threshold, selection.pixel_threshold)


def _rows(selection: Selection) -> list[dict[str, Any]]:
    listed = selection.images.iloc[list(selection.chosen)]
    known = not math.isnan(selection.threshold)
    called = outcomes(listed["label"], listed["image_score"], selection.threshold)
    return [_row(selection, number, row, OUTCOMES[str(outcome)] if known else "") for number, row, outcome in
            zip(selection.chosen, listed.to_dict("records"), called, strict=True)]  # fmt: skip


def _row(selection: Selection, number: int, row: Mapping[Any, Any], outcome: str) -> dict[str, Any]:
    run, given, threshold = selection.run, selection.verdicts.get(number), selection.threshold
    predicted = "" if math.isnan(threshold) else "defective" if row["image_score"] >= threshold else "good"
    return {
        "image": shown(within(run.dataset, row["path"])), "score": row["image_score"], "prediction": predicted,
        "outcome": outcome, "threshold": threshold, "pixel_threshold": selection.pixel_threshold,
        "defect_type": row["defect_type"],
        "verdict": VERDICTS[given.verdict] if given else "", "author": given.author if given else "",
        "note": given.note if given else "", "tags": ", ".join(given.tags) if given else "", "run": run.id,
        "path": shown(row["path"]), "unlike": None if math.isnan(row["unlike"]) else bool(row["unlike"]),
    }  # fmt: skip


def _as_scored(run: Run, row: Mapping[Any, Any], content: bytes) -> np.ndarray:
    """The photo (H, W, 3) that the run has scored; DataError if the file is another one now."""
    path, known = row["path"], row.get("sha256", "")
    photo = read_photo_bytes(content, path, run.bits).pixels
    same = hashlib.sha256(content).hexdigest() == known if known else photo.shape[:2] == (row["height"], row["width"])
    if not same:
        raise DataError(f"{shown(path)}: the file has changed since the run has scored it")
    return photo


def _suffix(path: str) -> str:
    suffix = Path(path).suffix.lower()
    return suffix if suffix[1:].isalnum() and suffix.isascii() else ""


def read_file(path: Path) -> bytes:
    """The bytes of a file; DataError where it cannot be read."""
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise DataError(f"{shown(path)}: cannot be read: {cause(error)}") from error
