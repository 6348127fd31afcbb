"""The training images as a list of their own: `Training` of views/web/workspace/data.js."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd

from pages.ui.frame import address_of
from pages.ui.media import address as media
from pages.ui.review import training
from patchcore_core.data.files.content import stamp_of
from patchcore_core.runs.store import Run
from patchcore_core.views.ranking import ORDERS, threshold_scale
from patchcore_core.views.web.packed import packed
from patchcore_core.views.widgets import histograms
from patchcore_core.views.widgets.gallery import coded

LABEL = 2  # of a training image, in the browser
NOT_FOUND = "photo not found"
ORDERED_BY = ("highest score first", "lowest score first", "closest to the threshold first", "by name")
ODD, PLAIN = "stands apart", "training image"


def part(run: Run) -> dict[str, Any] | None:
    """None where the run recorded no held-out scores."""
    images = training.known(run)
    if images is None:
        return None
    scores = images["image_score"].to_numpy()
    scale, several = threshold_scale(scores), len(np.unique(scores[np.isfinite(scores)])) > 1
    return {
        "images": columns(images),
        "pictures": {"base": media.base(run.id, "training"), "keys": media.keys(run, images)},
        "whole": {"score": [scale.low, scale.high] if several else None, "size": None},
        "orders": [[order, *ORDERS[order]] for order in ORDERED_BY],
        "point": histograms.of_images(scores, np.zeros(len(images), int)),
        "said": said(run, images), "page": address_of("training_photos", run=run.id),
    }  # fmt: skip


def columns(images: pd.DataFrame) -> dict[str, Any]:
    """`Images` of data.js (N)."""
    count, odd = len(images), images["odd"].astype(bool).tolist()
    marks = [_mark(*of) for of in zip(odd, images["copies"], strict=True)]
    return {
        "names": images["name"].tolist(), "scores": packed(images["image_score"].to_numpy()), "labels": [LABEL] * count,
        "kinds": coded(marks), "regions": coded([json.dumps([])] * count), "largest": packed(np.full(count, np.nan)),
        "causes": [0] * count, "odd": odd, "copies": images["copies"].tolist(),
        "ranks": np.argsort(np.argsort(images["path"].to_numpy(str), kind="stable"), kind="stable").tolist(),
        "problems": ["" if stamp_of(path) else NOT_FOUND for path in images["path"]],
    }  # fmt: skip


def said(run: Run, images: pd.DataFrame) -> str:
    """How many were scored and how, in a sentence."""
    trained = run.counts.train or len(images)
    return (f"{len(images):,} of {trained:,} training images, each scored without its own rows and those of its "
            "near-copies")


def _mark(odd: bool, copies: str) -> str:
    return ", ".join(filter(None, (ODD if odd else "", "near-copies" if copies else ""))) or PLAIN
