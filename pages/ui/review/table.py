"""Review: the table of a run's images with all that is known of them, and the causes of what went wrong.

What does not change with a threshold, the summary of the maps and the evidence for causes, is kept for all visitors,
by (store, run id, updated_at) and by which masks are within reach. Where it has to be made it is made in a thread:
every visitor sees how far it is, and it goes on when one of them clicks on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock, Thread
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from pages.ui import cache
from pages.ui.access import allowed_roots
from patchcore_core.errors import PatchCoreError
from patchcore_core.evaluation.causes.causes import Causes, Evidence, evidence
from patchcore_core.evaluation.map_summary import MapSummary
from patchcore_core.runs.map_summaries import map_summary, patch_pixels
from patchcore_core.runs.store import Run, RunStore
from patchcore_core.views.listing import Verdict, listing, region_areas_of

QUICK = 0.3  # seconds without a progress bar


@dataclass(frozen=True)
class Known:
    """What of a run's images no threshold changes."""

    summary: MapSummary
    evidence: Evidence


def table(
    run: Run, images: pd.DataFrame, threshold: float, pixel_threshold: float, verdicts: Mapping[int, Verdict]
) -> pd.DataFrame:
    """`views.listing.listing` of all the run's images, which are `review_data.test_images(run)`."""
    known = _known(run, images)
    return listing(images, threshold, pixel_threshold, known.summary, known.evidence.at(threshold), verdicts,
                   _region_areas(run, len(images)))


def causes_of(run: Run, images: pd.DataFrame, threshold: float) -> Causes:
    """The likely causes of the run's misses and false alarms at an image threshold; images as in `table`."""
    return _known(run, images).evidence.at(threshold)


def evidence_of(run: Run, images: pd.DataFrame) -> Evidence:
    """The part of the causes that no image threshold changes; images as in `table`."""
    return _known(run, images).evidence


def overlap_of(run: Run, images: pd.DataFrame, pixel_threshold: float) -> tuple[np.ndarray, np.ndarray, bool]:
    """Of each image (N,) the IoU of prediction and truth and the defect pixels below a pixel threshold, and whether
    both are exact, not interpolated; images as in `table`."""
    summary = _known(run, images).summary
    return summary.iou(pixel_threshold), summary.overlooked(pixel_threshold), summary.is_exact(pixel_threshold)


@cache.of_run(max_entries=16)
def _region_areas(run: Run, images: int) -> list[tuple[int, ...]] | None:
    """Of each image the pixels of its true regions, those that recall by region size counts; None where not known."""
    regions = cache.load_curves(run).regions
    return None if regions is None else region_areas_of(images, regions.image, regions.area)


def _known(run: Run, images: pd.DataFrame) -> Known:
    """PatchCoreError where the maps cannot be read."""
    store, reach = cache.store(), (Path(run.dataset).is_dir(), *map(str, allowed_roots()))
    making = _making(run, reach)
    made = making.begin(lambda: _make(store, run, images, making))
    if not wait([made], QUICK).done:
        _show_progress(making, made)
    return made.result()


class _Making:
    """One computation for all who ask for it; one that failed is tried again."""

    def __init__(self) -> None:
        self.done, self.total = 0, 0
        self._lock = Lock()
        self._future: Future[Known] | None = None

    def begin(self, work: Callable[[], Known]) -> Future[Known]:
        """What comes of the work that is going on or was done, begun now where there is none."""
        with self._lock:
            if self._future is None or (self._future.done() and self._future.exception()):
                self.done, self._future = 0, Future()
                Thread(target=_run, args=(work, self._future), name="map-summary", daemon=True).start()
            return self._future

    def advance(self, images: int) -> None:
        self.done += images


def _run(work: Callable[[], Known], future: Future[Known]) -> None:
    try:
        future.set_result(work())
    except BaseException as error:
        future.set_exception(error)


def _show_progress(making: _Making, made: Future[Known]) -> None:
    place = st.empty()
    while not made.done():
        share = min(making.done / making.total, 1.0) if making.total else 0.0
        place.progress(share, f"Reading the anomaly maps once: {making.done:,} of {making.total:,}")
        wait([made], 0.2)
    place.empty()


@cache.of_run(max_entries=4)  # of 5,000 images 20 MB each, twice that where regions are trimmed
def _making(run: Run, reach: tuple[Any, ...]) -> _Making:  # noqa: ARG001  (the key)
    return _Making()


def _make(store: RunStore, run: Run, images: pd.DataFrame, making: _Making) -> Known:
    """In a thread of its own, so nothing here may draw."""
    making.total = len(images)
    kept = map_summary(store, run, cache.read_masks, making.advance)
    labels, scores, mask_kept = (images[name].to_numpy() for name in ("label", "image_score", "mask_kept"))
    near, why_not = _near_training(run, images["path"].tolist())
    found = evidence(kept, labels, scores, _patch(run), mask_kept if run.config.center_crop else None, near)
    return Known(kept, replace(found, not_computed=found.not_computed | why_not))


def _near_training(run: Run, paths: list[str]) -> tuple[list[str] | None, dict[str, str]]:
    """For each image the training image that is nearly the same photo, "" for none.

    None, and why, where there are some but nobody wrote down which; where nobody looked, None alone.
    """
    counts = next((badge.counts for badge in run.badges if badge.key == "near_duplicates"), {})
    if not counts.get("test"):
        return None, {}
    if not counts.get("near"):
        return [""] * len(paths), {}
    if run.near_training:
        twins = {str(Path(run.dataset, one)): other for one, other in run.near_training.items()}
        return [twins.get(path, "") for path in paths], {}
    return None, {"near_training": f"{counts['near']} of {counts['test']} test images are nearly training images, but "
                                   "this run has not recorded which"}


def _patch(run: Run) -> float:
    """NaN for a network that is no longer known here."""
    try:
        return patch_pixels(run)
    except PatchCoreError:
        return float("nan")
