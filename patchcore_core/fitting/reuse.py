"""Reusing an existing run for a new request, with the current warnings of the data.

A run is found by the content of the files it uses, so the folder may have changed around them, or be another one.
"""

from __future__ import annotations

import dataclasses
from contextlib import suppress
from typing import TYPE_CHECKING

from patchcore_core.errors import StoreError
from patchcore_core.runs.moved import moved
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore
from patchcore_core.runs.writer import RunWriter

if TYPE_CHECKING:
    from patchcore_core.data.samples import Dataset


def answer(run: Run, dataset: Dataset, store: RunStore) -> Run:
    """The finished run with the current warnings, exclusions and paths of this dataset.

    If the run is of this very folder, its record is updated, so that pages say the same; in a read-only store it is
    not. A run of another folder keeps that folder's.
    """
    now = dataclasses.replace(run, **moved(run, str(dataset.root)), excluded=dataset.excluded)
    now = dataclasses.replace(with_data_warnings(now, dataset), dataset=run.dataset)
    if now == run or run.dataset != str(dataset.root):
        return now
    with suppress(StoreError), store.locked():
        writer = RunWriter(store.root, store.get(run.id))
        followed = with_data_warnings(writer.run, dataset)
        writer.update(excluded=now.excluded, warnings=followed.warnings, data_warnings=followed.data_warnings)
        return writer.run
    return now


def with_data_warnings(run: Run, dataset: Dataset) -> Run:
    """The run with this dataset's warnings instead of its data warnings; all others stay, behind them."""
    before = (*run.data_warnings, *dataset.warnings)
    others = tuple(sentence for sentence in run.warnings if sentence not in before)
    return dataclasses.replace(run, warnings=(*dataset.warnings, *others), data_warnings=dataset.warnings)
