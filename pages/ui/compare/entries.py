"""Runs as comparisons take them, and what they keep of their test images."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import numpy as np
import streamlit as st

from pages.ui import cache
from pages.ui.format import when
from patchcore_core.errors import StoreError
from patchcore_core.evaluation.statistics.paired import RunImages
from patchcore_core.reviews.run_labels import RunLabels, RunLabelsOf
from patchcore_core.runs.compared.costs import costs, estimated_costs, shortened_costs
from patchcore_core.runs.compared.replicates import read_replicates
from patchcore_core.runs.keeping.tested import read_tested
from patchcore_core.runs.store import Run
from patchcore_core.views.comparison.entries import Entry

MANY = 4000  # runs of which it stays in memory what is read here: some kilobytes each


@cache.of_run(max_entries=MANY)
def entry(run: Run) -> Entry:
    """The run as plain values, with figures that older runs lack, as Overview shows them; tests: its data."""
    run = cache.with_found(run)
    return Entry(run.id, run.category, run.config, run.fingerprint, run.weights_sha256, run.metrics, run.intervals,
                 costs(run), shortened_costs(run), run.counts, when(run.created_at), sweep=run.sweep,
                 estimated=estimated_costs(run))


def entries_of(runs: Sequence[Run]) -> list[Entry]:
    """The runs as plain values with what people call them."""
    labels = _labels()
    return [_labelled(entry(run), labels[run.id]) if run.id in labels else entry(run) for run in runs]


def archived() -> set[str]:
    """The ids of the runs that were put away."""
    return {run for run, labels in _labels().items() if labels.archived}


def _labels() -> dict[str, RunLabels]:
    with suppress(StoreError):  # Overview says so
        return RunLabelsOf(cache.store().root).all()
    return {}


def _labelled(one: Entry, labels: RunLabels) -> Entry:
    return replace(one, name=labels.name, tags=labels.tagged)


def with_tests(runs: Sequence[Run], figure: str) -> tuple[list[Entry], dict[str, RunImages], list[str]]:
    """The runs with the key of their test images, what a paired test of the figure needs, by id, and why some of them
    are left out, since a file of theirs cannot be read."""
    entries, found, unread = [], {}, []
    with st.spinner(f"Reading the test images of {len(runs)} runs …", show_time=False):
        for run, one in zip(runs, entries_of(runs), strict=True):
            try:
                images, resampled = _images(run), _resampled(run, figure)
            except StoreError as error:
                unread.append(str(error))
                continue
            entries.append(replace(one, tests=images.key))
            found[run.id] = replace(images, resampled=resampled[0], resampled_key=resampled[1],
                                    has_others=bool(resampled[1]))
    return entries, found, unread


@cache.of_run(max_entries=MANY)
def _images(run: Run) -> RunImages:
    tested = read_tested(run)
    told = "" if tested.recorded else run.fingerprint  # names alone do not tell photos apart
    return RunImages(f"{told}{tested.key}", tested.labels, tested.scores)


def forget_resampled() -> None:
    """Read again what runs keep of resampled images: some have been made."""
    _resampled.clear()  # type: ignore[attr-defined]


@cache.of_run(max_entries=2 * MANY)
def _resampled(run: Run, figure: str) -> tuple[np.ndarray | None, str]:
    """The figure of each resample, None if the run keeps none of this one, and of which images; "" if it keeps none, or
    for image AUROC, whose test needs none."""
    if figure == "image_auroc":
        return None, ""
    kept = read_replicates(run.folder)
    return (None, "") if kept is None else (kept.figures.get(figure), kept.images)
