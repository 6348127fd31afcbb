"""A run made by hand, its file, and another store."""

from __future__ import annotations

from pathlib import Path

import pytest

from patchcore_core.exports.run_file.pack import pack_run
from patchcore_core.runs.store import RunStore
from tests.made_runs import draft, finish, store

__all__ = ["draft", "finish", "store"]


@pytest.fixture
def run(store, draft, finish):
    return finish(store.begin(draft()), metrics={"image_auroc": 0.5})


@pytest.fixture
def packed(store, run, tmp_path) -> Path:
    place = tmp_path / "run.zip"
    pack_run(store, run, place)
    return place


@pytest.fixture
def other(tmp_path) -> RunStore:
    return RunStore(tmp_path / "other")
