"""An existing run as the answer to a fit that is asked for again: what is said of the data is said of them as they are.

A run is found by the content of the files that it uses, so the folder may have changed around these files, or be
another one, since it was computed.
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
    """The finished run with the warnings, exclusions and paths of this data set as it is now.

    Where the run is of this very folder, its record follows, so that pages say the same; a store that cannot be
    written keeps the record as it was. A run that was made from another folder stays that folder's.
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
    """The run with the warnings of this data set in place of those it had of its data; all others stay, behind them."""
    before = (*run.data_warnings, *dataset.warnings)
    others = tuple(sentence for sentence in run.warnings if sentence not in before)
    return dataclasses.replace(run, warnings=(*dataset.warnings, *others), data_warnings=dataset.warnings)
