"""Everything a run says about its test set, computed in one pass over the anomaly maps.

Figures are computed on the maps as they are stored in the run (float16), so that whoever opens the run finds the same
figures from the same file: give `evaluate` the stored maps, not the ones before rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from patchcore_core.evaluation.counts import Counts, Tally, as_scores, counts_by_threshold, merge
from patchcore_core.evaluation.curves import (
    area_of_precision_steps,
    area_under_pro,
    area_under_roc,
    best_f1,
    per_region_overlap,
    precision,
    thin,
    why_undefined,
)
from patchcore_core.evaluation.pixels import as_maps, tally_pixels

METRICS = (
    "image_auroc", "image_average_precision", "image_f1_max", "pixel_auroc", "pixel_auroc_anomalous",
    "pixel_average_precision", "pixel_f1_max", "aupro",
)
UNKNOWN, GOOD, DEFECTIVE = -1, 0, 1
Report = Callable[[int, int], None]  # done, total


@dataclass(frozen=True)
class Evaluation:
    """The figures, curves and thresholds of one test set; an undefined figure is NaN and `reasons` says why.

    metrics: the names in `METRICS`. reasons: metric -> sentence, for a defect type "type/metric".
    per_defect: defect type -> "count" and the same metrics over its images and all good ones.
    curves: image_ and pixel_ thresholds (descending), tp, fp, positives, negatives; pro_fpr, pro_overlap,
    pro_thresholds from the origin (0, 0, inf). Image level complete; pixel and PRO curves thinned to 2000 points.
    thresholds: f1_max and pixel_f1_max, chosen with the labels of the test set and so optimistic; good_max, the least
    that no good test image reaches; good_p99, the 99th percentile of their scores; pixel_good_p999, the 99.9th
    percentile of their pixels. notes: sentences on what was left out.
    """

    metrics: dict[str, float]
    reasons: dict[str, str]
    per_defect: dict[str, dict[str, float]]
    curves: dict[str, np.ndarray]
    thresholds: dict[str, float]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Group:
    """Some test images: their labels and scores, all their pixels, and the pixels of those with a defect pixel."""

    labels: NDArray[np.integer]
    scores: NDArray[np.floating]
    pixels: Tally
    anomalous: Tally


def evaluate(
    labels: ArrayLike,
    defect_types: Sequence[str],
    image_scores: ArrayLike,
    masks: ArrayLike | None,
    anomaly_maps: ArrayLike,
    mask_known: ArrayLike,
    report: Report | None = None,
) -> Evaluation:
    """Evaluate N test images.

    labels (N,): 0 good, 1 defective, -1 unknown, left out of the image metrics. defect_types (N,). image_scores (N,).
    masks (N, H, W) bool in the geometry of the maps, or None when there are none at all. anomaly_maps (N, H, W), as
    stored. mask_known (N,): False for an image whose mask is missing, which leaves it out of the pixel metrics unless
    it is good: a good image has no defect pixel by definition. Raises ValueError for other shapes and labels.
    `report(done, N)` counts the images whose pixels have been read.
    """
    label, scores, types = np.asarray(labels), as_scores(image_scores), np.asarray(defect_types, dtype=object)
    maps = as_scores(anomaly_maps)
    mask, maps = as_maps(np.broadcast_to(False, maps.shape) if masks is None else masks, maps)
    known = np.asarray(mask_known, dtype=bool) & (masks is not None)
    _check(label, scores, types, maps, known)
    groups = _groups(label, scores, types, mask, maps, known | (label == GOOD), report)
    everything = _join(list(groups.values()))
    metrics, reasons = _metrics(everything)
    per_defect, type_reasons = _per_defect(groups, types[label == DEFECTIVE])
    return Evaluation(
        metrics=metrics,
        reasons=reasons | type_reasons,
        per_defect=per_defect,
        curves=_curves(everything),
        thresholds=_thresholds(everything, groups[""].pixels),
        notes=_notes(label, known),
    )


def _check(label: NDArray, scores: NDArray, types: NDArray, maps: NDArray, known: NDArray) -> None:
    shapes = {label.shape, scores.shape, types.shape, known.shape, maps.shape[:1]}
    if shapes != {(len(maps),)}:
        raise ValueError(f"labels, defect types, scores, maps and mask_known must be of one length, got {shapes}")
    if not np.isin(label, (UNKNOWN, GOOD, DEFECTIVE)).all():
        raise ValueError(f"labels must be 0, 1 or -1, got {sorted(set(label.tolist()))}")


def _groups(
    label: NDArray, scores: NDArray, types: NDArray, masks: NDArray, maps: NDArray, usable: NDArray,
    report: Report | None,
) -> dict[str, _Group]:
    """The good images as "", the defective ones of each type, and those of unknown label as "?": disjoint."""
    names = np.where(label == GOOD, "", np.where(label == DEFECTIVE, "/" + types, "?"))
    has_defect = np.array([bool(mask.any()) for mask in masks], dtype=bool)
    groups: dict[str, _Group] = {}
    done = 0
    for name in sorted({"", *names.tolist()}):
        chosen = names == name
        graded = chosen & (label != UNKNOWN)
        anomalous = tally_pixels(masks, maps, np.flatnonzero(chosen & usable & has_defect))
        others = tally_pixels(masks, maps, np.flatnonzero(chosen & usable & ~has_defect))
        groups[name] = _Group(label[graded], scores[graded], merge([anomalous, others]), anomalous)
        done += int(chosen.sum())
        if report is not None:
            report(done, len(names))
    return groups


def _join(groups: list[_Group]) -> _Group:
    return _Group(
        np.concatenate([group.labels for group in groups]),
        np.concatenate([group.scores for group in groups]),
        merge([group.pixels for group in groups]),
        merge([group.anomalous for group in groups]),
    )


def _metrics(group: _Group) -> tuple[dict[str, float], dict[str, str]]:
    """The metrics of these images, and why those that are NaN are undefined."""
    image = counts_by_threshold(group.labels, group.scores)
    pixel, anomalous = group.pixels.counts(), group.anomalous.counts()
    values = (
        area_under_roc(image), area_of_precision_steps(image), best_f1(image).f1, area_under_roc(pixel),
        area_under_roc(anomalous), area_of_precision_steps(pixel), best_f1(pixel).f1, area_under_pro(pixel, 0.3),
    )
    reasons = {}
    for name in METRICS:
        level, counts = ("image", image) if name.startswith("image") else ("pixel", pixel)
        if reason := why_undefined(anomalous if name == "pixel_auroc_anomalous" else counts, level):
            reasons[name] = reason
    return dict(zip(METRICS, values, strict=True)), reasons


def _per_defect(groups: dict[str, _Group], types: NDArray) -> tuple[dict[str, dict[str, float]], dict[str, str]]:
    """For each defect type its number of images and the metrics against all good images, with reasons."""
    per_defect: dict[str, dict[str, float]] = {}
    reasons: dict[str, str] = {}
    for name in sorted(set(types.tolist())):
        metrics, why = _metrics(_join([groups[""], groups["/" + name]]))
        per_defect[name] = {"count": float(np.sum(types == name)), **metrics}
        reasons |= {f"{name}/{metric}": reason for metric, reason in why.items()}
    return per_defect, reasons


def _curves(group: _Group) -> dict[str, np.ndarray]:
    image, pixel = counts_by_threshold(group.labels, group.scores), group.pixels.counts()
    curves = _counts_as_curve("image", image, np.arange(len(image.thresholds)))
    if why_undefined(pixel, "pixel"):
        kept = thin([(pixel.true_positives + pixel.false_positives) / max(1, pixel.positives + pixel.negatives)])
        fpr = overlap = thresholds = np.zeros(0)
    else:
        kept = thin([
            pixel.true_positives / pixel.positives, pixel.false_positives / pixel.negatives, precision(pixel)
        ])
        fpr, overlap, thresholds = per_region_overlap(pixel)
    pro = thin([fpr, overlap])
    curves |= _counts_as_curve("pixel", pixel, kept)
    return curves | {"pro_fpr": fpr[pro], "pro_overlap": overlap[pro], "pro_thresholds": thresholds[pro]}


def _counts_as_curve(level: str, counts: Counts, kept: NDArray[np.intp]) -> dict[str, np.ndarray]:
    return {
        f"{level}_thresholds": counts.thresholds[kept],
        f"{level}_tp": counts.true_positives[kept],
        f"{level}_fp": counts.false_positives[kept],
        f"{level}_positives": np.array(counts.positives),
        f"{level}_negatives": np.array(counts.negatives),
    }


def _thresholds(everything: _Group, good_pixels: Tally) -> dict[str, float]:
    good = everything.scores[everything.labels == GOOD]
    return {
        "f1_max": best_f1(counts_by_threshold(everything.labels, everything.scores)).threshold,
        "good_max": float(np.nextafter(good.max(), np.inf, dtype=good.dtype)) if len(good) else np.nan,
        "good_p99": float(np.percentile(good.astype(np.float64), 99)) if len(good) else np.nan,
        "pixel_f1_max": best_f1(everything.pixels.counts()).threshold,
        "pixel_good_p999": _quantile(good_pixels, 0.999),
    }


def _quantile(tally: Tally, share: float) -> float:
    """The lowest score that at least this share of the negatives do not exceed; NaN without negatives."""
    below = np.cumsum(tally.negatives)
    if not len(below):
        return np.nan
    return float(tally.scores[np.searchsorted(below, share * below[-1])])


def _notes(label: NDArray, known: NDArray) -> tuple[str, ...]:
    missing, unknown = int(np.sum((label != GOOD) & ~known)), int(np.sum(label == UNKNOWN))
    notes = []
    if missing:
        notes.append(f"{missing} of {len(label)} test images have no known mask and are left out of the pixel metrics")
    if unknown:
        notes.append(f"{unknown} of {len(label)} test images have no label and are left out of the image metrics")
    return tuple(notes)
