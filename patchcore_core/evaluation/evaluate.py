"""Evaluation of a test set: figures with intervals, curves, thresholds, regions.

Figures are computed on the maps as stored in the run (float16), so that they can be reproduced from its files: pass the
stored maps to `evaluate`, not those before rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from patchcore_core.data.masks import Outline
from patchcore_core.evaluation.counts import Counts, as_labels, as_scores
from patchcore_core.evaluation.curve_points import Curves, curve_points
from patchcore_core.evaluation.figures import (
    FPR_LIMITS,
    IMAGE_FIGURES,
    PixelCounts,
    figure_names,
    image_figures,
    pixel_figures,
    reasons,
)
from patchcore_core.evaluation.groups import DEFECTIVE, GOOD, UNKNOWN, Group, TestSet, counts_of, groups_of, join
from patchcore_core.evaluation.pixels import Pixels, as_maps, quantile, read_pixels
from patchcore_core.evaluation.region_recall import SizeRecall, recall_by_size, region_table
from patchcore_core.evaluation.regions import Advance, Regions
from patchcore_core.evaluation.statistics.bootstrap import Interval, image_bins
from patchcore_core.evaluation.statistics.intervals import Resampled, why_no_interval
from patchcore_core.evaluation.thresholds.decision import default_rule
from patchcore_core.evaluation.thresholds.found import FOUND_FIGURES, Found, found_at_default, per_type
from patchcore_core.evaluation.thresholds.methods import SHARES, of_good, operating_points
from patchcore_core.evaluation.thresholds.operating_point import GoodScores, OperatingPoint
from patchcore_core.evaluation.trim import Trim
from patchcore_core.evaluation.trimmed_maps import TrimmedMaps

METRICS = tuple(dict.fromkeys((*IMAGE_FIGURES, *FOUND_FIGURES, *figure_names())))
REPLICATES = 1000
T = TypeVar("T")
Report = Callable[[int, int], None]  # images done, total; each image is read two to four times


@dataclass(frozen=True)
class Evaluation:
    """The figures, curves and thresholds of one test set; an undefined figure is NaN and `reasons` says why.

    metrics: the names in `METRICS`, and an AUPRO for every other limit asked for. reasons: metric -> sentence, for a
    defect type "type/metric", for an interval that is NaN while its figure is not "metric/interval".
    per_defect: defect type -> "count" and the same metrics over its images and all good ones.
    curves: counts by threshold, the PRO curve, and a row for each region.
    operating_points: see `thresholds.methods.operating_points`. thresholds: their values by method, such as heldout_p99
    (only where held-out scores were given), good_p99, pixel_good_p999, f1_max and pixel_f1_max; and good_max, just
    above the highest good test image.
    notes: sentences on what was left out.
    intervals: metric -> (low, high), 95 %: of image AUROC by `auroc_interval`, of shares of images after Wilson, of the
    rest from resampled images (good and defective apart), NaN where all resamples are the same; per_defect_intervals
    the same per type (resampled within the type), for the first 20 types.
    found: the counts behind image_recall and image_false_alarm_rate, which are at the default threshold.
    resampled: figure -> (replicates,) of each resample behind the intervals, as `bootstrap.resamples` draws them.
    pixel_threshold: the operating point of pixel_iou, pixel_f1, region_recall and curves.regions, which are of the
    trimmed segmentation where maps are trimmed; all other figures, curves and thresholds are of the untrimmed maps.
    region_recall: the quarters of all regions by area, see `recall_by_size`; per_defect_region_recall: type -> its
    regions in the same quarters.
    """

    metrics: dict[str, float]
    reasons: dict[str, str]
    per_defect: dict[str, dict[str, float]]
    curves: Curves
    thresholds: dict[str, float]
    operating_points: tuple[OperatingPoint, ...] = ()
    notes: tuple[str, ...] = ()
    intervals: dict[str, Interval] = field(default_factory=dict)
    per_defect_intervals: dict[str, dict[str, Interval]] = field(default_factory=dict)
    pixel_threshold: float = np.nan
    region_recall: tuple[SizeRecall, ...] = ()
    per_defect_region_recall: dict[str, tuple[SizeRecall, ...]] = field(default_factory=dict)
    found: Found | None = None
    resampled: dict[str, NDArray] = field(default_factory=dict)


@dataclass(frozen=True)
class _Point:
    """The figures of the test set, not resampled, and the counts behind them."""

    image: Counts
    pixel: PixelCounts
    operating_points: tuple[OperatingPoint, ...]
    thresholds: dict[str, float]
    metrics: dict[str, float]
    reasons: dict[str, str]
    per_defect: dict[str, dict[str, float]]
    marked: NDArray[np.int64] | None


def evaluate(
    labels: ArrayLike,
    defect_types: Sequence[str],
    image_scores: ArrayLike,
    masks: ArrayLike | None,
    anomaly_maps: ArrayLike,
    mask_known: ArrayLike,
    report: Report | None = None,
    pixel_threshold: float | None = None,
    fpr_limits: Sequence[float] = FPR_LIMITS,
    replicates: int = REPLICATES,
    seed: int = 0,
    held_out: Sequence[GoodScores] = (),
    ignored: ArrayLike | None = None,
    trim: Trim | TrimmedMaps | None = None,
    outlines: Mapping[int, Outline] | None = None,
) -> Evaluation:
    """Evaluate N test images.

    labels (N,): 0 good, 1 defective, -1 unknown, left out of the image metrics. defect_types (N,). image_scores (N,).
    masks (N, H, W) bool in the geometry of the maps, or None when there are none at all. anomaly_maps (N, H, W), as
    stored. Both may be files opened with mmap, and are read a block at a time. mask_known (N,): False for an image
    whose mask is missing, which leaves it out of the pixel metrics unless it is good: a good image has no defect pixel
    by definition. pixel_threshold: the operating point, default as `default_rule` chooses. replicates: resamples for
    the intervals, 0 = none. held_out: scores of held-out good images, and of their pixels. ignored (N, H, W) bool:
    pixels without ground truth, outside masks and good images; in no pixel figure. trim: how the predicted segmentation
    is trimmed, or these maps with it. outlines: image -> outline of its mask, of all masks that are not empty; None:
    unknown. report(done, total) is called after every block. Raises ValueError for other shapes, labels and limits.
    """
    maps = as_scores(anomaly_maps)
    mask, maps = as_maps(np.broadcast_to(False, maps.shape) if masks is None else masks, maps)
    tests = _tests(labels, defect_types, image_scores, np.asarray(mask_known, dtype=bool) & (masks is not None), maps)
    images = np.flatnonzero(tests.usable)
    advance = _Counter(report, len(images) * (2 + (replicates > 0) + (trim is not None)))
    good_pixels = float(np.nextafter(quantile(maps, np.flatnonzero(tests.label == GOOD), SHARES["pixel"]), np.inf))
    held_pixels = [of_good(scores)[0].value for scores in held_out if scores.level == "pixel"]
    exact_at = [good_pixels, *held_pixels] if pixel_threshold is None else [pixel_threshold]
    pixels = read_pixels(mask, maps, images, exact_at, advance, _ignored(ignored, maps), TrimmedMaps.of(trim, maps),
                         outlines)
    point = _point(tests, pixels, pixel_threshold, good_pixels, held_out, fpr_limits, advance)
    bins = image_bins(pixels, point.pixel, images, fpr_limits, advance, point.marked) if replicates else None
    return _evaluation(tests, pixels.regions.shown, point, Resampled.of(tests, bins, replicates, seed, fpr_limits))


def _evaluation(tests: TestSet, regions: Regions, point: _Point, resampled: Resampled) -> Evaluation:
    classes, threshold = regions.size_classes(), point.pixel.threshold
    why = why_no_interval(tests, resampled.intervals, point.reasons, resampled.with_defect)
    found = found_at_default(tests.label, tests.scores, point.thresholds)
    of_types = per_type(tests.type_names, tests.types, tests.label, tests.scores, point.thresholds)
    return Evaluation(
        metrics=_in_order(point.metrics | found.figures()),
        reasons=point.reasons | found.reasons() | why,
        per_defect={name: _in_order(values | of_types[name].figures()) for name, values in point.per_defect.items()},
        curves=curve_points(point.image, point.pixel.pixels, region_table(regions, classes, threshold)),
        thresholds=point.thresholds,
        operating_points=point.operating_points,
        notes=_notes(tests),
        intervals=_in_order(resampled.intervals | found.intervals()) if resampled.intervals else {},
        per_defect_intervals={name: _in_order(limits | of_types[name].intervals())
                              for name, limits in resampled.of_types.items()},
        pixel_threshold=threshold,
        region_recall=recall_by_size(regions, classes, threshold, resampled.images),
        per_defect_region_recall=_type_recall(tests, regions, classes, threshold, resampled.images_by_type),
        found=found,
        resampled=resampled.replicates,
    )


def _tests(
    labels: ArrayLike, defect_types: Sequence[str], scores: ArrayLike, known: NDArray[np.bool_], maps: NDArray
) -> TestSet:
    label, score, types = np.asarray(labels), as_scores(scores), np.asarray(defect_types, dtype=object)
    _check(label, score, types, maps, known)
    return TestSet(label, score, types, known | (label == GOOD))


def _check(label: NDArray, scores: NDArray, types: NDArray, maps: NDArray, known: NDArray) -> None:
    shapes = {label.shape, scores.shape, types.shape, known.shape, maps.shape[:1]}
    if shapes != {(len(maps),)}:
        raise ValueError(f"labels, defect types, scores, maps and mask_known must be of one length, got {shapes}")
    if not np.isin(label, (UNKNOWN, GOOD, DEFECTIVE)).all():
        raise ValueError(f"labels must be 0, 1 or -1, got {sorted(set(label.tolist()))}")


def _ignored(ignored: ArrayLike | None, maps: NDArray) -> NDArray[np.bool_] | None:
    if ignored is None:
        return None
    found = as_labels(ignored)
    if found.shape != maps.shape:
        raise ValueError(f"ignored must be of the shape of the maps, {maps.shape}, got {found.shape}")
    return found


def _in_order(values: dict[str, T]) -> dict[str, T]:
    """The values by name: the number of images first, then in the order of `METRICS`, then others."""
    return {name: values[name] for name in dict.fromkeys(("count", *METRICS, *values)) if name in values}


class _Counter:
    """Counts finished images and reports their number."""

    def __init__(self, report: Report | None, total: int) -> None:
        self._report, self._total, self._done = report, total, 0

    def __call__(self, count: int) -> None:
        self._done += count
        if self._report is not None:
            self._report(self._done, self._total)


def _point(
    tests: TestSet, pixels: Pixels, threshold: float | None, good_pixels: float, held_out: Sequence[GoodScores],
    fpr_limits: Sequence[float], advance: Advance,
) -> _Point:
    groups = groups_of(tests, pixels, advance)
    image, pixel = counts_of(join(list(groups.values())), threshold)
    good = tests.scores[tests.label == GOOD]
    points = operating_points(good, image, pixel.pixels, good_pixels, held_out)
    thresholds = {found.method: found.value for found in points} | {"good_max": _above_all(good)}
    if threshold is None:
        pixel = replace(pixel, threshold=thresholds.get(default_rule(thresholds, "pixel") or "", np.nan))
    marked = None
    if pixels.trimmed is not None:
        marked = pixels.marked(np.flatnonzero(tests.usable), pixel.threshold, advance)
    pixel = _marked(pixel, marked, tests.usable)
    metrics, why = _metrics(image, pixel, fpr_limits)
    per_defect, type_reasons = _per_defect(tests, groups, pixel.threshold, fpr_limits, marked)
    return _Point(image, pixel, points, thresholds, metrics, why | type_reasons, per_defect, marked)


def _marked(pixel: PixelCounts, marked: NDArray[np.int64] | None, images: NDArray[np.bool_]) -> PixelCounts:
    """The counts with the pixels predicted by the trimmed segmentation of the images (N,) that are True."""
    return pixel if marked is None else replace(pixel, marked=tuple(marked[images].sum(axis=0).astype(np.float64)))


def _metrics(image: Counts, pixel: PixelCounts, fpr_limits: Sequence[float]) -> tuple[dict[str, float], dict[str, str]]:
    """The metrics, and why those that are NaN are undefined."""
    values = image_figures(image) | pixel_figures(pixel, fpr_limits)
    return {name: float(value) for name, value in values.items()}, reasons(list(values), image, pixel)


def _per_defect(
    tests: TestSet, groups: dict[str, Group], threshold: float, fpr_limits: Sequence[float],
    marked: NDArray[np.int64] | None,
) -> tuple[dict[str, dict[str, float]], dict[str, str]]:
    """For each defect type its number of images and the metrics against all good images, with reasons."""
    per_defect: dict[str, dict[str, float]] = {}
    type_reasons: dict[str, str] = {}
    for name in tests.type_names:
        image, pixel = counts_of(join([groups[""], groups["/" + name]]), threshold)
        pixel = _marked(pixel, marked, tests.usable & (tests.of_type(name) | (tests.label == GOOD)))
        metrics, why = _metrics(image, pixel, fpr_limits)
        per_defect[name] = {"count": float(np.count_nonzero(tests.of_type(name))), **metrics}
        type_reasons |= {f"{name}/{metric}": reason for metric, reason in why.items()}
    return per_defect, type_reasons


def _type_recall(
    tests: TestSet, regions: Regions, classes: NDArray[np.int64], threshold: float, drawn: NDArray[np.floating]
) -> dict[str, tuple[SizeRecall, ...]]:
    recalls = {}
    for name in tests.type_names:
        chosen = tests.of_type(name)
        inside = chosen[regions.image]
        recalls[name] = recall_by_size(regions.of(chosen), classes[inside], threshold, drawn)
    return recalls


def _above_all(scores: NDArray[np.floating]) -> float:
    """The next number of their type above the highest, NaN for none."""
    return float(np.nextafter(scores.max(), np.inf, dtype=scores.dtype)) if len(scores) else np.nan


def _notes(tests: TestSet) -> tuple[str, ...]:
    missing, unknown = int(np.sum(~tests.usable)), int(np.sum(tests.label == UNKNOWN))
    total, notes = len(tests.label), []
    if missing:
        notes.append(f"{missing} of {total} test images have no known mask and are left out of the pixel metrics")
    if unknown:
        notes.append(f"{unknown} of {total} test images have no label and are left out of the image metrics")
    return tuple(notes)
