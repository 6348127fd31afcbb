"""Data of the widgets about many images: operating point, tally, curves, gallery; scores (N,), labels (N,) 0 good, 1
defective, -1 unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from patchcore_core.evaluation.explain import explain_figure
from patchcore_core.evaluation.thresholds.decision import predicted
from patchcore_core.views.colours import COLOURS, RUN_COLOURS
from patchcore_core.views.curve import Curve
from patchcore_core.views.web.packed import packed

CLASSES = {"good": 0, "defective": 1, "unlabelled": -1}  # name -> label
POINT_COLOURS = ("good", "defective", "unknown", "hit", "miss", "false alarm")
OUTCOME_COLOURS = ("hit", "miss", "false alarm", "good", "unknown")
LIMIT = 0.3  # of the false positive rate for AUPRO
RATES = ("false positive rate", "true positive rate")
PANELS = (  # name, title, level, kind, titles of the axes, metric whose reason says why there is none
    ("image_roc", "ROC of images", "image", "roc", RATES, "image_auroc"),
    ("image_precision_recall", "Precision and recall of images", "image", "precision_recall", ("recall", "precision"),
     "image_average_precision"),
    ("pixel_roc", "ROC of pixels", "pixel", "roc", RATES, "pixel_auroc"),
    ("pro", "Per-region overlap", "pixel", "pro", ("false positive rate (pixels)", "mean per-region overlap"), "aupro"),
)  # fmt: skip


def point_data(scores: ArrayLike, labels: ArrayLike, low: float, high: float, channel: str) -> dict[str, Any]:
    """Of the operating point of images with its handles at low <= high, a single one where they are equal; `channel`
    names it to those that follow."""
    score, label = _columns(scores, labels)
    usable = np.isfinite(score)
    classes = {name: np.sort(score[usable & (label == value)]) for name, value in CLASSES.items()}
    return {
        "scores": {name: packed(values) for name, values in classes.items()}, "channel": channel,
        "label": "Image threshold", "unit": "images", "low": low, "high": high, "log": False, "zone": low < high,
        "named": [], "notes": _notes(label), "colours": _colours(POINT_COLOURS),
    }  # fmt: skip


def tally_data(
    scores: ArrayLike, labels: ArrayLike, kinds: Sequence[str], low: float, high: float, follows: str, sizes: str
) -> dict[str, Any]:
    """Of outcomes and recall per defect type; `sizes`: what stands in place of the recall per region size."""
    score, label = _columns(scores, labels)
    kind = np.asarray(kinds, dtype=object)
    types = {str(name): score[(label == 1) & (kind == name)] for name in sorted(set(kind[label == 1].tolist()))}
    order = sorted(types, key=lambda name: float(predicted(types[name], high).mean()))
    helps = {name: explain_figure(name) for name in ("recall", "precision", "false_positive_rate")}
    return {
        "good": _ascending(score[label == 0]), "kinds": [{"name": name, "scores": _ascending(types[name])}
                                                         for name in order],
        "no_kinds": "No labelled defective images, so recall is unknown.", "sizes": sizes, "notes": _notes(label),
        "label": "Results at the threshold", "follows": follows, "follows_pixels": "",
        "thresholds": packed([low, high]),
        "pixel_threshold": packed([np.nan]), "colours": _colours(OUTCOME_COLOURS[:4]),
        "helps": helps | {"outcomes": "Actual label against prediction at the threshold.",
                          "defects": explain_figure("recall"), "sizes": ""},
        "chosen": {"outcome": [], "defect": [], "size": []},
    }  # fmt: skip


def curves_data(
    curves: Mapping[str, Curve], reasons: Mapping[str, str], thresholds: Mapping[str, float], follows: Mapping[str, str]
) -> dict[str, Any]:
    """Of the four curves of a run (`views.curve.run_curves`). follows: level -> the operating point's channel."""
    panels = [_panel(curves[name], name, title, level, kind, axes, reasons.get(metric, ""))
              for name, title, level, kind, axes, metric in PANELS]
    return {
        "panels": panels, "label": "Curves", "colours": {"curve": RUN_COLOURS[0], "mark": COLOURS["defective"]},
        "limit": LIMIT, "levels": list(thresholds), "thresholds": packed(list(thresholds.values())),
        "follows": {channel: level for level, channel in follows.items()},
    }  # fmt: skip


def gallery_data(
    ids: Sequence[str], scores: ArrayLike, labels: ArrayLike, kinds: Sequence[str], low: float, high: float,
    channel: str, follows: str, shows: str,
) -> dict[str, Any]:  # fmt: skip
    """Of the gallery, without addresses of thumbnails; the first image is chosen. `shows`: the viewer's channel."""
    score, label = _columns(scores, labels)
    return {
        "ids": list(ids), "addresses": [""] * len(ids), "scores": packed(score),
        "labels": label.astype(int).tolist(), "kinds": coded(kinds), "verdicts": coded([""] * len(ids)),
        "selected": ids[0] if ids else "", "label": "Images", "channel": channel, "follows": follows, "shows": shows,
        "thresholds": [low, high], "layout": "grid", "height": 640, "colours": _colours(OUTCOME_COLOURS),
    }  # fmt: skip


def coded(words: Sequence[str]) -> dict[str, list]:
    """Words (N,) as the distinct ones, and an index for each."""
    table = {word: place for place, word in enumerate(dict.fromkeys(words))}
    return {"words": list(table), "places": [table[word] for word in words]}


def _panel(
    curve: Curve, name: str, title: str, level: str, kind: str, axes: tuple[str, str], reason: str
) -> dict[str, Any]:
    undefined = "" if len(curve.x) else f"Not defined for this run: {reason or 'there is nothing to draw'}."
    return {
        "name": name, "title": title, "level": level, "kind": kind, "x_title": axes[0], "y_title": axes[1],
        "x": packed(np.asarray(curve.x, np.float32)), "y": packed(np.asarray(curve.y, np.float32)),
        "thresholds": packed(curve.thresholds), "undefined": undefined,
    }  # fmt: skip


def _columns(scores: ArrayLike, labels: ArrayLike) -> tuple[NDArray[np.float64], NDArray]:
    score, label = np.asarray(scores, dtype=np.float64), np.asarray(labels)
    if score.shape != label.shape or score.ndim != 1:
        raise ValueError(f"scores and labels must both have shape (N,), got {score.shape} and {label.shape}")
    return score, label


def _ascending(scores: NDArray) -> dict[str, str]:
    """One that is NaN reaches no threshold, so it stands below all of them."""
    return packed(np.sort(np.where(np.isnan(scores), -np.inf, scores)))


def _notes(label: NDArray) -> list[str]:
    if not len(label):
        return ["There are no scored images."]
    lacking = [f"No labelled {name} images: {what} are unknown." for name, value, what in
               (("defective", 1, "missed defects"), ("good", 0, "false alarms")) if not (label == value).any()]
    unlabelled = int((label == -1).sum())
    return [*lacking, *([f"{unlabelled} images have no label and are not counted."] if unlabelled else [])]


def _colours(names: Sequence[str]) -> dict[str, str]:
    return {name: COLOURS[name] for name in names}
