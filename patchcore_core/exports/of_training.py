"""Training images of a run with their held-out scores, as a CSV table to take away."""

from __future__ import annotations

import math

import pandas as pd

from patchcore_core.data.images import shown
from patchcore_core.exports.table import csv_bytes

COLUMNS = ("image", "held_out_score", "prediction", "threshold", "stands_apart", "near_copies", "run", "path")


def training_csv(run_id: str, images: pd.DataFrame, threshold: float) -> bytes:
    """A row of `COLUMNS` for each image, UTF-8, safe from formula injection; scores have full precision.

    images: columns name, path, image_score, odd and copies (words). threshold: NaN predicts nothing.
    """
    rows = [{
        "image": row["name"], "held_out_score": row["image_score"],
        "prediction": _predicted(row["image_score"], threshold), "threshold": threshold,
        "stands_apart": "yes" if row["odd"] else "no", "near_copies": row["copies"], "run": run_id,
        "path": shown(row["path"]),
    } for row in images.to_dict("records")]  # fmt: skip
    return csv_bytes(rows, COLUMNS)


def _predicted(score: float, threshold: float) -> str:
    if math.isnan(threshold) or math.isnan(score):
        return ""
    return "NG" if score >= threshold else "OK"
