"""The runs as Overview lists them: each with its labels, its threshold, a small picture, and whether it is best.

What needs files of a run is read once for each state of the run on disk, so that hundreds of runs are listed at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st

from pages.ui import cache
from pages.ui.access import allowed
from pages.ui.format import run_label
from pages.ui.markdown import plain
from pages.ui.media import address
from pages.ui.used_thresholds import choices, chosen, with_found
from patchcore_core.data.images import shown
from patchcore_core.errors import PatchCoreError, StoreError
from patchcore_core.evaluation.statistics.best import significantly_best
from patchcore_core.reviews.in_use import InUse, in_use
from patchcore_core.reviews.run_labels import RunLabels, RunLabelsOf
from patchcore_core.runs.folder import damaged
from patchcore_core.runs.keeping.disk import bytes_below
from patchcore_core.runs.keeping.tested import Tested, read_tested
from patchcore_core.runs.store import Run

MOST = 5000  # runs of which what was read stays in memory


@dataclass(frozen=True)
class Listed:
    """A run with the figures at its threshold in use (None for one that is not finished), and what people say of it.

    best: whether its Image AUROC is significantly higher than that of every other run of its category on the same
    photos.
    """

    run: Run
    labels: RunLabels
    used: InUse | None = None
    best: bool = False

    @property
    def status(self) -> str:
        """The status as the table says it."""
        return "damaged" if damaged(self.run) else self.run.status

    @property
    def name(self) -> str:
        """What people call the run, else what it is told by in lists."""
        return shown(self.labels.name) or run_label(self.run)


def listed(runs: Sequence[Run]) -> list[Listed]:
    """All of these runs, in their order."""
    among, labels, best = choices(), _labels(), best_of(runs)
    found = []
    for run in runs:
        used = in_use(run, chosen(run, among)) if run.status == "finished" and not run.broken else None
        found.append(Listed(with_found(run, among), labels.get(run.id, RunLabels(run=run.id)), used, run.id in best))
    return found


def best_of(runs: Sequence[Run]) -> frozenset[str]:
    """The ids of the runs that are significantly best of their category, among those tested on the same photos."""
    groups: dict[tuple[str, str], list[Run]] = {}
    for run in runs:
        if run.status == "finished" and not run.broken and run.fingerprint:
            groups.setdefault((run.category, run.fingerprint), []).append(run)
    found = (_best(tuple(group)) for group in groups.values() if len(group) > 1)
    return frozenset(run_id for run_id in found if run_id)


def picture(run: Run) -> str | None:
    """The address of a small picture of one of the run's test images; None where none can be shown."""
    return _picture(run) if run.status == "finished" and not run.broken else None


@cache.of_run(max_entries=MOST)
def disk_of(run: Run) -> int:
    """Bytes that the run takes."""
    return bytes_below(run.folder)


def _labels() -> Mapping[str, RunLabels]:
    try:
        return RunLabelsOf(cache.store().root).all()
    except StoreError as error:
        st.warning(plain(f"{error}; runs are listed without names and tags"), icon=":material/error:")
        return {}


@cache.of_run(max_entries=MOST)
def _tested(run: Run) -> Tested | None:
    try:
        return read_tested(run)
    except StoreError:  # the page that shows the run says why
        return None


@cache.of_run(max_entries=200)
def _best(runs: tuple[Run, ...]) -> str:
    """The id of the best of these runs; "" without one. Runs that lack an image of the first one are left out."""
    read = [(run, tested) for run in runs if (tested := _tested(run)) is not None and len(tested.names)]
    same = [(run, tested) for run, tested in read if tested.names == read[0][1].names]
    if len(same) < 2:
        return ""
    place = significantly_best(same[0][1].labels, np.stack([tested.scores for _, tested in same]))
    return "" if place is None else same[place][0].id


@cache.of_run(max_entries=MOST, ttl=600)  # the photo may have changed
def _picture(run: Run) -> str | None:
    tested = _tested(run)
    if tested is None or tested.shown is None:
        return None
    root = Path(run.dataset)
    photo = str(root / tested.photo)
    row = {"path": photo, "sha256": tested.photo_sha256,
           "mask_paths": tuple(str(root / name) for name in tested.masks), "masks_sha256": tested.masks_sha256}
    try:
        allowed(photo)
        key = address.keys(run, pd.DataFrame([row]))[0]
    except PatchCoreError:
        return None
    return address.picture(run.id, tested.shown, key, "thumbnail")
