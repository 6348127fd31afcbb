"""The workspace's data: a run's images as columns, its named thresholds, and words (views/web/workspace/data.js)."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from pages.ui import cache
from pages.ui.format import run_label
from pages.ui.media import address as media
from pages.ui.review import data
from pages.ui.review import table as review_table
from pages.ui.review.events import thresholds
from pages.ui.review.verdicts.verdicts import KEYS, MEANINGS
from pages.ui.review.workspace import beside as second_run
from pages.ui.review.workspace import checks, costs, figures, histograms, levels
from patchcore_core.data.images import shown
from patchcore_core.evaluation.causes.causes import CAUSES
from patchcore_core.evaluation.causes.causes import OF as CAUSES_OF
from patchcore_core.evaluation.explain import TRIMMED, explain_cause
from patchcore_core.reviews.words import VERDICTS
from patchcore_core.runs.store import Run
from patchcore_core.views.listing import ORDERS
from patchcore_core.views.ranking import OUTCOMES, threshold_scale
from patchcore_core.views.web.packed import packed


def workspace_data(run: Run, runs: Sequence[Run], beside: str = "") -> dict[str, Any]:
    """`Data` of the workspace for this run; `runs` can be opened instead, `beside` is the id of a second one."""
    images, used = data.test_images(run), thresholds.stored(run)
    image, pixel = levels.of_images(run, images, used=used), levels.of_pixels(run, used)
    finished = [one for one in runs if one.status == "finished"]
    table = review_table.table(run, images, image.value, pixel.value, {})
    return {
        "run": _named(run), "runs": [_named(one) for one in finished],
        "besides": [_named(one) for one in finished if one.id != run.id and one.category == run.category],
        "images": columns(run, images, table), "overlap": overlap(table, pixel.value),
        "words": words(run, images, table), "whole": whole(table), "image": image.sent(), "pixel": pixel.sent(),
        "starts": levels.sent(levels.starts(run, images)),
        "pictures": {"base": media.base(run.id), "keys": media.keys(run, images)},
        "parts": {
            **_parts(run, images), "checks": checks.checks(run, images, levels.judging(image, used)),
            "used": thresholds.told(used), "beside": second_run.part(run, beside),
        },
    }  # fmt: skip


def _parts(run: Run, images: pd.DataFrame) -> dict[str, Any]:
    """What parts of the workspace need that no threshold changes."""
    pixels = histograms.of_pixels(cache.load_curves(run).pixel)
    return {
        "viewer": {"trimmed": TRIMMED}, "verdicts": _verdicts(), "costs": {"fields": list(costs.FIELDS)},
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
        "problems": [""] * len(images),
    }  # fmt: skip


def overlap(table: pd.DataFrame, pixel: float) -> dict[str, Any] | None:
    """IoU and overlooked pixels of each image (N) at a pixel threshold; None where there is none."""
    if math.isnan(pixel):
        return None
    return {"pixel": pixel, "iou": packed(table["iou"].to_numpy(float)),
            "overlooked": packed(table["overlooked"].to_numpy(float))}


def words(run: Run, images: pd.DataFrame, table: pd.DataFrame) -> dict[str, Any]:
    """Outcomes, causes, verdicts and orders in words."""
    missing = review_table.evidence_of(run, images).not_computed
    known = [order for order, (column, _) in ORDERS.items() if table[column].notna().any()] or list(ORDERS)[:1]
    return {
        "outcomes": OUTCOMES, "missing": missing,
        "verdicts": {verdict: said for verdict, said in VERDICTS.items() if verdict},
        "causes": [[key, said, list(CAUSES_OF[key]), explain_cause(key)] for key, said in CAUSES.items()],
        "orders": [[order, *ORDERS[order]] for order in known],
    }  # fmt: skip


def whole(table: pd.DataFrame) -> dict[str, Any]:
    """The ends of the ranges that can be filtered by."""
    scores = table["image_score"].to_numpy()
    areas = sorted({area for of_image in table["region_areas"] for area in of_image})
    several = len(np.unique(scores[np.isfinite(scores)])) > 1
    scale = threshold_scale(scores)
    return {"score": [scale.low, scale.high] if several else None,
            "size": [areas[0], areas[-1]] if len(areas) > 1 else None}


def coded(texts: Sequence[str]) -> dict[str, Any]:
    """Texts (N) as the distinct ones, and an index for each."""
    table = {text: place for place, text in enumerate(dict.fromkeys(texts))}
    return {"words": list(table), "places": [table[text] for text in texts]}


def _named(run: Run) -> dict[str, str]:
    return {"id": run.id, "label": run_label(run), "category": shown(run.category)}


def _verdicts() -> list[dict[str, str]]:
    return [{"value": verdict, "label": VERDICTS[verdict], "key": key, "help": MEANINGS[verdict]}
            for verdict, key in KEYS.items()]
