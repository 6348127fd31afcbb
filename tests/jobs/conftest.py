"""The fixtures of runs made by hand, for the tests of this folder, and a queue without processes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from patchcore_core.jobs import queue
from patchcore_core.jobs.job import Wanted
from patchcore_core.runs.store import RunStore
from tests.made_runs import category, draft, finish, stand_in, store, worker_here

__all__ = ["category", "draft", "finish", "stand_in", "store", "worker_here"]


@pytest.fixture
def queued(store: RunStore, draft: Callable[..., Any]) -> Callable[..., list[str]]:
    """`queued("a", "b", sweep="s")`: the ids of runs of these identities, which wait in this order."""

    def add(*identities: str, sweep: str = "", alike: Sequence[str] = (), **known: Any) -> list[str]:
        begun = store.begin_all([draft(identity=name, status="queued", sweep=sweep) for name in identities])
        runs = [one.run.id for one in begun]
        shared = alike or [""] * len(runs)
        queue.add(store, [Wanted(run, alike=one, **known) for run, one in zip(runs, shared, strict=True)], sweep)
        return runs

    return add
