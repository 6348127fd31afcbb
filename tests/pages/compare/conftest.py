"""Runs whose scores are known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from patchcore_core.runs.store import Run, RunStore
from tests.runs.compared.known_scores import known_run


@pytest.fixture
def scored_run(store: RunStore, data_root: Path) -> Callable[..., Run]:
    """`scored_run({"test/hole/000.png": 0.1}, **config fields)`: good photos score 0.2, defective ones 0.8, but for
    those named."""

    def make(exceptions: dict[str, float] | None = None, category: str = "tile", **settings: Any) -> Run:
        return known_run(store, data_root / category, exceptions or {}, **settings)

    return make
