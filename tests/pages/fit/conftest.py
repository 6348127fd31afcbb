"""Jobs that are asked for and not started."""

from pathlib import Path
from typing import Any

import pytest

from patchcore_core.jobs import jobs
from patchcore_core.runs.store import RunStore


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Configurations asked for, in place of real jobs; the run ids are made up."""
    asked: list[Any] = []

    def start(_store: RunStore, _path: Path, category: str, config: Any, **_: Any) -> str:
        asked.append((category, config))
        raise jobs.StoreError("the disk is full")

    def start_sweep(_store: RunStore, plans: Any, _within: Any) -> jobs.Started:
        asked.extend((plan.dataset.category, plan.config) for plan in plans)
        raise jobs.StoreError("the disk is full")

    monkeypatch.setattr(jobs, "start", start)
    monkeypatch.setattr(jobs, "start_sweep", start_sweep)
    return asked
