"""A tiny category, an empty store, runs made by hand, and the stand-in for the network."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from patchcore_core.config import PatchCoreConfig
from patchcore_core.evaluation.curve_points import Curves, LevelCounts
from patchcore_core.jobs import jobs
from patchcore_core.jobs.worker import work
from patchcore_core.runs.image_table import image_table
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore
from patchcore_core.runs.writer import RunWriter
from tests.tiny import SIDE, STAND_IN, write_category, write_stand_in

CONFIG = PatchCoreConfig(image_size=SIDE, device="cpu")


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


@pytest.fixture
def category(tmp_path: Path) -> Path:
    return write_category(tmp_path / "data" / "tile")


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The stand-in in this process and in all that it starts; $STAND_IN says how it misbehaves."""
    name = "patchcore_core.model.patchcore"
    monkeypatch.setitem(sys.modules, name, ModuleType(name))  # put back what was there, afterwards
    exec(compile(STAND_IN, "stand_in", "exec"), {"__name__": "stand_in"})
    monkeypatch.setenv("PYTHONPATH", str(write_stand_in(tmp_path / "stand_in")))
    return sys.modules[name]


@pytest.fixture
def draft(tmp_path: Path) -> Callable[..., Run]:
    """`draft(identity="a", …)`: a run before it is begun; its data lie in tmp_path/data/tile."""

    def make(**fields: Any) -> Run:
        plain: dict[str, Any] = {
            "id": "", "status": "running", "category": "tile", "dataset": str(tmp_path / "data" / "tile"),
            "config": CONFIG, "folder": Path(), "identity": "same",
        }  # fmt: skip
        return Run(**{**plain, **fields})

    return make


@pytest.fixture
def finish() -> Callable[..., Run]:
    """`finish(writer, scores)`: the run with one image per score, its map filled with the score."""

    def write(writer: RunWriter, scores: Any = (0.25, 1.5), **changes: Any) -> Run:
        scores = np.asarray(scores, dtype=np.float32)
        count, root = len(scores), Path(writer.run.dataset)
        columns: dict[str, Any] = {
            "path": [str(root / "test" / f"{n}.png") for n in range(count)], "split": ["test"] * count,
            "label": np.arange(count) % 2, "defect_type": ["good", "NA"] * (count // 2) + ["good"] * (count % 2),
            "mask_paths": [(), (str(root / "mask.png"),)] * (count // 2) + [()] * (count % 2), "image_score": scores,
            "height": [20] * count, "width": [30] * count,
            "mask_kept": [np.nan, 0.5] * (count // 2) + [np.nan] * (count % 2), "map_index": np.arange(count),
        }  # fmt: skip
        frame = image_table(columns)
        maps = np.repeat(scores, 16).reshape(-1, 4, 4).astype(np.float16)
        curves = Curves(LevelCounts(np.arange(5.0)[::-1], np.arange(5), np.arange(5), 3, 3))
        return writer.finish(frame, curves, maps, save_bank, **changes)

    return write


@pytest.fixture
def worker_here(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Jobs are computed in a thread of this process, which costs less than a process."""
    threads = []

    def spawn(store: RunStore) -> int:
        def do() -> None:
            work(store)
            jobs.start_workers(store)

        threads.append(threading.Thread(target=do))
        threads[-1].start()
        return os.getpid()

    monkeypatch.setattr(jobs, "_spawn", spawn)
    yield
    for thread in threads:
        thread.join()


def save_bank(folder: Path) -> None:
    folder.mkdir()
    (folder / "patches.safetensors").write_bytes(b"0" * 100)
    (folder / "bank.json").write_text("{}")


def break_fits(monkeypatch: pytest.MonkeyPatch, stand_in: ModuleType, seed: int) -> None:
    """Have the stand-in's fits with this seed end in an error that nobody foresaw."""
    fit = stand_in.PatchCore.fit

    def fit_or_fail(self: Any, samples: Any, *more: Any, **named: Any) -> Any:
        if self.config.seed == seed:
            raise RuntimeError("the stand-in was told to break")
        return fit(self, samples, *more, **named)

    monkeypatch.setattr(stand_in.PatchCore, "fit", fit_or_fail)
