"""Teaching on trial: computed in a process like any job, and no run of the store before somebody keeps it.

Trials have a queue of their own, since somebody waits for each. One that nobody keeps or discards is offered again, for
some days.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from patchcore_core.errors import StoreError, UnknownRunError
from patchcore_core.fitting.draft import draft_run
from patchcore_core.fitting.taught import taught_dataset
from patchcore_core.jobs import jobs
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore

OFFERED = timedelta(days=7)  # how long a trial is offered; one that has failed goes with the next one


def begin(
    store: RunStore, run: Run, photos: Sequence[Path | str], within: Sequence[Path | str] | None = None
) -> Run:
    """The trial of these photos taught to the finished `run`, begun unless there is one; the run of `store` where they
    have been taught already. Errors as of jobs.teach."""
    clean(store)
    dataset = taught_dataset(run, photos, within)
    if (known := store.find(draft_run(dataset, run.config, parent=run).identity)) is not None:
        return known
    return store.trials.get(jobs.begin(store.trials, dataset, run.config, within, run))


def of_run(store: RunStore, run_id: str) -> tuple[Run, ...]:
    """The trials of photos taught to this run, newest first."""
    return tuple(trial for trial in _all(store) if trial.parent == run_id)


def waiting(store: RunStore) -> tuple[Run, ...]:
    """The trials of all runs that are at work, or wait for somebody to keep or discard them, newest first."""
    return tuple(trial for trial in _all(store) if trial.alive or trial.status == "finished")


def keep(store: RunStore, trial_id: str) -> Run:
    """The finished trial as a run of the store."""
    return store.keep(store.trials.get(trial_id))


def discard(store: RunStore, trial_id: str) -> None:
    """Stop the trial, and remove what there is of it."""
    with suppress(UnknownRunError):  # somebody else was quicker
        jobs.cancel(store.trials, trial_id)
        store.trials.delete(trial_id)


def clean(store: RunStore) -> None:
    """Remove trials that have ended badly, are too old, or whose parent is gone."""
    parents = {run.id for run in store.list()}
    oldest = (datetime.now(UTC) - OFFERED).isoformat()
    for trial in _all(store):
        offered = trial.status == "finished" and trial.created_at >= oldest and trial.parent in parents
        if not (trial.alive or offered):
            with suppress(StoreError):
                store.trials.delete(trial.id)


def _all(store: RunStore) -> tuple[Run, ...]:
    return store.trials.list() if store.trials.root.is_dir() else ()
