"""The store with a run that has a true memory bank, as the pages read it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from patchcore_core.runs.record import Run
from tests.fitting.bank.fitted import fitted, only_run

__all__ = ["fitted"]


@pytest.fixture
def run(fitted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A fitted run in a store of its own; its photos are the ones of `fitted` and may be read."""
    shutil.copytree(fitted / "runs", tmp_path / "runs")
    monkeypatch.setenv("PATCHCORE_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("PATCHCORE_DATA", str(fitted / "data"))
    monkeypatch.setenv("PATCHCORE_SAMPLE", str(tmp_path / "sample"))
    return only_run(tmp_path)
