"""Slow work of a page: progress, its end in every way, and the process that does a part of it."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from patchcore_core.errors import DataError, StoreError
from patchcore_core.jobs.jobs import run_module
from patchcore_core.jobs.neighbour_map import neighbour_map
from patchcore_core.jobs.work import Stopped, Work


def test_it_has_a_result_or_a_sentence() -> None:
    done = Work(lambda report: (report("stage", 1, 2), 5)[1])
    done.wait()
    assert (done.result, done.error, done.stage, done.done, done.total) == (5, None, "stage", 1, 2)
    for error, words in ((DataError("a.png: gone"), "a.png: gone"), (KeyError("x"), "KeyError: 'x'")):
        failed = Work(lambda _, error=error: (_ for _ in ()).throw(error))
        failed.wait()
        assert (failed.result, failed.error) == (None, words)


def test_it_stops_at_its_next_step() -> None:
    begun, asked = threading.Event(), threading.Event()

    def do(report) -> int:
        begun.set()
        asked.wait()
        report("stage", 1, 2)
        return 1

    work = Work(do)
    begun.wait()
    assert work.working
    work.stop()
    asked.set()
    work.wait()
    assert (work.working, work.result, work.error) == (False, None, None)


@pytest.fixture
def umap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """`umap(body)`: a package that is found first, whose UMAP does this."""

    def write(body: str) -> None:
        (tmp_path / "umap.py").write_text(
            "import time\nclass UMAP:\n    def __init__(self, **given): self.given = given\n"
            f"    def fit_transform(self, rows):\n        {body}\n"
        )

    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return write


def test_the_neighbour_map_comes_from_a_process(umap) -> None:
    umap("assert self.given['n_components'] == 2; return rows[:, :2] * 2")
    rows = np.arange(24, dtype=np.float16).reshape(6, 4)
    np.testing.assert_array_equal(neighbour_map(rows, "umap"), rows[:, :2] * 2)


@pytest.mark.parametrize(("body", "words"), [
    ("raise ValueError('too few rows')", "bank_map failed: ValueError: too few rows"),
    ("return rows[:2]", "gave no places for 6 rows"),
])  # fmt: skip
def test_what_the_process_dies_of_is_said(umap, body: str, words: str) -> None:
    umap(body)
    with pytest.raises(StoreError, match=words):
        neighbour_map(np.zeros((6, 4), np.float16), "umap")


def test_a_process_ends_when_its_work_is_stopped(umap) -> None:
    umap("time.sleep(600)")

    def stop(_stage: str, seconds: int, _total: int) -> None:
        if seconds >= 1:
            raise Stopped

    with pytest.raises(Stopped):
        neighbour_map(np.zeros((6, 4), np.float16), "umap", stop)


def test_an_unknown_module_is_a_sentence() -> None:
    with pytest.raises(StoreError, match=r"nothing failed: .*No module named"):
        run_module("patchcore_core.nothing", [], lambda _: None)
