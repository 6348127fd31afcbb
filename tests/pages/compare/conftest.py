"""Runs whose scores are known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import streamlit as st

from patchcore_core.runs.store import Run, RunStore
from tests.runs.compared.known_scores import known_run


@pytest.fixture
def scored_run(store: RunStore, data_root: Path) -> Callable[..., Run]:
    """`scored_run({"test/hole/000.png": 0.1}, **config fields)`: good photos score 0.2, defective ones 0.8, but for
    those named."""

    def make(exceptions: dict[str, float] | None = None, category: str = "tile", **settings: Any) -> Run:
        return known_run(store, data_root / category, exceptions or {}, **settings)

    return make


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[], bytes | str]]:
    """By the name of each file that a page offers, what makes it."""
    offered: dict[str, Callable[[], bytes | str]] = {}

    def button(label: str, data: Callable[[], bytes | str], file_name: str, *_: Any, **__: Any) -> None:
        assert label == file_name
        offered[file_name] = data

    monkeypatch.setattr(st, "download_button", button)
    return offered
