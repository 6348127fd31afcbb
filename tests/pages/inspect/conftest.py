"""A pretended memory bank, and files dropped onto the page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import cache
from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.files.content import content_keys
from patchcore_core.data.transforms import Transform
from patchcore_core.model.detector import TrainingSet
from patchcore_core.model.evidence.explained import Explained
from patchcore_core.model.memory_bank import MemoryBank
from patchcore_core.model.results import ImageResult, Nearest
from patchcore_core.model.scoring import BankScores, PatchMaps
from patchcore_core.runs.store import Run
from tests.pages.inspect.uploading import GRID, SIDE, Upload


class Pretended(SimpleNamespace):
    """Is the key of what is kept of it, as a model is."""

    __hash__ = object.__hash__


@pytest.fixture
def bank(monkeypatch: pytest.MonkeyPatch, data_root: Path) -> SimpleNamespace:
    """In place of the network and the memory bank: the score of a photo is its brightest grey / 100."""
    geometry = Transform(SIDE, None, (0.0,) * 3, (1.0,) * 3)
    photos = sorted((data_root / "tile/train/good").iterdir())

    def score_image(rgb: np.ndarray) -> ImageResult:
        seen = geometry.image(rgb)[0] * np.float32(2.55)  # (S, S)
        patches = seen[::SIDE // GRID, ::SIDE // GRID]
        place = np.zeros((GRID, GRID), np.int64)
        origin = np.broadcast_to(np.array([1, 3, 4], np.int32), (GRID, GRID, 3))
        nearest = Nearest(place, patches, place, ((GRID, GRID),), origin)
        return ImageResult(float(seen.max()), patches, seen, nearest)

    def explain(rgb: np.ndarray) -> Explained:
        patches = score_image(rgb).patch_scores[..., None]  # one value each, and its distance to the only row, 0
        only = MemoryBank(np.zeros((1, 1), np.float32), np.array([[1, 3, 4]]))
        config = PatchCoreConfig(layers=("only",), num_neighbors=1, image_score="patch", reweight_neighbors=None)
        return Explained([patches], BankScores((only,), config, PatchMaps((SIDE, SIDE), 0.0)), np.ones((1, 1)))

    training = TrainingSet(tuple(map(str, photos)), content_keys(photos))
    pretended = Pretended(transform=geometry, score_image=score_image, explain=explain, training=training)
    monkeypatch.setattr(cache, "loaded_model", lambda run: pretended)  # noqa: ARG005
    return pretended


@pytest.fixture
def drop(open_page: Any) -> Callable[..., AppTest]:
    """`drop(run, upload, …, threshold=…)`: the page of that run with these files dropped onto it."""

    def go(run: Run, *files: Upload, **query: str) -> AppTest:
        app = open_page("inspect_image", run=run.id, **query)
        app.file_uploader[0].set_value(list(files))
        return app.run()

    return go
