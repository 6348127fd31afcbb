"""A fitted run to ask, and a copy of it whose files may be changed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.fitting.bank.fitted import fitted

__all__ = ["fitted"]


@pytest.fixture
def copied(fitted: Path, tmp_path: Path) -> Path:
    """The folder of `fitted` again; the run there still refers to the photos of the first, whose data set is moved."""
    shutil.copytree(fitted / "runs", tmp_path / "runs")
    return tmp_path
