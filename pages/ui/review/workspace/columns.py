"""The workspace's data: a run's images as columns, its named thresholds, and words (views/web/workspace/data.js)."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from pages.ui import cache
from pages.ui.access import why_unchanged
from pages.ui.format import run_labels
from pages.ui.frame import address_of
from pages.ui.media import address as media
from pages.ui.review import data
from pages.ui.review import table as review_table
from pages.ui.review.events import teaching, thresholds
from pages.ui.review.workspace import beside as second_run
from pages.ui.review.workspace import checks, costs, figures, levels, training, words
from patchcore_core.data.files.content import stamp_of
from patchcore_core.data.images import shown
from patchcore_core.evaluation.explain import TRIMMED
from patchcore_core.runs.store import Run
from patchcore_core.views.ranking import threshold_scale
from patchcore_core.views.web.packed import packed
from patchcore_core.views.widgets import histograms
from patchcore_core.views.widgets.gallery import coded

NOT_FOUND = "photo not found"


def workspace_data(run: Run, runs: Sequence[Run], beside: str = "") -> dict[str, Any]:
    """`Data` of the workspace for this run; `runs` can be opened instead, `beside` is the id of a second one."""
    images, used = data.test_images(run), thresholds.stored(run)
    image, pixel = levels.of_images(run, images, used=used), levels.of_pixels(run, used)
    finished = [one for one in runs if one.status == "finished"]
    called = run_labels(finished, category=False, called=cache.run_names())
    labels = dict(zip((one.id for one in finished), called, strict=True))
    table = review_table.table(run, images, image.value, pixel.value, {})
    return {
        "run": _named(run, labels), "runs": [_named(one, labels) for one in finished],
        "besides": [_named(one, labels) for one in finished if one.id != run.id and one.category == run.category],
        "images": columns(run, images, table), "overlap": overlap(run, images, pixel.value),
        "words": words.words(run, images, table), "whole": whole(table), "image": image.sent(), "pixel": pixel.sent(),
        "starts": levels.sent(levels.starts(run, images)),
        "pictures": {"base": media.base(run.id), "keys": media.keys(run, images)}, "training": training.part(run),
        "parts": {
            **_parts(run, images), "checks": checks.checks(run, images, levels.judging(image, used)),
            "used": thresholds.told(used), "teaching": teaching.told(run), "beside": second_run.part(run, beside),
            "read_only": why_unchanged("Nothing can be stored"),
            "links": {"inspect": address_of("inspect_image", run=run.id)},
        },
    }  # fmt: skip


def _parts(run: Run, images: pd.DataFrame) -> dict[str, Any]:
    """What parts of the workspace need that no threshold changes."""
    pixels = histograms.of_pixels(cache.load_curves(run).pixel)
    return {
        "viewer": {"trimmed": TRIMMED}, "verdicts": words.verdicts(), "costs": {"fields": list(costs.FIELDS)},
        "first_line": {"figures": figures.headlines(cache.with_found(run), images)},
        "point": histograms.of_images(images["image_score"], images["label"]),
        **({} if pixels is None else {"pixel_point": pixels}),
    }  # fmt: skip


def columns(run: Run, images: pd.DataFrame, table: pd.DataFrame) -> dict[str, Any]:
    """The images (N), what does not change with a threshold."""
    evidence = review_table.evidence_of(run, images)
    bits = sum((has.astype(np.int64) << bit for bit, has in enumerate(evidence.applies.values())),
               start=np.zeros(len(images), np.int64))
    return {
        "names": images["name"].tolist(), "scores": packed(images["image_score"].to_numpy()),
        "labels": images["label"].astype(int).tolist(), "kinds": coded(images["defect_type"].tolist()),
        "regions": coded([json.dumps(areas) for areas in table["region_areas"]]),
        "largest": packed(table["region_area"].to_numpy(float)), "causes": bits.tolist(),
        "ranks": np.argsort(np.argsort(images["path"].to_numpy(str), kind="stable"), kind="stable").tolist(),
        "problems": ["" if stamp_of(path) else NOT_FOUND for path in images["path"]],
    }  # fmt: skip


def overlap(run: Run, images: pd.DataFrame, pixel: float) -> dict[str, Any] | None:
    """`Overlap` of data.js: IoU and overlooked pixels of each image (N,) at a threshold; None where there is none."""
    if math.isnan(pixel):
        return None
    iou, overlooked, exact = review_table.overlap_of(run, images, pixel)
    return {"pixel": pixel, "iou": packed(iou), "overlooked": packed(overlooked), "exact": exact}


def whole(table: pd.DataFrame) -> dict[str, Any]:
    """The ends of the ranges that can be filtered by."""
    scores = table["image_score"].to_numpy()
    areas = sorted({area for of_image in table["region_areas"] for area in of_image})
    several = len(np.unique(scores[np.isfinite(scores)])) > 1
    scale = threshold_scale(scores)
    return {"score": [scale.low, scale.high] if several else None,
            "size": [areas[0], areas[-1]] if len(areas) > 1 else None}


def _named(run: Run, labels: Mapping[str, str]) -> dict[str, str]:
    return {"id": run.id, "label": labels.get(run.id, run.id), "category": shown(run.category)}
